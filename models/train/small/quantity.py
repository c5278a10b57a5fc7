"""Numbers as people write them: where they stand in a text, and other ones in their place."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass

WORDS = [
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"),
    *("eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
    "twenty",
]

NAMES = r"(?<![A-Za-z0-9])[Mm]\d+(?:\.\d+)?\b|#\d+(?:-\d+)?|(?<![\d/.])(?:\d+/\d+|\d+ \d+/\d+)-\d+\b"
NUMBERS = r"\d+[ -]\d+/\d+|\d+/\d+|\d+[.,]\d+|\.\d+|\d+"
SPELLED = r"\b(?:" + "|".join(WORDS[1:]) + r")\b"
MARKS = re.compile(f"(?P<name>{NAMES})|(?P<number>{NUMBERS})|(?P<spelled>{SPELLED})", re.IGNORECASE)
# A number right behind these letters is a size ("Ø8", "R5", "x10"); behind others it is part of a name.
SIGNS = set("xX×ØøR⌀rDdHhLlWwTt")

THREADS = ["M2", "M2.5", "M3", "M4", "M5", "M6", "M8", "M10", "M12", "M16", "M20"]
INCH_THREADS = ["1/4-20", "5/16-18", "3/8-16", "1/2-13", "#4", "#6", "#8", "#10", "#8-32", "#10-24"]


@dataclass(frozen=True)
class Mark:
    """A number in a text: what it is (`name`, `number`, `spelled`) and the key that equal ones share."""

    start: int
    end: int
    kind: str
    text: str
    key: str


def key_of(text: str, kind: str = "number") -> str:
    """`6,50` and `6.5` are the same number; `M5` and `m5` the same name."""
    if kind == "name":
        return text.upper()
    if kind == "spelled":
        return str(WORDS.index(text.lower()))
    if "/" in text:
        return re.sub(r"[ -]+", " ", text)
    return f"{float(text.replace(',', '.')):g}"


def marks(text: str) -> list[Mark]:
    found = []
    for match in MARKS.finditer(text):
        kind = match.lastgroup or "number"
        before = text[: match.start()]
        if kind == "number" and before and (before[-1].isalpha() or before[-1] in "_#"):
            tail = re.search(r"[^\W\d_]+$", before)
            if before[-1] not in SIGNS or (
                tail is not None and len(tail[0]) > 1 and before[-1] not in "x×Ø⌀"
            ):
                continue
        if kind == "number" and before.endswith((".", ",")) and before[-2:-1].isdigit():
            continue
        found.append(Mark(match.start(), match.end(), kind, match[0], key_of(match[0], kind)))
    return found


def value_of(key: str) -> float:
    """The number of a key; a fraction is what it is worth."""
    total = 0.0
    for part in key.split():
        top, _, bottom = part.partition("/")
        total += float(top) / float(bottom) if bottom else float(part)
    return total


def fraction(value: float) -> str:
    """The value as on a ruler: sixteenths below a half, eighths above."""
    bottom = 16 if value < 0.5 else 8
    whole, rest = divmod(max(1, round(value * bottom)), bottom)
    while rest and rest % 2 == 0:
        rest, bottom = rest // 2, bottom // 2
    if rest == 0:
        return str(whole)
    return f"{whole} {rest}/{bottom}" if whole else f"{rest}/{bottom}"


def near(key: str, factor: float, rng: random.Random) -> str:
    """Another length of that order, written as roundly as the first: whole for whole, half for half."""
    value = value_of(key) * factor
    if "/" in key:
        return fraction(value)
    decimals = len(key.partition(".")[2])
    if decimals == 0 and value < 3:
        decimals = 1
    if decimals == 0 and rng.random() < 0.05:
        decimals = 1
    if decimals == 1 and rng.random() < 0.5:
        value = round(value * 2) / 2
    if decimals == 0 and value >= 20 and rng.random() < 0.6:
        value = round(value / 5) * 5
    value = max(round(value, decimals), 10**-decimals if decimals else 1)
    return f"{value:g}"


def count_near(key: str, rng: random.Random) -> str:
    value = int(value_of(key))
    if value > 12:
        return str(max(6, round(value * rng.uniform(0.6, 1.7))))
    return str(rng.choice([2, 2, 3, 3, 4, 4, 5, 6, 6, 7, 8, 8, 9, 10, 12]))


def angle_near(key: str, rng: random.Random) -> str:
    value = value_of(key)
    if value >= 10:
        return str(max(1, round(value * rng.uniform(0.5, 1.5) / 5)) * 5)
    return str(max(1, round(value * rng.uniform(0.5, 2))))
