"""Follow-up sentences on random parts, in the table's words, with similar features standing by."""

from __future__ import annotations

import random
from collections import Counter
from typing import Any

from . import table, table_talk
from .compose import Fragment
from .quantity import near
from .slots import number

SET = [
    "make the {what} {value}", "change the {what} to {value}", "{what} should be {value}",
    "set {what} to {value}",
    "{what} {value} instead of {old}", "{what}: {value}", "now with {what} {value}", "{value} {what} please",
    "can the {what} be {value}?", "the {what} must become {value}", "bring the {what} to {value}",
    "I changed my mind, {what} {value}", "{old} is wrong for the {what}, use {value}",
    "go for {value} {what}",
]  # fmt: skip
MORE = [
    "make the {what} {by} {unit}bigger",
    "add {by} {unit}to the {what}",
    "increase {what} by {by}",
    "{what} plus {by}",
    "{by} {unit}more {what}",
]
LESS = [
    "make the {what} {by} {unit}smaller",
    "take {by} {unit}off the {what}",
    "reduce the {what} by {by}",
    "{what} minus {by}",
    "{by} {unit}less {what}",
]
DOUBLE = ["double the {what}", "twice the {what}", "make the {what} twice as much", "{what} times two"]
HALVE = [
    "halve the {what}",
    "half the {what}",
    "make the {what} half of what it is",
    "cut the {what} in half",
]
REMOVE = [
    "remove the {what}",
    "delete the {what}",
    "take the {what} away",
    "no {what} please",
    "get rid of the {what}",
    "drop the {what}",
    "lose the {what}",
    "without the {what}",
    "skip the {what}",
    "I don't want the {what}",
]
ADD = [
    "add {what}",
    "also {what}",
    "put {what} on it",
    "now give it {what}",
    "and {what}",
    "it needs {what}",
    "please add {what}",
    "with {what} too",
    "could you add {what}",
    "one more thing: {what}",
    "plus {what}",
]
MOVE = [
    "move the {what} {where}",
    "the {what} should sit {where}",
    "put the {what} {where}",
    "shift the {what} {where}",
    "{what} {where} please",
]
SIDES = ["front", "back", "left", "right", "bottom", "top"]
Steps = list[dict[str, Any]]
Asked = tuple[str, dict[str, Any]]


def patch(*changes: dict[str, Any]) -> dict[str, Any]:
    return {"patch": 1, "changes": list(changes)}


def reference(steps: Steps, index: int, rng: random.Random) -> str:
    """What people call a step, with a mark where others of its kind stand by."""
    step = steps[index]
    spec = table.steps()[step["do"]]
    name = table_talk.noun(spec, rng)
    counts = Counter(one["do"] for one in steps)
    if index > 0 and is_many(step.get("at")) and rng.random() < 0.7:
        name = table_talk.plural(name)
    if counts[step["do"]] == 1:
        return name
    size = next(
        (
            step[one]
            for one in ("diameter", "length", "width", "radius")
            if isinstance(step.get(one), int | float)
        ),
        None,
    )
    if size is not None:
        return f"{size}{rng.choice((' ', 'mm ', ' mm '))}{name}"
    order = ("first", "second", "third", "fourth", "fifth")
    return f"{order[[i for i, one in enumerate(steps) if one['do'] == step['do']].index(index) % 5]} {name}"


def is_many(at: Any) -> bool:
    return (
        at not in (None, "center")
        and not (isinstance(at, dict) and ("at" in at or "edges" in at))
        and not isinstance(at, list)
    )


def sized(step: dict[str, Any]) -> list[table.Argument]:
    known = table.steps()[step["do"]].arguments.values()
    return [
        one
        for one in known
        if one.kind in ("length", "count") and isinstance(step.get(one.name), int | float)
    ]


def what(steps: Steps, index: int, spec: table.Argument, rng: random.Random) -> str:
    """`length`, `hole diameter`, `depth of the slot`."""
    name = rng.choice((*spec.words, spec.name.replace("_", " ")))
    if index == 0 and rng.random() < 0.7:
        return name
    of = reference(steps, index, rng)
    return rng.choice((f"{of} {name}", f"{name} of the {of}", f"{name} of the {of}"))


