"""Answers as the model is taught to write them: in the grammar's order, quantities in one form, places said.

The catalog is asked about each (`naturalcad catalog judge`): only plans without problems are taught, or such
that miss nothing but a size that the prompt does not give.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from . import table

PROGRAM = os.environ.get("NATURALCAD", str(table.ROOT / "target/debug/naturalcad"))
QUANTITY = re.compile(r"(-?\d[\d ./,-]*|-?\.\d+)\s*([a-zA-Z\"'″°]+)\.?")
UNITS = {
    "mm": "", "millimeter": "", "millimeters": "", "millimetre": "", "millimetres": "", "mil": "", "mils": "",
    "cm": "cm", "centimeter": "cm", "centimeters": "cm", "centimetre": "cm", "centimetres": "cm", "cms": "cm",
    "m": "m", "meter": "m", "meters": "m", "metre": "m", "metres": "m",
    "in": "in", '"': "in", "″": "in", "''": "in", "inch": "in", "inches": "in", "ins": "in",
    "ft": "ft", "foot": "ft", "feet": "ft", "'": "ft",
    "deg": "", "degree": "", "degrees": "", "°": "",
}  # fmt: skip
MISSING = " is missing."
AT_ONCE = 20_000


def judge(asked: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """What the catalog makes of lines with `prompt`, `before`, `answer`, in their order."""
    lines = [json.dumps(one) for one in asked]
    parts = [lines[start : start + AT_ONCE] for start in range(0, len(lines), AT_ONCE)]

    def run(part: list[str]) -> list[dict[str, Any]]:
        command = [PROGRAM, "catalog", "judge"]
        done = subprocess.run(command, input="\n".join(part), capture_output=True, text=True, check=True)
        return [json.loads(line) for line in done.stdout.splitlines()]

    with ThreadPoolExecutor(2) as pool:
        return [one for found in pool.map(run, parts) for one in found]


def is_good(judged: dict[str, Any]) -> bool:
    """A plan without problems, or one that only lacks sizes."""
    asks = all(MISSING in problem for problem in judged["problems"])
    return judged.get("plan") is not None and asks


def quantity(value: Any) -> Any:
    """`6 mm` is 6, `2 inches` is `2in`; names and sums stay as they are."""
    if not isinstance(value, str):
        return int(value) if isinstance(value, float) and value.is_integer() else value
    text = value.strip().replace("mm", "").strip() if re.search(r"[*+/-]\s*\d", value) else value.strip()
    found = QUANTITY.fullmatch(text)
    if found is not None and found[2].lower() in UNITS:
        number = (
            re.sub(r"[ -]+", " ", found[1].strip()) if "/" in found[1] else found[1].strip().replace(",", ".")
        )
        text = number + UNITS[found[2].lower()]
    text = re.sub(r"(?<=\d),(?=\d)", ".", text) if re.fullmatch(r"-?\d+,\d+", text) else text
    if re.fullmatch(r"-?(\d+\.?\d*|\.\d+)", text):
        number = float(text)
        return int(number) if number.is_integer() else number
    return text


def plan(answer: dict[str, Any], judged: dict[str, Any]) -> dict[str, Any]:
    """The answer in the form that is taught; `judged` is what the catalog made of it."""
    known = json.loads(judged["plan"])
    bodies = []
    for mine, theirs in zip(answer["bodies"], known["bodies"], strict=True):
        steps = [step(*pair) for pair in zip(mine["steps"], theirs["steps"], strict=True)]
        place = {"place": said(mine.get("place"), theirs["place"])} if "place" in theirs else {}
        # The first body's name tells nothing that the prompt does not; the program gives it one.
        bodies.append({"name": theirs["name"] if bodies else "part", **place, "steps": steps})
    return {"plan": 1, "bodies": bodies}


def step(mine: dict[str, Any], known: dict[str, Any]) -> dict[str, Any]:
    out: dict[str, Any] = {"do": known["do"]}
    for name, value in known.items():
        if name in mine and name not in ("do", "on", "at", "combine", "turn", "lift"):
            out[name] = said(mine[name], value)
    spec = table.steps()[known["do"]]
    on_face = spec.is_placed() or "combine" in known
    if "on" in known or on_face:
        out["on"] = known.get("on", "top")
    if "at" in known or (on_face and ("center" in spec.placements or "combine" in known)):
        out["at"] = said(mine.get("at"), known.get("at", "center"))
    for name in ("combine", "turn", "lift"):
        if name in known:
            out[name] = said(mine.get(name), known[name])
    return out


def said(mine: Any, known: Any) -> Any:
    """A value of the catalog in the words of the answer: `M5` and not what it measures."""
    if isinstance(known, dict) and isinstance(mine, dict):
        return {name: said(mine[name], value) if name in mine else value for name, value in known.items()}
    if isinstance(known, list) and isinstance(mine, list) and len(mine) == len(known):
        return [said(*pair) for pair in zip(mine, known, strict=True)]
    if isinstance(known, dict) and isinstance(mine, list):
        return {
            name: said(mine, value) if isinstance(value, list) else value for name, value in known.items()
        }
    if isinstance(known, int | float) and not isinstance(known, bool) and isinstance(mine, int | float | str):
        # `18650` and `608` are names of sizes.
        is_name = isinstance(mine, str) and mine.isdigit() and float(mine) != known
        return mine if is_name else quantity(mine)
    return known


def patch(answer: dict[str, Any]) -> dict[str, Any]:
    """A patch in the form that is taught."""
    return {"patch": 1, "changes": [change(one) for one in answer["changes"]]}


def change(one: dict[str, Any]) -> dict[str, Any]:
    if one["change"] == "ask":
        return {"change": "ask", "question": "Which one is meant?"}
    if one["change"] == "set":
        values = {name: deep(value) for name, value in one["values"].items()}
        return {"change": "set", "step": one["step"], "values": values}
    if one["change"] == "add":
        added = one["step"]
        spec = table.steps().get(added["do"])
        own = {name: deep(value) for name, value in in_turn(added, spec).items()}
        if spec is not None and (spec.is_placed() or "combine" in added):
            place = {"on": own.pop("on", "top")}
            if "at" in own or "center" in spec.placements or "combine" in added:
                place["at"] = own.pop("at", "center")
            last = {name: own.pop(name) for name in ("combine", "turn", "lift") if name in own}
            own = {**own, **place, **last}
        rest = {name: value for name, value in one.items() if name not in ("change", "step")}
        return {"change": "add", "step": own, **rest}
    return {name: deep(value) for name, value in one.items()}


def in_turn(added: dict[str, Any], spec: table.Step | None) -> dict[str, Any]:
    """The arguments in the grammar's order: those that must be there first."""
    if spec is None:
        return added
    ordered = sorted(spec.arguments.values(), key=lambda one: not one.required)
    names = ["do", *(one.name for one in ordered), *added]
    return {name: added[name] for name in dict.fromkeys(names) if name in added}


def deep(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: deep(inside) for name, inside in value.items()}
    if isinstance(value, list):
        if len(value) == 2 and not any(isinstance(one, list) for one in value):
            return [quantity(one) for one in value]
        return [deep(one) for one in value]
    return quantity(value)
