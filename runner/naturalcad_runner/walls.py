"""The round faces of a solid, one by one: cylinders, cones, spheres and tori, each with its sizes and place.

Pieces of one surface are one entry. `turn` is how much of it there is about its axis, in degrees.
"""

from __future__ import annotations

import math
from collections import defaultdict
from typing import Any

from OCP.GeomAbs import GeomAbs_SurfaceType

from .bores import CONE, CYLINDER, LENGTH_TOLERANCE, TORUS, Line, Ring
from .figures import DIGITS
from .topology import Face, Topology

SPHERE = GeomAbs_SurfaceType.GeomAbs_Sphere
# The section of a torus that only rounds an edge turns by less than a half: it is in the table of rounds.
HALF_TURN = math.pi - 1e-3


def cylinders(rings: list[Ring]) -> list[dict[str, Any]]:
    """`ends` is what a chamfer or a round at either end adds to the length."""
    by_axis: dict[Line, list[Ring]] = defaultdict(list)
    for ring in rings:
        by_axis[ring.axis].append(ring)
    return [
        {
            "diameter": 2 * ring.low_radius,
            **_placed(ring),
            "ends": [_added(ring, by_axis[ring.axis], high=high) for high in (False, True)],
        }
        for ring in rings
        if ring.kind == CYLINDER
    ]


def cones(rings: list[Ring]) -> list[dict[str, Any]]:
    """`diameters` are those where the cone begins and ends along its axis."""
    return [
        {
            "half_angle": math.degrees(ring.half_angle),
            "diameters": [2 * ring.low_radius, 2 * ring.high_radius],
            **_placed(ring),
        }
        for ring in rings
        if ring.kind == CONE
    ]


def _placed(ring: Ring) -> dict[str, Any]:
    return {
        "length": ring.high - ring.low,
        "turn": math.degrees(ring.turn),
        "convex": ring.convex,
        "axis": list(ring.axis.direction),
        "centre": list(ring.axis.at((ring.low + ring.high) / 2)),
    }


def _added(ring: Ring, on_axis: list[Ring], *, high: bool) -> float:
    end = ring.high if high else ring.low
    for other in on_axis:
        begins, ends = (other.low, other.high) if high else (other.high, other.low)
        # The reach of a torus is that of its section's ends, whichever comes first.
        if other.kind != CYLINDER and abs(begins - end) <= LENGTH_TOLERANCE:
            return abs(ends - begins)
    return 0.0


def spheres(topology: Topology) -> list[dict[str, Any]]:
    found: dict[tuple[Any, ...], dict[str, Any]] = {}
    for face in topology.faces:
        if face.kind != SPHERE:
            continue
        sphere = face.surface.Sphere()
        centre = _point(sphere.Location())
        convex = _is_convex(face, sphere.Position())
        key = (*_key(*centre, sphere.Radius()), convex)
        found.setdefault(key, {"diameter": 2 * sphere.Radius(), "convex": convex, "centre": centre})
    return list(found.values())


def tori(topology: Topology) -> list[dict[str, Any]]:
    """Rings and bends: `major` is the diameter of the circle that the section's middle runs on."""
    found: dict[tuple[Any, ...], dict[str, Any]] = {}
    for face in topology.faces:
        surface = face.surface
        if face.kind != TORUS or surface.LastVParameter() - surface.FirstVParameter() < HALF_TURN:
            continue
        torus = surface.Torus()
        centre = _point(torus.Location())
        convex = _is_convex(face, torus.Position())
        key = (*_key(*centre, torus.MajorRadius(), torus.MinorRadius()), convex)
        found.setdefault(
            key,
            {
                "major": 2 * torus.MajorRadius(),
                "minor": 2 * torus.MinorRadius(),
                "convex": convex,
                "axis": _point(torus.Axis().Direction()),
                "centre": centre,
            },
        )
    return list(found.values())


def _is_convex(face: Face, frame: Any) -> bool:
    return face.reversed != frame.Direct()


def _key(*values: float) -> tuple[float, ...]:
    return tuple(round(value, DIGITS - 1) + 0.0 for value in values)


def _point(point: Any) -> list[float]:
    return [point.X(), point.Y(), point.Z()]
