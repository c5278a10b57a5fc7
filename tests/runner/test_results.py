"""Everything that a program may leave as its result, parameters, and the functions that other tools know."""

from __future__ import annotations

import pytest

HEAD = "from build123d import *\n"


@pytest.mark.parametrize(
    "program",
    [
        "result = Box(10, 20, 30)\n",
        "result = Solid.make_box(10, 20, 30)\n",
        "with BuildPart() as built:\n    Box(10, 20, 30)\nresult = built\n",
        "with BuildPart() as built:\n    Box(10, 20, 30)\nresult = built.part\n",
        "result = Compound([Compound([Box(10, 20, 30).solid()])])\n",
        "result = [Box(10, 20, 30)]\n",
        "result = {'block': Box(10, 20, 30)}\n",
        "result = Compound(children=[Box(10, 20, 30)])\n",
        "class Thing:\n    obj = Box(10, 20, 30)\nresult = Thing()\n",
        "class Thing:\n    def __init__(self):\n        self.shape = Box(10, 20, 30)\nresult = Thing()\n",
        "result = (Box(10, 20, 30) for _ in range(1))\n",
        "result = Box(10, 20, 30).solids()\n",
        "show(Box(10, 20, 30))\n",
        "show_object(Box(10, 20, 30), name='block', options={'color': 'red'})\n",
        "from ocp_vscode import *\nshow(Box(10, 20, 30), names=['block'], reset_camera=Camera.KEEP)\n",
        "import ocp_vscode\nocp_vscode.set_port(3939)\nocp_vscode.show_object(Box(10, 20, 30))\n",
    ],
)
def test_one_solid_in_any_wrapping_is_one_body(worker, program):
    outcome = worker.run(HEAD + program, ("step",))
    measures = outcome.measures
    assert outcome.part["kind"] == "solid"
    assert (measures["solids"], measures["faces"], measures["edges"]) == (1, 6, 12)
    assert measures["volume"] == 6000
    assert len(measures["bodies"]) == 1
    assert "NEXT_ASSEMBLY_USAGE_OCCURRENCE" not in worker.file("part.step").read_text()
    assert outcome.codes == []


def names_of(outcome):
    return [body["name"] for body in outcome.measures["bodies"]]


def test_a_body_without_a_name_is_called_part(worker):
    assert names_of(worker.run(HEAD + "result = Box(1, 1, 1)\n")) == ["part"]
    assert names_of(worker.run(HEAD + "result = Box(1, 1, 1)\nresult.label = 'lid'\n")) == ["lid"]


def test_a_dict_names_its_bodies_and_nested_ones_are_paths(worker):
    program = "b = Box(1, 1, 1)\nresult = {'base': b, 'lid': {'top': b, 'pins': [b, b]}}\n"
    assert names_of(worker.run(HEAD + program)) == ["base", "lid/top", "lid/pins", "lid/pins 2"]


def test_a_list_numbers_its_bodies(worker):
    program = "b = Box(1, 1, 1)\nb.label = 'base'\nresult = [b, Box(2, 2, 2), (Sphere(1), None and b)][:2]\n"
    assert names_of(worker.run(HEAD + program)) == ["base", "body 2"]


def test_bodies_keep_their_colours(worker):
    program = (
        "a, b, c = Box(1, 1, 1), Box(1, 1, 1), Box(1, 1, 1)\n"
        "a.color = Color('#336699')\nb.color = Color('red')\nresult = [a, b, c]\n"
    )
    colours = [body["colour"] for body in worker.run(HEAD + program).measures["bodies"]]
    assert colours == ["#336699", "#ff0000", None]


def test_an_assembly_is_flattened_with_the_places_of_its_parents(worker):
    program = (
        "pin = Cylinder(1, 10)\npin.label = 'pin'\n"
        "hinge = Compound(label='hinge', children=[Pos(5, 0, 0) * pin, Pos(-5, 0, 0) * pin])\n"
        "base = Box(30, 10, 2)\nbase.label, base.color = 'base', Color('blue')\n"
        "result = Compound(label='gate', children=[base, Pos(0, 0, 20) * hinge])\n"
        "result.color = Color('#00ff00')\n"
        "result = Pos(100, 0, 0) * result\n"
    )
    outcome = worker.run(HEAD + program)
    assert names_of(outcome) == ["base", "hinge/pin", "hinge/pin 2"]
    bodies = outcome.measures["bodies"]
    assert bodies[0]["bounding_box"]["min"] == [85, -5, -1]
    assert bodies[1]["centre_of_mass"] == [105, 0, 20]
    assert bodies[2]["centre_of_mass"] == [95, 0, 20]
    assert [body["colour"] for body in bodies] == ["#0000ff", "#00ff00", "#00ff00"]
    assert outcome.measures["bounding_box"]["max"] == [115, 5, 25]


def test_shown_things_keep_names_and_colours_and_a_result_comes_first(worker):
    program = "show(Box(1, 1, 1), Sphere(1), names=['box', 'ball'], colors=['red', None])\n"
    outcome = worker.run(HEAD + program)
    assert names_of(outcome) == ["box", "ball"]
    assert outcome.measures["bodies"][0]["colour"] == "#ff0000"
    assert names_of(worker.run(HEAD + program + "result = {'real': Box(1, 1, 1)}\n")) == ["real"]


