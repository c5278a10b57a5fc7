"""The small model's training data: the phrases that people wrote, and what is made of them."""

from __future__ import annotations

import hashlib
import random
import re
import sys
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "models" / "train"))

import check_phrases  # noqa: E402
import notation  # noqa: E402
from small import (  # noqa: E402
    answers,
    corpus,
    edits,
    kept_apart,
    noise,
    quantity,
    slots,
    table,
    table_talk,
    vocabulary,
)

HANDS = sorted(corpus.PHRASES.glob("*.txt"))
PLATE = "A 60 x 40 x 10 mm plate with four M5 holes 6 mm from the edges"
PLATE_PLAN = notation.plan(["box length=60 width=40 height=10", 'hole diameter=M5 at=corners(inset="6 mm")'])


@pytest.mark.parametrize("path", HANDS, ids=lambda path: path.stem)
def test_every_phrase_is_a_good_plan_that_says_only_what_its_prompt_says(path: Path) -> None:
    count, wrong, _ = check_phrases.check(path)
    assert wrong == []
    assert count >= 50


def test_the_card_names_the_shipped_file() -> None:
    model = ROOT / "models" / "naturalcad-small.gguf"
    assert model.stat().st_size < 32_000_000
    card = (ROOT / "models" / "README.md").read_text("utf-8")
    assert hashlib.sha256(model.read_bytes()).hexdigest() in card


def test_no_prompt_is_there_twice() -> None:
    blocks = [block for path in HANDS for block in notation.read(path)[0]]
    counts = Counter((block.prompt.lower(), str(block.before)) for block in blocks)
    assert [prompt for prompt, count in counts.items() if count > 1] == []


def test_no_eight_words_of_the_evaluation_are_in_the_phrases() -> None:
    assert kept_apart.evaluated()
    prompts = [block.prompt for path in HANDS for block in notation.read(path)[0]]
    assert [prompt for prompt in prompts if kept_apart.is_evaluated(prompt)] == []


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, str]]:
    out = tmp_path_factory.mktemp("corpus")
    corpus.write(out, seed=5, count=3000, hands=HANDS)
    return [
        row
        for path in sorted(out.glob("*.jsonl"))
        for row in map(corpus.json.loads, path.open(encoding="utf-8"))
    ]


def test_drawn_examples_hold_to_the_catalog_and_stay_apart_from_the_evaluation(
    drawn: list[dict[str, str]],
) -> None:
    assert len(drawn) > 1800
    assert {row["kind"] for row in drawn} >= {"person", "person edit", "table", "table edit", "example"}
    assert not any(kept_apart.is_evaluated(row["prompt"]) for row in drawn)
    plans = [row for row in drawn if row["before"] is None]
    judged = answers.judge({"answer": row["answer"]} for row in plans)
    assert [row["prompt"] for row, one in zip(plans, judged, strict=True) if not answers.is_good(one)] == []


def test_the_same_seed_draws_the_same_examples(drawn: list[dict[str, str]]) -> None:
    again = [draft.prompt for draft in corpus.Corpus(5, HANDS).drafts(3000)]
    assert {row["prompt"] for row in drawn} <= set(again)


def test_answers_take_their_numbers_from_the_prompt(drawn: list[dict[str, str]]) -> None:
    """The model is never taught to compute or to invent."""
    for row in drawn:
        if row["kind"] in ("person", "example"):
            block = notation.Block(row["prompt"], corpus.json.loads(row["answer"]))
            said = {part for mark in quantity.marks(row["prompt"]) for part in re.split(r"[ /.,-]", mark.key)}
            unsaid = [n for n in check_phrases.unsaid(block) if not set(re.split(r"[.]", n)) <= said]
            assert unsaid == [], row


def test_the_vocabulary_has_a_piece_for_each_step_and_loses_nothing(drawn: list[dict[str, str]]) -> None:
    words = vocabulary.load()
    steps = [one.name for one in table.steps().values() if one.kind in ("base", "feature")]
    assert all(f'{{"do":"{name}"' in words.pieces for name in steps)
    for row in drawn[:300]:
        for text in (row["prompt"], row["answer"]):
            assert words.decode(words.encode(text)) == text


