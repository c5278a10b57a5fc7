"""Writes the trained micro model as GGUF."""

from __future__ import annotations

from pathlib import Path

import llama_file
import numpy as np
from bpe import Bpe
from gguf import GGMLQuantizationType, GGUFReader
from llama import EPSILON, ROPE_BASE, Llama

ABOUT = llama_file.About(
    name="NaturalCAD micro",
    end="<|end|>",
    extra={
        "general.description": "Overfitted to a few parts so that tests see a model that answers",
        "naturalcad.prompt": "plan-1",
    },
)


def export(model: Llama, bpe: Bpe, path: Path) -> None:
    shape = model.shape
    weights = {name: value.detach().numpy() for name, value in model.named_parameters()}
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
        bpe,
        GGMLQuantizationType.F16,
        lambda name, _: weights.pop(name),
    )
    if weights:
        raise ValueError(f"tensors that no Llama has: {sorted(weights)}")
    read_back(model, bpe, path)


def read_back(model: Llama, bpe: Bpe, path: Path) -> None:
    """The file must hold what the model holds."""
    reader = GGUFReader(path)
    wanted = dict(model.named_parameters())
    for tensor in reader.tensors:
        size = wanted[tensor.name].shape
        if not np.array_equal(tensor.data.reshape(size), wanted[tensor.name].detach().numpy()):
            raise ValueError(f"{tensor.name} was not written as it is")
    if reader.fields["tokenizer.ggml.tokens"].contents() != bpe.tokens:
        raise ValueError("the tokens were not written as they are")
