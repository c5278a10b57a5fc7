"""Checks files of prompts and plans: is each plan good, and does it say only what its prompt says?

    python models/train/check_phrases.py FILE...

`wrong` must be mended, `look` is worth a second look and may be right. Exit code 1 when something is wrong.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

import notation
from notation import Block, compact
from small import answers, quantity, table

DIGITS = re.compile(r"\d+(?:[.,]\d+)?|\.\d+")
# What a fragment that is no body is tried on.
PLAIN_BLOCK = {"do": "box", "length": 400, "width": 300, "height": 200}
# Keys of a plan that hold no number of the part.
FORM = {"plan", "patch", "do", "body", "question"}
# Numbers that a plan may hold although no digit of the prompt says so: "a cube", "twice", "half", "a pair".
FREE = {"1", "2", "0"}


def question(block: Block) -> dict[str, Any]:
    if block.fragment:
        first = block.answer["bodies"][0]["steps"][0]
        kind = table.steps()[first["do"]].kind if first["do"] in table.steps() else "base"
        on_block = kind == "feature" or "combine" in first
        steps = [*([PLAIN_BLOCK] if on_block else []), *block.answer["bodies"][0]["steps"]]
        return {"answer": compact({"plan": 1, "bodies": [{"steps": steps}]})}
    asked = {"prompt": block.prompt, "answer": compact(block.answer)}
    return {**asked, "before": compact(block.before)} if block.before else asked


def numbers(value: Any) -> set[str]:
    """The numbers in the values of an answer, as written; not those that are part of its form."""
    if isinstance(value, dict):
        # Of a change only its values, its place and the step that it adds; its numbers name steps and bodies.
        is_change = "change" in value
        kept = [
            inside
            for name, inside in value.items()
            if (name in ("values", "at", "step") if is_change else name not in FORM)
            and not (is_change and isinstance(inside, int))
        ]
        return set().union(*map(numbers, kept))
    if isinstance(value, list):
        return set().union(*(numbers(one) for one in value))
    if isinstance(value, bool) or value is None:
        return set()
    return {plain(found) for found in DIGITS.findall(str(value))}


def plain(number: str) -> str:
    return f"{float(number.replace(',', '.')):g}"


def unsaid(block: Block) -> list[str]:
    """Numbers of the answer that its prompt does not state."""
    said = {plain(found) for found in DIGITS.findall(block.prompt)}
    # "5.5x3" and "3/8" are cut at the sign; a decimal comma may part a list.
    said |= {
        plain(part) for found in DIGITS.findall(block.prompt) for part in re.split("[.,]", found) if part
    }
    words = set(re.findall("[a-z]+", block.prompt.lower()))
    said |= {str(value) for value, word in enumerate(quantity.WORDS) if word in words}
    if block.before:
        said |= numbers(block.before)
    return sorted(numbers(block.answer) - said - FREE)


def check(path: Path) -> tuple[int, list[str], list[str]]:
    """How many blocks a file has, what is wrong with them, and what is worth a look."""
    blocks, wrong = notation.read(path)
    look: list[str] = []
    seen: dict[str, str] = {}
    for block, judged in zip(blocks, answers.judge(map(question, blocks)), strict=True):
        told = f"{block.place}: > {block.prompt[:80]}"
        missing = [p for p in judged["problems"] if answers.MISSING in p]
        wrong += [f"{told}\n    {p}" for p in judged["problems"] if p not in missing]
        look += [f"{told}\n    {p} (right if the prompt does not say it)" for p in missing]
        wrong += [f"{told}\n    the plan says {n}, the prompt does not" for n in unsaid(block)]
        if earlier := seen.get(block.prompt):
            wrong.append(f"{told}\n    the same prompt as {earlier}")
        seen[block.prompt] = block.place
        reader = judged.get("reader") or {}
        if (
            reader.get("complete")
            and judged.get("plan")
            and differ(json.loads(judged["plan"]), reader["plan"])
        ):
            look.append(f"{told}\n    yours  {judged['plan']}\n    reader {reader['plan']}")
    return len(blocks), wrong, look


def differ(plan: dict[str, Any], reader: str | None) -> bool:
    """Whether the reader, which understood the prompt, has other steps or other values for what both say."""
    mine, other = (steps_of(one) for one in (plan, json.loads(reader or "{}")))
    if [step["do"] for step in mine] != [step["do"] for step in other]:
        return True
    return any(
        key in theirs and theirs[key] != given
        for step, theirs in zip(mine, other, strict=True)
        for key, given in step.items()
    )


def steps_of(plan: dict[str, Any]) -> list[dict[str, Any]]:
    steps = [step for body in plan.get("bodies", []) for step in body["steps"]]
    return sorted(steps, key=lambda step: (step["do"], compact(step)))


def main() -> None:
    failed = False
    for path in map(Path, sys.argv[1:]):
        count, wrong, look = check(path)
        print("\n".join([f"look   {one}" for one in look] + [f"wrong  {one}" for one in wrong]))
        print(f"{path}: {count} blocks, {len(wrong)} wrong, {len(look)} to look at")
        failed = failed or bool(wrong)
    sys.exit(int(failed))


if __name__ == "__main__":
    main()
