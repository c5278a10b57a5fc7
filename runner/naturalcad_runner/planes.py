"""The flat faces of a solid, and the chamfers among them.

A flat face is told by where it is and which way it looks, so that the host can find thicknesses, gaps and
steps between any two of them. Coplanar faces stay apart: their boxes tell whether two faces are opposite.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from typing import Any

from OCP.Bnd import Bnd_Box
from OCP.BndLib import BndLib_Add3dCurve
from OCP.GeomAbs import GeomAbs_CurveType, GeomAbs_SurfaceType

from .bores import ANGLE_TOLERANCE, LENGTH_TOLERANCE, cross, dot, length, minus
from .figures import DIGITS
from .topology import Edge, Face, Topology, Vec, plane_normal

PLANE = GeomAbs_SurfaceType.GeomAbs_Plane
LINE = GeomAbs_CurveType.GeomAbs_Line
# A strip along an edge has few sides; a face with more of them is no chamfer.
CHAMFER_SIDES_MAX = 24


def find_planes(topology: Topology, areas: list[float]) -> list[dict[str, Any]]:
    """Each flat face: `offset` is the distance of its plane from the origin, along its normal."""
    return [
        _told(face, areas[number], topology.edges_of_face[number])
        for number, face in enumerate(topology.faces)
        # A tool that only touches a face leaves one without a real edge.
        if face.kind == PLANE and topology.edges_of_face[number]
    ]


def _told(face: Face, area: float, edges: list[Edge]) -> dict[str, Any]:
    normal = plane_normal(face)
    box = Bnd_Box()
    for edge in edges:
        BndLib_Add3dCurve.Add_s(edge.curve, 0.0, box)
    box.SetGap(0.0)
    least, greatest = box.CornerMin(), box.CornerMax()
    return {
        "normal": list(normal),
        "offset": dot(_location(face), normal),
        "area": area,
        "min": [least.X(), least.Y(), least.Z()],
        "max": [greatest.X(), greatest.Y(), greatest.Z()],
    }


def find_chamfers(topology: Topology, areas: list[float]) -> list[dict[str, Any]]:
    """Flat strips between two flat faces, one of them wider, counted by their legs, the shorter leg first.

    A leg goes from where the two faces would meet to the strip. One that fills an inner corner, such as a
    gusset, is not convex.
    """
    counts: Counter[tuple[float, float, bool]] = Counter()
    for number, face in enumerate(topology.faces):
        if face.kind == PLANE and (legs := _legs(topology, areas, number)) is not None:
            counts[legs] += 1
    return [
        {"legs": [short, long], "convex": convex, "count": count}
        for (short, long, convex), count in sorted(counts.items())
    ]


def _legs(topology: Topology, areas: list[float], number: int) -> tuple[float, float, bool] | None:
    face, edges = topology.faces[number], topology.edges_of_face[number]
    if len(edges) > CHAMFER_SIDES_MAX:
        return None
    parallel: dict[tuple[float, ...], list[tuple[Vec, Face, float]]] = defaultdict(list)
    for edge in edges:
        if edge.kind != LINE or edge.face_count != 2 or edge.is_seam:
            continue
        beyond = edge.faces[0] if edge.faces[1] == number else edge.faces[1]
        if topology.faces[beyond].kind == PLANE:
            wide = areas[beyond] / (edge.curve.LastParameter() - edge.curve.FirstParameter())
            parallel[_sense_free(edge)].append((_middle(edge), topology.faces[beyond], wide))
    for sides in parallel.values():
        for at, (one_point, one, one_wide) in enumerate(sides):
            for other_point, other, other_wide in sides[at + 1 :]:
                found = _between(face, one_point, one, other_point, other)
                # A face between two strips, or the side of a wedge or hexagon, is not a strip itself.
                if found is not None and found[1] < max(one_wide, other_wide) - LENGTH_TOLERANCE:
                    return found
    return None


def _sense_free(edge: Edge) -> tuple[float, ...]:
    given = edge.curve.Line().Direction()
    direction = (given.X(), given.Y(), given.Z())
    leading = next(value for value in direction if abs(value) > ANGLE_TOLERANCE)
    return tuple(round(math.copysign(1.0, leading) * value, 5) + 0.0 for value in direction)


def _between(
    face: Face, one_point: Vec, one: Face, other_point: Vec, other: Face
) -> tuple[float, float, bool] | None:
    """The legs of `face`, when it looks between the ways that the two faces beside it look."""
    own, a, b = plane_normal(face), plane_normal(one), plane_normal(other)
    cosine = dot(a, b)
    sine = length(cross(a, b))
    if sine < LENGTH_TOLERANCE:
        return None
    of_a = (dot(own, a) - cosine * dot(own, b)) / sine**2
    of_b = (dot(own, b) - cosine * dot(own, a)) / sine**2
    if min(of_a, of_b) < LENGTH_TOLERANCE:
        return None
    on_one = dot(minus(_location(other), one_point), b)
    on_other = dot(minus(_location(one), other_point), a)
    if on_one * on_other <= 0:
        return None
    legs = sorted(round(abs(distance) / sine, DIGITS) for distance in (on_one, on_other))
    return (legs[0], legs[1], on_one > 0)


def _middle(edge: Edge) -> Vec:
    point = edge.curve.Value((edge.curve.FirstParameter() + edge.curve.LastParameter()) / 2)
    return (point.X(), point.Y(), point.Z())


def _location(face: Face) -> Vec:
    point = face.surface.Plane().Location()
    return (point.X(), point.Y(), point.Z())
