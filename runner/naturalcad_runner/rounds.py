"""Rounded edges and corners: pieces of cylinders and tori of less than half a turn, counted by radius.

A fillet between two walls turns by 180 degrees less the angle between them, so it never makes a half turn;
the ends of a slot do, and bores make a whole one. Convex and concave rounds count alike, for both are what a
"5 mm radius" asks for.
"""

from __future__ import annotations

import math
from collections import Counter
from typing import Any

from .bores import CYLINDER, TORUS
from .topology import Face, Topology

TURN_MAX = math.pi - 1e-3
DIGITS = 6


def find_rounds(topology: Topology) -> list[dict[str, Any]]:
    """`{"radius", "count"}` for each radius, the smallest first; a count is of faces."""
    radii = Counter(round(radius, DIGITS) for face in topology.faces if (radius := _radius(face)) is not None)
    return [{"radius": radius, "count": count} for radius, count in sorted(radii.items())]


def _radius(face: Face) -> float | None:
    surface = face.surface
    if face.kind == CYLINDER:
        turn, radius = surface.LastUParameter() - surface.FirstUParameter(), surface.Cylinder().Radius()
    elif face.kind == TORUS:
        turn, radius = surface.LastVParameter() - surface.FirstVParameter(), surface.Torus().MinorRadius()
    else:
        return None
    return radius if turn <= TURN_MAX else None
