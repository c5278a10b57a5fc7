"""What is at the end of a bore: open or a floor, where on the axis that is, which faces it meets there."""

from __future__ import annotations

import math
from dataclasses import dataclass

from OCP.BRepClass3d import BRepClass3d_SolidClassifier
from OCP.GeomAbs import GeomAbs_SurfaceType
from OCP.gp import gp_Pnt
from OCP.TopAbs import TopAbs_State

from .bores import CYLINDER, LENGTH_TOLERANCE, Line, Ring, dot, edge_reach, line_of, minus
from .topology import Edge, Face, Topology, Vec

# Of a normal along the axis: less than this says nothing (a round bottom or a rounded opening begins at a
# right angle).
LEAN_MIN = 0.05
# How far past the end the axis is looked at when the normals say nothing, in radii: past a round bottom.
BEYOND = 1.05


SLACK_MM = 10 * LENGTH_TOLERANCE


@dataclass(slots=True)
class _Border:
    """An edge of a ring, the face beyond it, and how far it reaches along the axis."""

    edge: Edge
    beyond: int
    low: float
    high: float


@dataclass(slots=True)
class End:
    is_open: bool
    height: float
    meets: frozenset[int]
    has_island: bool


def ends_of(topology: Topology, lowest: Ring, highest: Ring) -> tuple[End, End]:
    """The two ends of a run of rings."""
    below = _borders(topology, lowest)
    above = below if highest is lowest else _borders(topology, highest)
    return _end(topology, lowest, below, high=False), _end(topology, highest, above, high=True)


def _end(topology: Topology, ring: Ring, borders: list[_Border], *, high: bool) -> End:
    outward = 1.0 if high else -1.0
    radius = ring.high_radius if high else ring.low_radius
    extreme, rim = _rim(ring, borders, high=high)
    is_open: bool | None = None
    height = extreme
    has_island = False
    for border in rim:
        face = topology.faces[border.beyond]
        if _is_ball(face, ring, radius):
            return End(False, extreme + outward * radius, frozenset({border.beyond}), False)
        lean = outward * dot(topology.normal_at_edge(face, border.edge), ring.axis.direction)
        if abs(lean) < LEAN_MIN:
            continue
        is_open = bool(is_open) or lean > 0
        if is_open:
            height = _height(face, ring.axis, extreme, border)
        else:
            has_island = has_island or len(topology.edges_of_face[border.beyond]) > len(ring.faces)
    if is_open is None:
        is_open = not is_material(topology, ring.axis.at(extreme + outward * BEYOND * radius))
    return End(is_open, height, frozenset(border.beyond for border in rim), has_island)


def _borders(topology: Topology, ring: Ring) -> list[_Border]:
    """Every edge between the ring and another face."""
    own = set(ring.faces)
    borders = []
    for number in ring.faces:
        for edge in topology.edges_of_face[number]:
            beyond = next((face for face in edge.faces if face not in own), None)
            if beyond is not None:
                borders.append(_Border(edge, beyond, *edge_reach(edge, ring.axis)))
    return borders


def _rim(ring: Ring, borders: list[_Border], *, high: bool) -> tuple[float, list[_Border]]:
    """How far the ring reaches, and the edges there."""
    if not borders:
        return (ring.high if high else ring.low), []
    extreme = max(border.high for border in borders) if high else min(border.low for border in borders)
    return extreme, [
        border for border in borders if abs((border.high if high else border.low) - extreme) < SLACK_MM
    ]


def _is_ball(face: Face, ring: Ring, radius: float) -> bool:
    if face.kind != GeomAbs_SurfaceType.GeomAbs_Sphere:
        return False
    sphere = face.surface.Sphere()
    centre = sphere.Location()
    at: Vec = (centre.X(), centre.Y(), centre.Z())
    off_axis = math.dist(at, ring.axis.at(ring.axis.along(at)))
    return off_axis < LENGTH_TOLERANCE and abs(sphere.Radius() - radius) < LENGTH_TOLERANCE and face.reversed


def _height(face: Face, axis: Line, extreme: float, border: _Border) -> float:
    """Where the axis would meet the surface that the bore opens in."""
    candidates: list[float] = []
    if face.kind == GeomAbs_SurfaceType.GeomAbs_Plane:
        plane = face.surface.Plane()
        normal, through = plane.Axis().Direction(), plane.Location()
        n: Vec = (normal.X(), normal.Y(), normal.Z())
        slope = dot(axis.direction, n)
        if abs(slope) > LEAN_MIN:
            candidates = [dot(minus((through.X(), through.Y(), through.Z()), axis.point), n) / slope]
    elif face.kind == CYLINDER:
        candidates = _on_cylinder(face, axis)
        # The rim of a bore across a cylinder lies on one side of where its axis comes out.
        middle, reach = (border.low + border.high) / 2, max(border.high - border.low, SLACK_MM)
        return next((at for at in candidates if abs(at - middle) <= reach), extreme)
    return next((at for at in candidates if border.low - SLACK_MM <= at <= border.high + SLACK_MM), extreme)


def _on_cylinder(face: Face, axis: Line) -> list[float]:
    cylinder = face.surface.Cylinder()
    other = line_of(cylinder.Axis())
    along = dot(axis.direction, other.direction)
    offset = minus(axis.point, other.point)
    side: Vec = tuple(d - along * o for d, o in zip(axis.direction, other.direction, strict=True))  # type: ignore[assignment]
    shift = dot(offset, other.direction)
    away: Vec = tuple(p - shift * o for p, o in zip(offset, other.direction, strict=True))  # type: ignore[assignment]
    a, b, c = dot(side, side), dot(side, away), dot(away, away) - cylinder.Radius() ** 2
    inside = b * b - a * c
    if a < LEAN_MIN**2 or inside < 0:
        return []
    root = math.sqrt(inside)
    return [(-b - root) / a, (-b + root) / a]


def is_material(topology: Topology, point: Vec) -> bool:
    classifier = BRepClass3d_SolidClassifier(topology.shape)
    classifier.Perform(gp_Pnt(*point), LENGTH_TOLERANCE)
    return classifier.State() == TopAbs_State.TopAbs_IN
