"""The slots of a prompt: what it shares with its answer, and the same prompt with other things in them.

Equal numbers are one slot: both of a "40x40" change together, and so do a label and what it says, whatever
it is. What the answer does not say (a year, a part number) stays. Whether the new part is a good one, the
catalog says (`answers.py`).
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from typing import Any

from . import quantity, table
from .quantity import Mark

TEXTS = [
    *("ACME", "STOP", "No 5", "LEFT", "RIGHT", "HELLO", "TOP", "PUMP 2", "LAB", "OPEN", "START", "MAIN"),
    *("A1", "KEYS", "Anna", "TOOLS", "UP", "FRONT", "BAY 7", "TEST", "Max & Co", "MK II", "fuel", "Room 12"),
]
UNIT = re.compile(r"(?P<gap>[ -]?)(?P<unit>mm|millimet(?:er|re)s?|mil\b)(?![A-Za-z])", re.IGNORECASE)
BETWEEN = re.compile(r"\s*(?:x|×|\*|by|and|,|to)\s*", re.IGNORECASE)


@dataclass(frozen=True)
class Use:
    """Where an answer holds a number: its type in the table, and whether it stands there alone."""

    kind: str
    plain: bool


def uses(answer: Any) -> dict[str, list[Use]]:
    """The keys of the numbers and names in an answer, each with its uses."""
    found: dict[str, list[Use]] = {}
    for kind, text in values(answer):
        for mark in quantity.marks(text):
            if is_constant(mark, text):
                continue
            plain = re.fullmatch(r"-?" + re.escape(mark.text), text) is not None
            found.setdefault(mark.key, []).append(Use("name" if mark.kind == "name" else kind, plain))
    return found


def is_constant(mark: Mark, text: str) -> bool:
    """The 2 of "twice" and of "two walls" (`8*2`, `60-2*3`) belongs to the words, not to the sizes."""
    at_sign = text[: mark.start].rstrip().endswith(("*", "/")) or text[mark.end :].lstrip().startswith("*")
    return mark.kind == "spelled" or (at_sign and mark.key in ("2", "3", "4"))


def values(answer: Any) -> list[tuple[str, str]]:
    """Type and text of every number or quantity of an answer."""
    found: list[tuple[str, str]] = []
    walk(answer, lambda kind, value: found.append((kind, str(value))) or value)
    return found


def walk(answer: Any, change: Any) -> Any:
    """The answer with `change(type, value)` in the place of each value of a step or a place."""
    if not isinstance(answer, dict):
        return answer
    if "bodies" in answer:
        bodies = [
            {**body, "steps": [walk(one, change) for one in body["steps"]], **seat(body, change)}
            for body in answer["bodies"]
        ]
        return {**answer, "bodies": bodies}
    if "changes" in answer:
        return {**answer, "changes": [walk(one, change) for one in answer["changes"]]}
    if isinstance(answer.get("step"), dict):
        return {**answer, "step": walk(answer["step"], change)}
    if "change" in answer:
        out = dict(answer)
        if "values" in out:
            out["values"] = arguments(out["values"], lambda name: of_any(name), change)
        if "at" in out:
            out["at"] = placed(out["at"], change)
        return out
    spec = table.steps().get(answer.get("do", ""))
    known = spec.arguments if spec else {}
    return arguments(answer, lambda name: known[name].kind if name in known else of_any(name), change)


def seat(body: dict[str, Any], change: Any) -> dict[str, Any]:
    if "place" not in body:
        return {}
    place = dict(body["place"])
    if place.get("gap"):
        place["gap"] = change("length", place["gap"])
    if "at" in place:
        place["at"] = placed(place["at"], change)
    return {"place": place}


def of_any(name: str) -> str:
    """The type that arguments of this name have, whatever their step."""
    own = {"on": "face", "do": "step", "combine": "choice", "lift": "length", "turn": "angle"}
    if name in own:
        return own[name]
    kinds = [one.arguments[name].kind for one in table.steps().values() if name in one.arguments]
    return max(set(kinds), key=kinds.count) if kinds else "length"


def arguments(given: dict[str, Any], kind_of: Any, change: Any) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for name, value in given.items():
        kind = kind_of(name)
        if name == "at":
            out[name] = placed(value, change)
        elif kind in ("step", "face", "choice", "switch") or value is None or isinstance(value, bool):
            out[name] = value
        else:
            out[name] = each(value, "length" if kind in ("pair", "point", "points") else kind, change)
    return out


def placed(place: Any, change: Any) -> Any:
    if isinstance(place, list):
        return each(place, "length", change)
    if not isinstance(place, dict):
        return place
    out = {}
    for name, inside in place.items():
        known = table.steps()[name].arguments if name in table.steps() else {}
        if isinstance(inside, dict):
            out[name] = arguments(
                inside, lambda one, known=known: known[one].kind if one in known else "length", change
            )
        else:
            out[name] = each(inside, "length", change)
    return out


def each(value: Any, kind: str, change: Any) -> Any:
    if isinstance(value, list):
        return [each(one, kind, change) for one in value]
    if isinstance(value, dict):
        return {name: each(one, kind, change) for name, one in value.items()}
    return change(kind, value)


@dataclass
class Slotted:
    """A prompt with its answer (and the plan before it), and the numbers in it that may be others."""

    prompt: str
    answer: dict[str, Any]
    before: dict[str, Any] | None
    marks: list[Mark]
    kinds: dict[str, list[Use]]


def slotted(prompt: str, answer: dict[str, Any], before: dict[str, Any] | None = None) -> Slotted:
    kinds = uses(answer)
    if before is not None:
        for key, found in uses(before).items():
            kinds.setdefault(key, []).extend(found)
    marks = [part for mark in quantity.marks(prompt) for part in pair(mark, kinds) if part.key in kinds]
    return Slotted(prompt, answer, before, marks, kinds)


def pair(mark: Mark, known: dict[str, list[Use]]) -> list[Mark]:
    """`-40,15` is one number or two: the answer tells."""
    first, comma, second = mark.text.partition(",")
    if not comma or mark.key in known:
        return [mark]
    middle = mark.start + len(first)
    return [
        Mark(mark.start, middle, "number", first, quantity.key_of(first)),
        Mark(middle + 1, mark.end, "number", second, quantity.key_of(second)),
    ]


def refill(given: Slotted, rng: random.Random) -> Slotted | None:
    """The same words about another part. None when no distinct values were found."""
    said = {mark.key for mark in given.marks}
    free = said if given.before is None else said | set(given.kinds)
    new = values_for(given, free, rng)
    if new is None:
        return None
    texts = text_values(given, rng)

    def change(kind: str, value: Any) -> Any:
        if kind == "text":
            return texts.get(str(value), value)
        return replaced(value, new)

    answer = walk(given.answer, change)
    before = walk(given.before, change) if given.before else None
    prompt = given.prompt
    for mark in reversed(given.marks):
        prompt = prompt[: mark.start] + as_written(mark, new[mark.key], rng) + prompt[mark.end :]
    for old, text in texts.items():
        prompt = prompt.replace(old, text)
    return slotted(prompt, answer, before)


def values_for(given: Slotted, keys: set[str], rng: random.Random) -> dict[str, str] | None:
    """New values for the keys, distinct where the old ones are: a part of another size."""
    scale = 1.0 if rng.random() < 0.25 else 2 ** rng.uniform(-1.2, 1.2)
    jitter = rng.choice((0.0, 0.15, 0.35))
    for _ in range(8):
        new = {
            key: other(key, given.kinds[key], scale * 2 ** rng.uniform(-jitter, jitter), rng)
            for key in sorted(keys)
        }
        if len(set(new.values())) == len(new):
            return new
    return None


def other(key: str, found: list[Use], factor: float, rng: random.Random) -> str:
    kinds = {use.kind for use in found}
    if "name" in kinds:
        names = quantity.INCH_THREADS if key[0] != "M" else quantity.THREADS
        return rng.choice(names) if key in names else key
    if key in ("0", "1") or "text" in kinds:
        return key
    if "count" in kinds:
        return quantity.count_near(key, rng)
    if kinds == {"angle"}:
        return quantity.angle_near(key, rng)
    return quantity.near(key, factor, rng)


def text_values(given: Slotted, rng: random.Random) -> dict[str, str]:
    """Other texts for the engraved ones, where the prompt says them to the letter."""
    found = [value for kind, value in values(given.answer) if kind == "text" and len(value) > 1]
    others = rng.sample(TEXTS, k=min(len(found), len(TEXTS)))
    return {old: text for old, text in zip(found, others, strict=False) if given.prompt.count(old) == 1}


def replaced(value: Any, new: dict[str, str]) -> Any:
    if isinstance(value, bool) or value is None:
        return value
    text = str(value)
    out = text
    for mark in reversed(quantity.marks(text)):
        if not is_constant(mark, text) and mark.key in new:
            out = out[: mark.start] + new[mark.key] + out[mark.end :]
    return number(out) if not isinstance(value, str) else out


def number(text: str) -> Any:
    try:
        found = float(text)
    except ValueError:
        return text
    return int(found) if found.is_integer() else found


def as_written(mark: Mark, key: str, rng: random.Random) -> str:
    """The new value in the manner of the old one: a word for a word, a comma for a comma."""
    if (
        mark.kind == "spelled"
        and "." not in key
        and "/" not in key
        and int(key) <= 20
        and rng.random() < 0.85
    ):
        word = quantity.WORDS[int(key)]
        return word.capitalize() if mark.text[0].isupper() else word
    if "," in mark.text:
        return key.replace(".", ",")
    if mark.text[0] == "m" and mark.kind == "name":
        return key.lower()
    if "-" in mark.text and "/" in mark.text and mark.kind == "number":
        return key.replace(" ", "-")
    return key


def in_other_unit(given: Slotted, rng: random.Random) -> Slotted | None:
    """The part with all its explicit millimetres in centimetres or inches; None when that is not clear."""
    groups = {
        index: unit for index, mark in enumerate(given.marks) if (unit := UNIT.match(given.prompt, mark.end))
    }
    for index in range(len(given.marks) - 2, -1, -1):
        gap = given.prompt[given.marks[index].end : given.marks[index + 1].start]
        if index + 1 in groups and index not in groups and BETWEEN.fullmatch(gap):
            groups[index] = groups[index + 1]
    keys = {given.marks[index].key for index in groups}
    alone = {mark.key for index, mark in enumerate(given.marks) if index not in groups}
    good = {
        key for key in keys - alone if all(use.plain and use.kind == "length" for use in given.kinds[key])
    }
    if not good or good != keys:
        return None
    unit = rng.choice(("cm", "in"))
    words = {
        "cm": ("cm", " cm", " centimetres", " centimeters"),
        "in": ("in", " in", '"', " inch", " inches", "-inch"),
    }
    new = {key: converted(key, unit, rng) for key in sorted(good)}
    if len(set(new.values())) != len(new):
        return None

    def change(kind: str, value: Any) -> Any:
        key = quantity.key_of(str(value).lstrip("-")) if re.fullmatch(r"-?\d+(\.\d+)?", str(value)) else ""
        sign = "-" if str(value).startswith("-") else ""
        return f"{sign}{new[key]}{unit}" if kind == "length" and key in new else value

    word = rng.choice(words[unit])
    prompt = given.prompt
    for index in range(len(given.marks) - 1, -1, -1):
        mark = given.marks[index]
        if index not in groups:
            continue
        end = groups[index].end() if groups[index].start() == mark.end else mark.end
        prompt = prompt[: mark.start] + new[mark.key] + (word if end > mark.end else "") + prompt[end:]
    return slotted(prompt, walk(given.answer, change), given.before)


def converted(key: str, unit: str, rng: random.Random) -> str:
    value = quantity.value_of(key)
    if unit == "cm":
        return f"{max(0.1, round(value / 10, 1)):g}"
    if rng.random() < 0.5:
        return quantity.fraction(value / 25.4)
    return f"{max(0.05, round(value / 25.4, 2 if value < 50 else 1)):g}"
