"""The catalog's table as training needs it: a new step in `templates/` is in the data by its file alone."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[3]
TEMPLATES = ROOT / "templates"


@dataclass(frozen=True)
class Argument:
    name: str
    kind: str  # length, angle, count, choice, pair, point, points, text, switch
    words: tuple[str, ...]
    after: tuple[str, ...]
    choices: dict[str, tuple[str, ...]]
    required: bool


@dataclass(frozen=True)
class Step:
    name: str
    kind: str  # base, feature, placement, pattern
    combine: str | None
    words: tuple[str, ...]
    placements: tuple[str, ...]
    arguments: dict[str, Argument]
    groups: dict[int, tuple[str, ...]]
    examples: tuple[str, ...]

    def is_placed(self) -> bool:
        """It stands somewhere on a face."""
        return self.kind == "feature" and self.combine in ("add", "cut") and bool(self.placements)


def argument(raw: dict[str, Any]) -> Argument:
    optional = raw.get("optional", False) or "default" in raw or "absent" in raw
    return Argument(
        name=raw["name"],
        kind=raw["type"],
        words=tuple(raw.get("words", [])),
        after=tuple(raw.get("after", [])),
        choices={name: tuple(words) for name, words in raw.get("choices", {}).items()},
        required=not optional,
    )


def plain_words(raw: dict[str, Any]) -> list[str]:
    """Words of the step that say nothing else: not `cube` (three equal sizes), not `blind hole`."""
    variants = [
        one
        for one in raw.get("variant", [])
        if not one.keys() & {"set", "require", "place", "second_choice"}
        and "=" not in str(one.get("groups", ""))
    ]
    return [*raw.get("words", []), *(word for one in variants for word in one.get("words", []))]


def step(raw: dict[str, Any]) -> Step:
    return Step(
        name=raw["name"],
        kind=raw["kind"],
        combine=raw.get("combine"),
        words=tuple(plain_words(raw)),
        placements=tuple(raw.get("placements", [])),
        arguments={one["name"]: argument(one) for one in raw.get("argument", [])},
        groups={int(n): tuple(names) for n, names in raw.get("groups", {}).items()},
        examples=tuple(raw.get("examples", [])),
    )


@cache
def steps() -> dict[str, Step]:
    """All steps by name."""
    files = sorted((TEMPLATES / "steps").glob("*.toml"))
    read = (step(tomllib.loads(file.read_text(encoding="utf-8"))) for file in files)
    return {one.name: one for one in read}


@cache
def faces() -> dict[str, tuple[str, ...]]:
    """Words for the six faces of a body."""
    raw = tomllib.loads((TEMPLATES / "faces.toml").read_text(encoding="utf-8"))
    return {face["name"]: tuple(face["words"]) for face in raw["face"]}
