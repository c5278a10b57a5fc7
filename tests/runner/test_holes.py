"""What is a hole and what is none, and how each is told."""

from __future__ import annotations

import math

import pytest
from build123d import (
    Axis,
    Box,
    BuildPart,
    Compound,
    Cone,
    CounterBoreHole,
    CounterSinkHole,
    Cylinder,
    GeomType,
    GridLocations,
    Locations,
    Plane,
    Pos,
    Rot,
    Shape,
    SlotOverall,
    Sphere,
    chamfer,
    extrude,
    fillet,
)
from OCP.ShapeUpgrade import ShapeUpgrade_ShapeDivideClosed

from naturalcad_runner.bores import rings
from naturalcad_runner.holes import find_holes
from naturalcad_runner.topology import Topology

PLATE = Box(60, 40, 10)


def holes_of(shape: Shape) -> list[dict]:
    solid = shape.solids()[0] if isinstance(shape, Compound) else shape
    topology = Topology(solid.wrapped)
    return find_holes(topology, rings(topology))


def only(shape: Shape) -> dict:
    (hole,) = holes_of(shape)
    return hole


def near(*values: float):
    return pytest.approx(values, abs=1e-6)


def test_a_plate_has_each_of_its_holes():
    plate = PLATE - [at * Cylinder(2.5, 10) for at in GridLocations(48, 28, 2, 2)]
    holes = holes_of(plate)
    assert len(holes) == 4
    for hole in holes:
        assert (hole["diameter"], hole["depth"], hole["through"], hole["kind"]) == (5, 10, True, "plain")
        assert hole["axis"] == near(0, 0, -1)
        assert (hole["head_diameter"], hole["head_depth"], hole["angle"]) == (None, None, None)
    assert sorted(tuple(hole["centre"]) for hole in holes) == [
        near(x, y, 5) for x in (-24, 24) for y in (-14, 14)
    ]


def test_a_blind_hole_is_not_through_and_has_the_depth_of_its_floor():
    hole = only(PLATE - Pos(3, 0, 2) * Cylinder(3, 6))
    assert (hole["depth"], hole["through"], hole["kind"]) == (pytest.approx(6), False, "plain")
    assert hole["centre"] == near(3, 0, 5) and hole["axis"] == near(0, 0, -1)


def test_a_blind_hole_from_below_opens_below():
    hole = only(PLATE - Pos(0, 0, -2) * Cylinder(3, 6))
    assert hole["centre"] == near(0, 0, -5) and hole["axis"] == near(0, 0, 1)


def test_the_tip_of_a_drill_does_not_count():
    hole = only(PLATE - Pos(0, 0, 3) * Cylinder(3, 4) - Cone(0, 3, 2))
    assert (hole["depth"], hole["through"], hole["kind"]) == (pytest.approx(4), False, "plain")


def test_a_round_bottom_is_a_bottom():
    hole = only(PLATE - Pos(0, 0, 2) * Cylinder(3, 6) - Pos(0, 0, -1) * Sphere(3))
    assert (hole["depth"], hole["through"]) == (pytest.approx(9), False)


def test_a_counterbore_is_one_hole():
    with BuildPart() as built:
        Box(60, 40, 10)
        with Locations(built.faces().sort_by(Axis.Z)[-1]), GridLocations(40, 20, 2, 1):
            CounterBoreHole(2.5, 5, 4)
    holes = holes_of(built.part)
    assert len(holes) == 2
    for hole in holes:
        assert (hole["kind"], hole["through"], hole["angle"]) == ("counterbore", True, None)
        assert (hole["diameter"], hole["depth"]) == near(5, 10)
        assert (hole["head_diameter"], hole["head_depth"]) == near(10, 4)
        assert hole["centre"][2] == pytest.approx(5)


def test_a_counterbore_from_below_opens_below():
    hole = only(PLATE - Cylinder(2, 10) - Pos(0, 0, -4) * Cylinder(4, 2))
    assert hole["kind"] == "counterbore"
    assert hole["centre"] == near(0, 0, -5) and hole["axis"] == near(0, 0, 1)


