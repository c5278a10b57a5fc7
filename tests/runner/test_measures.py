"""Measures against what is known of the shape by arithmetic."""

from __future__ import annotations

import math

import pytest
from build123d import (
    Axis,
    Box,
    Circle,
    Cone,
    Cylinder,
    Plane,
    Polyline,
    Pos,
    Rectangle,
    Rot,
    Shape,
    Sphere,
    Spline,
    Torus,
    fillet,
    loft,
    make_face,
    revolve,
)

from naturalcad_runner import measure
from naturalcad_runner.bounds import tight_box
from naturalcad_runner.part import read_part
from naturalcad_runner.topology import Topology

HEAD = "from build123d import *\n"


def box_of(shape: Shape) -> tuple[float, ...]:
    return tight_box(Topology(shape.wrapped))


def symmetric(x: float, y: float, z: float) -> tuple[float, ...]:
    return (-x, -y, -z, x, y, z)


def turned_torus(major: float, minor: float, tilt: float) -> tuple[float, ...]:
    """Turned about x: the ring's height is that of a circle seen at a slant, and the tube adds its radius."""
    return symmetric(
        major + minor,
        major * math.cos(math.radians(tilt)) + minor,
        major * math.sin(math.radians(tilt)) + minor,
    )


def vase(*outline: tuple[float, float]) -> Shape:
    side = Spline((5, 0), *outline)
    _, top = outline[-1]
    return revolve(make_face([side, Polyline(outline[-1], (0, top), (0, 0), (5, 0))]), Axis.Y)


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        (Box(10, 20, 30), symmetric(5, 10, 15)),
        (Pos(100, 0, 0) * Box(10, 20, 30), (95, -10, -15, 105, 10, 15)),
        (Cylinder(5, 20), symmetric(5, 5, 10)),
        (
            Rot(30, 0, 0) * Cylinder(5, 20),
            symmetric(5, 5 * math.cos(math.pi / 6) + 5, 10 * math.cos(math.pi / 6) + 2.5),
        ),
        (Rot(90, 0, 0) * Cone(6, 2, 10), symmetric(6, 5, 6)),
        (Sphere(7), symmetric(7, 7, 7)),
        (Rot(10, 20, 30) * Sphere(7), symmetric(7, 7, 7)),
        (Torus(10, 3), symmetric(13, 13, 3)),
        (Rot(35, 0, 0) * Torus(10, 3), turned_torus(10, 3, 35)),
        (Torus(10, 3) & Pos(0, 0, 5) * Box(40, 40, 10), (-13, -13, 0, 13, 13, 3)),
        (Torus(10, 3) & Pos(20, 0, 0) * Box(40, 40, 40), (0, -13, -3, 13, 13, 3)),
        (Sphere(10) & Pos(9, 0, 0) * Box(10, 4, 4), (4, -2, -2, 10, 2, 2)),
        (Sphere(10) - Pos(9, 0, 0) * Box(10, 4, 4), (-10, -10, -10, math.sqrt(96), 10, 10)),
        (fillet(Box(20, 30, 40).edges(), 4), symmetric(10, 15, 20)),
        (fillet(Cylinder(10, 20).edges(), 3), symmetric(10, 10, 10)),
        (Cylinder(10, 40) & Rot(45, 0, 0) * Box(100, 100, 10), None),
        (Rot(20, 30, 40) * fillet(Box(20, 30, 40).edges(), 4), None),
        (loft([Rectangle(40, 30).face(), Plane.XY.offset(30) * Circle(10).face()]), None),
        (vase((9, 5), (4, 12), (7, 20)), None),
        (Rot(10, 50, 20) * vase((9, 5), (4, 12)), None),
    ],
)
def test_the_bounding_box_is_tight(shape, expected):
    found = box_of(shape)
    if expected is None:  # no arithmetic for it: OCCT's slow, exact box
        slow = shape.bounding_box(optimal=True)
        expected = (*slow.min, *slow.max)
    assert found == pytest.approx(expected, abs=1e-5)


def test_a_mesh_never_leaves_the_box():
    shape = Rot(20, 30, 40) * fillet(Box(20, 30, 40).edges(), 4)
    least_x, least_y, least_z, greatest_x, greatest_y, greatest_z = box_of(shape)
    for vertex in shape.tessellate(0.01, 0.1)[0]:
        assert least_x - 1e-6 <= vertex.X <= greatest_x + 1e-6
        assert least_y - 1e-6 <= vertex.Y <= greatest_y + 1e-6
        assert least_z - 1e-6 <= vertex.Z <= greatest_z + 1e-6


