"""Plans in the catalog's own words: what the table calls each step and argument, in plain frames.

This gives every step, every argument and every place some language, new steps too; the manner in which people
really speak comes from `phrases/`.
"""

from __future__ import annotations

import random
from typing import Any

from . import table
from .quantity import WORDS
from .table import Argument, Step

CENTERED = [
    "in the middle",
    "in the centre",
    "in the center",
    "dead centre",
    "centrally",
    "centred",
    "at the center",
    "",
]
PLURALS = {"radius": "radii", "bush": "bushes", "box": "boxes"}
Members = dict[str, Any]


def plural(noun: str) -> str:
    if noun in PLURALS:
        return PLURALS[noun]
    if noun.endswith(("s", "x", "sh", "ch")):
        return noun + "es"
    return noun[:-1] + "ies" if noun.endswith("y") and noun[-2:-1] not in "aeou" else noun + "s"


def article(noun: str, rng: random.Random) -> str:
    if rng.random() < 0.25:
        return noun
    return f"{'an' if noun[0] in 'aeiou8' else 'a'} {noun}"


def amount(value: Any, kind: str, rng: random.Random) -> str:
    if kind == "angle":
        return f"{value}{rng.choice((' degrees', ' deg', '°', '°'))}"
    if kind in ("count", "text") or not isinstance(value, int | float):
        return str(value)
    return f"{value}{rng.choice(('', '', ' mm', 'mm'))}"


def argument(spec: Argument, value: Any, rng: random.Random) -> str:
    """One argument in words: `40 mm wide`, `width 40`, `a width of 40`; empty when nothing is to be said."""
    if spec.kind == "switch":
        return rng.choice(spec.words) if value and spec.words else ""
    if spec.kind == "choice":
        words = spec.choices.get(value, ())
        return rng.choice(words) if words else str(value).replace("_", " ")
    if spec.kind == "text":
        return rng.choice(('saying "{}"', 'with the text "{}"', '"{}"', 'that reads "{}"', "text {}")).format(
            value
        )
    if isinstance(value, list):
        value = " x ".join(str(one) for one in value)
    said = amount(value, spec.kind, rng)
    name = rng.choice((*spec.words, spec.name.replace("_", " ")))
    if spec.kind == "count":
        return rng.choice((f"{said} {plural(name)}", f"{said} {name}", f"{name} {said}"))
    if spec.after and rng.random() < 0.5:
        return f"{said} {rng.choice(spec.after)}"
    return rng.choice(("{n} {v}", "{v} {n}", "a {n} of {v}", "{n}: {v}", "{n} = {v}", "with {n} {v}")).format(
        n=name, v=said
    )


def sizes(spec: Step, given: Members, rng: random.Random) -> list[str]:
    """The arguments of a step in words, three of a box as `60x40x10` now and then."""
    left = {name: value for name, value in given.items() if name in spec.arguments}
    said: list[str] = []
    groups = [
        names for names in spec.groups.values() if len(names) > 1 and all(name in left for name in names)
    ]
    if groups and rng.random() < 0.5:
        names = max(groups, key=len)
        sign = rng.choice(("x", " x ", " by ", "×"))
        said.append(sign.join(str(left.pop(name)) for name in names) + rng.choice(("", "", " mm", "mm")))
    items = list(left.items())
    rng.shuffle(items)
    said += [argument(spec.arguments[name], value, rng) for name, value in items]
    return [one for one in said if one]


def noun(spec: Step, rng: random.Random) -> str:
    name = spec.name.replace("_", " ")
    return rng.choice(spec.words) if spec.words and rng.random() < 0.8 else name


def base(step: Members, rng: random.Random) -> str:
    spec = table.steps()[step["do"]]
    said = sizes(spec, step, rng)
    name = noun(spec, rng)
    if said and rng.random() < 0.25:
        return f"{said[0]} {name}{joined(said[1:], rng)}"
    return article(name, rng) + joined(said, rng)


def joined(said: list[str], rng: random.Random) -> str:
    if not said:
        return ""
    first = rng.choice((" ", ", ", ": ", " with "))
    rest = said if rng.random() < 0.6 or len(said) < 2 else [*said[:-2], f"{said[-2]} and {said[-1]}"]
    return first + ", ".join(rest)


def feature(step: Members, rng: random.Random) -> str:
    spec = table.steps()[step["do"]]
    name = noun(spec, rng)
    count, where = place(step.get("at"), rng) if spec.is_placed() or "combine" in step else (1, "")
    face = on(step.get("on"), rng)
    said = sizes(spec, step, rng)
    front = f"{said[0]} " if said and rng.random() < 0.4 and len(said[0].split()) < 3 else ""
    rest = said[1:] if front else said
    number = WORDS[count] if 1 < count <= 12 and rng.random() < 0.6 else str(count)
    head = f"{number} {front}{plural(name)}" if count > 1 else article(front + name, rng)
    behind = [one for one in (where, face) if one]
    rng.shuffle(behind)
    return " ".join([head + joined(rest, rng).replace(" with ", " "), *behind]).replace("  ", " ")


