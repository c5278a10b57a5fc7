"""The files: what is in them, read back by other means than what wrote them. Each trap of OCCT's and
build123d's writers.
"""

from __future__ import annotations

import json
import math
import re
import struct
import xml.etree.ElementTree as ElementTree
import zipfile
from pathlib import Path

import ezdxf
import numpy
import pytest
from build123d import Compound, Mesher, import_brep, import_step, import_svg

HEAD = "from build123d import *\n"
PLATE = HEAD + (
    "plate = Box(60, 40, 10)\nplate = fillet(plate.edges().filter_by(Axis.Z), 5)\n"
    "result = plate - [at * Cylinder(2.5, 10) for at in GridLocations(48, 28, 2, 2)]\n"
)
ASSEMBLY = HEAD + (
    "base = Box(30, 20, 4) - Cylinder(3, 4)\nbase.label, base.color = 'base plate', Color('#336699')\n"
    "pin = Cylinder(3, 20)\npin.label, pin.color = 'pin', Color(1, 0, 0, 0.5)\n"
    "result = Compound(label='all', children=[base, Pos(0, 0, 20) * Rot(90, 0, 0) * pin])\n"
)


class Glb:
    def __init__(self, path: Path) -> None:
        data = path.read_bytes()
        magic, version, total, length, kind = struct.unpack("<5I", data[:20])
        assert (magic, version, total, kind) == (0x46546C67, 2, len(data), 0x4E4F534A)
        self.json = json.loads(data[20 : 20 + length])
        self.binary = data[28 + length :]
        self.nodes = {node["name"]: node for node in self.json["nodes"]}

    def primitive(self, node: str) -> dict:
        (primitive,) = self.json["meshes"][self.nodes[node]["mesh"]]["primitives"]
        return primitive

    def values(self, accessor: int) -> numpy.ndarray:
        told = self.json["accessors"][accessor]
        view = self.json["bufferViews"][told["bufferView"]]
        kind = {5126: "<f4", 5123: "<u2", 5125: "<u4"}[told["componentType"]]
        width = {"SCALAR": 1, "VEC2": 2, "VEC3": 3}[told["type"]]
        start = view.get("byteOffset", 0) + told.get("byteOffset", 0)
        flat = numpy.frombuffer(self.binary, kind, told["count"] * width, start)
        return flat.reshape(-1, width) if width > 1 else flat

    def points(self, node: str) -> numpy.ndarray:
        """Corners of the triangles or lines of a node, placed in the world."""
        primitive = self.primitive(node)
        points = self.values(primitive["attributes"]["POSITION"])[self.values(primitive["indices"])].astype(
            "f8"
        )
        x, y, z, w = self.nodes[node].get("rotation", (0, 0, 0, 1))
        turn = numpy.array(
            [
                [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
                [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
                [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
            ]
        )
        return points @ turn.T + numpy.array(self.nodes[node].get("translation", (0, 0, 0)))


def scene_of(worker) -> dict:
    return json.loads(worker.file("scene.json").read_bytes())


def test_the_glb_has_merged_faces_in_millimetres_z_up_and_no_texture_coordinates(worker):
    worker.run(PLATE, ("glb",))
    glb = Glb(worker.file("part.glb"))
    primitive = glb.primitive("part")
    assert primitive["mode"] == 4
    assert set(primitive["attributes"]) == {"POSITION", "NORMAL"}
    points = glb.points("part")
    assert points.min(axis=0) == pytest.approx([-30, -20, -5], abs=1e-5)
    assert points.max(axis=0) == pytest.approx([30, 20, 5], abs=1e-5)
    lines = glb.primitive("part_edges")
    assert lines["mode"] == 1 and set(lines["attributes"]) == {"POSITION"}
    assert not {"images", "textures", "extensionsUsed", "extensionsRequired"} & set(glb.json)


def test_triangles_and_lines_of_the_glb_are_in_the_order_of_the_tables(worker):
    worker.run(PLATE, ("glb",))
    glb, scene = Glb(worker.file("part.glb")), scene_of(worker)
    (body,) = scene["bodies"]
    triangles = glb.points(body["node"]).reshape(-1, 3, 3)
    assert sum(body["triangles_per_face"]) == len(triangles)
    start = 0
    for face, count in zip(body["faces"], body["triangles_per_face"], strict=True):
        corners = triangles[start : start + count]
        start += count
        if face["type"] == "plane":
            normals = numpy.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
            normals /= numpy.linalg.norm(normals, axis=1)[:, None]
            assert normals == pytest.approx(numpy.tile(face["normal"], (count, 1)), abs=1e-5)
            area = numpy.linalg.norm(
                numpy.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1
            )
            assert area.sum() / 2 == pytest.approx(face["area"], rel=0.01)
        else:
            assert face["type"] == "cylinder" and face["axis"]["direction"] == [0, 0, 1]
            distances = numpy.linalg.norm((corners - face["axis"]["origin"])[:, :, :2], axis=2)
            assert distances == pytest.approx(numpy.full_like(distances, face["radius"]), abs=1e-4)
    segments = glb.points(body["edge_node"]).reshape(-1, 2, 3)
    assert sum(body["segments_per_edge"]) == len(segments)
    start = 0
    for edge, count in zip(body["edges"], body["segments_per_edge"], strict=True):
        drawn = segments[start : start + count]
        start += count
        assert (count == 0) == edge.get("seam", False)
        length = numpy.linalg.norm(drawn[:, 1] - drawn[:, 0], axis=1).sum()
        assert count == 0 or length == pytest.approx(edge["length"], rel=0.02)


def test_the_scene_has_exact_values(worker):
    outcome = worker.run(PLATE, ("glb",))
    scene = scene_of(worker)
    assert (scene["schema"], scene["units"], scene["kind"]) == ("ncad-scene/1", "mm", "solid")
    assert scene["measures"] == outcome.measures
    assert scene["bounding_box"] == outcome.measures["bounding_box"]
    (body,) = scene["bodies"]
    assert (body["id"], body["name"], body["node"], body["edge_node"]) == (0, "part", "part", "part_edges")
    faces, edges = body["faces"], body["edges"]
    assert len(faces) == outcome.measures["faces"] and len(edges) == outcome.measures["edges"]
    assert sum(face["area"] for face in faces) == pytest.approx(outcome.measures["area"])
    assert sorted(face["radius"] for face in faces if face["type"] == "cylinder") == [2.5] * 4 + [5] * 4
    assert {edge["type"] for edge in edges} == {"line", "circle"}
    circle = next(edge for edge in edges if edge["type"] == "circle" and edge["radius"] == 2.5)
    assert circle["length"] == pytest.approx(5 * math.pi, abs=1e-5)
    assert [abs(value) for value in circle["centre"]] == [24, 14, 5]


@pytest.mark.parametrize(
    ("shape", "kind", "values"),
    [
        ("Sphere(3)", "sphere", {"radius": 3, "centre": [0, 0, 0]}),
        ("Torus(8, 2)", "torus", {"radius": 8, "minor_radius": 2}),
        ("Cone(6, 2, 8)", "cone", {"half_angle": pytest.approx(math.degrees(math.atan2(4, 8)), abs=1e-6)}),
        ("loft([Rectangle(9, 9).face(), Plane.XY.offset(9) * Circle(3).face()])", "bspline", {}),
    ],
)
def test_other_faces_have_their_values_too(worker, shape, kind, values):
    worker.run(HEAD + f"result = {shape}\n", ("glb",))
    (body,) = scene_of(worker)["bodies"]
    face = next(face for face in body["faces"] if face["type"] == kind)
    assert {
        name: [abs(v) for v in face[name]] if isinstance(face[name], list) else face[name] for name in values
    } == values


def test_long_tables_are_left_out_and_said_so(worker):
    program = (
        HEAD
        + "result = Compound([Pos(2 * x, 2 * y, 0) * Box(1, 1, 1) for x in range(30) for y in range(30)])\n"
    )
    worker.run(program, ("glb",), limits={"bodies": 1000})
    (body,) = scene_of(worker)["bodies"]
    assert body["truncated"] is True and "faces" not in body and "edges" not in body
    assert len(Glb(worker.file("part.glb")).points("part")) == 900 * 12 * 3


def test_an_assembly_keeps_names_colours_and_places_in_the_glb(worker):
    worker.run(ASSEMBLY, ("glb",))
    glb, scene = Glb(worker.file("part.glb")), scene_of(worker)
    assert [body["name"] for body in scene["bodies"]] == ["base plate", "pin"]
    assert [body["node"] for body in scene["bodies"]] == ["base_plate", "pin"]
    colours = []
    for body in scene["bodies"]:
        material = glb.json["materials"][glb.primitive(body["node"])["material"]]
        colours.append(material["pbrMetallicRoughness"]["baseColorFactor"])
        box = body["bounding_box"]
        for node in (body["node"], body["edge_node"]):
            points = glb.points(node)
            assert points.min(axis=0) == pytest.approx(box["min"], abs=0.15)
            assert points.max(axis=0) == pytest.approx(box["max"], abs=0.15)
    assert colours[0] == pytest.approx([0.0331, 0.1329, 0.3185, 1], abs=1e-3)  # #336699, linear
    assert colours[1] == pytest.approx([1, 0, 0, 0.5], abs=1e-3)
    assert [body["colour"] for body in scene["bodies"]] == ["#336699", "#ff0000"]


def test_bodies_of_one_name_have_nodes_of_their_own(worker):
    worker.run(
        HEAD + "result = {'a b': Box(1, 1, 1), 'a/b': Box(2, 2, 2), 'ä.[x]': Box(3, 3, 3)}\n", ("glb",)
    )
    nodes = [body["node"] for body in scene_of(worker)["bodies"]]
    assert nodes == ["a_b", "a_b_2", "ä_x"]
    assert set(nodes) < set(Glb(worker.file("part.glb")).nodes)


def products(path: Path) -> list[str]:
    return re.findall(r"= PRODUCT\('([^']*)'", path.read_text())


def test_a_single_part_is_no_assembly_in_step(worker):
    worker.run(
        HEAD + "result = Compound([Pos(5, 0, 0) * Rot(0, 0, 30) * Box(4, 3, 2)])\nresult.label = 'lug'\n",
        ("step",),
    )
    text = worker.file("part.step").read_text()
    assert "NEXT_ASSEMBLY_USAGE_OCCURRENCE" not in text
    assert text.count("MANIFOLD_SOLID_BREP") == 1
    assert products(worker.file("part.step")) == ["lug"]
    read = import_step(worker.file("part.step"))
    assert read.volume == pytest.approx(24)
    assert pytest.approx(5) == read.center().X


def test_a_child_of_an_assembly_can_be_the_result(worker):
    program = ASSEMBLY + "result = result.children[1]\n"
    outcome = worker.run(program, ("glb", "step", "stl", "3mf"))
    assert set(outcome.result["files"]) == {"glb", "scene", "step", "stl", "3mf"}
    assert import_step(worker.file("part.step")).volume == pytest.approx(math.pi * 9 * 20, rel=1e-6)
    program = ASSEMBLY + "import copy\nresult = copy.copy(result.children[1]).moved(Location((1, 2, 3)))\n"
    assert "step" in worker.run(program, ("step",)).result["files"]


def test_step_keeps_names_colours_and_places_of_an_assembly(worker):
    worker.run(ASSEMBLY, ("step",))
    read = import_step(worker.file("part.step"))
    assert products(worker.file("part.step")) == ["assembly", "base plate", "pin"]
    assert [tuple(round(part, 3) for part in child.color)[:3] for child in read.children] == [
        (0.2, 0.4, 0.6),
        (1, 0, 0),
    ]
    assert pytest.approx(20) == read.children[1].center().Z
    assert read.volume == pytest.approx(30 * 20 * 4 - 36 * math.pi + 180 * math.pi, rel=1e-6)


def test_step_and_brep_read_back_with_the_same_measures(worker):
    outcome = worker.run(PLATE, ("glb", "stl", "step", "brep"))
    for read in (import_step(worker.file("part.step")), import_brep(worker.file("part.brep"))):
        assert read.volume == pytest.approx(outcome.measures["volume"], rel=1e-9)
        assert list(read.bounding_box().size) == pytest.approx([60, 40, 10], abs=1e-6)
        assert read.is_valid
    assert b"Triangulations 0" in worker.file("part.brep").read_bytes()


def triangles_of(path: Path) -> numpy.ndarray:
    data = path.read_bytes()
    (count,) = struct.unpack("<I", data[80:84])
    assert len(data) == 84 + 50 * count
    rows = numpy.frombuffer(data[84:], numpy.dtype([("n", "<f4", 3), ("c", "<f4", (3, 3)), ("a", "<u2")]))
    return rows["c"].astype("f8")


def volume_of(triangles: numpy.ndarray) -> float:
    a, b, c = triangles[:, 0], triangles[:, 1], triangles[:, 2]
    return float(numpy.einsum("ij,ij->", a, numpy.cross(b, c)) / 6)


def test_the_stl_encloses_the_solid(worker):
    outcome = worker.run(PLATE, ("stl",))
    triangles = triangles_of(worker.file("part.stl"))
    assert volume_of(triangles) == pytest.approx(outcome.measures["volume"], rel=1e-3)
    directed = [(tuple(t[i]), tuple(t[(i + 1) % 3])) for t in triangles.tolist() for i in range(3)]
    assert len(set(map(str, directed))) == len(directed)
    assert {str((b, a)) for a, b in directed} == set(map(str, directed))


@pytest.mark.parametrize("formats", [("glb", "stl"), ("stl", "glb"), ("stl", "3mf", "glb")])
def test_coarse_and_fine_meshes_do_not_take_each_others_place(worker, formats):
    program = HEAD + "result = Sphere(20)\nresult.mesh(0.001, 0.05)\n"
    coarse = {"linear_mm": 1.0, "angular_rad": 0.6}
    worker.run(program, formats, mesh=coarse)
    drawn = sum(scene_of(worker)["bodies"][0]["triangles_per_face"])
    printed = len(triangles_of(worker.file("part.stl")))
    assert drawn < 500 < 1000 < printed < 20_000


def test_numbers_stay_exact_when_the_program_has_meshed_or_boxed_its_part(worker):
    program = PLATE + "result.mesh(0.5, 0.5)\nresult.bounding_box()\n"
    volume = worker.run(PLATE).measures["volume"]
    assert worker.run(program, ("glb",)).measures["volume"] == volume
    assert sum(scene_of(worker)["bodies"][0]["triangles_per_face"]) > 500


def read_3mf(path: Path) -> tuple[dict[str, tuple[numpy.ndarray, numpy.ndarray]], dict[str, str]]:
    space = {"m": "http://schemas.microsoft.com/3dmanufacturing/core/2015/02"}
    with zipfile.ZipFile(path) as package:
        assert package.testzip() is None
        model = ElementTree.fromstring(package.read("3D/3dmodel.model"))
    assert model.get("unit") == "millimeter"
    materials = {
        group.get("id"): group.find("m:base", space).get("displaycolor")
        for group in model.iterfind(".//m:basematerials", space)
    }
    meshes, colours = {}, {}
    for item in model.iterfind(".//m:object", space):
        points = [
            [float(vertex.get(axis)) for axis in "xyz"] for vertex in item.iterfind(".//m:vertex", space)
        ]
        corners = [
            [int(each.get(f"v{n}")) for n in (1, 2, 3)] for each in item.iterfind(".//m:triangle", space)
        ]
        meshes[item.get("name")] = (numpy.array(points), numpy.array(corners))
        colours[item.get("name")] = materials.get(item.get("pid"))
    assert len(model.findall(".//m:item", space)) == len(meshes)
    return meshes, colours


@pytest.mark.parametrize(
    "shape",
    [
        "fillet(Box(20, 30, 40).edges(), 4)",
        "Sphere(10)",
        "Torus(10, 3) - Pos(10, 0, 0) * Sphere(4)",
        "Cone(5, 0, 9)",
        "loft([Rectangle(20, 10).face(), Plane.XY.offset(10) * Circle(4).face()])",
        "extrude(Text('B&8', font_size=20), 3)",
        "Box(10, 10, 10) - [at * Cylinder(1, 10) for at in GridLocations(3, 3, 3, 3)]",
        "Compound([Box(10, 10, 10), Pos(10, 0, 0) * Box(10, 10, 10), Pos(10, 10, 10) * Box(10, 10, 10)])",
        "Rot(10, 20, 30) * (Cylinder(10, 4) - Pos(0, 0, 2) * Sphere(3))",
    ],
)
def test_the_3mf_of_a_valid_solid_is_closed(worker, shape):
    outcome = worker.run(HEAD + f"result = {shape}\n", ("3mf",))
    assert [code for code in outcome.codes if code != "several_solids"] == []
    meshes, _ = read_3mf(worker.file("part.3mf"))
    points, corners = meshes["part"]
    sides = numpy.concatenate([corners[:, [0, 1]], corners[:, [1, 2]], corners[:, [2, 0]]])
    assert len(numpy.unique(sides, axis=0)) == len(sides)
    assert {tuple(side) for side in sides.tolist()} == {(b, a) for a, b in sides.tolist()}
    assert volume_of(points[corners]) == pytest.approx(outcome.measures["volume"], rel=0.01)


def test_the_3mf_keeps_names_and_colours_and_other_programs_read_it(worker):
    outcome = worker.run(ASSEMBLY, ("3mf",))
    meshes, colours = read_3mf(worker.file("part.3mf"))
    assert colours == {"base plate": "#336699FF", "pin": "#FF000080"}
    for body in outcome.measures["bodies"]:
        points, corners = meshes[body["name"]]
        assert volume_of(points[corners]) == pytest.approx(body["volume"], rel=0.01)
    read = Compound(Mesher().read(worker.file("part.3mf")))
    assert read.volume == pytest.approx(outcome.measures["volume"], rel=0.01)


def test_a_sketch_gives_dxf_and_svg_true_to_size(worker):
    program = HEAD + "result = Plane.XZ * (Pos(5, 0) * (Rectangle(40, 20) - Circle(3)))\n"
    outcome = worker.run(program, ("glb", "step", "dxf", "svg", "brep"))
    assert set(outcome.result["files"]) == {"glb", "scene", "step", "dxf", "svg", "brep"}
    drawing = ezdxf.readfile(worker.file("part.dxf"))
    assert drawing.header["$INSUNITS"] == 4  # millimetres
    entities = list(drawing.modelspace())
    circles = [entity for entity in entities if entity.dxftype() == "CIRCLE"]
    assert [circle.dxf.radius for circle in circles] == pytest.approx([3])
    lengths = [entity.dxf.start.distance(entity.dxf.end) for entity in entities if entity.dxftype() == "LINE"]
    assert sorted(lengths) == pytest.approx([20, 20, 40, 40])
    size = Compound(import_svg(worker.file("part.svg"))).bounding_box().size
    assert pytest.approx((40, 20), abs=0.01) == (size.X, size.Y)
    glb, (body,) = Glb(worker.file("part.glb")), scene_of(worker)["bodies"]
    assert glb.points(body["node"])[:, 1] == pytest.approx(0)


def test_a_curve_gives_lines_only(worker):
    program = (
        HEAD
        + "with BuildLine() as result:\n    Polyline((0, 0), (30, 0), (30, 10))\n"
        + "    JernArc((30, 10), (0, 1), 5, 90)\n"
    )
    outcome = worker.run(program, ("glb", "step", "dxf", "svg"))
    assert set(outcome.result["files"]) == {"glb", "scene", "step", "dxf", "svg"}
    glb, (body,) = Glb(worker.file("part.glb")), scene_of(worker)["bodies"]
    assert body["node"] not in glb.nodes and body["triangles_per_face"] == []
    assert glb.primitive(body["edge_node"])["mode"] == 1
    assert sum(body["segments_per_edge"]) > 4
    assert outcome.codes == []


def test_formats_that_make_no_sense_are_left_out_and_said_so(worker):
    sketch = worker.run(HEAD + "result = Rectangle(4, 2)\n", ("stl", "3mf", "step"))
    assert sketch.codes == ["no_stl", "no_3mf"] and set(sketch.result["files"]) == {"step"}
    solid = worker.run(HEAD + "result = Box(1, 1, 1)\n", ("dxf", "svg", "step"))
    assert solid.codes == ["no_dxf", "no_svg"] and set(solid.result["files"]) == {"step"}
    helix = worker.run(HEAD + "result = Helix(2, 6, 3)\n", ("dxf", "step"))
    assert helix.codes == ["no_dxf"] and set(helix.result["files"]) == {"step"}
    curved = worker.run(HEAD + "result = Sphere(4).faces()[0]\n", ("svg", "glb"))
    assert sorted(curved.codes) == ["no_svg", "no_volume"] and "glb" in curved.result["files"]


def test_a_second_run_leaves_nothing_of_the_first(worker):
    worker.run(PLATE, ("glb", "step", "stl", "3mf", "brep"))
    assert worker.run("raise ValueError\n").result["outcome"] == "raised"
    assert [
        path.name for path in worker.scratch.iterdir() if path.name.startswith(("part", "scene", "."))
    ] == []


def test_the_same_program_gives_the_same_files(worker):
    def files() -> dict[str, bytes]:
        worker.run(PLATE, ("glb", "stl", "3mf", "brep"))
        return {
            path.name: path.read_bytes()
            for path in worker.scratch.iterdir()
            if path.name.startswith(("part", "scene"))
        }

    first = files()
    assert set(first) == {"part.glb", "scene.json", "part.stl", "part.3mf", "part.brep"}
    assert files() == first


def test_a_name_in_any_script_survives(worker):
    name = 'Ø5 "großes" <Teil> & 部品'
    worker.run(
        HEAD + f"result = Box(1, 1, 1)\nresult.label = {name!r}\nresult.color = Color('red')\n",
        ("glb", "step", "3mf"),
    )
    assert scene_of(worker)["bodies"][0]["name"] == name
    assert set(read_3mf(worker.file("part.3mf"))[0]) == {name}
    assert scene_of(worker)["bodies"][0]["node"] in Glb(worker.file("part.glb")).nodes
    assert products(worker.file("part.step")) == [name]
