"""The mesh for the page: a binary glTF by OCCT's own writer. One node of triangles and one of lines (its
edges) per body, faces merged, no texture coordinates, millimetres, Z up; and what the triangles and lines in
it belong to.
"""

from __future__ import annotations

import json
import re
import struct
from dataclasses import dataclass
from typing import Any

from OCP.BRep import BRep_Builder, BRep_Tool
from OCP.BRepMesh import BRepMesh_IncrementalMesh
from OCP.collections import (
    IndexedDataMap_TCollection_AsciiString_TCollection_AsciiString as FileInfo,
)
from OCP.Message import Message_ProgressRange
from OCP.RWGltf import RWGltf_CafWriter
from OCP.RWMesh import RWMesh_CoordinateSystem_Zup
from OCP.TCollection import TCollection_AsciiString
from OCP.TopLoc import TopLoc_Location
from OCP.TopoDS import TopoDS_Compound

from .document import MILLIMETRE, Document, hush
from .measure import Measured
from .mesh import Quality

PLAIN_COLOUR = "#b8bcc4"


@dataclass(slots=True)
class Drawn:
    """A body in the GLB: the names of its two nodes, and how its triangles and lines divide among faces and
    edges.
    """

    node: str
    edge_node: str
    triangles_per_face: list[int]
    segments_per_edge: list[int]


def write_glb(path: str, measured: list[Measured], quality: Quality) -> list[Drawn]:
    """Writes what has been meshed. Faces and edges without a mesh have no triangles and no lines."""
    names = node_names([one.body.name for one in measured])
    document = Document(auto_naming=False)
    drawn = []
    for one, (node, edge_node) in zip(measured, names, strict=True):
        body = one.body
        if one.topology.face_count:
            document.add(body.shape, node, body.colour or PLAIN_COLOUR, body.alpha)
        edges, segments = _edges(one, quality)
        document.add(edges, edge_node)
        drawn.append(
            Drawn(node, edge_node, [_triangles(face.shape) for face in one.topology.faces], segments)
        )
    document.shapes.UpdateAssemblies()
    if not _write(document, path, merged=True):
        raise OSError("the kernel refused")
    if not _is_as_drawn(path, drawn) and not _write(document, path, merged=False):
        raise OSError("the kernel refused")
    return drawn


def _write(document: Document, path: str, *, merged: bool) -> bool:
    hush()
    writer = RWGltf_CafWriter(TCollection_AsciiString(path), True)
    writer.SetMergeFaces(merged)
    writer.SetForcedUVExport(False)
    writer.SetParallel(False)
    converter = writer.ChangeCoordinateSystemConverter()
    for set_unit in (converter.SetInputLengthUnit, converter.SetOutputLengthUnit):
        set_unit(MILLIMETRE)
    for set_system in (converter.SetInputCoordinateSystem, converter.SetOutputCoordinateSystem):
        set_system(RWMesh_CoordinateSystem_Zup)
    return bool(writer.Perform(document.document, FileInfo(), Message_ProgressRange()))


def node_names(names: list[str]) -> list[tuple[str, str]]:
    """Names that viewers keep as they are (three.js changes spaces and some signs), each given once."""
    taken: set[str] = set()
    pairs = []
    for name in names:
        base = re.sub(r"[^\w-]+", "_", name).strip("_") or "body"
        node, number = base, 1
        while node in taken or f"{node}_edges" in taken:
            number += 1
            node = f"{base}_{number}"
        taken |= {node, f"{node}_edges"}
        pairs.append((node, f"{node}_edges"))
    return pairs


def _triangles(face: Any) -> int:
    triangulation = BRep_Tool.Triangulation_s(face, TopLoc_Location())
    return triangulation.NbTriangles() if triangulation is not None else 0


def _edges(one: Measured, quality: Quality) -> tuple[TopoDS_Compound, list[int]]:
    """The edges as a shape of their own, without seams, which are no edges to the eye."""
    builder = BRep_Builder()
    compound = TopoDS_Compound()
    builder.MakeCompound(compound)
    shown = [edge for edge in one.topology.edges if not edge.is_seam]
    for edge in shown:
        builder.Add(compound, edge.shape)
    BRepMesh_IncrementalMesh(compound, quality.linear_mm, False, quality.angular_rad, False)
    segments = []
    for edge in one.topology.edges:
        line = None if edge.is_seam else BRep_Tool.Polygon3D_s(edge.shape, TopLoc_Location())
        segments.append(line.NbNodes() - 1 if line is not None else 0)
    return compound, segments


def _is_as_drawn(path: str, drawn: list[Drawn]) -> bool:
    """Whether each body's triangles are one run of the length that its faces add up to."""
    gltf = read_json(path)
    meshes = {node["name"]: gltf["meshes"][node["mesh"]] for node in gltf["nodes"] if "mesh" in node}
    for body in drawn:
        expected = 3 * sum(body.triangles_per_face)
        runs = meshes.get(body.node, {"primitives": []})["primitives"]
        if expected and (len(runs) != 1 or gltf["accessors"][runs[0]["indices"]]["count"] != expected):
            return False
    return True


def read_json(path: str) -> dict[str, Any]:
    """The JSON chunk of a GLB."""
    with open(path, "rb") as file:
        _, _, _, length, _ = struct.unpack("<5I", file.read(20))
        return json.loads(file.read(length))
