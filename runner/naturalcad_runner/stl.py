"""STL, and its triangles as an array: the fine mesh is read back from the file that was written, and looked
at.

OCCT may leave a face without a mesh and still say that all went well, so the volume inside the triangles is
compared with that of the solid; when they differ the careful algorithm is used, and if that does not help the
person is told.
"""

from __future__ import annotations

import numpy
from OCP.BRep import BRep_Builder
from OCP.StlAPI import StlAPI_Writer
from OCP.TopoDS import TopoDS_Compound, TopoDS_Shape

from .measure import Measured
from .mesh import FINE, mesh
from .part import Body

_HEADER_BYTES = 84
_TRIANGLE = numpy.dtype([("normal", "<f4", 3), ("corners", "<f4", (3, 3)), ("attribute", "<u2")])
# A fine mesh of a solid is this near to its volume, as a part of area times deviation.
VOLUME_SLACK = 2.0


def write_stl(path: str, shape: TopoDS_Shape) -> None:
    writer = StlAPI_Writer()
    writer.ASCIIMode = False
    if not writer.Write(shape, path):
        raise OSError("the kernel refused")


def read_triangles(path: str) -> numpy.ndarray:
    """Corners of each triangle: (n, 3, 3), single precision as they are in the file."""
    return numpy.fromfile(path, dtype=_TRIANGLE, offset=_HEADER_BYTES)["corners"]


def mesh_finely(path: str, measured: list[Measured]) -> bool:
    """Meshes the bodies for print and writes them; whether the triangles enclose what the solids do."""
    shape = together([one.body for one in measured])
    for careful in (False, True):
        mesh(shape, FINE, careful=careful)
        write_stl(path, shape)
        if _encloses(read_triangles(path), measured):
            return True
    return False


def together(bodies: list[Body]) -> TopoDS_Shape:
    if len(bodies) == 1:
        return bodies[0].shape
    builder = BRep_Builder()
    compound = TopoDS_Compound()
    builder.MakeCompound(compound)
    for body in bodies:
        builder.Add(compound, body.shape)
    return compound


def _encloses(triangles: numpy.ndarray, measured: list[Measured]) -> bool:
    volume = sum(one.volume for one in measured)
    area = sum(one.area for one in measured)
    return abs(enclosed(triangles) - volume) <= VOLUME_SLACK * area * FINE.linear_mm + 1e-6 * abs(volume)


def enclosed(triangles: numpy.ndarray) -> float:
    if not len(triangles):
        return 0.0
    corners = triangles.astype("f8")
    corners = corners - corners.reshape(-1, 3).mean(axis=0)
    a, b, c = corners[:, 0], corners[:, 1], corners[:, 2]
    return float(numpy.einsum("ij,ij->", a, numpy.cross(b, c)) / 6)