def test_a_solid_is_measured(worker):
    program = "result = Pos(5, 5, 5) * Box(10, 10, 10) - Pos(5, 5, 5) * Cylinder(2, 10)\n"
    measures = worker.run(HEAD + program).measures
    assert measures["bounding_box"] == {"min": [0, 0, 0], "max": [10, 10, 10], "size": [10, 10, 10]}
    assert measures["volume"] == pytest.approx(1000 - 40 * math.pi, abs=1e-6)
    assert measures["area"] == pytest.approx(600 - 8 * math.pi + 40 * math.pi, abs=1e-6)
    assert measures["centre_of_mass"] == pytest.approx([5, 5, 5])
    assert (measures["solids"], measures["faces"], measures["edges"]) == (1, 7, 15)
    assert measures["valid"] is True and measures["manifold"] is True
    assert len(measures["holes"]) == 1 and measures["mass"] is None
    (body,) = measures["bodies"]
    assert body == {
        "name": "part",
        "colour": None,
        "volume": measures["volume"],
        "area": measures["area"],
        "bounding_box": measures["bounding_box"],
        "centre_of_mass": measures["centre_of_mass"],
        "solids": 1,
        "valid": True,
    }


@pytest.mark.parametrize(
    "program",
    [
        "result = Sphere(4)\n",
        "result = Torus(8, 2) - Pos(8, 0, 0) * Sphere(2.5)\n",
        "result = fillet(Box(8, 9, 10).edges(), 1) - Cylinder(2, 20)\n",
        "result = Cone(5, 2, 8) + Pos(0, 0, 5) * Cylinder(2, 4)\n",
        "result = loft([Rectangle(20, 10).face(), Plane.XY.offset(10) * Circle(4).face()])\n",
        "result = Rot(10, 20, 30) * Pos(50, 60, 70) * (Cylinder(5, 9) - Pos(0, 0, 2) * Cylinder(3, 5))\n",
        "result = mirror(Cylinder(5, 9, arc_size=100) - Box(3, 3, 3), Plane.YZ)\n",
        "result = [Box(1, 2, 3), Pos(9, 9, 9) * Rot(10, 20, 30) * Cylinder(2, 5, arc_size=200)]\n",
    ],
)
def test_numbers_agree_with_build123d(worker, program):
    namespace: dict = {}
    exec(HEAD + program, namespace)
    result = namespace["result"]
    shapes = result if isinstance(result, list) else [result]
    measures = worker.run(HEAD + program).measures
    assert measures["volume"] == pytest.approx(sum(shape.volume for shape in shapes), rel=1e-6)
    assert measures["area"] == pytest.approx(sum(shape.area for shape in shapes), rel=1e-6)
    assert measures["faces"] == sum(len(shape.faces()) for shape in shapes)
    assert measures["edges"] == sum(len(shape.edges()) for shape in shapes)
    assert measures["valid"] == all(shape.is_valid for shape in shapes)
    for body, shape in zip(measures["bodies"], shapes, strict=True):
        box = shape.bounding_box()
        assert body["bounding_box"]["min"] == pytest.approx(list(box.min), abs=1e-5)
        centre = shape.center(namespace["CenterOf"].MASS)
        assert body["centre_of_mass"] == pytest.approx(list(centre), abs=1e-5)


def test_areas_and_lengths_of_ellipses_are_exact(worker):
    # OCCT's defaults are off by a percent and more.
    perimeter = 38.155410363212326
    outcome = worker.run(HEAD + "result = extrude(Ellipse(9, 2), 5)\n")
    assert outcome.measures["area"] == pytest.approx(36 * math.pi + 5 * perimeter, rel=1e-8)
    assert outcome.measures["volume"] == pytest.approx(90 * math.pi, rel=1e-8)
    outcome = worker.run(HEAD + "result = Ellipse(9, 2).wire()\n")
    assert outcome.measures["length"] == pytest.approx(perimeter, rel=1e-8)


