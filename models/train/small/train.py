"""Trains the small model, from nothing or from where it was.

    python -m small.train --data FOLDER --tokens 30 [--resume checkpoint.pt | --weights small.gguf]

in models/train; tokens in millions. Weights are bfloat16 with float32 masters; matrices go by Muon, the rest
by AdamW. The rate is steady, then falls to nothing in the last part (`--decay`), so that a run can be
continued from what it saved before. `--minutes` ends by the clock instead, for a machine that is lent.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import llama
import numpy as np
import torch
from llama import Llama, Shape
from torch import Tensor

from . import examples, vocabulary

PER_BATCH = 4096  # tokens in one pass; more does not fit the processor's caches
PASSES = 3  # passes for one step
MUON_RATE = 0.012
ADAM_RATE = 0.004
WARM_UP = 60  # steps
SAVE_EVERY = 200  # steps


class Trainer:
    """The model in bfloat16, its masters and their optimisers."""

    def __init__(self, model: Llama) -> None:
        self.model = model.bfloat16()
        self.model.cosine, self.model.sine = llama.rotations(model.shape)
        self.weights = dict(model.named_parameters())
        self.masters = {
            name: one.detach().float().clone().requires_grad_() for name, one in self.weights.items()
        }
        matrices = [
            one for name, one in self.masters.items() if one.ndim == 2 and name != "token_embd.weight"
        ]
        others = [one for one in self.masters.values() if not any(one is matrix for matrix in matrices)]
        self.others = others
        self.tools: list[torch.optim.Optimizer] = [
            torch.optim.Muon(matrices, lr=MUON_RATE, weight_decay=0.02, adjust_lr_fn="original"),
            torch.optim.AdamW(others, lr=ADAM_RATE, betas=(0.9, 0.98), weight_decay=0.0),
        ]
        self.rates = (MUON_RATE, ADAM_RATE)
        self.steps = 0
        self.tokens = 0

    def step(self, given: list[tuple[Tensor, Tensor]], share: float) -> float:
        """One step; the mean loss of its answers' tokens."""
        answered = [int(counted[:, 1:].sum()) for _, counted in given]
        total = 0.0
        for (ids, counted), count in zip(given, answered, strict=True):
            loss = self.model.loss(ids, counted)
            (loss * (count / sum(answered))).backward()
            total += loss.item() * count
            self.tokens += ids.numel()
        for name, weight in self.weights.items():
            self.masters[name].grad = weight.grad.float() if weight.grad is not None else None
            weight.grad = None
        torch.nn.utils.clip_grad_norm_(self.others, 1.0)
        for tool, rate in zip(self.tools, self.rates, strict=True):
            tool.param_groups[0]["lr"] = rate * share
            tool.step()
        with torch.no_grad():
            for name, weight in self.weights.items():
                weight.copy_(self.masters[name])
        self.steps += 1
        return total / sum(answered)

    def save(self, path: Path) -> None:
        state: dict[str, Any] = {
            "shape": vars(self.model.shape),
            "masters": self.masters,
            "tools": [tool.state_dict() for tool in self.tools],
            "steps": self.steps,
            "tokens": self.tokens,
        }
        torch.save(state, path.with_suffix(".tmp"))
        path.with_suffix(".tmp").replace(path)

    @staticmethod
    def resumed(path: Path) -> Trainer:
        state = torch.load(path)
        trainer = Trainer(Llama(Shape(**state["shape"])))
        with torch.no_grad():
            for name, weight in trainer.weights.items():
                trainer.masters[name].copy_(state["masters"][name])
                weight.copy_(state["masters"][name])
        for tool, kept in zip(trainer.tools, state["tools"], strict=True):
            tool.load_state_dict(kept)
        trainer.steps, trainer.tokens = state["steps"], state["tokens"]
        return trainer


def endless(folder: Path, words: vocabulary.Vocabulary, seed: int) -> Iterator[tuple[Tensor, Tensor]]:
    """Batches of the folder's files, each once before any twice; files that come during a run are found."""
    rng = np.random.default_rng(seed)
    used: set[Path] = set()
    while True:
        files = [path for path in sorted(folder.glob("part-*.jsonl")) if path not in used]
        if not files:
            used.clear()
            continue
        path = files[rng.integers(len(files))]
        used.add(path)
        yield from examples.batches(examples.stored(words, path), PER_BATCH, rng)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument(
        "--decay", type=float, default=0.4, help="last part of the time, in which the rate falls"
    )
    parser.add_argument("--out", type=Path, default=Path("small.pt"))
    parser.add_argument("--resume", type=Path)
    parser.add_argument("--weights", type=Path, help="a GGUF file of ours to begin from")
    parser.add_argument("--width", type=int, default=256)
    parser.add_argument("--layers", type=int, default=6)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    words = vocabulary.load()
    if options.resume:
        trainer = Trainer.resumed(options.resume)
    else:
        wide = round(options.width * 2.75 / 64) * 64
        shape = Shape(
            len(words.tokens), options.width, options.layers, options.width // 64, wide, examples.LONGEST
        )
        trainer = Trainer(Llama(shape))
        if options.weights:
            begin_from(trainer, options.weights)
    print(
        f"{sum(one.numel() for one in trainer.masters.values())} parameters, {len(words.tokens)} tokens",
        flush=True,
    )
    llama.fuse()
    source = endless(options.data, words, options.seed + trainer.steps)
    began, losses = time.monotonic(), []
    first, before = trainer.steps, trainer.tokens

    def done() -> float:
        if options.minutes:
            return (time.monotonic() - began) / (options.minutes * 60)
        return (trainer.tokens - before) / (options.tokens * 1e6)

    while (part := done()) < 1:
        share = min(
            1.0, (trainer.steps - first + 1) / WARM_UP, max(0.02, (1 - part) / max(options.decay, 1e-9))
        )
        losses.append(trainer.step([next(source) for _ in range(PASSES)], share))
        if trainer.steps % 25 == 0:
            rate = (trainer.tokens - before) / (time.monotonic() - began)
            loss, millions = np.mean(losses[-25:]), trainer.tokens / 1e6
            print(
                f"step {trainer.steps}: loss {loss:.4f}, {millions:.2f} M tokens, {rate:.0f}/s, {part:.0%}",
                flush=True,
            )
        if trainer.steps % SAVE_EVERY == 0:
            trainer.save(options.out)
    trainer.save(options.out)


def begin_from(trainer: Trainer, path: Path) -> None:
    """Weights of a shipped file, for a run that has no checkpoint."""
    from . import export

    with torch.no_grad():
        for name, values in export.weights_of(path).items():
            trainer.masters[name].copy_(torch.from_numpy(values))
            trainer.weights[name].copy_(trainer.masters[name])


if __name__ == "__main__":
    main()
