"""The parameters that a program declares: what comments say, where literals stand, which values fit."""

from __future__ import annotations

import ast

import pytest

from host import Worker
from naturalcad_runner.parameters import Comment, declared, parse_comment

HEAD = "from build123d import *\n"


def told(source: str) -> dict[str, dict]:
    return {each["name"]: each for each in declared(ast.parse(source), source)}


@pytest.mark.parametrize(
    ("text", "written", "expected"),
    [
        ("# [10:0.5:200] mm | Length", 60.0, Comment(10, 0.5, 200, [], "mm", "Length")),
        ("#[1:9]", 3, Comment(1, None, 9)),
        ("# [:1:] | Free", 3.0, Comment(None, 1, None, [], None, "Free")),
        ("# | Only a label", 3.0, Comment(label="Only a label")),
        ("# mm", 3.0, Comment(unit="mm")),
        ("# [M4, 'M5', M6] | Screw", "M5", Comment(choices=["M4", "M5", "M6"], label="Screw")),
        ("# [2, 4, 6]", 4, Comment(choices=[2, 4, 6])),
        ("# [2.5, 4] mm", 4.0, Comment(choices=[2.5, 4.0], unit="mm")),
        ("# [2, 6]", 4, Comment()),  # the literal is none of them
        ("# [9:1]", 4, Comment()),
        ("# [a:b] mm | Odd", 4.0, Comment(unit="mm", label="Odd")),
        ("# the overall length", 4.0, Comment()),
        ("# note", 4.0, Comment()),
        ("", 4.0, Comment()),
        ("# [0:1] | On", True, Comment(label="On")),
    ],
)
def test_what_a_comment_says(text, written, expected):
    assert parse_comment(text, written) == expected


def test_kinds_follow_the_literals():
    found = told(
        "A = 6.0\nB = 4\nC = True\nD = 'x'\nE = 4  # [2, 4]\nF: float = -2.5\ng = 1\n_H = 1\nI = A * 2\n"
    )
    kinds = {name: each["kind"] for name, each in found.items()}
    assert kinds == {"A": "number", "B": "count", "C": "switch", "D": "text", "E": "choice", "F": "number"}
    assert (found["F"]["value"], found["F"]["line"]) == (-2.5, 6)


def test_spans_are_offsets_in_characters_of_the_literal_alone():
    source = "'''Ø–µ 𝒳'''\nNAME = 'Größe \\'x\\''; W = -2.5  # [-5:5] mm | Weg\nH = (7)\nT = 'a' 'b'\n"
    found = told(source)
    texts = {name: source[slice(*each["span"])] for name, each in found.items()}
    assert texts == {"NAME": "'Größe \\'x\\''", "W": "-2.5", "H": "7", "T": "'a' 'b'"}
    assert (found["W"]["label"], found["NAME"]["label"]) == ("Weg", None), "the comment is the last one's"


def test_a_name_with_two_values_and_what_is_too_long_are_not_told():
    assert told("A = 1\nA = 2\nB = 'x' * 3\nC = '" + "x" * 500 + "'\nD = 1e999\n") == {}


def test_a_run_tells_its_parameters_with_the_values_it_used(worker: Worker):
    program = HEAD + "LENGTH = 60.0  # [10:0.5:200] mm | Length\nresult = Box(LENGTH, 2, 3)\n"
    part = worker.run(program, parameters={"LENGTH": 80}).part
    assert part is not None
    assert part["parameters"] == [
        {
            "name": "LENGTH",
            "value": 80.0,
            "kind": "number",
            "min": 10.0,
            "max": 200.0,
            "step": 0.5,
            "unit": "mm",
            "label": "Length",
            "choices": [],
            "line": 2,
            "span": [33, 37],
        }
    ]


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"LENGTH": 200.5}, "`LENGTH` is at most 200 mm, not 200.5"),
        ({"LENGTH": 9}, "`LENGTH` is at least 10 mm, not 9"),
        ({"SCREW": "M7"}, "`SCREW` is one of M4, M5, M6, not 'M7'"),
    ],
)
def test_a_value_outside_its_range_is_refused_before_anything_runs(worker: Worker, values, words):
    program = HEAD + (
        "print('ran')\nLENGTH = 60.0  # [10:0.5:200] mm | Length\nSCREW = 'M5'  # [M4, M5, M6]\n"
        "result = Box(LENGTH, 2, 3)\n"
    )
    outcome = worker.run(program, parameters=values)
    assert outcome.error["type"] == "BadParameter" and words in outcome.error["message"]
    assert outcome.part is None
