"""Makes the GGUF files that tests and benchmarks use. The same bytes each time; nothing is fetched.

    python models/train/gguf_fixtures.py OUT_DIR [--only tiny,copy] [--layers N] [--width N] [--quant q4_0]

Without `--only` it makes the small ones, in about a second:
  tiny      random weights, a real byte-level BPE of 512 tokens, ChatML
  endless   the same, but no end token can ever be chosen
  bytes     says the same broken UTF-8 for ever, a byte a token
  hostile   a folder of broken and lying files (`fixtures/hostile.py` names them)
On demand, 200 to 300 MB each at their full size:
  speed     shape of the common 0.5B models, random, Q4_0
  copy      always says one program of 400 tokens and ends (`fixtures/cyclic_model.py` says how);
            `--layers`, `--width` (a multiple of 64) and `--vocabulary` make it smaller

Needs `gguf` and numpy, which `tests/runner/requirements.lock` pins.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from fixtures import cyclic_model, hostile, random_model
from gguf import GGMLQuantizationType as Kind

SMALL = ["tiny", "endless", "bytes", "hostile"]


def makers(out: Path, options: argparse.Namespace) -> dict[str, Callable[[], None]]:
    def make_hostile() -> None:
        tiny = out / "tiny.gguf"
        if not tiny.exists():
            random_model.write_tiny(tiny)
        hostile.write(out / "hostile", tiny)

    def make_copy() -> None:
        kind = Kind[options.quant.upper()]
        cyclic_model.write_copy(out / "copy.gguf", options.layers, options.width, kind, options.vocabulary)

    return {
        "tiny": lambda: random_model.write_tiny(out / "tiny.gguf"),
        "endless": lambda: random_model.write_endless(out / "endless.gguf"),
        "bytes": lambda: cyclic_model.write_bytes(out / "bytes.gguf"),
        "hostile": make_hostile,
        "speed": lambda: random_model.write_speed(out / "speed.gguf"),
        "copy": make_copy,
    }


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("out", type=Path, metavar="OUT_DIR")
    parser.add_argument("--only", type=lambda names: names.split(","), default=SMALL, metavar="NAME,...")
    parser.add_argument("--layers", type=int, default=24)
    parser.add_argument("--width", type=int, default=896)
    parser.add_argument(
        "--vocabulary", type=int, help="tokens; the fewest that the program needs unless told"
    )
    parser.add_argument("--quant", choices=["q4_0", "q8_0", "f16", "f32"], default="q4_0")
    options = parser.parse_args(arguments)
    options.out.mkdir(parents=True, exist_ok=True)
    known = makers(options.out, options)
    for name in options.only:
        if name not in known:
            parser.error(f"there is no `{name}`; known are {', '.join(known)}")
        known[name]()


if __name__ == "__main__":
    main()
