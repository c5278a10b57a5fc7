"""Trains the micro model, tries it on sizes it never saw, and writes `models/train/micro/micro.gguf`.

    python models/train/micro/train.py [--steps 1300] [--threads 2]

Needs `models/train/requirements.in`. Everything comes from fixed seeds; the order of sums still differs
between machines and thread counts, and so do the weights, a little. The committed file was made with
`--threads 1` in five and a half minutes of processor time; `check.py` holds the phrasings against the reader.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import torch
from torch import Tensor

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

import golden as golden_file  # noqa: E402
from bpe import Bpe, learn  # noqa: E402
from examples import SPECIAL, Example, Source  # noqa: E402
from export import export  # noqa: E402
from llama import Llama, Shape  # noqa: E402

MERGES = 320
BATCH = 24
POOL = 32  # batches drawn at once and sorted by length, so that little is padding
MUON_RATE = 0.02
ADAM_RATE = 0.004
STEADY = 0.4  # part of the steps before the rate falls to nothing
GOLDEN = golden_file.HEADER.format(
    name="micro",
    what="prompts that the templates do not read completely,\n# on sizes that training never saw",
    script="models/train/micro/train.py",
)
GOLDEN_PARTS = 14
GOLDEN_EDITS = 6

Pair = tuple[list[int], list[int]]


def vocabulary() -> Bpe:
    source = Source(seed=1, unseen=False)
    drawn = [source.draw() for _ in range(3000)]
    texts = [text for example in drawn for text in (example.prompt, example.answer, example.before or "")]
    return Bpe(learn(texts, MERGES), SPECIAL)


def pair(bpe: Bpe, example: Example, end: int) -> Pair:
    pieces = example.question()
    question = [i for text, special in pieces for i in ([bpe.ids[text]] if special else bpe.encode(text))]
    return question, [*bpe.encode(example.answer), end]


def batch(pairs: list[Pair], end: int) -> tuple[Tensor, Tensor]:
    """Token ids and, in the same shape, which of them belong to an answer. Rows are filled up with `end`."""
    length = max(len(question) + len(answer) for question, answer in pairs)
    ids = torch.full((len(pairs), length), end)
    counted = torch.zeros((len(pairs), length), dtype=torch.bool)
    for row, (question, answer) in enumerate(pairs):
        ids[row, : len(question) + len(answer)] = torch.tensor(question + answer)
        counted[row, len(question) : len(question) + len(answer)] = True
    return ids, counted


def batches(bpe: Bpe, end: int) -> Iterator[tuple[Tensor, Tensor]]:
    source = Source(seed=2, unseen=False)
    while True:
        pool = [pair(bpe, source.draw(), end) for _ in range(BATCH * POOL)]
        pool.sort(key=lambda pair: len(pair[0]) + len(pair[1]))
        for place in torch.randperm(POOL).tolist():
            yield batch(pool[place * BATCH : (place + 1) * BATCH], end)


def optimisers(model: Llama) -> list[torch.optim.Optimizer]:
    matrices = [p for p in model.blk.parameters() if p.ndim == 2]
    others = [p for p in model.parameters() if not any(p is matrix for matrix in matrices)]
    return [
        torch.optim.Muon(matrices, lr=MUON_RATE, weight_decay=0.0, adjust_lr_fn="original"),
        torch.optim.AdamW(others, lr=ADAM_RATE, betas=(0.9, 0.98), weight_decay=0.0),
    ]


def train(model: Llama, bpe: Bpe, end: int, steps: int) -> None:
    tools = optimisers(model)
    rates = [tool.param_groups[0]["lr"] for tool in tools]
    began, tokens = time.monotonic(), 0
    for step, (ids, counted) in zip(range(1, steps + 1), batches(bpe, end), strict=False):
        share = min(1.0, step / 20, (1 - step / steps) / (1 - STEADY))
        for tool, rate in zip(tools, rates, strict=True):
            tool.param_groups[0]["lr"] = rate * share
        loss = model.loss(ids, counted)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        for tool in tools:
            tool.step()
            tool.zero_grad(set_to_none=True)
        tokens += ids.numel()
        if step % 50 == 0:
            seconds = time.monotonic() - began
            print(f"step {step}: loss {loss.item():.4f}, {tokens} tokens, {seconds:.0f} s", flush=True)


def right(model: Llama, bpe: Bpe, end: int, asked: list[Example]) -> list[bool]:
    """Which of the examples the model answers exactly, decoding greedily."""
    found: list[bool] = []
    for start in range(0, len(asked), BATCH):
        pairs = [pair(bpe, example, end) for example in asked[start : start + BATCH]]
        found += model.answers_right(*batch(pairs, end)).tolist()
    return found


def report(asked: list[Example], correct: list[bool]) -> None:
    wrong = [example.prompt for example, good in zip(asked, correct, strict=True) if not good]
    print(f"{sum(correct)} of {len(asked)} answers on unseen sizes are exactly right; wrong are:")
    print("\n".join(f"  {prompt}" for prompt in wrong))


def golden(model: Llama, bpe: Bpe, end: int) -> list[Example]:
    """Some of what it answers rightly: parts first, then edits."""
    source = Source(seed=4, unseen=True)
    chosen: list[Example] = []
    for draw, count in ((source.part, GOLDEN_PARTS), (source.edit, GOLDEN_EDITS)):
        asked = [draw() for _ in range(count * 2)]
        good = [e for e, correct in zip(asked, right(model, bpe, end, asked), strict=True) if correct]
        chosen += good[:count]
    return chosen


def as_stored(model: Llama) -> None:
    """Rounds the weights as the file holds them, so that what is measured is what ships."""
    for parameter in model.parameters():
        if parameter.ndim == 2:
            parameter.data = parameter.data.half().float()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=1300)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--evaluate", type=int, default=400, help="how many unseen examples")
    parser.add_argument("--out", type=Path, default=HERE / "micro.gguf")
    parser.add_argument("--golden", type=Path, default=HERE.parents[2] / "tests/cases/model/micro.toml")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    bpe = vocabulary()
    end = bpe.ids["<|end|>"]
    model = Llama(Shape(vocabulary=len(bpe.tokens)))
    print(f"{sum(p.numel() for p in model.parameters())} parameters, {len(bpe.tokens)} tokens")
    train(model, bpe, end, options.steps)
    as_stored(model)
    source = Source(seed=3, unseen=True)
    asked = [source.draw() for _ in range(options.evaluate)]
    report(asked, right(model, bpe, end, asked))
    export(model, bpe, options.out)
    golden_file.write(options.golden, GOLDEN, golden(model, bpe, end))
    print(f"{options.out}: {options.out.stat().st_size} bytes")


if __name__ == "__main__":
    main()
