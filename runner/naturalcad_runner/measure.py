"""The measures of a part and of each of its bodies (design 7.3), and the warnings that follow from them.

Nothing here may mesh; and asking OCCT for a bounding box through build123d would throw a mesh away, so
measuring comes first.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any, TypeVar

from OCP.BRepCheck import BRepCheck_Analyzer
from OCP.BRepGProp import BRepGProp
from OCP.GeomAbs import GeomAbs_SurfaceType
from OCP.GProp import GProp_GProps

from . import faces
from .bores import rings
from .bounds import Bounds, tight_box, united
from .holes import find_holes
from .part import CURVE, SKETCH, SOLID, Body, Part
from .patches import curve_length, integrate
from .rounds import find_rounds
from .topology import Topology, Vec

# Less than this is no volume: a millionth of a cubic millimetre.
VOLUME_MIN = 1e-6


T = TypeVar("T")


@dataclass(slots=True)
class Measured:
    """One body with everything that was read from it; `amount` is its volume, area or length, by kind."""

    body: Body
    topology: Topology
    box: Bounds
    volume: float
    area: float
    length: float
    centre: Vec
    face_areas: list[float]
    edge_lengths: list[float]
    valid: bool
    holes: list[dict[str, Any]] | None = field(default_factory=list)
    rounds: list[dict[str, Any]] = field(default_factory=list)
    faces: faces.Tables | None = field(default_factory=dict)

    @property
    def amount(self) -> float:
        return {SOLID: self.volume, SKETCH: self.area, CURVE: self.length}[self.body.kind]


def measure_body(body: Body, topology: Topology, *, check: bool) -> Measured:
    """`check` also asks whether the body is valid and reads its holes and faces; without it it passes for
    valid.
    """
    integrals = integrate(topology, is_solid=body.kind == SOLID)
    edge_lengths = [curve_length(edge) for edge in topology.edges]
    read = check and body.kind == SOLID
    # Shared by both; when it fails, both say so.
    round_walls = cache(lambda: rings(topology))
    return Measured(
        body,
        topology,
        tight_box(topology),
        integrals.volume,
        sum(integrals.face_areas),
        sum(edge_lengths),
        integrals.centre if body.kind == SOLID else _flat_centre(body),
        integrals.face_areas,
        edge_lengths,
        valid=not check or BRepCheck_Analyzer(body.shape, True, True).IsValid(),
        holes=_tried(lambda: find_holes(topology, round_walls())) if read else [],
        rounds=find_rounds(topology) if read else [],
        faces=_tried(lambda: faces.tables(topology, round_walls(), integrals.face_areas)) if read else {},
    )


def _tried(read: Callable[[], T]) -> T | None:
    """None when some odd face keeps it from being read; that is no reason to lose the part."""
    try:
        return read()
    except MemoryError:
        raise
    except Exception:
        traceback.print_exc()
        return None


def _flat_centre(body: Body) -> Vec:
    """The centre of a sketch's area or a curve's length."""
    properties = GProp_GProps()
    integrator = BRepGProp.SurfaceProperties_s if body.kind == SKETCH else BRepGProp.LinearProperties_s
    integrator(body.shape, properties)
    centre = properties.CentreOfMass()
    return (centre.X(), centre.Y(), centre.Z())


def measures(part: Part, measured: list[Measured]) -> dict[str, Any]:
    amounts = [one.amount for one in measured]
    total = sum(amounts)
    weights = amounts if total else [1.0] * len(measured)
    centre = [
        sum(weight * one.centre[axis] for weight, one in zip(weights, measured, strict=True))
        / (sum(weights) or 1.0)
        for axis in range(3)
    ]
    densities = [one.body.density for one in measured]
    told = {
        "bounding_box": told_box(united(one.box for one in measured)),
        "volume": sum(one.volume for one in measured),
        "area": sum(one.area for one in measured),
        "centre_of_mass": centre,
        "solids": sum(len(one.topology.solids) for one in measured),
        "faces": sum(one.topology.face_count for one in measured),
        "edges": sum(len(one.topology.edges) for one in measured),
        "valid": all(one.valid for one in measured),
        "manifold": part.kind == SOLID and all(one.topology.is_manifold() for one in measured),
        "holes": _united_holes(measured),
        "rounds": _united_rounds(measured),
        **faces.united([one.faces or {} for one in measured]),
        "bodies": _told_bodies(measured),
        "mass": sum(d * one.volume for d, one in zip(densities, measured, strict=True))
        if all(densities)
        else None,
    }
    if part.kind == CURVE:
        told["length"] = sum(one.length for one in measured)
    return told


def _united_holes(measured: list[Measured]) -> list[dict[str, Any]]:
    """With the number of its body, where there are several."""
    several = len(measured) > 1
    return [
        {**hole, "body": number} if several else hole
        for number, one in enumerate(measured)
        for hole in one.holes or ()
    ]


def _united_rounds(measured: list[Measured]) -> list[dict[str, Any]]:
    counts: dict[float, int] = {}
    for each in (each for one in measured for each in one.rounds):
        counts[each["radius"]] = counts.get(each["radius"], 0) + each["count"]
    return [{"radius": radius, "count": count} for radius, count in sorted(counts.items())]


def _told_bodies(measured: list[Measured]) -> list[dict[str, Any]]:
    """Among several bodies each has its own rounds, too."""
    if len(measured) == 1:
        return [_told_body(measured[0])]
    return [{**_told_body(one), "rounds": one.rounds} for one in measured]


def _told_body(one: Measured) -> dict[str, Any]:
    return {
        "name": one.body.name,
        "colour": one.body.colour,
        "volume": one.volume,
        "area": one.area,
        "bounding_box": told_box(one.box),
        "centre_of_mass": list(one.centre),
        "solids": len(one.topology.solids),
        "valid": one.valid,
    }


def told_box(box: Bounds) -> dict[str, list[float]]:
    least, greatest = list(box[:3]), list(box[3:])
    return {"min": least, "max": greatest, "size": [b - a for a, b in zip(least, greatest, strict=True)]}


def warnings(part: Part, measured: list[Measured]) -> list[dict[str, str]]:
    """What a person should know before they use the part; the host decides what may be downloaded."""
    found: list[dict[str, str]] = []
    for one in measured:
        name = f"`{one.body.name}`"
        if not one.valid:
            found.append(warning("not_valid", f"{name} is not a valid shape: it may cut or meet itself"))
        if part.kind != SOLID:
            if part.kind == SKETCH and _is_hull(one):
                found.append(warning("no_volume", f"{name} is a surface, not a solid: it has no volume"))
            continue
        if not one.topology.is_manifold():
            found.append(
                warning("not_closed", f"{name} is not closed: some of its edges do not join two faces")
            )
        if one.volume < VOLUME_MIN:
            what = "is inside out: its volume is negative" if one.volume < 0 else "has no volume"
            found.append(warning("no_volume", f"{name} {what}"))
        if one.holes is None:
            found.append(warning("holes_unknown", f"The holes of {name} could not be read"))
        if one.faces is None:
            found.append(warning("faces_unknown", f"The faces of {name} could not be read one by one"))
        if len(one.topology.solids) > 1:
            found.append(warning("several_solids", f"{name} is {len(one.topology.solids)} separate solids"))
    if part.left_out:
        words = {SOLID: "sketches or curves", SKETCH: "curves"}[part.kind]
        found.append(warning("left_out", f"{part.left_out} {words} in `result` are left out"))
    return found


def _is_hull(one: Measured) -> bool:
    """Whether a thing of faces is no drawing but the outside of something."""
    curved = any(face.kind != GeomAbs_SurfaceType.GeomAbs_Plane for face in one.topology.faces)
    return curved or one.topology.is_manifold()


def warning(code: str, message: str) -> dict[str, str]:
    return {"code": code, "message": message}
