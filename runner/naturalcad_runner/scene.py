"""The sidecar of the GLB (`ncad-scene/1`): exact values of bodies, faces and edges, so that the page never
measures a mesh.
"""

from __future__ import annotations

import math
from typing import Any

from OCP.GeomAbs import GeomAbs_CurveType, GeomAbs_SurfaceType

from .glb import Drawn
from .measure import Measured, told_box
from .topology import Edge, Face, plane_normal

SCHEMA = "ncad-scene/1"
# Longer tables are left out: they cost more to make and to send than anybody reads.
ENTRIES_MAX = 5_000

_SURFACES = {
    getattr(GeomAbs_SurfaceType, f"GeomAbs_{occt}"): name
    for occt, name in (
        ("Plane", "plane"),
        ("Cylinder", "cylinder"),
        ("Cone", "cone"),
        ("Sphere", "sphere"),
        ("Torus", "torus"),
        ("BezierSurface", "bezier"),
        ("BSplineSurface", "bspline"),
        ("SurfaceOfRevolution", "revolution"),
        ("SurfaceOfExtrusion", "extrusion"),
        ("OffsetSurface", "offset"),
        ("OtherSurface", "other"),
    )
}
_CURVES = {
    getattr(GeomAbs_CurveType, f"GeomAbs_{occt}"): name
    for occt, name in (
        ("Line", "line"),
        ("Circle", "circle"),
        ("Ellipse", "ellipse"),
        ("Hyperbola", "hyperbola"),
        ("Parabola", "parabola"),
        ("BezierCurve", "bezier"),
        ("BSplineCurve", "bspline"),
        ("OffsetCurve", "offset"),
        ("OtherCurve", "other"),
    )
}


def scene(
    kind: str, measures: dict[str, Any], measured: list[Measured], drawn: list[Drawn]
) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "units": "mm",
        "kind": kind,
        "bounding_box": measures["bounding_box"],
        "bodies": [
            _body(number, one, drawing)
            for number, (one, drawing) in enumerate(zip(measured, drawn, strict=True))
        ],
        "measures": measures,
    }


def _body(number: int, one: Measured, drawing: Drawn) -> dict[str, Any]:
    told = {
        "id": number,
        "name": one.body.name,
        "colour": one.body.colour,
        "alpha": one.body.alpha,
        "node": drawing.node,
        "edge_node": drawing.edge_node,
        "volume": one.volume,
        "area": one.area,
        "bounding_box": told_box(one.box),
    }
    if max(one.topology.face_count, len(one.topology.edges)) > ENTRIES_MAX:
        return {**told, "truncated": True}
    return {
        **told,
        "triangles_per_face": drawing.triangles_per_face,
        "segments_per_edge": drawing.segments_per_edge,
        "faces": [_face(face, area) for face, area in zip(one.topology.faces, one.face_areas, strict=True)],
        "edges": [
            _edge(edge, length) for edge, length in zip(one.topology.edges, one.edge_lengths, strict=True)
        ],
    }


def _face(face: Face, area: float) -> dict[str, Any]:
    told: dict[str, Any] = {"type": _SURFACES[face.kind], "area": area}
    surface = face.surface
    match told["type"]:
        case "plane":
            told["normal"] = list(plane_normal(face))
        case "cylinder":
            told |= {"radius": surface.Cylinder().Radius(), "axis": _axis(surface.Cylinder().Axis())}
        case "cone":
            cone = surface.Cone()
            half_angle = math.degrees(abs(cone.SemiAngle()))
            told |= {"radius": cone.RefRadius(), "half_angle": half_angle, "axis": _axis(cone.Axis())}
        case "sphere":
            told |= {"radius": surface.Sphere().Radius(), "centre": _point(surface.Sphere().Location())}
        case "torus":
            torus = surface.Torus()
            told |= {
                "radius": torus.MajorRadius(),
                "minor_radius": torus.MinorRadius(),
                "axis": _axis(torus.Axis()),
            }
    return told


def _edge(edge: Edge, length: float) -> dict[str, Any]:
    told: dict[str, Any] = {"type": _CURVES[edge.kind], "length": length}
    if edge.is_seam:
        told["seam"] = True
    if told["type"] == "circle":
        circle = edge.curve.Circle()
        told |= {"radius": circle.Radius(), "centre": _point(circle.Location())}
    return told


def _axis(axis: Any) -> dict[str, list[float]]:
    return {"origin": _point(axis.Location()), "direction": _point(axis.Direction())}


def _point(point: Any) -> list[float]:
    return [point.X(), point.Y(), point.Z()]
