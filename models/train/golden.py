"""Golden prompts: what a model of ours answers, greedily, as a test case file (`tests/cases/model`)."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Protocol

HEADER = """\
# What the {name} model answers, greedily, to {what}.
# Written by {script}. `before` is the listing of the part that is edited. The question is
# `<|prompt|>PROMPT<|plan|>` for a new part and `<|plan_before|>BEFORE<|prompt|>PROMPT<|patch|>` for an edit;
# `<|end|>` follows the answer.
"""


class Answered(Protocol):
    prompt: str
    answer: str
    before: str | None


def quoted(text: str) -> str:
    """A TOML text, literal where it can be, so that plans stay readable."""
    if "'" in text or not text.isprintable():
        escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
        return f'"{escaped}"'
    return f"'{text}'"


def write(path: Path, header: str, answered: Iterable[Answered]) -> None:
    lines = [header]
    for example in answered:
        lines.append("[[case]]")
        if example.before is not None:
            lines.append(f"before = {quoted(example.before)}")
        lines += [f"prompt = {quoted(example.prompt)}", f"answer = {quoted(example.answer)}", ""]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines), encoding="utf-8")