def test_a_countersink_is_one_hole_with_an_angle():
    with BuildPart() as built:
        Box(60, 40, 10)
        with Locations(built.faces().sort_by(Axis.Z)[-1]):
            CounterSinkHole(2.5, 5, counter_sink_angle=90)
    hole = only(built.part)
    assert (hole["kind"], hole["through"]) == ("countersink", True)
    assert (hole["diameter"], hole["depth"]) == near(5, 10)
    assert (hole["head_diameter"], hole["head_depth"], hole["angle"]) == near(10, 2.5, 90)


def test_a_chamfered_edge_makes_a_countersink_and_a_rounded_one_does_not():
    drilled = PLATE - Cylinder(3, 10)
    top = drilled.edges().filter_by(GeomType.CIRCLE).group_by(Axis.Z)[-1]
    hole = only(chamfer(top, 1))
    assert hole["kind"] == "countersink"
    assert (hole["head_diameter"], hole["angle"]) == near(8, 90)
    hole = only(fillet(top, 1))
    assert (hole["kind"], hole["depth"], hole["through"]) == ("plain", pytest.approx(10), True)
    assert hole["centre"] == near(0, 0, 5)


def test_a_step_on_each_side_of_a_bore_is_one_hole():
    hole = only(
        Cylinder(20, 30) - Cylinder(6, 30) - Pos(0, 0, 11) * Cylinder(9, 8) - Pos(0, 0, -11) * Cylinder(10, 8)
    )
    assert (hole["diameter"], hole["depth"], hole["head_diameter"]) == near(12, 30, 20)
    assert (hole["kind"], hole["through"]) == ("counterbore", True)


def test_a_groove_inside_a_bore_changes_nothing():
    hole = only(Cylinder(20, 30) - Cylinder(6, 30) - Cylinder(8, 4))
    assert hole["kind"] == "plain"
    assert (hole["diameter"], hole["depth"]) == near(12, 30)


def test_a_hole_through_a_wall_into_a_cavity_is_as_deep_as_the_wall():
    hollow = Box(60, 40, 30) - Box(54, 34, 24)
    hole = only(hollow - Pos(25, 0, 0) * Rot(0, 90, 0) * Cylinder(3, 20))
    assert (hole["depth"], hole["through"]) == (pytest.approx(3), True)
    assert [abs(part) for part in hole["axis"]] == near(1, 0, 0)


def test_opposite_walls_have_a_hole_each():
    hollow = Box(60, 40, 30) - Box(54, 34, 24)
    holes = holes_of(hollow - Rot(0, 90, 0) * Cylinder(3, 80))
    assert [hole["depth"] for hole in holes] == near(3, 3)


@pytest.mark.parametrize(("one", "other"), [(4, 2), (4, 4), (2, 4), (6, 2)])
def test_two_holes_that_cross_are_two_holes(one, other):
    block = Box(40, 40, 40) - Cylinder(one, 40) - Rot(90, 0, 0) * Cylinder(other, 40)
    holes = holes_of(block)
    assert sorted(hole["diameter"] for hole in holes) == pytest.approx(sorted((2 * one, 2 * other)))
    assert all(hole["depth"] == pytest.approx(40) and hole["through"] for hole in holes)


def test_a_hole_across_a_tube_is_one_hole():
    tube = Cylinder(10, 30) - Cylinder(7, 30)
    cross, bore = holes_of(tube - Rot(90, 0, 0) * Cylinder(2, 40))
    assert (cross["diameter"], cross["depth"], cross["through"]) == (4, pytest.approx(20), True)
    assert (bore["diameter"], bore["depth"]) == (14, pytest.approx(30))


