"""The training data: examples of five kinds, each judged by the catalog, in one reproducible stream.

    python -m small.corpus --out FOLDER [--examples 400000] [--seed 1]     (in models/train)

Writes `part-NNN.jsonl`, each line `{"kind", "hand", "prompt", "before", "answer"}`; `before` is a listing
or null.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import notation
from check_phrases import unsaid
from notation import Block, compact

from . import answers, compose, edits, kept_apart, noise, quantity, slots, table, table_talk
from .compose import Fragment

PHRASES = Path(__file__).resolve().parents[1] / "phrases"
# Shares of the drafts. Whole prompts by people weigh most: the catalog refuses half of those composed.
SHARES = {"person": 40, "composed": 45, "table": 15, "example": 4, "person edit": 18, "table edit": 12}
PER_PART = 20_000


@dataclass(frozen=True)
class Draft:
    """An example before the catalog has seen it."""

    kind: str
    hand: str
    prompt: str
    answer: dict[str, Any]
    before: dict[str, Any] | None = None


class Corpus:
    """Draws drafts; the same for the same seed and the same files."""

    def __init__(self, seed: int, hands: list[Path]) -> None:
        self.rng = random.Random(seed)
        self.seed = seed
        self.parts: list[tuple[str, slots.Slotted]] = []
        self.changes: list[tuple[str, slots.Slotted]] = []
        self.bases: list[Fragment] = []
        self.features: list[Fragment] = []
        for path in hands:
            for block in notation.read(path)[0]:
                self._take(path.stem, block)
        self.examples = read_examples()
        self._plans: list[dict[str, Any]] = []

    def _take(self, hand: str, block: notation.Block) -> None:
        if block.fragment:
            fragment = Fragment(block.prompt, tuple(block.answer["bodies"][0]["steps"]))
            if all(step["do"] in table.steps() for step in fragment.steps):
                (self.bases if fragment.is_base() else self.features).append(fragment)
        else:
            kept = self.parts if block.before is None else self.changes
            kept.append((hand, slots.slotted(block.prompt, block.answer, block.before)))

    def plan(self) -> dict[str, Any]:
        """A random plan of the catalog, its numbers as round as people's."""
        if not self._plans:
            seed = str(self.rng.randrange(10**9))
            command = [answers.PROGRAM, "catalog", "sample", "--count", "2000", "--seed", seed]
            lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
            self._plans = [rounded(json.loads(line), self.rng) for line in lines]
        return self._plans.pop()

    def drafts(self, count: int) -> list[Draft]:
        draw: dict[str, Callable[[], Draft | None]] = {
            "person": lambda: self._person("person", self.parts),
            "person edit": lambda: self._person("person edit", self.changes),
            "composed": self._composed,
            "table": self._table,
            "example": lambda: self._person("example", self.examples),
            "table edit": self._table_edit,
        }
        open_ = {"person": self.parts, "person edit": self.changes, "composed": self.bases and self.features}
        shares = {kind: share for kind, share in SHARES.items() if kind not in open_ or open_[kind]}
        kinds = self.rng.choices(list(shares), list(shares.values()), k=count)
        return [draft for kind in kinds if (draft := draw[kind]()) is not None]

    def _person(self, kind: str, kept: list[tuple[str, slots.Slotted]]) -> Draft | None:
        hand, given = self.rng.choice(kept)
        new = given if self.rng.random() < 0.06 else slots.refill(given, self.rng)
        if new is None:
            return None
        if self.rng.random() < 0.12:
            new = slots.in_other_unit(new, self.rng) or new
        return Draft(kind, hand, noise.noisy(new.prompt, self.rng), new.answer, new.before)

    def _composed(self) -> Draft | None:
        prompt, plan = compose.composed(self.bases, self.features, self.rng)
        new = slots.refill(slots.slotted(prompt, plan), self.rng)
        return new and Draft("composed", "composed", noise.noisy(new.prompt, self.rng), new.answer)

    def _table(self) -> Draft | None:
        plan = self.plan()
        if len(plan["bodies"]) > 1:
            return None
        first, *rest = plan["bodies"][0]["steps"]
        if any("combine" in step for step in rest):
            return None
        said = [Fragment(table_talk.base(first, self.rng), (first,))]
        more = [Fragment(table_talk.feature(step, self.rng), (step,)) for step in rest]
        order = self.rng.random()
        write = (
            compose.listed
            if order < 0.1
            else compose.features_first
            if order < 0.2 and more
            else compose.flowing
        )
        return Draft("table", "table", noise.noisy(write(said[0], more, self.rng), self.rng), plan)

    def _table_edit(self) -> Draft | None:
        if self.features and self.bases and self.rng.random() < 0.6:
            _, plan = compose.composed(self.bases, self.features, self.rng)
            plan = {
                **plan,
                "bodies": [
                    {**body, "steps": [answers.deep(one) for one in body["steps"]]} for body in plan["bodies"]
                ],
            }
        else:
            plan = self.plan()
        features = self.features or [Fragment("a 5 mm hole in the middle", ({"do": "hole", "diameter": 5},))]
        found = edits.asked([step for body in plan["bodies"] for step in body["steps"]], features, self.rng)
        if found is None:
            return None
        return Draft("table edit", "table", noise.noisy(found[0], self.rng), found[1], plan)


