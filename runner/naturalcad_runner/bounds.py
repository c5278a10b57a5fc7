"""The tight bounding box of a body, and cheaply.

OCCT's own boxes are either loose (by control points, by the range of a surface's parameters) or, when
optimal, take up to 100 ms. Here the edges are boxed first. They already bound every face that is plane,
conical, cylindrical or swept along a line. A sphere or torus adds the few points where its normal is along an
axis; another face is only looked at more closely when its loose box sticks out of what is known.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from OCP.Bnd import Bnd_Box
from OCP.BndLib import BndLib_Add3dCurve, BndLib_AddSurface
from OCP.BRepBndLib import BRepBndLib
from OCP.GeomAbs import GeomAbs_CurveType, GeomAbs_SurfaceType
from OCP.gp import gp_Pnt

from .summits import summits
from .topology import Edge, Face, Topology

# What sticks out by less than this is not worth an exact look.
SLACK_MM = 1e-6
_EXACT_CURVES = frozenset(
    {
        GeomAbs_CurveType.GeomAbs_Line,
        GeomAbs_CurveType.GeomAbs_Circle,
        GeomAbs_CurveType.GeomAbs_Ellipse,
    }
)
_BOUNDED_BY_EDGES = frozenset(
    {
        GeomAbs_SurfaceType.GeomAbs_Plane,
        GeomAbs_SurfaceType.GeomAbs_Cylinder,
        GeomAbs_SurfaceType.GeomAbs_Cone,
        GeomAbs_SurfaceType.GeomAbs_SurfaceOfExtrusion,
    }
)

Bounds = tuple[float, float, float, float, float, float]


def tight_box(topology: Topology) -> Bounds:
    """(least x, y, z, greatest x, y, z)."""
    box = Bnd_Box()
    for edge in topology.edges:
        if edge.kind in _EXACT_CURVES:
            BndLib_Add3dCurve.Add_s(edge.curve, 0.0, box)
    loose = [(_loose_curve(edge), edge) for edge in topology.edges if edge.kind not in _EXACT_CURVES]
    for around, edge in _outermost_first(loose, box):
        if not _within(around, box):
            BndLib_Add3dCurve.AddOptimal_s(edge.curve, SLACK_MM, box)
    faces = []
    for face in topology.faces:
        if face.kind in (GeomAbs_SurfaceType.GeomAbs_Sphere, GeomAbs_SurfaceType.GeomAbs_Torus):
            for point in summits(face):
                box.Add(gp_Pnt(*point))
        elif face.kind not in _BOUNDED_BY_EDGES:
            faces.append((_loose_surface(face), face))
    for around, face in _outermost_first(faces, box):
        if not _within(around, box):
            BRepBndLib.AddOptimal_s(face.shape, box, False, False)
    if box.IsVoid():
        return (0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    return _corners(box)


def united(boxes: Iterable[Bounds]) -> Bounds:
    columns = list(zip(*boxes, strict=True))
    return tuple(min(column) for column in columns[:3]) + tuple(max(column) for column in columns[3:])  # type: ignore[return-value]


def _loose_curve(edge: Edge) -> Bnd_Box:
    around = Bnd_Box()
    BndLib_Add3dCurve.Add_s(edge.curve, 0.0, around)
    return around


def _loose_surface(face: Face) -> Bnd_Box:
    around = Bnd_Box()
    BndLib_AddSurface.Add_s(face.surface, 0.0, around)
    return around


def _outermost_first(loose: list[tuple[Bnd_Box, Any]], box: Bnd_Box) -> list[tuple[Bnd_Box, Any]]:
    """Those that stick out furthest first: once they are exact, the others often need no look."""
    return sorted(loose, key=lambda pair: -_excess(pair[0], box))


def _within(inner: Bnd_Box, outer: Bnd_Box) -> bool:
    return _excess(inner, outer) <= SLACK_MM


def _excess(inner: Bnd_Box, outer: Bnd_Box) -> float:
    if outer.IsVoid():
        return float("inf")
    if inner.IsVoid():
        return 0.0
    one, other = _corners(inner), _corners(outer)
    low = max(other[axis] - one[axis] for axis in range(3))
    high = max(one[axis] - other[axis] for axis in range(3, 6))
    return max(low, high)


def _corners(box: Bnd_Box) -> Bounds:
    box.SetGap(0.0)
    least, greatest = box.CornerMin(), box.CornerMax()
    return (least.X(), least.Y(), least.Z(), greatest.X(), greatest.Y(), greatest.Z())