def test_several_solids_in_one_body_are_warned_of(worker):
    outcome = worker.run(HEAD + "result = Box(1, 1, 1) + Pos(5, 0, 0) * Box(1, 1, 1)\n")
    assert outcome.codes == ["several_solids"]
    assert outcome.measures["solids"] == 2 and len(outcome.measures["bodies"]) == 1
    assert worker.run(HEAD + "result = [Box(1, 1, 1), Pos(5, 0, 0) * Box(1, 1, 1)]\n").codes == []


def test_what_is_not_of_the_highest_kind_is_left_out_and_said_so(worker):
    outcome = worker.run(HEAD + "result = {'block': Box(1, 1, 1), 'outline': Rectangle(3, 3)}\n")
    assert names_of(outcome) == ["block"]
    assert outcome.codes == ["left_out"]


def test_mass_needs_a_material_for_every_body(worker):
    program = "a, b = Box(10, 10, 10), Box(10, 10, 10)\na.material = 'aluminum'\n"
    assert worker.run(HEAD + program + "result = a\n").measures["mass"] == pytest.approx(2.7)
    assert worker.run(HEAD + program + "result = [a, b]\n").measures["mass"] is None


PARAMETRIC = HEAD + (
    "LENGTH: float = 60.0  # [10:0.5:200] mm | Length\n"
    "COUNT = 3\nOFFSET = -2.5\nHOLES = True\nNAME = 'plate'\n"
    "AREA = LENGTH * 2\nlower = 5\n"
    "result = Pos(OFFSET, 0, 0) * Box(LENGTH, 10, COUNT)\n"
    "result.label = NAME\n"
    "if HOLES: result -= Cylinder(1, 99)\n"
)


def test_parameters_replace_literals_on_the_same_worker(worker):
    for length, count in ((60.0, 3), (80.5, 4), (70, 5.0)):
        outcome = worker.run(
            PARAMETRIC, parameters={"LENGTH": length, "COUNT": count, "HOLES": False, "NAME": "x"}
        )
        assert outcome.measures["bounding_box"]["size"] == [length, 10, count]
        assert outcome.measures["holes"] == []
        assert names_of(outcome) == ["x"]
    outcome = worker.run(PARAMETRIC, parameters={"OFFSET": 0})
    assert outcome.measures["bounding_box"]["min"][0] == -30
    assert len(outcome.measures["holes"]) == 1


@pytest.mark.parametrize(
    ("values", "kind", "words", "line"),
    [
        ({"WIDTH": 1.0}, "UnknownParameter", "`LENGTH`, `COUNT`, `OFFSET`, `HOLES`, `NAME`", None),
        ({"AREA": 1.0}, "UnknownParameter", "`AREA`", None),
        ({"lower": 1.0}, "UnknownParameter", "`lower`", None),
        ({"LENGTH": "60"}, "BadParameter", "a number", 2),
        ({"LENGTH": True}, "BadParameter", "a number", 2),
        ({"COUNT": 2.5}, "BadParameter", "a whole number", 3),
        ({"HOLES": 1}, "BadParameter", "true or false", 5),
        ({"NAME": 3}, "BadParameter", "a text", 6),
        ({"LENGTH": float("inf")}, "BadParameter", "a number", 2),
    ],
)
def test_a_value_that_does_not_fit_is_told_so(worker, values, kind, words, line):
    error = worker.run(PARAMETRIC, parameters=values).error
    assert (error["type"], error["line"]) == (kind, line)
    assert words in error["message"]


def test_a_value_keeps_the_line_of_what_it_breaks(worker):
    program = (
        HEAD
        + "SIZE = 5.0\nif SIZE < 1:\n    raise ValueError('SIZE is at least 1')\nresult = Box(SIZE, 1, 1)\n"
    )
    assert worker.run(program).result["outcome"] == "built"
    assert worker.run(program, parameters={"SIZE": 0.5}).error["line"] == 4


def test_without_checks_holes_and_validity_are_not_looked_at(worker):
    outcome = worker.run(PARAMETRIC, ("glb",), check=False)
    assert outcome.measures["holes"] == [] and outcome.measures["valid"] is True
    assert outcome.measures["bounding_box"]["size"] == [60, 10, 3]


def test_dataclasses_and_their_like_work_in_a_program(worker):
    program = (
        "from __future__ import annotations\nfrom dataclasses import dataclass\nfrom build123d import *\n"
        "@dataclass\nclass Size:\n    x: float = 2\n    y: list[float] | None = None\n"
        "import pickle\nassert pickle.loads(pickle.dumps(Size(5))).x == 5\n"
        "if __name__ == '__main__':\n    result = Box(Size().x, 1, 1)\n"
    )
    assert worker.run(program).measures["volume"] == 2


def test_gears_fasteners_and_threads_are_there(worker):
    program = HEAD + (
        "from py_gearworks import SpurGear\nfrom bd_warehouse.fastener import SocketHeadCapScrew\n"
        "result = [SpurGear(number_of_teeth=12, module=1, height=3).build_part(),"
        " Pos(30, 0, 0) * SocketHeadCapScrew(size='M5-0.8', length=16)]\n"
    )
    assert worker.run(program, ("step",)).measures["solids"] >= 2


def test_text_can_be_cut(worker):
    program = HEAD + "result = Box(60, 20, 4) - Pos(0, 0, 2) * extrude(Text('Ab1', font_size=12), -1)\n"
    outcome = worker.run(program, ("step",))
    assert 60 * 20 * 4 - 200 < outcome.measures["volume"] < 60 * 20 * 4 - 20
