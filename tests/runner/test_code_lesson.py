"""What the code lane teaches (templates/prompts): every program in it is built by the runtime that ships."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

PROMPTS = Path(__file__).resolve().parents[2] / "templates/prompts"
LESSON = (PROMPTS / "code.md").read_text()
SNIPPETS = re.findall(r"^```python\n(.*?)^```$", LESSON, re.DOTALL | re.MULTILINE)
EXAMPLES = tomllib.loads((PROMPTS / "code_examples.toml").read_text())["example"]
IMPORT = "from build123d import *\n"


def test_the_lesson_is_short_and_every_fence_is_run():
    assert len(LESSON) <= 6_000
    assert len(SNIPPETS) >= 5 and len(EXAMPLES) == 5
    assert LESSON.count("\n```") == 2 * len(SNIPPETS)


@pytest.mark.parametrize("snippet", SNIPPETS, ids=range(len(SNIPPETS)))
def test_each_snippet_leaves_valid_solids(worker, snippet):
    outcome = worker.run(snippet if IMPORT in snippet else IMPORT + snippet)
    assert outcome.part is not None, outcome.result
    assert outcome.part["kind"] == "solid" and outcome.measures["valid"]
    assert outcome.measures["solids"] == len(outcome.measures["bodies"])
    assert outcome.codes == []


@pytest.mark.parametrize("example", EXAMPLES, ids=[example["prompt"][:30] for example in EXAMPLES])
def test_each_example_is_what_its_prompt_states(worker, example):
    outcome = worker.run(example["program"])
    measures = outcome.measures
    assert (outcome.part["kind"], measures["solids"], measures["valid"]) == ("solid", 1, True)
    assert outcome.codes == []
    assert measures["bounding_box"]["size"] == pytest.approx(example["size"], abs=0.01)
    assert measures["bounding_box"]["min"][2] == pytest.approx(0, abs=1e-6)
    assert len(measures["holes"]) == example["holes"]
    assert len(outcome.part["parameters"]) >= 5
    for parameter in outcome.part["parameters"]:
        assert parameter["label"], parameter
        if parameter["kind"] != "text":
            assert parameter["min"] < parameter["value"] < parameter["max"], parameter
    stated = set(re.findall(r"\d+(?:\.\d+)?", example["prompt"]))
    written = set(re.findall(r"\d+(?:\.\d+)?", example["program"]))
    assert stated <= {number.removesuffix(".0") for number in written} | {"1", "2"}, stated - written


def test_names_in_the_reference_exist(worker):
    """Words with brackets behind them are callable in the runtime, and take the keywords that are shown."""
    text = re.sub(r"^```.*?^```$", "", LESSON, flags=re.DOTALL | re.MULTILINE)
    names = set(re.findall(r"(?<![.\w])([A-Za-z_]+)\(", text)) - {"part"}
    enums = set(re.findall(r"(?<![\w])((?:Mode|Align|GeomType|Axis|Plane)\.[A-Z]+)", text)) - {"Mode.CUT"}
    assert len(names) > 30 and len(enums) > 6
    program = IMPORT + f"for name in {sorted(names)!r}:\n    assert callable(eval(name)), name\n"
    program += f"for name in {sorted(enums)!r}:\n    eval(name)\nresult = Box(1, 1, 1)\n"
    outcome = worker.run(program)
    assert outcome.result["outcome"] == "built", outcome.result
