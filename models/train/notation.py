"""The short notation in which people write prompts with their plans, and how it becomes a model's answer.

A block is a prompt (`>`), and below it its plan, a step on each line; blocks are parted by empty lines:

    > I need a 60 by 40 slab, 10 thick, with an M5 clearance hole 6 mm in from every corner
    box length=60 width=40 height=10
    hole diameter=M5 on=top at=corners(inset="6 mm")

A fragment (`~`) is a piece of a prompt, with the steps that it means. A further loose body begins with
`body NAME side=top gap=2`. A block that changes a part begins with the steps of that part (`=`); below the
prompt stand changes, by the numbers of those steps:

    = box length=60 width=40 height=10
    = hole diameter=5 at=center
    > make that hole an 8 and round the upright corners by 3
    set 2 diameter=8
    add fillet radius=3 edges=vertical

Changes are `set N NAME=VALUE`, `set N NAME=null`, `move N on=FACE at=PLACE`, `remove N`, `add STEP`, `ask
QUESTION`.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

NUMBER = re.compile(r"-?(\d+\.?\d*|\.\d+)")
FIELD = re.compile(r"([a-z_0-9]+)=")


class NotationError(ValueError):
    """A block that is not written as it should be."""


@dataclass
class Block:
    """A prompt or a fragment of one, the plan before it if it is a change, and its answer as a JSON value."""

    prompt: str
    answer: dict[str, Any]
    before: dict[str, Any] | None = None
    place: str = ""
    fragment: bool = False
    # What stands in a line `# ...` above it.
    remark: str = ""


def compact(value: Any) -> str:
    """JSON as the grammar has it."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def scalar(text: str) -> Any:
    """A value as written: a plain number becomes a number, anything else stays text."""
    if NUMBER.fullmatch(text):
        number = float(text)
        return int(number) if number.is_integer() and "." not in text else number
    constants = {"true": True, "false": False, "null": None}
    return constants.get(text, text)


def value(text: str) -> Any:
    if text.startswith(("[", "{", '"')):
        try:
            return json.loads(text)
        except json.JSONDecodeError:
            if text.startswith("["):
                return [value(part.strip()) for part in split(text[1:-1], ",")]
            raise NotationError(f"`{text}` is no JSON") from None
    call = re.fullmatch(r"([a-z_0-9]+)\((.*)\)", text)
    if call is None:
        return scalar(text)
    name, inside = call.groups()
    if not inside.strip():
        return name
    if "=" not in inside:
        return {name: [value(part.strip()) for part in split(inside, ",")]}
    return {name: fields(" ".join(split(inside, ",")))}


def split(text: str, at: str) -> list[str]:
    """The parts of a text between these signs, outside of brackets and quotation marks."""
    parts, depth, quoted, start = [], 0, False, 0
    for index, char in enumerate(text):
        if char == '"' and (index == 0 or text[index - 1] != "\\"):
            quoted = not quoted
        elif quoted:
            continue
        elif char in "([{":
            depth += 1
        elif char in ")]}":
            depth -= 1
        elif char == at and depth == 0:
            parts.append(text[start:index])
            start = index + 1
    if quoted or depth:
        raise NotationError(f"A bracket or quotation mark is not closed in `{text}`")
    return [part.strip() for part in [*parts, text[start:]] if part.strip()]


def fields(text: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for part in split(text, " "):
        name = FIELD.match(part)
        if name is None:
            raise NotationError(f"`{part}` is not NAME=VALUE; a value with spaces needs quotation marks")
        if name[1] in found:
            raise NotationError(f"`{name[1]}` is given twice")
        found[name[1]] = place(value(part[name.end() :])) if name[1] == "at" else value(part[name.end() :])
    return found


def place(given: Any) -> Any:
    """Several points are a pattern of that name."""
    return {"points": given} if isinstance(given, list) and isinstance(given[0], list) else given


def step(line: str) -> dict[str, Any]:
    name, _, rest = line.partition(" ")
    given = fields(rest)
    last = ("on", "at", "combine", "turn", "lift")
    own = {key: given[key] for key in given if key not in last}
    return {"do": name, **own, **{key: given[key] for key in last if key in given}}


def plan(lines: list[str]) -> dict[str, Any]:
    bodies: list[dict[str, Any]] = [{"name": "part", "steps": []}]
    for line in lines:
        if line.startswith("body "):
            _, name, *rest = line.split(" ", 2)
            place = {"to": bodies[-1]["name"], "side": "top", "gap": 0, **fields(rest[0] if rest else "")}
            bodies.append({"name": name, "place": place, "steps": []})
        else:
            bodies[-1]["steps"].append(step(line))
    return {"plan": 1, "bodies": bodies}


def change(line: str) -> dict[str, Any]:
    verb, _, rest = line.partition(" ")
    if verb == "ask":
        return {"change": "ask", "question": rest}
    if verb == "add":
        body = re.search(r" body=(\d+)$", rest)
        added: dict[str, Any] = {"change": "add", "step": step(rest[: body.start()] if body else rest)}
        return {**added, "body": int(body[1])} if body else added
    number, _, rest = rest.partition(" ")
    if not number.isdigit():
        raise NotationError(f"`{line}`: after `{verb}` comes the number of a step")
    if verb == "set":
        return {"change": "set", "step": int(number), "values": fields(rest)}
    if verb == "move":
        return {"change": "move", "step": int(number), **fields(rest)}
    if verb == "remove":
        return {"change": "remove", "step": int(number)}
    raise NotationError(f"`{verb}` is no change; changes are set, move, remove, add, ask")


def block(lines: list[str], place: str) -> Block:
    prompt = "\n".join(line[1:].strip() for line in lines if line.startswith((">", "~")))
    before = [line[1:].strip() for line in lines if line.startswith("=")]
    answer = [line.strip() for line in lines if not line.startswith((">", "=", "~"))]
    if not prompt or not answer:
        raise NotationError(f"{place}: a block has a prompt (`>`) or fragment (`~`) and lines below it")
    try:
        if before:
            patch = {"patch": 1, "changes": [change(line) for line in answer]}
            return Block(prompt, patch, plan(before), place)
        return Block(prompt, plan(answer), None, place, lines[0].startswith("~"))
    except NotationError as error:
        raise NotationError(f"{place}: {error}") from None


def read(path: Path) -> tuple[list[Block], list[str]]:
    """The blocks of a file, and what is wrong with those that are not understood. `#` begins a remark."""
    blocks: list[Block] = []
    wrong: list[str] = []
    lines: list[str] = []
    start, remark = 1, ""
    for number, line in enumerate([*path.read_text(encoding="utf-8").splitlines(), ""], start=1):
        if line.startswith("#"):
            remark = line[1:].strip()
            continue
        if line.strip():
            if not lines:
                start = number
            lines.append(line.strip())
        elif lines:
            try:
                blocks.append(replace(block(lines, f"{path.name}:{start}"), remark=remark))
            except NotationError as error:
                wrong.append(str(error))
            lines, remark = [], ""
    return blocks, wrong
