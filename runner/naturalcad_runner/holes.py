"""The table of holes of a solid: what an engineer would count and dimension.

A hole is a concave full cylinder that is open at one end at least. Coaxial steps that follow one another are
one hole: a wider cylinder at an open end makes it a counterbore, else a cone there a countersink; its
diameter is that of the narrowest cylinder and its depth goes from the opening to the bottom (the tip of a
drill not counted) or the other opening. A bore that another, not much wider hole crosses is one hole still;
opposite walls of a hollow have a hole each. A cavity closed on all sides is none.
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from .bores import CONE, CYLINDER, LENGTH_TOLERANCE, TORUS, Line, Ring, is_inward
from .ends import End, ends_of, is_material
from .topology import Topology, Vec

# A crossing bore up to this many times as wide does not part a hole in two.
CROSSING_RATIO_MAX = 5.0


@dataclass(slots=True)
class Chain:
    """Rings that follow one another along an axis, lowest first, and what is at its two ends."""

    rings: list[Ring]
    low: End
    high: End

    @property
    def axis(self) -> Line:
        return self.rings[0].axis

    @property
    def bores(self) -> list[Ring]:
        return [ring for ring in self.rings if ring.kind == CYLINDER]


def find_holes(topology: Topology, rings: list[Ring]) -> list[dict[str, Any]]:
    by_axis: dict[Line, list[Ring]] = defaultdict(list)
    for ring in rings:
        if ring.is_whole and not ring.convex:
            by_axis[ring.axis].append(ring)
    holes = []
    for on_axis in by_axis.values():
        chains = [
            Chain(run, *ends_of(topology, run[0], run[-1]))
            for run in _runs(on_axis)
            if any(ring.kind == CYLINDER for ring in run)
        ]
        holes += [_told(chain) for chain in _crossed(topology, chains) if _is_hole(topology, chain)]
    return sorted(holes, key=lambda hole: (hole["diameter"], hole["centre"]))


def _runs(on_axis: list[Ring]) -> list[list[Ring]]:
    """Rings that begin where another ends."""
    runs: list[list[Ring]] = []
    for ring in sorted(on_axis, key=lambda ring: (ring.low, ring.high)):
        run = next((run for run in runs if _follows(run[-1], ring)), None)
        if run:
            run.append(ring)
        else:
            runs.append([ring])
    return [_trimmed(run) for run in runs]


def _follows(lower: Ring, upper: Ring) -> bool:
    if abs(upper.low - lower.high) > LENGTH_TOLERANCE:
        return False
    is_smooth = abs(upper.low_radius - lower.high_radius) <= LENGTH_TOLERANCE
    return is_smooth or TORUS not in (lower.kind, upper.kind)


def _trimmed(run: list[Ring]) -> list[Ring]:
    """Without the tip that a drill leaves: a cone that closes to a point at one end."""
    if len(run) > 1 and run[0].kind == CONE and run[0].low_radius < LENGTH_TOLERANCE:
        return run[1:]
    if len(run) > 1 and run[-1].kind == CONE and run[-1].high_radius < LENGTH_TOLERANCE:
        return run[:-1]
    return run


def _is_hole(topology: Topology, chain: Chain) -> bool:
    if not (chain.low.is_open or chain.high.is_open):
        return False
    if not (chain.low.has_island or chain.high.has_island):
        return True
    # The floor has another outline inside: a boss on the axis makes this a groove.
    narrow = min(chain.bores, key=lambda ring: ring.low_radius)
    height = (narrow.low + narrow.high) / 2
    if is_material(topology, chain.axis.at(height)):
        return False
    return not any(
        face.kind == CYLINDER and not is_inward(face) and _stands_in(face, chain.axis, narrow)
        for face in topology.faces
    )


def _stands_in(face: Any, axis: Line, ring: Ring) -> bool:
    cylinder = face.surface.Cylinder()
    place = cylinder.Location()
    at: Vec = (place.X(), place.Y(), place.Z())
    off_axis = math.dist(at, axis.at(axis.along(at)))
    ends = [
        axis.along((point.X(), point.Y(), point.Z()))
        for point in (
            face.surface.Value(face.surface.FirstUParameter(), v)
            for v in (face.surface.FirstVParameter(), face.surface.LastVParameter())
        )
    ]
    overlaps = min(ends) < ring.high - LENGTH_TOLERANCE and max(ends) > ring.low + LENGTH_TOLERANCE
    return off_axis + cylinder.Radius() < ring.low_radius and overlaps


def _crossed(topology: Topology, chains: list[Chain]) -> list[Chain]:
    """Chains of one axis, joined where only a crossing bore parts them."""
    joined: list[Chain] = []
    for chain in sorted(chains, key=lambda chain: chain.rings[0].low):
        before = joined[-1] if joined else None
        if before and _parted_by_bore(topology, before, chain):
            joined[-1] = Chain(before.rings + chain.rings, before.low, chain.high)
        else:
            joined.append(chain)
    return joined


def _parted_by_bore(topology: Topology, lower: Chain, upper: Chain) -> bool:
    radius = lower.rings[-1].high_radius
    shared = lower.high.meets & upper.low.meets
    return (
        lower.high.is_open
        and upper.low.is_open
        and abs(upper.rings[0].low_radius - radius) <= LENGTH_TOLERANCE
        and any(_is_crossing(topology, face, radius) for face in shared)
    )


def _is_crossing(topology: Topology, number: int, radius: float) -> bool:
    face = topology.faces[number]
    if face.kind != CYLINDER or not is_inward(face):
        return False
    return face.surface.Cylinder().Radius() <= CROSSING_RATIO_MAX * radius


def _told(chain: Chain) -> dict[str, Any]:
    narrow = min(chain.bores, key=lambda ring: ring.low_radius)
    kind, head, from_high = _head(chain, narrow)
    low, high = chain.low.height, chain.high.height
    if head is None:
        # Nothing but custom decides which end of a plain through hole is its opening: the upper one.
        from_high = chain.high.is_open
    sense = -1.0 if from_high else 1.0
    return {
        "diameter": 2 * narrow.low_radius,
        "depth": high - low,
        "through": chain.low.is_open and chain.high.is_open,
        "kind": kind,
        "axis": [sense * d + 0.0 for d in chain.axis.direction],
        "centre": list(chain.axis.at(high if from_high else low)),
        "head_diameter": 2 * max(head.low_radius, head.high_radius) if head else None,
        "head_depth": _head_depth(chain, head, from_high) if head else None,
        "angle": math.degrees(2 * head.half_angle) if head and head.kind == CONE else None,
    }


def _head(chain: Chain, narrow: Ring) -> tuple[str, Ring | None, bool]:
    """The kind of the hole, the ring that makes it so, and whether that is at the upper end."""
    wide: list[tuple[str, Ring, bool]] = []
    at = chain.rings.index(narrow)
    for from_high, end, side in (
        (False, chain.low, chain.rings[:at]),
        (True, chain.high, chain.rings[:at:-1]),
    ):
        if not end.is_open:
            continue
        side = [ring for ring in side if ring.kind != TORUS]
        bore = next((ring for ring in side if ring.kind == CYLINDER), None)
        if bore and bore.low_radius > narrow.low_radius + LENGTH_TOLERANCE:
            wide.append(("counterbore", bore, from_high))
        elif side and side[0].kind == CONE and _opens(side[0], from_high):
            wide.append(("countersink", side[0], from_high))
    if not wide:
        return "plain", None, chain.high.is_open
    return max(
        wide, key=lambda found: (found[0] == "counterbore", max(found[1].low_radius, found[1].high_radius))
    )


def _opens(cone: Ring, from_high: bool) -> bool:
    return (cone.high_radius > cone.low_radius) == from_high


def _head_depth(chain: Chain, head: Ring, from_high: bool) -> float:
    if head.kind == CONE:
        return head.high - head.low
    return chain.high.height - head.low if from_high else head.high - chain.low.height
