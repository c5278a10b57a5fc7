"""Writes the trained model as GGUF, and reads weights back from such a file.

python -m small.export small.pt --out small.gguf [--kind Q8_0]        (in models/train)
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np
import torch
from gguf import GGMLQuantizationType, GGUFReader, dequantize

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import llama_file
from llama import EPSILON, ROPE_BASE, Shape

from . import vocabulary

ABOUT = llama_file.About(
    name="NaturalCAD small",
    end="<|end|>",
    extra={
        "general.description": "Turns a sentence about a part into a plan of the NaturalCAD catalog",
        "naturalcad.prompt": "plan-1",
    },
)


def export(weights: dict[str, np.ndarray], shape: Shape, path: Path, kind: GGMLQuantizationType) -> None:
    left = dict(weights)
    llama_file.write(
        path,
        llama_file.Shape(
            vocabulary=shape.vocabulary,
            width=shape.width,
            layers=shape.layers,
            heads=shape.heads,
            kv_heads=shape.heads,
            feed_forward=shape.feed_forward,
            context=shape.context,
            tied=True,
            epsilon=EPSILON,
            rope_base=ROPE_BASE,
        ),
        ABOUT,
        vocabulary.load(),
        kind,
        lambda name, _: left.pop(name),
    )
    if left:
        raise ValueError(f"tensors that no Llama has: {sorted(left)}")


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
    export(weights, Shape(**state["shape"]), options.out, GGMLQuantizationType[options.kind])
    print(f"{options.out}: {options.out.stat().st_size} bytes")


if __name__ == "__main__":
    main()