def test_the_area_of_a_swept_spline_is_exact(worker):
    program = "result = extrude(make_face([Spline((0, 0), (3, 4), (9, 0)), Line((9, 0), (0, 0))]), 5)\n"
    outcome = worker.run(HEAD + program)
    assert outcome.measures["area"] == pytest.approx(12.82109342 * 5 + 45 + 2 * 24.8135745328, rel=1e-7)


def test_the_pole_of_a_sphere_is_no_gap(worker):
    # build123d calls a sphere not manifold, because of the edge without length at its pole.
    outcome = worker.run(HEAD + "result = Sphere(4)\n")
    assert outcome.measures["manifold"] is True and outcome.codes == []


def test_the_centre_of_an_assembly_is_weighted_by_volume(worker):
    measures = worker.run(HEAD + "result = [Box(2, 1, 1), Pos(10, 0, 0) * Box(1, 1, 1)]\n").measures
    assert measures["centre_of_mass"] == pytest.approx([10 / 3, 0, 0], abs=1e-6)
    assert measures["volume"] == 3


def test_a_sketch_is_measured_by_area(worker):
    outcome = worker.run(HEAD + "result = Rectangle(6, 4) - Circle(1)\n")
    measures = outcome.measures
    assert outcome.part["kind"] == "sketch"
    assert measures["area"] == pytest.approx(24 - math.pi, abs=1e-6)
    assert (measures["volume"], measures["solids"], measures["holes"]) == (0, 0, [])
    assert measures["bounding_box"]["size"] == [6, 4, 0]
    assert "length" not in measures and outcome.codes == []


def test_a_curve_is_measured_by_length(worker):
    outcome = worker.run(
        HEAD + "with BuildLine() as result:\n    Line((0, 0), (3, 4))\n    Line((3, 4), (3, 9))\n"
    )
    assert outcome.part["kind"] == "curve"
    assert outcome.measures["length"] == pytest.approx(10)
    assert outcome.measures["bounding_box"]["size"] == [3, 9, 0]
    assert outcome.codes == []


@pytest.mark.parametrize(
    ("program", "codes"),
    [
        # A solid without one of its faces.
        ("box = Box(2, 2, 2)\nresult = Solid(Shell(box.faces()[:5]))\n", {"not_closed"}),
        # Inside out.
        (
            "from OCP.TopoDS import TopoDS\n"
            "result = Solid(TopoDS.Solid(Box(2, 2, 2).solid().wrapped.Reversed()))\n",
            {"no_volume"},
        ),
        # Two solids that touch along an edge only.
        ("result = Box(2, 2, 2) + Pos(2, 2, 0) * Box(2, 2, 2)\n", {"several_solids"}),
    ],
)
def test_a_part_that_should_not_be_made_is_warned_of_and_still_shown(worker, program, codes):
    outcome = worker.run(HEAD + program, ("glb", "step"))
    assert codes <= set(outcome.codes)
    assert {"glb", "step"} <= set(outcome.result["files"])
    assert {warning["code"] for warning in outcome.part["warnings"]} == set(outcome.codes)


def test_an_invalid_shape_is_warned_of(worker):
    # A face whose outline crosses itself.
    program = "result = extrude(make_face(Polyline((0, 0), (4, 4), (4, 0), (0, 4), close=True)), 2)\n"
    outcome = worker.run(HEAD + program)
    assert outcome.measures["valid"] is False
    assert "not_valid" in outcome.codes


def test_a_part_whose_holes_cannot_be_read_is_still_measured(monkeypatch):
    def stumble(*_: object) -> list:
        raise RuntimeError("an odd face")

    monkeypatch.setattr(measure, "find_holes", stumble)
    part = read_part(Box(1, 2, 3), 10)
    measured = [measure.measure_body(body, Topology(body.shape), check=True) for body in part.bodies]
    told = measure.measures(part, measured)
    assert (told["volume"], told["holes"]) == (pytest.approx(6), [])
    assert [warning["code"] for warning in measure.warnings(part, measured)] == ["holes_unknown"]


def test_numbers_are_rounded_and_have_no_minus_zero(worker):
    text = str(
        worker.run(
            HEAD + "result = Rot(0, 0, 90) * Box(1/3, 1/7, 1) - Rot(0, 90, 0) * Cylinder(0.1, 9)\n"
        ).part
    )
    assert "-0.0," not in text and "e-" not in text
