"""A small Llama in PyTorch: RMS norm, rotary attention, SwiGLU, tied embeddings; as llama.cpp computes it.

Rotary pairs are neighbours (llama.cpp's form for `llama`), so no weight is rearranged when it is exported.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

EPSILON = 1e-5
ROPE_BASE = 10_000.0


@dataclass(frozen=True)
class Shape:
    vocabulary: int
    width: int = 128
    layers: int = 4
    heads: int = 4
    feed_forward: int = 384
    context: int = 512


def rotations(shape: Shape) -> tuple[Tensor, Tensor]:
    size = shape.width // shape.heads
    speeds = ROPE_BASE ** -(torch.arange(0, size, 2) / size)
    angles = torch.outer(torch.arange(shape.context).float(), speeds)
    return angles.cos(), angles.sin()


def rotate(x: Tensor, cosine: Tensor, sine: Tensor) -> Tensor:
    even, odd = x.unflatten(-1, (-1, 2)).unbind(-1)
    return torch.stack((even * cosine - odd * sine, even * sine + odd * cosine), -1).flatten(-2)


def normed(x: Tensor, weight: Tensor) -> Tensor:
    """Root mean square norm, summed in full precision."""
    full = x.float()
    return (full * torch.rsqrt((full * full).mean(-1, keepdim=True) + EPSILON) * weight.float()).to(x.dtype)


def gated(gate: Tensor, up: Tensor) -> Tensor:
    return functional.silu(gate) * up


def softmaxed(scores: Tensor, mask: Tensor) -> Tensor:
    return torch.softmax(scores + mask, -1)


# The parts that are many small operations. `fuse` puts compiled ones in their place; whole layers are slower
# compiled on a CPU.
PARTS: dict[str, Callable[..., Tensor]] = {
    "rotate": rotate,
    "normed": normed,
    "gated": gated,
    "softmaxed": softmaxed,
}


def fuse() -> None:
    """Compiles the small parts, which makes training on a CPU about twice as fast. Needs a C++ compiler."""
    PARTS.update({name: torch.compile(part, dynamic=True) for name, part in PARTS.items()})


class Norm(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))

    def forward(self, x: Tensor) -> Tensor:
        return PARTS["normed"](x, self.weight)


def dense(rows: int, columns: int, gain: float = 1.0) -> nn.Linear:
    layer = nn.Linear(columns, rows, bias=False)
    nn.init.normal_(layer.weight, std=gain * 0.6 / math.sqrt(columns))
    return layer


class Block(nn.Module):
    def __init__(self, shape: Shape) -> None:
        super().__init__()
        width, wide = shape.width, shape.feed_forward
        self.heads = shape.heads
        self.attn_norm = Norm(width)
        self.attn_q, self.attn_k, self.attn_v = dense(width, width), dense(width, width), dense(width, width)
        self.attn_output = dense(width, width, 0.5)
        self.ffn_norm = Norm(width)
        self.ffn_gate, self.ffn_up = dense(wide, width), dense(wide, width)
        self.ffn_down = dense(width, wide, 0.5)

    def forward(self, x: Tensor, cosine: Tensor, sine: Tensor) -> Tensor:
        h = self.attn_norm(x)
        q, k, v = (
            layer(h).unflatten(-1, (self.heads, -1)).transpose(1, 2)
            for layer in (self.attn_q, self.attn_k, self.attn_v)
        )
        q, k = PARTS["rotate"](q, cosine, sine), PARTS["rotate"](k, cosine, sine)
        length = q.shape[-2]
        later = torch.full((length, length), float("-inf"), dtype=q.dtype).triu(1)
        # Plain products are faster on a CPU than the fused attention for rows of this length.
        scores = (q * q.shape[-1] ** -0.5) @ k.transpose(-1, -2)
        mixed = PARTS["softmaxed"](scores, later) @ v
        x = x + self.attn_output(mixed.transpose(1, 2).flatten(-2))
        h = self.ffn_norm(x)
        return x + self.ffn_down(PARTS["gated"](self.ffn_gate(h), self.ffn_up(h)))


class Llama(nn.Module):
    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        self.token_embd = nn.Embedding(shape.vocabulary, shape.width)
        nn.init.normal_(self.token_embd.weight, std=1 / math.sqrt(shape.width))
        self.blk = nn.ModuleList(Block(shape) for _ in range(shape.layers))
        self.output_norm = Norm(shape.width)
        cosine, sine = rotations(shape)
        self.register_buffer("cosine", cosine, persistent=False)
        self.register_buffer("sine", sine, persistent=False)

    def hidden(self, ids: Tensor) -> Tensor:
        x = self.token_embd(ids)
        length = ids.shape[1]
        cosine, sine = self.cosine[:length].to(x.dtype), self.sine[:length].to(x.dtype)
        for block in self.blk:
            x = block(x, cosine, sine)
        return self.output_norm(x)

    def loss(self, ids: Tensor, counted: Tensor) -> Tensor:
        """Mean loss of the tokens marked in `counted` (same shape as `ids`), each from those before it."""
        wanted = counted[:, 1:]
        logits = functional.linear(self.hidden(ids[:, :-1])[wanted], self.token_embd.weight)
        return functional.cross_entropy(logits.float(), ids[:, 1:][wanted])

    @torch.no_grad()
    def answers_right(self, ids: Tensor, counted: Tensor) -> Tensor:
        """For each row, whether greedy decoding gives exactly the counted tokens.

        It does if each of them is the likeliest after those before it, so no token needs to be generated.
        """
        chosen = functional.linear(self.hidden(ids[:, :-1]), self.token_embd.weight).argmax(-1)
        return ((chosen == ids[:, 1:]) | ~counted[:, 1:]).all(-1)
