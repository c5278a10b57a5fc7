"""Examples as token ids, in batches of a like length."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from .vocabulary import Vocabulary

LONGEST = 512
ALIGN = 8


@dataclass
class Tokens:
    """All examples behind one another: ids, where each starts, where its answer starts."""

    ids: np.ndarray
    starts: np.ndarray
    answers: np.ndarray

    def __len__(self) -> int:
        return len(self.answers)

    def length(self) -> np.ndarray:
        return np.diff(self.starts)


def asked(vocabulary: Vocabulary, prompt: str, before: str | None) -> list[int]:
    """The question as the worker puts it (`models/README.md`)."""
    special, encode = vocabulary.ids, vocabulary.encode
    if before is None:
        return [special["<|prompt|>"], *encode(prompt), special["<|plan|>"]]
    return [
        special["<|plan_before|>"],
        *encode(before),
        special["<|prompt|>"],
        *encode(prompt),
        special["<|patch|>"],
    ]


def tokens(vocabulary: Vocabulary, examples: list[dict[str, Any]]) -> Tokens:
    ids: list[int] = []
    starts, answers = [0], []
    for one in examples:
        question = asked(vocabulary, one["prompt"], one["before"])
        answer = [*vocabulary.encode(one["answer"]), vocabulary.ids["<|end|>"]]
        if len(question) + len(answer) > LONGEST:
            continue
        ids += question
        ids += answer
        answers.append(len(question))
        starts.append(len(ids))
    return Tokens(np.array(ids, np.uint16), np.array(starts, np.int64), np.array(answers, np.int64))


def read(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def stored(vocabulary: Vocabulary, path: Path) -> Tokens:
    """The file's examples as ids, kept beside it for the next start."""
    kept = path.with_suffix(".npz")
    if kept.exists():
        found = np.load(kept)
        return Tokens(found["ids"], found["starts"], found["answers"])
    made = tokens(vocabulary, read(path))
    np.savez(kept, ids=made.ids, starts=made.starts, answers=made.answers)
    return made


def batches(data: Tokens, per_batch: int, rng: np.random.Generator) -> Iterator[tuple[Tensor, Tensor]]:
    """One pass in random order: ids `[rows, length]` and, in that shape, which belong to an answer."""
    length = data.length()
    order = rng.permutation(len(data))
    for start in range(0, len(order), 4096):
        pool = order[start : start + 4096]
        pool = pool[np.argsort(length[pool], kind="stable")]
        rows: list[list[int]] = []
        at = 0
        while at < len(pool):
            end = at
            while end < len(pool) and padded(length[pool[end]]) * (end - at + 1) <= per_batch:
                end += 1
            rows.append(pool[at : max(end, at + 1)].tolist())
            at = max(end, at + 1)
        for place in rng.permutation(len(rows)):
            yield batch(data, rows[place])


def padded(length: int) -> int:
    return -(-int(length) // ALIGN) * ALIGN + 1


def batch(data: Tokens, rows: list[int]) -> tuple[Tensor, Tensor]:
    width = max(padded(data.starts[row + 1] - data.starts[row]) for row in rows)
    ids = np.zeros((len(rows), width), np.int64)
    counted = np.zeros((len(rows), width), bool)
    for place, row in enumerate(rows):
        start, end = data.starts[row], data.starts[row + 1]
        ids[place, : end - start] = data.ids[start:end]
        counted[place, data.answers[row] : end - start] = True
    return torch.from_numpy(ids), torch.from_numpy(counted)
