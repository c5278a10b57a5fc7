"""What is at the end of a bore: open or a floor, where on the axis that is, and which faces it meets there."""

from __future__ import annotations

import math
from dataclasses import dataclass

from OCP.BRepClass3d import BRepClass3d_SolidClassifier
from OCP.GeomAbs import GeomAbs_SurfaceType
from OCP.gp import gp_Pnt
from OCP.TopAbs import TopAbs_State

from .bores import CYLINDER, LENGTH_TOLERANCE, Line, Ring, dot, edge_reach, line_of, minus
from .topology import Edge, Face, Topology, Vec

# Of a normal along the axis: less than this says nothing (a round bottom or a rounded opening begins at a right angle).
LEAN_MIN = 0.05
# How far past the end the axis is looked at when the normals say nothing, in radii: past a round bottom.
BEYOND = 1.05


@dataclass(slots=True)
class End:
    is_open: bool
    height: float
    meets: frozenset[int]
    has_island: bool


def end_of(topology: Topology, ring: Ring, *, high: bool) -> End:
    """The end of `ring` that no further ring continues."""
    outward = 1.0 if high else -1.0
    radius = ring.high_radius if high else ring.low_radius
    extreme, rim = _rim(topology, ring, high=high)
    is_open: bool | None = None
    height = extreme
    has_island = False
    for edge, beyond in rim:
        face = topology.faces[beyond]
        if _is_ball(face, ring, radius):
            return End(False, extreme + outward * radius, frozenset({beyond}), False)
        lean = outward * dot(topology.normal_at_edge(face, edge), ring.axis.direction)
        if abs(lean) < LEAN_MIN:
            continue
        is_open = bool(is_open) or lean > 0
        if is_open:
            height = _height(face, ring.axis, extreme, edge)
        else:
            has_island = has_island or len(topology.edges_of_face[beyond]) > len(ring.faces)
    if is_open is None:
        is_open = not is_material(topology, ring.axis.at(extreme + outward * BEYOND * radius))
    return End(is_open, height, frozenset(beyond for _, beyond in rim), has_island)


def _rim(topology: Topology, ring: Ring, *, high: bool) -> tuple[float, list[tuple[Edge, int]]]:
    """How far the ring reaches, and the edges there, with the number of the face beyond each."""
    own = set(ring.faces)
    edges: list[tuple[float, Edge, int]] = []
    for number in ring.faces:
        for edge in topology.edges_of_face[number]:
            others = [face for face in edge.faces if face not in own]
            if others:
                edges.append((edge_reach(edge, ring.axis)[1 if high else 0], edge, others[0]))
    if not edges:
        return (ring.high if high else ring.low), []
    extreme = (max if high else min)(reach for reach, _, _ in edges)
    slack = 10 * LENGTH_TOLERANCE
    return extreme, [(edge, beyond) for reach, edge, beyond in edges if abs(reach - extreme) < slack]


def _is_ball(face: Face, ring: Ring, radius: float) -> bool:
    if face.kind != GeomAbs_SurfaceType.GeomAbs_Sphere:
        return False
    sphere = face.surface.Sphere()
    centre = sphere.Location()
    at: Vec = (centre.X(), centre.Y(), centre.Z())
    off_axis = math.dist(at, ring.axis.at(ring.axis.along(at)))
    return off_axis < LENGTH_TOLERANCE and abs(sphere.Radius() - radius) < LENGTH_TOLERANCE and face.reversed


def _height(face: Face, axis: Line, extreme: float, edge: Edge) -> float:
    """Where the axis would meet the surface that the bore opens in."""
    low, high = edge_reach(edge, axis)
    slack = 10 * LENGTH_TOLERANCE
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
        middle, reach = (low + high) / 2, max(high - low, slack)
        return next((at for at in candidates if abs(at - middle) <= reach), extreme)
    return next((at for at in candidates if low - slack <= at <= high + slack), extreme)


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
