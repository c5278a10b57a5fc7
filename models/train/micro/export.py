"""Writes the trained micro model as GGUF."""

from __future__ import annotations

from pathlib import Path

import gguf_export
import llama_file
import numpy as np
from bpe import Bpe
from gguf import GGMLQuantizationType, GGUFReader
from llama import Llama

ABOUT = llama_file.About(
    name="NaturalCAD micro",
    end="<|end|>",
    extra={
        "general.description": "Overfitted to a few parts so that tests see a model that answers",
        "naturalcad.prompt": "plan-1",
    },
)


def export(model: Llama, bpe: Bpe, path: Path) -> None:
    weights = {name: value.detach().numpy() for name, value in model.named_parameters()}
    gguf_export.export(weights, model.shape, ABOUT, bpe, GGMLQuantizationType.F16, path)
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
