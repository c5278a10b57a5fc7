"""Prompts and answers for the micro model, drawn from `phrases.toml` with a seeded generator.

One value in six is held out by its text: training never sees it, and evaluation uses nothing else, so that a
right answer shows copying rather than remembering.
"""

from __future__ import annotations

import random
import re
import tomllib
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

DATA = tomllib.loads((Path(__file__).parent / "phrases.toml").read_text())
SPECIAL = ["<|prompt|>", "<|plan|>", "<|plan_before|>", "<|patch|>", "<|end|>"]
HELD_OUT_ONE_IN = 6
EDIT_SHARE = 0.25
THREADS = ["M2", "M2.5", "M3", "M4", "M5", "M6", "M8", "M10", "M12"]
THREAD_SHARE = 0.3
ODD_SHARE = 0.3  # of the sizes in training: any digits, so that copying is learned and not a list of sizes

Sizes = dict[str, list[int]]


@dataclass(frozen=True)
class Example:
    """One question with its answer. `before` is the listing of the part that is edited."""

    prompt: str
    answer: str
    before: str | None = None

    def question(self) -> list[tuple[str, bool]]:
        """The pieces that the model is given; `True` marks a special token."""
        asked = [("<|prompt|>", True), (self.prompt, False)]
        if self.before is None:
            return [*asked, ("<|plan|>", True)]
        return [("<|plan_before|>", True), (self.before, False), *asked, ("<|patch|>", True)]


def held_out(text: str) -> bool:
    return zlib.crc32(text.encode()) % HELD_OUT_ONE_IN == 0


def fill(pattern: str, values: dict[str, str]) -> str:
    return re.sub(r"\{(\w+)\}", lambda slot: values[slot[1]], pattern)


def as_json(text: str) -> str:
    """A size in a plan: plain millimetres as a number, anything else as the words it was written in."""
    bare = re.fullmatch(r"(\d+(?:\.\d+)?)(?: ?mm)?", text)
    return bare[1] if bare else f'"{text}"'


class Source:
    """Draws examples. `unseen` says which values: those kept from training, or those it may use."""

    def __init__(self, seed: int, unseen: bool) -> None:
        self.random = random.Random(seed)
        self.unseen = unseen

    def draw(self) -> Example:
        return self.edit() if self.random.random() < EDIT_SHARE else self.part()

    def part(self) -> Example:
        family = self.random.choice(DATA["part"])
        values = self.values(family["sizes"], family.get("threads", []))
        prompt = fill(self.choose(self.random.choice(family["phrases"])), values)
        answer = fill(family["plan"], {name: as_json(text) for name, text in values.items()})
        return Example(prompt, answer)

    def edit(self) -> Example:
        edit = self.random.choice(DATA["edit"])
        steps = self.steps()
        number = next(place for place, step in enumerate(steps, 1) if step.startswith(edit["step"] + " "))
        values = self.values(edit["sizes"], edit.get("threads", []))
        prompt = fill(self.choose(self.random.choice(edit["phrases"])), values)
        slots = {"step": str(number), **{name: as_json(text) for name, text in values.items()}}
        answer = '{"patch":1,"changes":[' + fill(edit["change"], slots) + "]}"
        listing = "\n".join(f"{place} {step}" for place, step in enumerate(steps, 1))
        return Example(prompt, answer, listing)

    def steps(self) -> list[str]:
        part = self.random.choice(DATA["edited"])
        later = self.random.sample(part["later"], len(part["later"]))
        # A listing holds what a validated plan holds: millimetres.
        sizes = {name: self.number(*limits) for name, limits in part["sizes"].items()}
        return [fill(step, sizes) for step in (part["first"], *later)]

    def choose(self, phrase: str) -> str:
        """The phrase with one of each `[a|b]`."""
        return re.sub(r"\[([^]]*)\]", lambda slot: self.random.choice(slot[1].split("|")), phrase)

    def values(self, sizes: Sizes, threads: list[str]) -> dict[str, str]:
        """Sizes as one person writes them: mostly in the same way throughout."""
        style = self.random.choice(["", "", "", " mm", "mm", "in", " inch", "cm"])
        return {
            name: self.thread()
            if name in threads and self.random.random() < THREAD_SHARE
            else self.size(*limits, style)
            for name, limits in sizes.items()
        }

    def thread(self) -> str:
        return self.random.choice([name for name in THREADS if held_out(name) == self.unseen] or THREADS)

    def size(self, least: int, greatest: int, style: str) -> str:
        """A size between two limits in mm, in the given style."""
        if not self.unseen and self.random.random() < ODD_SHARE:
            return self.allowed(self.odd) + style
        if style in ("in", " inch"):
            eighths = range(-(-least * 8 // 25), greatest * 8 // 26 + 1)
            if not eighths:
                return self.number(least, greatest)
            return self.allowed(lambda: inches(self.random.choice(eighths), self.random)) + style
        if style == "cm":
            return self.allowed(lambda: f"{self.random.randint(least, greatest) / 10:g}") + style
        return self.number(least, greatest) + style

    def odd(self) -> str:
        digits = [str(self.random.randint(1, 9)), *(str(self.random.randint(0, 9)) for _ in range(5))]
        whole = "".join(digits[: self.random.randint(1, 3)])
        return whole + self.random.choice(["", f".{digits[4]}", f".{digits[4]}{digits[5]}", f"/{digits[0]}"])

    def number(self, least: int, greatest: int) -> str:
        def one() -> str:
            whole = self.random.randint(least, greatest)
            part = self.random.choice([0, 0, 0, 0, self.random.randint(1, 9) / 10, 0.25, 0.75])
            return f"{whole + part if whole < greatest else whole:g}"

        return self.allowed(one)

    def allowed(self, draw: Callable[[], str]) -> str:
        """The first draw that this source may use; a few ranges hold no such value."""
        for _ in range(100):
            text = draw()
            if held_out(text) == self.unseen:
                return text
        return draw()


def inches(eighths: int, source: random.Random) -> str:
    """Eighths of an inch as a decimal or, below one inch, sometimes as a fraction."""
    if eighths < 8 and source.random() < 0.5:
        shrink = next(step for step in (4, 2, 1) if eighths % step == 0)
        return f"{eighths // shrink}/{8 // shrink}"
    return f"{eighths / 8:g}"
