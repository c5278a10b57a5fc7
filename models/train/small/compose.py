"""Prompts put together from fragments: a body, features on it, and what people say between them."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from . import table


@dataclass(frozen=True)
class Fragment:
    text: str
    steps: tuple[dict[str, Any], ...]

    def is_sentence(self) -> bool:
        return self.text.endswith((".", "!"))

    def is_base(self) -> bool:
        first = self.steps[0]
        return table.steps()[first["do"]].kind == "base" and "combine" not in first


LEADS = [
    "",
    "",
    "",
    "",
    "I need ",
    "make ",
    "Make me ",
    "we want ",
    "please do ",
    "Design ",
    "Create ",
    "could you draw ",
    "i'd like ",
    "Model ",
]
FIRST_TIES = [
    " with ",
    " with ",
    ", ",
    ", ",
    " and ",
    " having ",
    " that has ",
    ": ",
    " - ",
    " featuring ",
    "; ",
    " plus ",
]
TIES = [" and ", ", ", ", ", ", and ", " plus ", "; ", " as well as ", ", then ", " & ", ", also "]
SENTENCE_LEADS = [
    "It has ",
    "It gets ",
    "Add ",
    "add ",
    "Put in ",
    "There should be ",
    "It needs ",
    "I also need ",
    "Then ",
    "Also ",
    "Include ",
    "plus ",
]


def composed(
    bases: Sequence[Fragment], features: Sequence[Fragment], rng: random.Random
) -> tuple[str, dict[str, Any]]:
    """A prompt and its plan: one base, none to four features."""
    base = rng.choice(bases)
    chosen = rng.sample(features, k=rng.choices((0, 1, 2, 3, 4), (15, 35, 28, 16, 6))[0])
    steps = [*base.steps, *(step for one in chosen for step in one.steps)]
    plan = {"plan": 1, "bodies": [{"name": "part", "steps": steps}]}
    style = rng.random()
    if style < 0.15:
        return listed(base, chosen, rng), plan
    if style < 0.25 and chosen:
        return features_first(base, chosen, rng), plan
    return flowing(base, chosen, rng), plan


def bare(text: str) -> str:
    return text.rstrip(".! ")


def flowing(base: Fragment, chosen: Sequence[Fragment], rng: random.Random) -> str:
    text = base.text if base.is_sentence() else rng.choice(LEADS) + base.text
    for place, one in enumerate(chosen):
        ended = text.endswith((".", "!"))
        if one.is_sentence():
            text = f"{text if ended else text + '.'} {one.text}"
        elif ended:
            lead = rng.choice(SENTENCE_LEADS)
            text = f"{text} {lead}{one.text}{rng.choice(('.', '.', ''))}"
        else:
            text += rng.choice(FIRST_TIES if place == 0 else TIES) + one.text
    return text


def listed(base: Fragment, chosen: Sequence[Fragment], rng: random.Random) -> str:
    mark = rng.choice(("- ", "* ", "1", "", "• "))
    lines = [bare(one.text) for one in (base, *chosen)]
    if mark == "1":
        return "\n".join(f"{number}. {line}" for number, line in enumerate(lines, start=1))
    return "\n".join([lines[0], *(mark + line for line in lines[1:])])


def features_first(base: Fragment, chosen: Sequence[Fragment], rng: random.Random) -> str:
    said = [bare(one.text) for one in chosen]
    ties = [rng.choice(TIES) for _ in said[1:]]
    text = said[0] + "".join(tie + one for tie, one in zip(ties, said[1:], strict=True))
    behind = rng.choice(
        (" in ", " on ", ", all in ", " - the body is ", ", cut into ", ". Base: ", ", going into ")
    )
    return f"{rng.choice(('', '', 'I need ', 'Put '))}{text}{behind}{bare(base.text)}"
