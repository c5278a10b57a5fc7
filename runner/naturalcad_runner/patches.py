"""Areas, volume and centre of mass; by formula where all faces are plane or plain cylinders.

OCCT integrates every face numerically, and a cylinder costs it a hundred times what the formula does: a panel
of holes is mostly cylinders. A cylindrical face is plain when its outline is two circles about its axis,
joined by a seam or two lines.

The volume is the sum of the pyramids that the faces make with the origin, and the moment likewise. One face
of another kind and OCCT does it all, for it measures its pyramids from a point of its own choice.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy
from OCP.BRepGProp import BRepGProp
from OCP.GCPnts import GCPnts_AbscissaPoint
from OCP.GeomAbs import GeomAbs_CurveType, GeomAbs_SurfaceType
from OCP.GProp import GProp_GProps
from OCP.TopoDS import TopoDS_Shape

from .topology import Edge, Face, Topology, Vec, plane_normal

TOLERANCE = 1e-9
LENGTH_TOLERANCE = 1e-7
# Exact to the last digit for the squares of sines and cosines that occur, over a whole turn.
_NODES, _WEIGHTS = numpy.polynomial.legendre.leggauss(20)


@dataclass(slots=True)
class Integrals:
    face_areas: list[float]
    volume: float
    centre: Vec


@dataclass(slots=True)
class _Pyramids:
    """What a face adds to the area, the volume and its moment; no volume when there is no formula for the
    face.
    """

    area: float
    volume: float | None = None
    moment: numpy.ndarray | None = None


def integrate(topology: Topology, *, is_solid: bool) -> Integrals:
    """Areas of all faces, and of a solid its volume and centre of mass."""
    pyramids = [_pyramids(face, topology.edges_of_face[number]) for number, face in enumerate(topology.faces)]
    areas = [each.area for each in pyramids]
    if not is_solid:
        return Integrals(areas, 0.0, (0.0, 0.0, 0.0))
    # A face between two solids counts for both, with opposite signs; our list of faces has it once.
    if topology.is_manifold() and all(each.volume is not None for each in pyramids):
        volume = sum(each.volume for each in pyramids)
        if abs(volume) > TOLERANCE:
            moment = sum(each.moment for each in pyramids)
            return Integrals(areas, volume, tuple((moment / volume).tolist()))
    whole = _properties(BRepGProp.VolumeProperties_s, topology.shape)
    return Integrals(areas, whole.Mass(), _vec(whole.CentreOfMass()))


def _pyramids(face: Face, edges: list[Edge]) -> _Pyramids:
    if face.kind == GeomAbs_SurfaceType.GeomAbs_Cylinder and _is_plain(face, edges):
        return _on_cylinder(face)
    if face.kind == GeomAbs_SurfaceType.GeomAbs_SurfaceOfExtrusion:
        swept = _swept_area(face, edges)
        if swept is not None:
            return _Pyramids(swept)
    surface = _properties(BRepGProp.SurfaceProperties_s, face.shape)
    if face.kind != GeomAbs_SurfaceType.GeomAbs_Plane:
        return _Pyramids(surface.Mass())
    centre = numpy.array(_vec(surface.CentreOfMass()))
    volume = surface.Mass() * float(centre @ plane_normal(face)) / 3
    return _Pyramids(surface.Mass(), volume, volume * 0.75 * centre)


def _is_plain(face: Face, edges: list[Edge]) -> bool:
    circles = [edge for edge in edges if edge.kind == GeomAbs_CurveType.GeomAbs_Circle]
    lines = [edge for edge in edges if edge.kind == GeomAbs_CurveType.GeomAbs_Line]
    if len(circles) != 2 or len(circles) + len(lines) != len(edges) or len(lines) not in (1, 2):
        return False
    if len(lines) == 1 and not lines[0].is_seam:
        return False
    axis = face.surface.Cylinder().Axis().Direction()
    return all(abs(circle.curve.Circle().Axis().Direction().Dot(axis)) > 1 - TOLERANCE for circle in circles)


def _on_cylinder(face: Face) -> _Pyramids:
    surface = face.surface
    cylinder = surface.Cylinder()
    frame, radius = cylinder.Position(), cylinder.Radius()
    half_turn = (surface.LastUParameter() - surface.FirstUParameter()) / 2
    height = surface.LastVParameter() - surface.FirstVParameter()
    u = surface.FirstUParameter() + half_turn * (1 + _NODES)
    away = numpy.outer(numpy.cos(u), _vec(frame.XDirection())) + numpy.outer(
        numpy.sin(u), _vec(frame.YDirection())
    )
    # Along the axis everything is linear, so the middle stands for all of it.
    v = (surface.FirstVParameter() + surface.LastVParameter()) / 2
    middle = numpy.array(_vec(cylinder.Location())) + v * numpy.array(_vec(frame.Direction())) + radius * away
    # A left-handed frame turns the surface's own normal inwards.
    sign = -1.0 if face.reversed == frame.Direct() else 1.0
    reach = sign * numpy.einsum("ij,ij->i", middle, away)
    around = _WEIGHTS * half_turn * radius * height * reach
    return _Pyramids(
        2 * half_turn * radius * height, float(around.sum() / 3), (around[:, None] * middle).sum(axis=0) / 4
    )


def _swept_area(face: Face, edges: list[Edge]) -> float | None:
    """The area of an outline swept square to itself, such as a gear's flank: its length times the height.

    OCCT's own number is slow here, and wrong by percents where the outline is an ellipse.
    """
    direction = face.surface.Direction()
    sides = [edge for edge in edges if edge.kind == GeomAbs_CurveType.GeomAbs_Line]
    outlines = [edge for edge in edges if edge.kind != GeomAbs_CurveType.GeomAbs_Line]
    has_seam = len(sides) == 1 and sides[0].is_seam
    if len(outlines) != 2 or not (len(sides) == 2 or has_seam):
        return None
    heights = [side.curve.LastParameter() - side.curve.FirstParameter() for side in sides]
    is_square = (
        all(side.curve.Line().Direction().IsParallel(direction, TOLERANCE) for side in sides)
        and max(heights) - min(heights) <= TOLERANCE
        and all(_is_level(outline, direction) for outline in outlines)
    )
    return curve_length(outlines[0]) * heights[0] if is_square else None


def _is_level(edge: Edge, direction: object) -> bool:
    curve = edge.curve
    first, last = curve.FirstParameter(), curve.LastParameter()
    levels = [_level(curve.Value(first + (last - first) * part / 4), direction) for part in range(5)]
    return max(levels) - min(levels) <= TOLERANCE


def curve_length(edge: Edge) -> float:
    """Without the tolerance OCCT would take a few points only: an ellipse would be off by a percent."""
    return GCPnts_AbscissaPoint.Length_s(edge.curve, LENGTH_TOLERANCE)


def _level(point: object, direction: object) -> float:
    return sum(a * b for a, b in zip(_vec(point), _vec(direction), strict=True))


def _properties(integrator: object, shape: TopoDS_Shape) -> GProp_GProps:
    properties = GProp_GProps()
    integrator(shape, properties)  # type: ignore[operator]
    return properties


def _vec(point: object) -> Vec:
    return (point.X(), point.Y(), point.Z())  # type: ignore[attr-defined]