def read_examples() -> list[tuple[str, slots.Slotted]]:
    """The examples of the catalog as its own reader understands them, each number as the prompt has it."""
    prompts = [example for step in table.steps().values() for example in step.examples]
    found = []
    for prompt, judged in zip(prompts, answers.judge({"prompt": one} for one in prompts), strict=True):
        said = judged["reader"].get("said")
        # What the reader computed ("across corners" from "across flats") is not for a model to copy.
        if said is not None and not unsaid(Block(prompt, json.loads(said))):
            found.append(("example", slots.slotted(prompt, json.loads(said))))
    return found


def rounded(plan: dict[str, Any], rng: random.Random) -> dict[str, Any]:
    """Whole and half millimetres where the sampler drew tenths."""
    if rng.random() < 0.15:
        return plan

    def change(kind: str, value: Any) -> Any:
        if kind != "length" or not isinstance(value, int | float) or abs(value) < 1:
            return value
        return slots.number(f"{quantity.value_of(f'{abs(value):g}') * (1 if value > 0 else -1):.0f}")

    return slots.walk(plan, change)


def example(draft: Draft, judged: dict[str, Any]) -> dict[str, Any] | None:
    """What is trained on; none when the catalog refuses the answer."""
    if not answers.is_good(judged) or kept_apart.is_evaluated(draft.prompt):
        return None
    if draft.before is None:
        answer = answers.plan(draft.answer, judged)
        return {
            "kind": draft.kind,
            "hand": draft.hand,
            "prompt": draft.prompt,
            "before": None,
            "answer": compact(answer),
        }
    answer = compact(answers.patch(draft.answer))
    return {
        "kind": draft.kind,
        "hand": draft.hand,
        "prompt": draft.prompt,
        "before": judged["listing"],
        "answer": answer,
    }


def question(draft: Draft) -> dict[str, Any]:
    asked = {"answer": compact(draft.answer)}
    return asked if draft.before is None else {**asked, "before": compact(draft.before)}


def write(out: Path, seed: int, count: int, hands: list[Path]) -> Counter[str]:
    """`count` drafts, of which the good ones go to files. Says how many of each kind there were."""
    out.mkdir(parents=True, exist_ok=True)
    corpus = Corpus(seed, hands)
    told: Counter[str] = Counter()
    for part in range(-(-count // PER_PART)):
        drafts = corpus.drafts(min(PER_PART, count - part * PER_PART))
        judged = answers.judge(map(question, drafts))
        good = [one for pair in zip(drafts, judged, strict=True) if (one := example(*pair)) is not None]
        told.update(f"{one['kind']}" for one in good)
        told.update(f"refused {draft.kind}" for draft in drafts)
        told.subtract(f"refused {one['kind']}" for one in good)
        path = out / f"part-{seed}-{part:03}.jsonl"
        path.write_text("".join(json.dumps(one, ensure_ascii=False) + "\n" for one in good), encoding="utf-8")
        print(f"{path.name}: {len(good)} of {len(drafts)}", flush=True)
    return told


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--examples", type=int, default=400_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--without", action="append", default=[], help="a hand to leave out")
    options = parser.parse_args()
    hands = [path for path in sorted(PHRASES.glob("*.txt")) if path.stem not in options.without]
    for kind, count in sorted(write(options.out, options.seed, options.examples, hands).items()):
        print(f"{kind}: {count}")


if __name__ == "__main__":
    main()
