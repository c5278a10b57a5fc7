"""Writes Llama models as GGUF files, one tensor in memory at a time, always the same bytes.

The vocabulary is a `bpe.Bpe`; tensors are described first and made when their turn comes, so that a file of
any size can be written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import gguf
import numpy as np
from bpe import Bpe
from gguf import GGMLQuantizationType as Kind

FILE_TYPES = {
    Kind.F32: gguf.LlamaFileType.ALL_F32,
    Kind.F16: gguf.LlamaFileType.MOSTLY_F16,
    Kind.Q8_0: gguf.LlamaFileType.MOSTLY_Q8_0,
    Kind.Q4_0: gguf.LlamaFileType.MOSTLY_Q4_0,
}


@dataclass(frozen=True)
class Shape:
    vocabulary: int
    width: int
    layers: int
    heads: int
    kv_heads: int
    feed_forward: int
    context: int
    tied: bool = False
    epsilon: float = 1e-5
    rope_base: float = 10_000.0


@dataclass(frozen=True)
class About:
    """What the file says about itself. `end` is the token that ends an answer."""

    name: str
    end: str
    licence: str = "mit"
    chat_template: str | None = None
    extra: dict[str, str] = field(default_factory=dict)


def tensors(shape: Shape) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Names and shapes (rows, columns) of a Llama's tensors, in the order in which they are written."""
    width, wide = shape.width, shape.feed_forward
    narrow = width // shape.heads * shape.kv_heads
    yield "token_embd.weight", (shape.vocabulary, width)
    yield "output_norm.weight", (width,)
    if not shape.tied:
        yield "output.weight", (shape.vocabulary, width)
    for layer in range(shape.layers):
        for name, size in (
            ("attn_norm", (width,)),
            ("attn_q", (width, width)),
            ("attn_k", (narrow, width)),
            ("attn_v", (narrow, width)),
            ("attn_output", (width, width)),
            ("ffn_norm", (width,)),
            ("ffn_gate", (wide, width)),
            ("ffn_up", (wide, width)),
            ("ffn_down", (width, wide)),
        ):
            yield f"blk.{layer}.{name}.weight", size


def describe(writer: gguf.GGUFWriter, shape: Shape, about: About, kind: Kind) -> None:
    writer.add_name(about.name)
    writer.add_license(about.licence)
    writer.add_file_type(FILE_TYPES[kind])
    writer.add_quantization_version(gguf.GGML_QUANT_VERSION)
    writer.add_vocab_size(shape.vocabulary)
    writer.add_context_length(shape.context)
    writer.add_embedding_length(shape.width)
    writer.add_block_count(shape.layers)
    writer.add_feed_forward_length(shape.feed_forward)
    writer.add_head_count(shape.heads)
    writer.add_head_count_kv(shape.kv_heads)
    writer.add_rope_dimension_count(shape.width // shape.heads)
    writer.add_rope_freq_base(shape.rope_base)
    writer.add_layer_norm_rms_eps(shape.epsilon)
    for key, value in about.extra.items():
        writer.add_string(key, value)


def add_vocabulary(writer: gguf.GGUFWriter, bpe: Bpe, about: About) -> None:
    kinds = [token_type(bpe, token) for token in bpe.tokens]
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("smollm")
    writer.add_token_list(bpe.tokens)
    writer.add_token_types(kinds)
    writer.add_token_merges([f"{first} {second}" for first, second in bpe.merges])
    # Without a start token of its own llama.cpp would take number 11; it is never put before a prompt.
    writer.add_bos_token_id(bpe.ids[about.end])
    writer.add_eos_token_id(bpe.ids[about.end])
    writer.add_add_bos_token(False)
    if about.chat_template is not None:
        writer.add_chat_template(about.chat_template)


def token_type(bpe: Bpe, token: str) -> gguf.TokenType:
    """Special tokens are never made from a text, but for pieces of it that have a token of their own."""
    if token in getattr(bpe, "pieces", ()):
        return gguf.TokenType.USER_DEFINED
    return gguf.TokenType.CONTROL if token in bpe.special else gguf.TokenType.NORMAL


def write(
    path: Path,
    shape: Shape,
    about: About,
    bpe: Bpe,
    kind: Kind,
    make: Callable[[str, tuple[int, ...]], np.ndarray],
) -> None:
    """Writes the model; `make(name, shape)` gives each tensor in turn as 32-bit floats."""
    writer = gguf.GGUFWriter(path, "llama")
    describe(writer, shape, about, kind)
    add_vocabulary(writer, bpe, about)
    plan = [(name, size, Kind.F32 if len(size) == 1 else kind) for name, size in tensors(shape)]
    for name, size, stored in plan:
        bytes_each = gguf.quant_shape_to_byte_shape(size, stored)
        writer.add_tensor_info(name, size, np.dtype(np.float32), int(np.prod(bytes_each)), raw_dtype=stored)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_ti_data_to_file()
    for name, size, stored in plan:
        writer.write_tensor_data(gguf.quants.quantize(make(name, size), stored))
    writer.close()