def set_size(steps: Steps, rng: random.Random) -> Asked | None:
    open_ = [(i, one) for i, step in enumerate(steps) for one in sized(step)]
    if not open_:
        return None
    index, spec = rng.choice(open_)
    old = steps[index][spec.name]
    said = what(steps, index, spec, rng)
    style = rng.random()
    if spec.kind == "length" and style < 0.3:
        by = number(near(f"{max(1, old / 5):.0f}", 2 ** rng.uniform(-1, 1), rng))
        sign, frames = rng.choice((("+", MORE), ("-", LESS)))
        value: Any = f"{old}{sign}{by}"
        text = rng.choice(frames).format(what=said, by=by, unit=rng.choice(("", "mm ", "mm ")))
    elif style < 0.38 and spec.kind == "length":
        value, frames = rng.choice(((f"{old}*2", DOUBLE), (f"{old}/2", HALVE)))
        text = rng.choice(frames).format(what=said)
    else:
        value = (
            number(near(f"{old:g}", 2 ** rng.uniform(-1, 1), rng))
            if spec.kind == "length"
            else rng.randint(2, 12)
        )
        if value == old:
            return None
        shown = value if spec.kind == "count" else f"{value}{rng.choice(('', '', ' mm', 'mm'))}"
        text = rng.choice(SET).format(what=said, value=shown, old=old)
        if rng.random() < 0.2 and spec.kind == "length" and spec.after:
            verb = rng.choice(("make", "i want", "now"))
            it = "it" if index == 0 else f"the {reference(steps, index, rng)}"
            text = f"{verb} {it} {shown} {rng.choice(spec.after)}"
    return text, patch({"change": "set", "step": index + 1, "values": {spec.name: value}})


def remove(steps: Steps, rng: random.Random) -> Asked | None:
    if len(steps) < 2:
        return None
    index = rng.randrange(1, len(steps))
    return rng.choice(REMOVE).format(what=reference(steps, index, rng)), patch(
        {"change": "remove", "step": index + 1}
    )


def move(steps: Steps, rng: random.Random) -> Asked | None:
    open_ = [i for i, step in enumerate(steps) if i > 0 and table.steps()[step["do"]].is_placed()]
    if not open_:
        return None
    index = rng.choice(open_)
    said = reference(steps, index, rng)
    style = rng.randrange(3)
    if style == 0:
        side = rng.choice(SIDES)
        where = rng.choice(("to the {} face", "on the {}", "onto the {} side", "in the {} instead")).format(
            side
        )
        return rng.choice(MOVE).format(what=said, where=where), patch(
            {"change": "move", "step": index + 1, "on": side}
        )
    if style == 1:
        x, y = rng.randint(-40, 40), rng.randint(-30, 30)
        where = table_talk.point([x, y], rng)
        return rng.choice(MOVE).format(what=said, where=where), patch(
            {"change": "move", "step": index + 1, "at": [x, y]}
        )
    where = rng.choice(("to the middle", "into the centre", "dead centre", "in the middle"))
    return rng.choice(MOVE).format(what=said, where=where), patch(
        {"change": "move", "step": index + 1, "at": "center"}
    )


def add(features: list[Fragment], rng: random.Random) -> Asked:
    one = rng.choice(features)
    changes = [{"change": "add", "step": step} for step in one.steps]
    if one.is_sentence():
        return one.text, patch(*changes)
    return rng.choice(ADD).format(what=one.text), patch(*changes)


def asked(steps: Steps, features: list[Fragment], rng: random.Random) -> Asked | None:
    """One follow-up, or two in a sentence."""
    makers = [
        lambda: set_size(steps, rng),
        lambda: remove(steps, rng),
        lambda: move(steps, rng),
        lambda: add(features, rng),
    ]
    first = rng.choices(makers, (50, 15, 12, 23))[0]()
    if first is None or rng.random() > 0.15:
        return first
    second = rng.choices(makers, (60, 10, 10, 20))[0]()
    if second is None or touched(first[1]) & touched(second[1]):
        return first
    text = (
        first[0].rstrip(".!?") + rng.choice((" and ", ", ", " and also ", "; ", ". ", ", then ")) + second[0]
    )
    return text, patch(*first[1]["changes"], *second[1]["changes"])


def touched(of: dict[str, Any]) -> set[int]:
    return {one["step"] for one in of["changes"] if isinstance(one.get("step"), int)}
