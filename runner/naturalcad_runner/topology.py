"""One pass over the faces and edges of a body, shared by everything that measures or describes it.

Uses OCCT's adaptors directly: a few microseconds each, where build123d's wrappers take a hundred. Faces are
in the order of `shape.faces()`, which is also the order of the triangles in the GLB; edges in the order of
`shape.edges()`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from OCP.BRep import BRep_Tool
from OCP.BRepAdaptor import BRepAdaptor_Curve, BRepAdaptor_Curve2d, BRepAdaptor_Surface
from OCP.collections import (
    IndexedDataMap_TopoDS_Shape_List_TopoDS_Shape_TopTools_ShapeMapHasher as AncestorMap,
)
from OCP.collections import IndexedMap_TopoDS_Shape_TopTools_ShapeMapHasher as ShapeMap
from OCP.GeomAbs import GeomAbs_SurfaceType
from OCP.gp import gp_Pnt, gp_Vec
from OCP.TopAbs import TopAbs_Orientation, TopAbs_ShapeEnum
from OCP.TopExp import TopExp
from OCP.TopoDS import TopoDS, TopoDS_Edge, TopoDS_Face, TopoDS_Shape, TopoDS_Solid

Vec = tuple[float, float, float]


@dataclass(slots=True)
class Face:
    """A face with its surface in the world's coordinates."""

    shape: TopoDS_Face
    surface: BRepAdaptor_Surface
    kind: Any  # GeomAbs_SurfaceType
    reversed: bool


@dataclass(slots=True)
class Edge:
    """An edge, its curve, and the numbers of its faces: one twice for a seam."""

    shape: TopoDS_Edge
    curve: BRepAdaptor_Curve
    kind: Any  # GeomAbs_CurveType
    faces: tuple[int, ...]
    face_count: int

    @property
    def is_seam(self) -> bool:
        return self.face_count == 2 and self.faces[0] == self.faces[-1]


class Topology:
    """Faces and edges of one body and how they hang together."""

    def __init__(self, shape: TopoDS_Shape) -> None:
        self.shape = shape
        self._face_map = _mapped(shape, TopAbs_ShapeEnum.TopAbs_FACE)
        self.solids: list[TopoDS_Solid] = [
            TopoDS.Solid(each) for each in _items(_mapped(shape, TopAbs_ShapeEnum.TopAbs_SOLID))
        ]

    @property
    def face_count(self) -> int:
        return self._face_map.Extent()

    @cached_property
    def faces(self) -> list[Face]:
        faces = []
        for each in _items(self._face_map):
            face = TopoDS.Face(each)
            surface = BRepAdaptor_Surface(face)
            is_reversed = face.Orientation() == TopAbs_Orientation.TopAbs_REVERSED
            faces.append(Face(face, surface, surface.GetType(), is_reversed))
        return faces

    @cached_property
    def edges(self) -> list[Edge]:
        """Without the degenerate ones, such as the pole of a sphere."""
        ancestors = AncestorMap()
        TopExp.MapShapesAndAncestors_s(
            self.shape, TopAbs_ShapeEnum.TopAbs_EDGE, TopAbs_ShapeEnum.TopAbs_FACE, ancestors
        )
        edges = []
        for index in range(1, ancestors.Extent() + 1):
            edge = TopoDS.Edge(ancestors.FindKey(index))
            if BRep_Tool.Degenerated_s(edge):
                continue
            above = ancestors.FindFromIndex(index)
            count = above.Extent()
            # Only the ends of the list are asked for: walking it in Python costs more than all the rest.
            ends = (above.First(), above.Last()) if count > 1 else (above.First(),) if count else ()
            curve = BRepAdaptor_Curve(edge)
            edges.append(
                Edge(
                    edge, curve, curve.GetType(), tuple(self._face_map.FindIndex(f) - 1 for f in ends), count
                )
            )
        return edges

    @cached_property
    def edges_of_face(self) -> list[list[Edge]]:
        found: list[list[Edge]] = [[] for _ in range(self.face_count)]
        for edge in self.edges:
            for face in set(edge.faces):
                found[face].append(edge)
        return found

    def is_manifold(self) -> bool:
        """Whether every edge joins exactly two faces, or one face with itself."""
        return bool(self.edges) and all(edge.face_count == 2 for edge in self.edges)

    def normal_at_edge(self, face: Face, edge: Edge) -> Vec:
        """The direction out of the material, at the middle of `edge` on `face`."""
        if face.kind == GeomAbs_SurfaceType.GeomAbs_Plane:
            return plane_normal(face)
        on_face = BRepAdaptor_Curve2d(edge.shape, face.shape)
        place = on_face.Value((on_face.FirstParameter() + on_face.LastParameter()) / 2)
        point, along_u, along_v = gp_Pnt(), gp_Vec(), gp_Vec()
        face.surface.D1(place.X(), place.Y(), point, along_u, along_v)
        normal = along_u.Crossed(along_v)
        length = normal.Magnitude() or 1.0
        sign = -1.0 if face.reversed else 1.0
        return (sign * normal.X() / length, sign * normal.Y() / length, sign * normal.Z() / length)


def plane_normal(face: Face) -> Vec:
    """The direction out of the material, of a plane face."""
    plane = face.surface.Plane()
    normal = plane.Axis().Direction()
    # A left-handed frame turns the surface's own normal round.
    sign = -1.0 if face.reversed == plane.Direct() else 1.0
    return (sign * normal.X(), sign * normal.Y(), sign * normal.Z())


def _mapped(shape: TopoDS_Shape, what: TopAbs_ShapeEnum) -> Any:
    found = ShapeMap()
    TopExp.MapShapes_s(shape, what, found)
    return found


def _items(mapped: Any) -> list[TopoDS_Shape]:
    return [mapped.FindKey(index) for index in range(1, mapped.Extent() + 1)]