def test_a_hole_into_one_wall_of_a_tube_is_as_deep_as_the_wall_on_its_axis():
    tube = Cylinder(10, 30) - Cylinder(7, 30)
    cross, _ = holes_of(tube - Pos(0, 10, 0) * Rot(90, 0, 0) * Cylinder(2, 10))
    assert (cross["depth"], cross["through"]) == (pytest.approx(3), True)
    assert cross["centre"] == near(0, 10, 0) or cross["centre"] == near(0, 7, 0)


def test_a_hole_square_to_a_tilted_face_has_that_axis():
    wedge = Box(60, 40, 30) & Rot(0, 20, 0) * Pos(0, 0, -50) * Box(200, 200, 100)
    top = max(wedge.faces(), key=lambda face: face.normal_at().Z)
    hole = only(wedge - Plane(top) * Cylinder(3, 10))
    assert (hole["depth"], hole["through"]) == (pytest.approx(5), False)
    assert hole["axis"] == near(-math.sin(math.radians(20)), 0, -math.cos(math.radians(20)))


def test_an_upright_hole_in_a_tilted_face_is_measured_on_its_axis():
    wedge = Box(60, 40, 30) & Rot(0, 20, 0) * Pos(0, 0, -50) * Box(200, 200, 100)
    hole = only(wedge - Cylinder(3, 60))
    assert (hole["depth"], hole["through"]) == (pytest.approx(15), True)
    assert hole["centre"] == near(0, 0, 0)


def test_the_inside_of_a_tube_is_a_through_hole():
    hole = only(Cylinder(10, 30) - Cylinder(7, 30))
    assert (hole["diameter"], hole["depth"], hole["through"]) == (14, 30, True)


def test_a_bore_with_a_keyway_is_a_hole():
    hole = only(Cylinder(20, 10) - Cylinder(8, 10) - Pos(8, 0, 0) * Box(6, 5, 10))
    assert (hole["diameter"], hole["through"]) == (16, True)


def test_a_cylinder_that_is_cut_into_pieces_is_one_hole():
    divide = ShapeUpgrade_ShapeDivideClosed((PLATE - Cylinder(3, 10)).solid().wrapped)
    divide.SetNbSplitPoints(3)
    divide.Perform()
    topology = Topology(divide.Result())
    assert topology.face_count > 7
    (hole,) = find_holes(topology, rings(topology))
    assert (hole["diameter"], hole["depth"], hole["through"]) == (6, 10, True)


@pytest.mark.parametrize(
    "shape",
    [
        PLATE,
        PLATE + Pos(0, 0, 8) * Cylinder(5, 6),
        PLATE - Pos(0, 0, 2) * fillet(Box(30, 20, 6).edges().filter_by(Axis.Z), 4),
        PLATE - extrude(Pos(0, 0, -5) * SlotOverall(20, 6), 10),
        PLATE - Pos(0, 20, 0) * Cylinder(3, 10),
        PLATE - Pos(0, 0, 3) * (Cylinder(12, 4) - Cylinder(6, 4)),
        Box(20, 20, 20) - Cylinder(3, 10),
        fillet(Box(20, 30, 40).edges(), 4),
        Sphere(10) - Sphere(8),
        PLATE - Pos(0, 0, 5) * Sphere(4),
    ],
    ids=["plate", "boss", "pocket", "slot", "broken out", "groove", "closed", "rounded", "shell", "dimple"],
)
def test_what_is_no_hole_is_not_told(shape):
    assert holes_of(shape) == []


def test_a_bore_in_a_boss_inside_a_groove_is_the_only_hole():
    hole = only(PLATE - Pos(0, 0, 3) * (Cylinder(12, 4) - Cylinder(6, 4)) - Cylinder(2, 10))
    assert hole["diameter"] == 4


def test_holes_are_found_wherever_the_part_is():
    plate = (
        Rot(33, 21, 7)
        * Pos(1000, -500, 20)
        * (PLATE - [at * Cylinder(2.5, 10) for at in GridLocations(40, 20, 2, 2)])
    )
    holes = holes_of(plate)
    assert [(round(hole["diameter"], 6), round(hole["depth"], 6)) for hole in holes] == [(5, 10)] * 4
