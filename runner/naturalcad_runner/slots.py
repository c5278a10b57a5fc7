"""The slots of a solid: two half cylinders that turn their backs on each other, joined by flat sides.

A slot is told as a hole is: its depth goes from the opening to the floor or the other opening, and its axis
points into the material.
"""

from __future__ import annotations

import math
from typing import Any

from .bores import CYLINDER, LENGTH_TOLERANCE, Ring, dot, length, minus
from .ends import ends_of
from .planes import PLANE
from .topology import Topology, Vec

TURN_TOLERANCE = 1e-3
# Of the cosine between the way from end to end and the way an end faces.
FACING_MIN = 0.999
# More half cylinders than this are a texture; comparing each with each would take too long.
ENDS_MAX = 400


def find_slots(topology: Topology, rings: list[Ring]) -> list[dict[str, Any]]:
    halves = [ring for ring in rings if _is_half(ring)]
    if len(halves) > ENDS_MAX:
        return []
    sides = {id(ring): _sides(topology, ring) for ring in halves}
    slots = []
    while halves:
        one = halves.pop()
        facing = [other for other in halves if sides[id(one)] & sides[id(other)] and _are_ends(one, other)]
        if facing:
            other = min(facing, key=lambda end: length(minus(end.axis.point, one.axis.point)))
            halves.remove(other)
            slots.append(_told(topology, one, other))
    return sorted(slots, key=lambda slot: (slot["width"], slot["length"], slot["centre"]))


def _is_half(ring: Ring) -> bool:
    return ring.kind == CYLINDER and not ring.convex and abs(ring.turn - math.pi) < TURN_TOLERANCE


def _sides(topology: Topology, ring: Ring) -> set[int]:
    beyond = {face for number in ring.faces for edge in topology.edges_of_face[number] for face in edge.faces}
    return {number for number in beyond if topology.faces[number].kind == PLANE}


def _are_ends(one: Ring, other: Ring) -> bool:
    if abs(one.low_radius - other.low_radius) > LENGTH_TOLERANCE:
        return False
    if abs(dot(one.axis.direction, other.axis.direction)) < FACING_MIN:
        return False
    if min(one.high, other.high) - max(one.low, other.low) < LENGTH_TOLERANCE:
        return False
    way = minus(other.axis.point, one.axis.point)
    away = length(way)
    if away < LENGTH_TOLERANCE:
        return False
    return dot(way, other.facing) > FACING_MIN * away * length(other.facing) and dot(
        way, one.facing
    ) < -FACING_MIN * away * length(one.facing)


def _told(topology: Topology, one: Ring, other: Ring) -> dict[str, Any]:
    low, high = ends_of(topology, one, one)
    from_high = high.is_open
    height = high.height if from_high else low.height
    centre = [(a + b) / 2 for a, b in zip(one.axis.at(height), other.axis.at(height), strict=True)]
    way: Vec = minus(other.axis.point, one.axis.point)
    away = length(way)
    return {
        "length": away + 2 * one.low_radius,
        "width": 2 * one.low_radius,
        "depth": high.height - low.height,
        "through": low.is_open and high.is_open,
        "axis": [(-1.0 if from_high else 1.0) * value + 0.0 for value in one.axis.direction],
        "along": [value / away for value in way],
        "centre": centre,
    }
