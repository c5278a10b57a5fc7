"""The known mistakes of models (cases/repair/rewrites.toml) in the runtime: each fails or warns as it is
said there, and leaves a part when it is mended. That it is mended so is tested in src/agent/repair/rewrite.
"""

from __future__ import annotations

import time
import tomllib
from pathlib import Path

import pytest

FILE = Path(__file__).resolve().parents[1] / "cases/repair/rewrites.toml"
CASES = tomllib.loads(FILE.read_text())["case"]
EACH = pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])


def test_each_case_has_a_name_of_its_own():
    assert len({case["name"] for case in CASES}) == len(CASES) > 100


@EACH
def test_the_mistake_does_what_is_said_of_it(worker, case):
    printed = len(worker.err())
    outcome = worker.run(case["before"])
    said = case.get("failure") or case.get("claim")
    if said is None:
        assert outcome.result["outcome"] == "built"
        warns = case.get("warns", "")
        deadline = time.monotonic() + 5
        while warns not in worker.err()[printed:] and time.monotonic() < deadline:
            time.sleep(0.01)
        assert warns in worker.err()[printed:]
        return
    error = outcome.error
    assert (error["type"], error["line"]) == (said["type"], said.get("line"))
    assert said["message"] in error["message"]


@EACH
def test_what_is_mended_leaves_a_part(worker, case):
    outcome = worker.run(case["after"])
    assert outcome.result["outcome"] == "built", outcome.result
    assert outcome.part["kind"] == "solid" and outcome.measures["valid"]
