"""Writes a trained `llama.Llama` as GGUF."""

from __future__ import annotations

from pathlib import Path

import llama_file
import numpy as np
from bpe import Bpe
from gguf import GGMLQuantizationType
from llama import EPSILON, ROPE_BASE, Shape


def export(
    weights: dict[str, np.ndarray],
    shape: Shape,
    about: llama_file.About,
    bpe: Bpe,
    kind: GGMLQuantizationType,
    path: Path,
) -> None:
    """Writes weights, 32-bit floats by their names in GGUF; ValueError when some belong to no Llama."""
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
        about,
        bpe,
        kind,
        lambda name, _: left.pop(name),
    )
    if left:
        raise ValueError(f"tensors that no Llama has: {sorted(left)}")
