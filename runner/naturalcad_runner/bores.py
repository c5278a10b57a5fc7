"""The round walls of a solid, gathered into rings: what `holes.py`, `slots.py` and `walls.py` read.

A ring is all of a cylinder, cone or torus about one axis, whether it is one face or several (a cylinder is
often cut into halves), and knows how much of a turn it makes. Holes are made of whole turns: the quarter
cylinders in the corners of a cavity and the half cylinders of a slot are none.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from OCP.GeomAbs import GeomAbs_CurveType, GeomAbs_SurfaceType

from .topology import Edge, Face, Topology, Vec

LENGTH_TOLERANCE = 1e-4
ANGLE_TOLERANCE = 1e-6
# A keyway takes a part of a bore's turn and it is a bore still; a hole that breaks out of an edge by more is
# none.
TURN_MIN = 0.75 * 2 * math.pi
# With more faces than this only the walls that may be holes are gathered: nobody states the others one by
# one.
FACES_MAX = 4_000

# Points of a curved rim that are looked at: it turns at quarters, so a multiple of eight finds its ends.
REACH_STEPS = 16

CYLINDER = GeomAbs_SurfaceType.GeomAbs_Cylinder
CONE = GeomAbs_SurfaceType.GeomAbs_Cone
TORUS = GeomAbs_SurfaceType.GeomAbs_Torus


@dataclass(frozen=True, slots=True)
class Line:
    """An axis without a sense: direction made unique, and its point nearest to the origin."""

    direction: Vec
    point: Vec

    def along(self, point: Vec) -> float:
        return dot(point, self.direction)

    def at(self, distance: float) -> Vec:
        return tuple(p + distance * d for p, d in zip(self.point, self.direction, strict=True))  # type: ignore[return-value]


@dataclass(slots=True)
class Ring:
    """A wall about `axis` from `low` to `high` along it; the radii are those at these ends.

    `facing` is where the middle of an incomplete turn lies, seen from the axis (of no certain length).
    """

    axis: Line
    kind: Any
    low: float
    high: float
    low_radius: float
    high_radius: float
    half_angle: float
    turn: float
    facing: Vec
    convex: bool
    faces: list[int] = field(default_factory=list)

    @property
    def is_cylinder(self) -> bool:
        return self.kind == CYLINDER

    @property
    def is_whole(self) -> bool:
        return self.turn >= TURN_MIN


@dataclass(slots=True)
class _Patch:
    """One face of a ring: its reach along the axis and around it."""

    face: int
    low: float
    high: float
    low_radius: float
    high_radius: float
    half_angle: float
    turn_from: float
    turn_by: float


class Axes:
    """Gives the same axis to everything that has it within the tolerance."""

    CELL_MM = 1.0

    def __init__(self) -> None:
        self._cells: dict[tuple[int, ...], list[Line]] = defaultdict(list)

    def same(self, line: Line) -> Line:
        for cell in {self._cell(line, corner) for corner in _CORNERS}:
            for known in self._cells.get(cell, ()):
                if _close(known.point, line.point) and _close(known.direction, line.direction):
                    return known
        self._cells[self._cell(line, (0, 0, 0))].append(line)
        return line

    def _cell(self, line: Line, corner: tuple[int, int, int]) -> tuple[int, ...]:
        moved = zip(line.point, corner, strict=True)
        return tuple(math.floor((at + step * LENGTH_TOLERANCE) / self.CELL_MM) for at, step in moved)


_CORNERS = tuple((x, y, z) for x in (-1, 1) for y in (-1, 1) for z in (-1, 1))


def rings(topology: Topology) -> list[Ring]:
    """Cylinders, cones, and the round edges (tori) that may end them, in no order."""
    axes = Axes()
    with_outward = topology.face_count <= FACES_MAX
    groups: dict[tuple[Any, Line, bool], list[tuple[tuple[float, ...], list[_Patch]]]] = defaultdict(list)
    for number, face in enumerate(topology.faces):
        if face.kind not in (CYLINDER, CONE, TORUS):
            continue
        inward = is_inward(face)
        if not (inward or with_outward):
            continue
        axis = axes.same(_axis(face))
        size = _size(face, axis)
        same_axis = groups[face.kind, axis, inward]
        patches = next((patches for known, patches in same_axis if _close(known, size)), None)
        if patches is None:
            patches = []
            same_axis.append((size, patches))
        patches.append(_patch(number, face, axis))
    return [
        _ring(axis, kind, cluster, convex=not inward)
        for (kind, axis, inward), same_axis in groups.items()
        for _, patches in same_axis
        for cluster in _clusters(patches)
    ]


def is_inward(face: Face) -> bool:
    """Whether the material is outside of the round; either side will do for a torus, which only breaks an
    edge.
    """
    if face.kind == TORUS:
        return True
    round_surface = face.surface.Cylinder() if face.kind == CYLINDER else face.surface.Cone()
    return face.reversed == round_surface.Position().Direct()


def _axis(face: Face) -> Line:
    if face.kind == CYLINDER:
        return line_of(face.surface.Cylinder().Axis())
    return line_of(face.surface.Cone().Axis() if face.kind == CONE else face.surface.Torus().Axis())


def _size(face: Face, axis: Line) -> tuple[float, ...]:
    """What must be equal, besides the axis, for two faces to be pieces of one round surface."""
    if face.kind == CYLINDER:
        return (face.surface.Cylinder().Radius(),)
    if face.kind == CONE:
        cone = face.surface.Cone()
        return (abs(cone.SemiAngle()), axis.along(_vec(cone.Apex())))
    torus = face.surface.Torus()
    return (torus.MajorRadius(), torus.MinorRadius(), axis.along(_vec(torus.Location())))


def line_of(axis: Any) -> Line:
    given = axis.Direction()
    direction: Vec = (given.X(), given.Y(), given.Z())
    leading = next(value for value in direction if abs(value) > ANGLE_TOLERANCE)
    if leading < 0:
        direction = (-direction[0], -direction[1], -direction[2])
    through = (axis.Location().X(), axis.Location().Y(), axis.Location().Z())
    forward = dot(through, direction)
    point = tuple(t - forward * d for t, d in zip(through, direction, strict=True))
    return Line(direction, point)  # type: ignore[arg-type]


def _close(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return all(abs(a - b) <= LENGTH_TOLERANCE for a, b in zip(one, other, strict=True))


def _vec(point: Any) -> Vec:
    return (point.X(), point.Y(), point.Z())


def _patch(number: int, face: Face, axis: Line) -> _Patch:
    surface = face.surface
    u_from, u_to = surface.FirstUParameter(), surface.LastUParameter()
    ends = []
    for v in (surface.FirstVParameter(), surface.LastVParameter()):
        place = _vec(surface.Value(u_from, v))
        away = minus(place, axis.at(axis.along(place)))
        ends.append((axis.along(place), length(away)))
    (low, low_radius), (high, high_radius) = sorted(ends)
    half_angle = abs(surface.Cone().SemiAngle()) if face.kind == CONE else 0.0
    return _Patch(
        number, low, high, low_radius, high_radius, half_angle, *_around(surface, axis, u_from, u_to)
    )


def _around(surface: Any, axis: Line, u_from: float, u_to: float) -> tuple[float, float]:
    """Where about the axis the patch begins, and by how much it goes on, in a frame shared by all patches."""
    v = (surface.FirstVParameter() + surface.LastVParameter()) / 2
    angles = []
    x, y = across(axis.direction)
    for u in (u_from, u_from + (u_to - u_from) / 64):
        away = minus(_vec(surface.Value(u, v)), axis.point)
        angles.append(math.atan2(dot(away, y), dot(away, x)))
    forwards = math.sin(angles[1] - angles[0]) >= 0
    span = u_to - u_from
    return (angles[0] if forwards else angles[0] - span), span


def _clusters(patches: list[_Patch]) -> Iterator[list[_Patch]]:
    """Patches that are at the same height, or one upon the other."""
    cluster: list[_Patch] = []
    reach = -math.inf
    for patch in sorted(patches, key=lambda patch: patch.low):
        if cluster and patch.low > reach + LENGTH_TOLERANCE:
            yield cluster
            cluster, reach = [], -math.inf
        cluster.append(patch)
        reach = max(reach, patch.high)
    if cluster:
        yield cluster


def _turn(patches: list[_Patch]) -> float:
    """How much of a turn the patches cover together."""
    pieces = []
    for patch in patches:
        if patch.turn_by >= 2 * math.pi - ANGLE_TOLERANCE:
            return 2 * math.pi
        begin = patch.turn_from % (2 * math.pi)
        pieces.append((begin, begin + patch.turn_by))
        pieces.append((begin - 2 * math.pi, begin + patch.turn_by - 2 * math.pi))
    covered, reach = 0.0, 0.0
    for begin, end in sorted(pieces):
        begin, end = max(begin, reach), min(end, 2 * math.pi)
        if end > begin:
            covered += end - begin
            reach = end
    return covered


def _ring(axis: Line, kind: Any, patches: list[_Patch], *, convex: bool) -> Ring:
    lowest = min(patches, key=lambda patch: patch.low)
    highest = max(patches, key=lambda patch: patch.high)
    return Ring(
        axis,
        kind,
        lowest.low,
        highest.high,
        lowest.low_radius,
        highest.high_radius,
        lowest.half_angle,
        _turn(patches),
        _facing(axis, patches),
        convex,
        [patch.face for patch in patches],
    )


def _facing(axis: Line, patches: list[_Patch]) -> Vec:
    x, y = across(axis.direction)
    middles = [(patch.turn_from + patch.turn_by / 2, patch.turn_by) for patch in patches]
    along_x = sum(math.cos(middle) * weight for middle, weight in middles)
    along_y = sum(math.sin(middle) * weight for middle, weight in middles)
    return tuple(along_x * a + along_y * b for a, b in zip(x, y, strict=True))  # type: ignore[return-value]


def edge_reach(edge: Edge, axis: Line) -> tuple[float, float]:
    """The least and greatest height of an edge along the axis, by a few of its points."""
    curve = edge.curve
    first, last = curve.FirstParameter(), curve.LastParameter()
    steps = REACH_STEPS
    if edge.kind == GeomAbs_CurveType.GeomAbs_Line:
        steps = 1
    elif edge.kind == GeomAbs_CurveType.GeomAbs_Circle:
        around = curve.Circle().Axis().Direction()
        if abs(dot(_vec(around), axis.direction)) > 1 - ANGLE_TOLERANCE:
            height = axis.along(_vec(curve.Value(first)))
            return height, height
    heights = [
        axis.along(_vec(curve.Value(first + (last - first) * step / steps))) for step in range(steps + 1)
    ]
    return min(heights), max(heights)


def dot(a: Vec, b: Vec) -> float:
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]


def minus(a: Vec, b: Vec) -> Vec:
    return (a[0] - b[0], a[1] - b[1], a[2] - b[2])


def cross(a: Vec, b: Vec) -> Vec:
    return (a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0])


def length(a: Vec) -> float:
    return math.sqrt(dot(a, a))


def across(direction: Vec) -> tuple[Vec, Vec]:
    """Two unit vectors at right angles to `direction` and each other."""
    helper = (1.0, 0.0, 0.0) if abs(direction[0]) < 0.9 else (0.0, 1.0, 0.0)
    x = cross(direction, helper)
    size = length(x)
    x = (x[0] / size, x[1] / size, x[2] / size)
    return x, cross(direction, x)
