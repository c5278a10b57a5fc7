"""Writes the trained model as GGUF, and reads weights back from such a file.

python -m small.export small.pt --out small.gguf [--kind Q8_0]        (in models/train)
"""

from __future__ import annotations

import argparse
from pathlib import Path

import gguf_export
import llama_file
import numpy as np
import torch
from gguf import GGMLQuantizationType, GGUFReader, dequantize
from llama import Shape

from . import vocabulary

ABOUT = llama_file.About(
    name="NaturalCAD small",
    end="<|end|>",
    extra={
        "general.description": "Turns a sentence about a part into a plan of the NaturalCAD catalog",
        "naturalcad.prompt": "plan-1",
    },
)


def weights_of(path: Path) -> dict[str, np.ndarray]:
    """The tensors of a GGUF file as 32-bit floats, by name."""
    reader = GGUFReader(path)
    wanted = {one.name: (one, tuple(int(n) for n in reversed(one.shape))) for one in reader.tensors}
    return {
        name: dequantize(one.data, one.tensor_type).reshape(shape) for name, (one, shape) in wanted.items()
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--kind", choices=("F16", "Q8_0"), default="Q8_0")
    options = parser.parse_args()
    state = torch.load(options.checkpoint)
    weights = {name: one.detach().numpy() for name, one in state["masters"].items()}
    shape, kind = Shape(**state["shape"]), GGMLQuantizationType[options.kind]
    gguf_export.export(weights, shape, ABOUT, vocabulary.load(), kind, options.out)
    print(f"{options.out}: {options.out.stat().st_size} bytes")


if __name__ == "__main__":
    main()
