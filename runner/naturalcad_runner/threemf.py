"""3MF: one object per body with its name and colour, vertices shared between triangles, millimetres.

Our own writer, because build123d's refuses or doubts some valid solids: it joins corners by rounding, which
can tear a mesh apart. Here corners are joined where they are equal, which is how OCCT meshes neighbouring
faces, and only when that leaves gaps by nearness.
"""

from __future__ import annotations

import os
import zipfile
from xml.sax.saxutils import quoteattr

import numpy
from OCP.TopoDS import TopoDS_Shape

from .measure import Measured
from .stl import read_triangles, write_stl

NEAR_MM = 1e-4
BODY_NAME = ".new-part.body"

_CONTENT_TYPES = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="model" ContentType="application/vnd.ms-package.3dmanufacturing-3dmodel+xml"/>'
    "</Types>"
)
_RELATIONS = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Target="/3D/3dmodel.model" Id="rel0" '
    'Type="http://schemas.microsoft.com/3dmanufacturing/2013/01/3dmodel"/></Relationships>'
)


def write_3mf(path: str, measured: list[Measured]) -> list[str]:
    """Writes what has been meshed finely; names of the bodies whose mesh is not closed."""
    resources, items, gaps = [], [], []
    for number, one in enumerate(measured, 1):
        vertices, triangles, is_whole = _body_mesh(one)
        if not is_whole:
            gaps.append(one.body.name)
        if len(triangles):
            resources.append(_object(number, one, vertices, triangles))
            items.append(f'<item objectid="{2 * number}"/>')
    model = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<model unit="millimeter" xml:lang="en-US" '
        'xmlns="http://schemas.microsoft.com/3dmanufacturing/core/2015/02">'
        f"<resources>{''.join(resources)}</resources><build>{''.join(items)}</build></model>"
    )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as package:
        for name, text in (
            ("[Content_Types].xml", _CONTENT_TYPES),
            ("_rels/.rels", _RELATIONS),
            ("3D/3dmodel.model", model),
        ):
            # A fixed date: the same part gives the same file.
            package.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), text, zipfile.ZIP_DEFLATED)
    return gaps


def _body_mesh(one: Measured) -> tuple[numpy.ndarray, numpy.ndarray, bool]:
    """Vertices, triangles, and whether all is closed. Solids that touch are not joined to each other."""
    meshes = [_solid_mesh(shape) for shape in one.topology.solids or [one.body.shape]]
    starts = numpy.cumsum([0, *(len(vertices) for vertices, _ in meshes)])
    return (
        numpy.concatenate([vertices for vertices, _ in meshes]),
        numpy.concatenate([triangles + start for (_, triangles), start in zip(meshes, starts, strict=False)]),
        all(is_closed(triangles) for _, triangles in meshes),
    )


def _solid_mesh(shape: TopoDS_Shape) -> tuple[numpy.ndarray, numpy.ndarray]:
    write_stl(BODY_NAME, shape)
    try:
        corners = read_triangles(BODY_NAME).reshape(-1, 3)
    finally:
        os.unlink(BODY_NAME)
    vertices, triangles = joined(corners, corners)
    if is_closed(triangles):
        return vertices, triangles
    return joined(corners, numpy.round(corners.astype("f8") / NEAR_MM).astype("i8"))


def joined(corners: numpy.ndarray, keys: numpy.ndarray) -> tuple[numpy.ndarray, numpy.ndarray]:
    """One vertex for all corners with equal keys, less the triangles that this makes into lines."""
    columns = numpy.ascontiguousarray(keys + 0)  # -0.0 becomes 0.0
    rows = columns.view(numpy.dtype((numpy.void, columns.dtype.itemsize * 3))).ravel()
    _, first, index = numpy.unique(rows, return_index=True, return_inverse=True)
    triangles = index.reshape(-1, 3)
    a, b, c = triangles.T
    return corners[first], triangles[(a != b) & (b != c) & (c != a)]


def is_closed(triangles: numpy.ndarray) -> bool:
    """Whether every side of a triangle is met by one other that runs the other way."""
    if not len(triangles):
        return False
    starts = triangles.ravel().astype("i8")
    ends = numpy.roll(triangles, -1, axis=1).ravel().astype("i8")
    count = int(triangles.max()) + 1
    there, back = numpy.sort(starts * count + ends), numpy.sort(ends * count + starts)
    return bool((there == back).all() and (there[1:] != there[:-1]).all())


def _object(number: int, one: Measured, vertices: numpy.ndarray, triangles: numpy.ndarray) -> str:
    body = one.body
    material, reference = "", ""
    if body.colour:
        colour = f"{body.colour.upper()}{round(255 * body.alpha):02X}"
        material = (
            f'<basematerials id="{2 * number - 1}"><base name={quoteattr(body.name)} '
            f'displaycolor="{colour}"/></basematerials>'
        )
        reference = f' pid="{2 * number - 1}" pindex="0"'
    points = "".join([f'<vertex x="{x:.7g}" y="{y:.7g}" z="{z:.7g}"/>' for x, y, z in vertices.tolist()])
    faces = "".join([f'<triangle v1="{a}" v2="{b}" v3="{c}"/>' for a, b, c in triangles.tolist()])
    return (
        f'{material}<object id="{2 * number}" type="model" name={quoteattr(body.name)}{reference}>'
        f"<mesh><vertices>{points}</vertices><triangles>{faces}</triangles></mesh></object>"
    )