def test_a_refilled_prompt_says_the_same_of_another_part() -> None:
    given = slots.slotted(PLATE, PLATE_PLAN)
    assert {mark.text for mark in given.marks} == {"60", "40", "10", "M5", "6"}
    rng = random.Random(3)
    for _ in range(50):
        new = slots.refill(given, rng)
        assert new is not None
        box, hole = new.answer["bodies"][0]["steps"]
        said = [mark.key for mark in quantity.marks(new.prompt)]
        assert [str(box[name]) for name in ("length", "width", "height")] == said[:3]
        assert hole["diameter"] == said[4]
        assert hole["at"]["corners"]["inset"] == f"{said[5]} mm"
        # "four" is where the corners are, not a number of the plan.
        assert " four " in new.prompt


def test_a_wall_counted_twice_is_still_the_wall_of_the_prompt() -> None:
    given = slots.slotted(
        "pipe 21.6 x 3.2, 350 long",
        notation.plan(["tube outer_diameter=21.6 inner_diameter=21.6-2*3.2 height=350"]),
    )
    new = slots.refill(given, random.Random(8))
    assert new is not None
    outer, wall, _ = (mark.key for mark in quantity.marks(new.prompt))
    assert new.answer["bodies"][0]["steps"][0]["inner_diameter"] == f"{outer}-2*{wall}"


def test_units_change_with_their_numbers() -> None:
    new = slots.in_other_unit(
        slots.slotted("plate 60 x 40 x 10 mm", notation.plan(["box length=60 width=40 height=10"])),
        random.Random(1),
    )
    assert new is not None
    box = new.answer["bodies"][0]["steps"][0]
    assert [box[name].rstrip("cmin") for name in ("length", "width", "height")] == [
        mark.key for mark in new.marks
    ]


def test_one_number_or_two_is_told_by_the_answer() -> None:
    plan = notation.plan(["box length=80 width=60 height=6,5", "hole diameter=5 at=[-20,15]"])
    marks = slots.slotted("80 by 60 by 6,5 with a 5 hole at (-20,15)", plan).marks
    assert [mark.key for mark in marks] == ["80", "60", "6.5", "5", "20", "15"]


def test_names_and_labels_are_not_taken_for_sizes() -> None:
    keys = [
        mark.key
        for mark in quantity.marks("box for my ESP32, R5 corners, x10, 1/4-20 and #8 screws, M3, 2 1/2 in")
    ]
    assert keys == ["5", "10", "1/4-20", "#8", "M3", "2 1/2"]


def test_noise_leaves_numbers_alone() -> None:
    rng = random.Random(2)
    wanted = [mark.key for mark in quantity.marks(PLATE) if mark.kind != "spelled"]
    for _ in range(300):
        keys = [mark.key for mark in quantity.marks(noise.noisy(PLATE, rng)) if mark.kind != "spelled"]
        assert keys[: len(wanted)] == wanted or set(wanted) <= set(keys)


def test_the_table_has_words_for_every_step() -> None:
    rng = random.Random(4)
    for spec in table.steps().values():
        if spec.kind in ("base", "feature"):
            assert table_talk.noun(spec, rng).strip()


def test_edits_name_the_step_that_they_change() -> None:
    steps = notation.plan(
        ["box length=60 width=40 height=10", "hole diameter=5", "hole diameter=8 at=corners(inset=6)"]
    )["bodies"][0]["steps"]
    rng = random.Random(6)
    for _ in range(200):
        made = edits.remove(steps, rng)
        assert made is not None
        text, patch = made
        size = {2: "5", 3: "8"}[patch["changes"][0]["step"]]
        assert size in text


@pytest.mark.parametrize(
    ("written", "taught"),
    [
        ("6 mm", 6),
        ("2 1/2in", "2 1/2in"),
        ('3/4"', "3/4in"),
        ("5 cm", "5cm"),
        ("M5", "M5"),
        ("8*2", "8*2"),
        ("6,5", 6.5),
        ("45°", 45),
    ],
)
def test_quantities_have_one_form(written: str, taught: object) -> None:
    assert answers.quantity(written) == taught
