"""DXF and SVG of a sketch or curve: seen squarely on its own plane, true to size in millimetres."""

from __future__ import annotations

from build123d import ExportDXF, ExportSVG, Plane, Shape, Unit, Vector
from OCP.BRepLib import BRepLib_FindSurface
from OCP.GeomAbs import GeomAbs_SurfaceType
from OCP.TopoDS import TopoDS_Shape

from .measure import Measured
from .stl import together

FLATNESS_MM = 1e-4
SVG_MARGIN_MM = 2.0
SVG_LINE_MM = 0.25


class NotFlat(Exception):
    """The sketch or curve lies in no one plane, so no drawing of it is true to size."""


def write_dxf(path: str, measured: list[Measured]) -> None:
    drawing = ExportDXF(unit=Unit.MM)
    drawing.add_shape(flattened(measured))
    drawing.write(path)


def write_svg(path: str, measured: list[Measured]) -> None:
    drawing = ExportSVG(unit=Unit.MM, margin=SVG_MARGIN_MM, line_weight=SVG_LINE_MM)
    drawing.add_shape(flattened(measured))
    drawing.write(path)


def flattened(measured: list[Measured]) -> Shape:
    """The bodies turned into the XY plane, unless they are parallel to it already."""
    topods = together([one.body for one in measured])
    shape = Shape.cast(topods)
    if any(face.kind != GeomAbs_SurfaceType.GeomAbs_Plane for one in measured for face in one.topology.faces):
        raise NotFlat
    heights = [height for one in measured for height in (one.box[2], one.box[5])]
    if max(heights) - min(heights) < FLATNESS_MM:
        return shape.moved(Plane.XY.offset(heights[0]).location.inverse())
    return shape.moved(_plane_of(topods).location.inverse())


def _plane_of(topods: TopoDS_Shape) -> Plane:
    finder = BRepLib_FindSurface(topods, FLATNESS_MM, True)
    if not finder.Found():
        raise NotFlat
    placed = finder.Location().Transformation()
    found = Plane(face_plane(finder).Transformed(placed))
    normal = found.z_dir
    # Seen from the front or from the right, as a drawing would be, with Z up.
    backwards = normal.Y > 0 if abs(normal.Y) >= abs(normal.X) else normal.X < 0
    normal = -normal if backwards else normal
    return Plane(found.origin, x_dir=Vector(0, 0, 1).cross(normal), z_dir=normal)


def face_plane(finder: BRepLib_FindSurface):
    from OCP.GeomAdaptor import GeomAdaptor_Surface

    return GeomAdaptor_Surface(finder.Surface()).Plane()