def on(face: str | None, rng: random.Random) -> str:
    if face is None or (face == "top" and rng.random() < 0.75):
        return ""
    words = table.faces().get(face)
    if not words or rng.random() < 0.5:
        return rng.choice(("on the {}", "on the {} face", "in the {} side", "into the {} face")).format(
            face.replace("_", " ")
        )
    said = rng.choice(words)
    return (
        said if said.split()[0] in ("on", "in", "into", "from", "through", "at", "onto") else f"on the {said}"
    )


def place(at: Any, rng: random.Random) -> tuple[int, str]:
    """How many there are, and where, in words."""
    if at in (None, "center"):
        return 1, rng.choice(CENTERED)
    if isinstance(at, str):
        return (4 if at == "corners" else 2), rng.choice(
            (f"({at.replace('_', ' ')})", f"as {at.replace('_', ' ')}")
        )
    if isinstance(at, list):
        return 1, point(at, rng)
    ((name, inside),) = at.items()
    say = {
        "corners": corners,
        "circle": circle,
        "grid": grid,
        "both_sides": both_sides,
        "edges": from_edges,
    }.get(name)
    if say is not None and isinstance(inside, dict):
        return say(inside, rng)
    if name == "points":
        return len(inside), "at " + rng.choice((", ", " and ", "; ")).join(f"({x}, {y})" for x, y in inside)
    return generic(name, inside, rng)


def point(at: list[Any], rng: random.Random) -> str:
    x, y = at
    return rng.choice(
        (
            "at ({x}, {y})",
            "at x={x}, y={y}",
            "at x {x} y {y}",
            "at position {x},{y} from the centre",
            "{x} in x and {y} in y",
        )
    ).format(x=x, y=y)


def corners(inside: Members, rng: random.Random) -> tuple[int, str]:
    where = rng.choice(
        ("in the corners", "one in each corner", "in every corner", "at all four corners", "at the corners")
    )
    inset = inside.get("inset")
    if inset is None:
        return 4, where
    inset = (
        " x ".join(map(str, inset)) if isinstance(inset, list) else f"{inset}{rng.choice(('', ' mm', 'mm'))}"
    )
    how = rng.choice(
        ("{} from the edges", "{} in from each edge", "{} in from the sides", "inset {}", "{} off the edges")
    )
    return 4, f"{where}{rng.choice((', ', ' '))}{how.format(inset)}"


def circle(inside: Members, rng: random.Random) -> tuple[int, str]:
    count = int(inside.get("count", 4))
    ring = inside.get("diameter")
    how = (
        "on a {} bolt circle",
        "on {} PCD",
        "on a {} mm pitch circle",
        "PCD {}",
        "on a {} dia circle",
        "around a circle of {}",
    )
    where = (
        rng.choice(how).format(ring)
        if ring is not None
        else rng.choice(("on a bolt circle", "around the middle"))
    )
    start = f", starting at {inside['start']}°" if "start" in inside else ""
    return count, where + start


def grid(inside: Members, rng: random.Random) -> tuple[int, str]:
    columns, rows = inside.get("columns", 2), inside.get("rows", 2)
    spacing = inside.get("spacing")
    apart = " x ".join(map(str, spacing)) if isinstance(spacing, list) else spacing
    shape = rng.choice(
        (
            "in a {c} by {r} grid",
            "in a {c}x{r} pattern",
            "in {c} columns and {r} rows",
            "as a {c} x {r} array",
        )
    )
    gap = rng.choice(("{} apart", "at {} spacing", "with {} pitch", "spaced {} mm")).format(apart)
    return int(columns) * int(
        rows
    ), f"{shape.format(c=columns, r=rows)}, {gap}" if apart is not None else shape.format(c=columns, r=rows)


def both_sides(inside: Members, rng: random.Random) -> tuple[int, str]:
    spacing = inside.get("spacing")
    along = {"y": rng.choice((" in y direction", " along y"))}.get(inside.get("direction", ""), "")
    if spacing is None:
        return 2, rng.choice(("either side of the centre", "left and right of the middle")) + along
    return 2, rng.choice(
        ("{} apart", "with {} mm between centres", "mirrored about the centre, {} apart", "spaced {}")
    ).format(spacing) + along


def from_edges(inside: Members, rng: random.Random) -> tuple[int, str]:
    said = [
        rng.choice(
            ("{v} from the {s}", "{v} mm from the {s} edge", "{v} in from the {s}", "{v} off the {s} side")
        ).format(v=v, s=s)
        for s, v in inside.items()
    ]
    return 1, " and ".join(said)


def generic(name: str, inside: Any, rng: random.Random) -> tuple[int, str]:
    """A place of which nothing but the table is known."""
    spec = table.steps()[name]
    given = inside if isinstance(inside, dict) else {}
    count = next(
        (
            int(given[one.name])
            for one in spec.arguments.values()
            if one.kind == "count" and one.name in given
        ),
        2,
    )
    said = [
        argument(spec.arguments[one], value, rng)
        for one, value in given.items()
        if spec.arguments[one].kind != "count"
    ]
    return count, ", ".join([rng.choice(spec.words) if spec.words else name, *(one for one in said if one)])
