"""Where a spherical or toroidal face reaches furthest along x, y or z in its inside.

Such a point has its normal along that direction, so there is one candidate for each of the six; what remains
is to see whether the face, which may be cut to any outline, has it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from OCP.BRepClass import BRepClass_FaceClassifier
from OCP.GeomAbs import GeomAbs_SurfaceType
from OCP.gp import gp_Ax3, gp_Pnt2d
from OCP.TopAbs import TopAbs_State

from .topology import Face, Vec

TOLERANCE = 1e-7
# Where a whole circle is furthest, this many of its points are tried.
CIRCLE_POINTS = 16

_DIRECTIONS: tuple[Vec, ...] = (
    (1.0, 0.0, 0.0),
    (-1.0, 0.0, 0.0),
    (0.0, 1.0, 0.0),
    (0.0, -1.0, 0.0),
    (0.0, 0.0, 1.0),
    (0.0, 0.0, -1.0),
)


def summits(face: Face) -> Iterator[Vec]:
    """Points of the face; always the true furthest ones, together with those on its edges."""
    surface = face.surface
    if face.kind == GeomAbs_SurfaceType.GeomAbs_Sphere:
        sphere = surface.Sphere()
        frame, major = sphere.Position(), 0.0
    else:
        torus = surface.Torus()
        frame, major = torus.Position(), torus.MajorRadius()
    for direction in _DIRECTIONS:
        for u, v in _parameters(frame, direction, is_torus=major > 0.0):
            u = _into(u, surface.FirstUParameter(), surface.LastUParameter())
            v = _into(v, surface.FirstVParameter(), surface.LastVParameter()) if v is not None else None
            if u is None or v is None:
                continue
            inside = BRepClass_FaceClassifier(face.shape, gp_Pnt2d(u, v), TOLERANCE)
            if inside.State() != TopAbs_State.TopAbs_OUT:
                point = surface.Value(u, v)
                yield (point.X(), point.Y(), point.Z())
                break


def _parameters(frame: gp_Ax3, direction: Vec, *, is_torus: bool) -> Iterator[tuple[float, float]]:
    """The surface's u and v where its outward normal is `direction`."""
    x, y, z = (_dot(direction, axis) for axis in (frame.XDirection(), frame.YDirection(), frame.Direction()))
    across = math.hypot(x, y)
    v = math.atan2(z, across)
    if across > TOLERANCE:
        yield math.atan2(y, x), v
    elif is_torus:
        for step in range(CIRCLE_POINTS):
            yield 2 * math.pi * step / CIRCLE_POINTS, v
    else:
        yield 0.0, v


def _into(angle: float, first: float, last: float) -> float | None:
    """`angle` by whole turns into the range, or None when it is not in it."""
    turned = first + (angle - first + TOLERANCE) % (2 * math.pi) - TOLERANCE
    return turned if turned <= last + TOLERANCE else None


def _dot(direction: Vec, axis: object) -> float:
    return direction[0] * axis.X() + direction[1] * axis.Y() + direction[2] * axis.Z()  # type: ignore[attr-defined]
