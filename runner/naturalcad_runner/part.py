"""From whatever a program left as its result to a list of bodies: named, coloured shapes in the world's
coordinates.

A shape is one body. A list, a dict (names) and an assembly (`Compound` with children) are one body per leaf.
A builder, or any object with one of `HOLDERS`, stands for what it holds. Bodies of a lower kind than the
highest are left out, and said so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import GeneratorType
from typing import Any

from build123d import Color, Compound, Shape
from OCP.TopAbs import TopAbs_ShapeEnum
from OCP.TopExp import TopExp_Explorer
from OCP.TopLoc import TopLoc_Location
from OCP.TopoDS import TopoDS_Iterator, TopoDS_Shape

from .errors import NoPart
from .shims import Shown

HOLDERS = ("part", "sketch", "line", "shape", "solid", "obj")
DEPTH_MAX = 30
NAME_CHARS_MAX = 200

SOLID, SKETCH, CURVE = "solid", "sketch", "curve"
_KINDS = (
    (SOLID, TopAbs_ShapeEnum.TopAbs_SOLID),
    (SKETCH, TopAbs_ShapeEnum.TopAbs_FACE),
    (CURVE, TopAbs_ShapeEnum.TopAbs_EDGE),
)
# What a body may be wrapped in without any need.
_INNERMOST = {SOLID: TopAbs_ShapeEnum.TopAbs_SOLID, SKETCH: TopAbs_ShapeEnum.TopAbs_FACE}


class TooMany(Exception):
    """More bodies than the run may leave."""


@dataclass(slots=True)
class Body:
    """One named shape; `density` is in g/mm3 when its material is known."""

    name: str
    colour: str | None
    alpha: float
    density: float | None
    kind: str
    shape: TopoDS_Shape


@dataclass(slots=True)
class Part:
    kind: str
    bodies: list[Body]
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class _Given:
    """What the surroundings of a shape say about it, where it says nothing itself."""

    name: str = ""
    colour: Any = None
    place: TopLoc_Location | None = None
    depth: int = 0


def read_part(value: Any, bodies_max: int) -> Part:
    """The bodies in `value`; raises `NoPart` when there is none and `TooMany` over `bodies_max`."""
    bodies: list[Body] = []
    for body in _bodies(value, _Given()):
        bodies.append(body)
        if len(bodies) > bodies_max:
            raise TooMany
    if not bodies:
        raise NoPart(
            "EmptyResult", f"`result` is empty: {_called(value)} without any solid, face or edge", EMPTY_HINT
        )
    kind = next(kind for kind, _ in _KINDS if any(body.kind == kind for body in bodies))
    kept = [body for body in bodies if body.kind == kind]
    _name(kept)
    return Part(kind, kept, len(bodies) - len(kept))


def _name(bodies: list[Body]) -> None:
    """Gives every body a name, and a number to those that share one."""
    taken: set[str] = set()
    for number, body in enumerate(bodies, 1):
        wanted = body.name or ("part" if len(bodies) == 1 else f"body {number}")
        body.name, copies = wanted, 1
        while body.name in taken:
            copies += 1
            body.name = f"{wanted} {copies}"
        taken.add(body.name)


EMPTY_HINT = (
    "A cut may have removed everything, or an intersection may have met nothing: look at the sizes and places"
)
TYPE_HINT = "Leave a shape, a builder, a list or dict of shapes, or an assembly in `result`"


def _bodies(value: Any, given: _Given) -> Iterator[Body]:
    if given.depth > DEPTH_MAX:
        raise NoPart("BadResult", f"`result` is nested more than {DEPTH_MAX} deep", TYPE_HINT)
    if isinstance(value, Shape):
        yield from _shape_bodies(value, given)
    elif isinstance(value, Shown):
        yield from _bodies(value.value, _within(given, value.name or "", value.colour))
    elif isinstance(value, Mapping):
        for name, item in value.items():
            yield from _bodies(item, _within(given, str(name), given.colour))
    elif isinstance(value, list | tuple | set | frozenset | GeneratorType):
        for item in value:
            yield from _bodies(item, _within(given, "", given.colour))
    else:
        yield from _bodies(_held(value), _within(given, "", given.colour))


def _held(value: Any) -> Any:
    if not isinstance(value, type | str | bytes):
        for holder in HOLDERS:
            held = getattr(value, holder, None)
            if held is not None and not callable(held):
                return held
        if any(hasattr(type(value), holder) or hasattr(value, holder) for holder in HOLDERS):
            raise NoPart(
                "EmptyResult", f"`result` is empty: {_called(value)} that nothing was built in", EMPTY_HINT
            )
    raise NoPart("BadResult", f"`result` is {_called(value)}, not something that can be built", TYPE_HINT)


def _shape_bodies(shape: Shape, given: _Given) -> Iterator[Body]:
    if shape._wrapped is None or shape.wrapped.IsNull():
        return
    own = _within(given, shape.label or "", shape.color if shape.color is not None else given.colour)
    if isinstance(shape, Compound) and shape.children:
        here = shape.wrapped.Location()
        name = own.name if given.depth else ""  # the whole needs no name in front of its parts' names
        inside = _Given(name, own.colour, given.place.Multiplied(here) if given.place else here, own.depth)
        for child in shape.children:
            yield from _bodies(child, inside)
        return
    topods = shape.wrapped.Moved(given.place) if given.place else shape.wrapped
    for kind, what in _KINDS:
        if TopExp_Explorer(topods, what).More():
            colour, alpha = _colour(own.colour)
            yield Body(
                own.name[:NAME_CHARS_MAX],
                colour,
                alpha,
                _density(shape),
                kind,
                _unwrapped(topods, _INNERMOST.get(kind)),
            )
            return


def _within(given: _Given, name: str, colour: Any) -> _Given:
    """One level further in. A dict's key and a label both name the thing; nested names are a path."""
    path = "/".join(part for part in (given.name, name) if part)
    if name and given.name.rpartition("/")[2] == name:
        path = given.name
    return _Given(path, colour, given.place, given.depth + 1)


def _unwrapped(shape: TopoDS_Shape, innermost: TopAbs_ShapeEnum | None) -> TopoDS_Shape:
    """`shape` without compounds around a single thing, which other programs read as assemblies of one."""
    while shape.ShapeType() != innermost and shape.ShapeType() == TopAbs_ShapeEnum.TopAbs_COMPOUND:
        inside = TopoDS_Iterator(shape)
        if not inside.More():
            break
        only = inside.Value()
        inside.Next()
        if inside.More():
            break
        shape = only
    return shape


def _colour(colour: Any) -> tuple[str | None, float]:
    if colour is None:
        return None, 1.0
    try:
        red, green, blue, alpha = colour if isinstance(colour, Color) else Color(colour)
    except (TypeError, ValueError):
        return None, 1.0
    return "#" + "".join(f"{round(255 * min(1.0, max(0.0, part))):02x}" for part in (red, green, blue)), alpha


def _density(shape: Shape) -> float | None:
    material = getattr(shape.material, "material", None)
    density = getattr(material, "density", None)  # kg/m3
    return density * 1e-6 if density else None


def _called(value: Any) -> str:
    name = type(value).__name__
    return (
        f"a class (`{value.__name__}`)"
        if isinstance(value, type)
        else f"{'an' if name[:1] in 'AEIOUaeiou' else 'a'} `{name}`"
    )
