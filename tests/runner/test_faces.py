"""The tables of faces: flat ones, round ones, chamfers and slots, against what is known of the shape."""

from __future__ import annotations

import json
import math
from collections import Counter
from pathlib import Path

import pytest
from build123d import (
    Axis,
    Box,
    Circle,
    Compound,
    Cone,
    CounterSinkHole,
    Cylinder,
    GeomType,
    GridLocations,
    Plane,
    Polyline,
    Pos,
    Rot,
    Shape,
    SlotOverall,
    Sphere,
    Torus,
    chamfer,
    extrude,
    fillet,
    make_face,
)

from naturalcad_runner import faces, measure
from naturalcad_runner.figures import rounded
from naturalcad_runner.part import read_part
from naturalcad_runner.topology import Topology

PLATE = Box(60, 40, 10)
# Programs with their measures; the host's checks are tested against them.
SAMPLES = sorted((Path(__file__).resolve().parents[1] / "cases" / "measures").glob("*.json"))


def tables(value: object) -> dict:
    part = read_part(value, 10)
    measured = [measure.measure_body(body, Topology(body.shape), check=True) for body in part.bodies]
    assert measure.warnings(part, measured) == []
    return measure.measures(part, measured)


def solid(shape: Shape) -> Shape:
    return shape.solids()[0] if isinstance(shape, Compound) else shape


def near(*values: float):
    return pytest.approx(values, abs=1e-6)


def heights(told: dict, axis: int, sense: int) -> list[float]:
    """Where the planes are that look along an axis."""
    found = [plane["offset"] * sense for plane in told["planes"] if plane["normal"][axis] * sense > 0.999]
    return sorted(round(offset, 6) for offset in found)


def test_a_box_has_six_planes_that_look_outwards():
    told = tables(Pos(100, 0, 5) * PLATE)
    assert (heights(told, 0, 1), heights(told, 0, -1)) == ([130.0], [70.0])
    assert (heights(told, 2, 1), heights(told, 2, -1)) == ([10.0], [0.0])
    top = next(plane for plane in told["planes"] if plane["normal"][2] > 0.9)
    assert top["area"] == pytest.approx(2400)
    assert (top["min"], top["max"]) == (near(70, -20, 10), near(130, 20, 10))


def test_a_pocket_adds_a_floor_and_four_walls_that_face_each_other():
    told = tables(PLATE - Pos(0, 0, 3) * Box(30, 20, 4))
    assert heights(told, 2, 1) == [1.0, 5.0]
    assert heights(told, 0, 1) == [-15.0, 30.0]
    assert heights(told, 0, -1) == [-30.0, 15.0]


def test_a_tube_is_two_cylinders_one_of_them_hollow():
    told = tables(Cylinder(15, 100) - Cylinder(10, 100))
    found = {(each["diameter"], each["convex"]): each for each in told["cylinders"]}
    assert set(found) == {(30.0, True), (20.0, False)}
    for each in found.values():
        assert (each["length"], each["turn"]) == near(100, 360)
        assert each["ends"] == near(0, 0)


def test_what_a_chamfer_takes_from_a_shaft_is_told_apart():
    shaft = Cylinder(10, 50)
    told = tables(chamfer(shaft.edges().filter_by(GeomType.CIRCLE).sort_by(Axis.Z)[-1], 2))
    (cylinder,) = told["cylinders"]
    assert (cylinder["length"], *cylinder["ends"]) == near(48, 0, 2)
    (cone,) = told["cones"]
    assert (cone["half_angle"], *cone["diameters"], cone["length"]) == near(45, 20, 16, 2)
    assert cone["convex"]


def test_a_half_pipe_says_how_far_it_turns():
    pipe = solid((Cylinder(15, 40) - Cylinder(10, 40)) - Pos(0, -20, 0) * Box(60, 40, 60))
    assert {round(each["turn"], 6) for each in tables(pipe)["cylinders"]} == {180.0}


def test_chamfers_are_counted_by_their_legs():
    plate = chamfer(PLATE.edges().filter_by(Axis.Z), 3)
    assert tables(plate)["chamfers"] == [{"legs": [3.0, 3.0], "convex": True, "count": 4}]
    uneven = chamfer(PLATE.edges().filter_by(Axis.Z)[0], 2, 5)
    assert tables(uneven)["chamfers"] == [{"legs": [2.0, 5.0], "convex": True, "count": 1}]
    assert tables(PLATE)["chamfers"] == []


def test_a_gusset_fills_a_corner_and_is_not_convex():
    bracket = Box(40, 20, 4) + Pos(-18, 0, 20) * Box(4, 20, 40)
    outline = make_face(Polyline((-16, 2), (-6, 2), (-16, 12), close=True))
    gusset = extrude(Plane.XZ * outline, amount=3, both=True)
    told = tables(solid(bracket + gusset))
    assert told["chamfers"] == [{"legs": [10.0, 10.0], "convex": False, "count": 1}]


