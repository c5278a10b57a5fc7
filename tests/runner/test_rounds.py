"""Rounded edges by radius: fillets are found, slots and bores are not."""

from __future__ import annotations

from host import Worker


def _rounds(worker: Worker, program: str) -> list[tuple[float, int]]:
    outcome = worker.run("from build123d import *\n" + program)
    return [(each["radius"], each["count"]) for each in outcome.measures["rounds"]]


def test_corner_radii_and_rims_are_counted_by_radius(worker: Worker) -> None:
    program = """
plate = fillet(Box(60, 40, 10).edges().filter_by(Axis.Z), 5)
result = fillet(plate.faces().sort_by(Axis.Z)[-1].edges(), 2)
"""
    found = dict(_rounds(worker, program))
    assert found[5.0] == 4
    assert found[2.0] == 8, "four straight edges and four corners"


def test_slots_bores_and_plain_tori_are_no_rounds(worker: Worker) -> None:
    program = """
plate = Box(60, 40, 10) - extrude(SlotOverall(30, 8), 10, both=True) - Pos(0, 14, 0) * Cylinder(3, 10)
result = {"plate": plate, "ring": Pos(0, 0, 50) * Torus(20, 4)}
"""
    assert _rounds(worker, program) == []


def test_a_rounded_rim_of_a_rod_is_one(worker: Worker) -> None:
    program = "result = fillet(Cylinder(10, 20).edges().sort_by(Axis.Z)[-1], 1.5)"
    assert _rounds(worker, program) == [(1.5, 1)]
