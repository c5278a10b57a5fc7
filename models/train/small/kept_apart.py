"""What the evaluation asks is never trained on: no eight words in a row of it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from functools import cache

from . import table

RUN = 8
CASES = table.ROOT / "tests" / "eval"


def runs(text: str) -> set[tuple[str, ...]]:
    """All runs of eight words; a shorter text is one run."""
    words = re.findall(r"[a-z0-9]+", text.lower())
    return {tuple(words[start : start + RUN]) for start in range(max(1, len(words) - RUN + 1))}


def runs_of(texts: Iterable[str]) -> set[tuple[str, ...]]:
    return {run for text in texts for run in runs(text) if len(run) == RUN}


@cache
def evaluated() -> frozenset[tuple[str, ...]]:
    lines = (
        line
        for path in sorted(CASES.glob("*.jsonl"))
        for line in path.read_text(encoding="utf-8").splitlines()
    )
    return frozenset(runs_of(json.loads(line)["prompt"] for line in lines))


def is_evaluated(text: str) -> bool:
    return not runs(text).isdisjoint(evaluated())
