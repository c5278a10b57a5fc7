"""What the search for the largest size that can be built goes by (cases/repair/shrinks.toml): what the
runtime says of sizes that are too large, and that the search ends with the
largest one of two digits that it builds.
"""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

CASES = tomllib.loads((Path(__file__).resolve().parents[1] / "cases/repair/shrinks.toml").read_text())["case"]
EACH = pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])


@EACH
def test_the_size_fails_as_it_is_said(worker, case):
    error = worker.run(case["program"]).error
    assert (error["type"], error["line"]) == (case["type"], case["line"])
    assert case["message"] in error["message"]


@EACH
def test_what_the_search_ends_with_is_built(worker, case):
    outcome = worker.run(case["after"])
    assert outcome.result["outcome"] == "built", outcome.result
    assert outcome.part["kind"] == "solid" and outcome.measures["valid"]


@pytest.mark.parametrize(
    "case", [case for case in CASES if not case.get("left_out")], ids=lambda c: c["name"]
)
def test_the_next_size_of_two_digits_is_not_built(worker, case):
    """So that the search has to end where `works` says."""
    pairs = zip(case["program"].splitlines(), case["after"].splitlines(), strict=True)
    (changed,) = (after for before, after in pairs if before != after)
    error = worker.run(case["after"].replace(changed, case["too_large"])).error
    assert case["message"].split(" with ")[0] in error["message"]