@pytest.mark.parametrize(
    ("cut", "depth", "through"),
    [(Pos(0, 0, -20), 10.0, True), (Pos(0, 0, 2), 3.0, False)],
)
def test_a_slot_has_length_width_and_depth(cut, depth, through):
    tool = extrude(SlotOverall(30, 8), 40)
    for turn in (Rot(0, 0, 0), Rot(0, 0, 90), Rot(0, 0, 30)):
        told = tables(PLATE - cut * turn * tool)
        (slot,) = told["slots"]
        assert (slot["length"], slot["width"], slot["depth"]) == near(30, 8, depth)
        assert (slot["through"], slot["centre"], slot["axis"]) == (through, near(0, 0, 5), near(0, 0, -1))
        assert told["holes"] == [] and told["rounds"] == []


def test_slots_beside_each_other_keep_their_own_ends():
    tool = extrude(SlotOverall(20, 4), 10, both=True)
    told = tables(PLATE - [at * tool for at in GridLocations(25, 10, 2, 3)])
    assert [(each["length"], each["width"]) for each in told["slots"]] == [near(20, 4)] * 6
    assert len({tuple(each["centre"]) for each in told["slots"]}) == 6


def test_a_pocket_with_round_corners_is_no_slot():
    pocket = fillet(Box(30, 20, 20).edges().filter_by(Axis.Z), 4)
    told = tables(PLATE - pocket)
    assert told["slots"] == [] and told["rounds"] == [{"radius": 4.0, "count": 4}]


def test_countersinks_cones_balls_and_rings():
    plate = PLATE - Pos(0, 0, 5) * CounterSinkHole(3, 6, 20)
    assert [cone["convex"] for cone in tables(plate)["cones"]] == [False]
    (cone,) = tables(Cone(15, 5, 40))["cones"]
    assert (cone["diameters"], cone["length"]) == (near(30, 10), pytest.approx(40))
    (ball,) = tables(Sphere(12))["spheres"]
    assert (ball["diameter"], ball["convex"]) == (24.0, True)
    (ring,) = tables(Torus(20, 4))["tori"]
    assert (ring["major"], ring["minor"], ring["convex"]) == (40.0, 8.0, True)


def test_the_round_edge_of_a_disc_is_no_torus():
    disc = Cylinder(20, 10)
    assert tables(fillet(disc.edges().filter_by(GeomType.CIRCLE), 2))["tori"] == []


def test_with_several_bodies_each_entry_names_its_own():
    told = tables({"plate": PLATE - Cylinder(3, 20), "pin": Pos(0, 0, 50) * Cylinder(2.9, 30)})
    assert {plane["body"] for plane in told["planes"]} == {0, 1}
    assert [(each["diameter"], each["body"]) for each in told["cylinders"]] == [(6.0, 0), (5.8, 1)]
    assert [hole["body"] for hole in told["holes"]] == [0]
    assert "body" not in tables(PLATE)["planes"][0]


def test_the_tables_have_a_bound_and_say_when_they_are_cut():
    tool = Compound([at * Box(1, 1, 20) for at in GridLocations(3, 3, 10, 6)])
    told = tables(PLATE - tool.solids())
    assert len(told["planes"]) == faces.ENTRIES_MAX
    assert told["faces_left_out"] == 6 + 4 * 60 - faces.ENTRIES_MAX
    areas = Counter(round(plane["area"]) for plane in told["planes"])
    assert areas[10] == faces.ENTRIES_MAX - 6, "the smallest go first"


def test_a_wheel_with_many_odd_faces_is_measured_too():
    from py_gearworks import SpurGear

    wheel = SpurGear(number_of_teeth=24, module=2, height=8).build_part()
    told = tables(solid(wheel) - Cylinder(4, 40))
    assert any(math.isclose(each["diameter"], 8) and not each["convex"] for each in told["cylinders"])
    assert heights(told, 2, 1) and heights(told, 2, -1)


def test_an_odd_face_costs_the_tables_and_not_the_part(monkeypatch):
    def stumble(*_: object) -> list:
        raise RuntimeError("an odd face")

    monkeypatch.setattr(faces, "find_planes", stumble)
    part = read_part(extrude(Circle(3), 2), 10)
    measured = [measure.measure_body(body, Topology(body.shape), check=True) for body in part.bodies]
    assert measure.measures(part, measured)["planes"] == []
    assert [warning["code"] for warning in measure.warnings(part, measured)] == ["faces_unknown"]


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_the_samples_that_the_host_is_tested_with_are_what_is_measured(path):
    sample = json.loads(path.read_text())
    names: dict = {}
    exec(sample["program"], names)
    told = rounded(tables(names["result"]))
    for name, entries in sample["measures"].items():
        assert json.loads(json.dumps(told[name])) == entries, name
