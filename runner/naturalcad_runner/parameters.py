"""The UPPER_CASE literals at the top level of a program: finding them, and giving them other values in its
syntax tree.

    LENGTH = 60.0  # [10:0.5:200] mm | Length      a number, its range, its unit, its label
    COUNT = 4  # [2, 4, 6] | Holes                 a whole number, one of three
    SCREW = "M5"  # [M4, M5, M6]                   a text, one of three

Everything in the comment may be left out. The text of the program stays as it is: line numbers of errors keep
their meaning. A value must be of the kind the literal is (a whole number where the program counts, any number
where it measures, a truth value, a text) and inside the range or among the choices that its comment names.
"""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

Literal = bool | int | float | str
Assignment = ast.Assign | ast.AnnAssign

# More are still parameters, but not told: a page with hundreds of sliders helps nobody.
TOLD_MAX = 200
TEXT_CHARS_MAX = 200
COMMENT_CHARS_MAX = 300

_COMMENT = re.compile(r"#\s*(?:\[(?P<range>[^\]]*)\])?(?P<unit>[^|]*)(?:\|(?P<label>.*))?$")
_UNIT_CHARS_MAX = 12
# What a comment of one word may say without a range or a label in it.
_UNITS = frozenset({"mm", "deg", "degrees", "°", "g", "%"})


class ParameterError(Exception):
    """A value cannot be given; `kind` is the word the host shows as the type of the error."""

    def __init__(self, kind: str, message: str, line: int | None = None) -> None:
        super().__init__(message)
        self.kind = kind
        self.line = line


@dataclass(frozen=True, slots=True)
class Comment:
    """What the comment behind a literal says about it."""

    low: float | None = None
    step: float | None = None
    high: float | None = None
    choices: list[Literal] = field(default_factory=list)
    unit: str | None = None
    label: str | None = None


def substitute(tree: ast.Module, source: str, values: Mapping[str, Any]) -> dict[str, Literal]:
    """Puts `values` in the place of the literals that `tree` assigns to these names, and returns them as the
    program will see them.
    """
    given: dict[str, Literal] = {}
    if not values:
        return given
    found = assignments(tree)
    lines = _lines(source)
    for name, value in values.items():
        if name not in found:
            known = ", ".join(f"`{known}`" for known in found) or "none"
            message = f"The program has no parameter `{name}`; its parameters are: {known}"
            raise ParameterError("UnknownParameter", message)
        for node in found[name]:
            fitting = _fitting(name, value, node, _said(node, lines))
            node.value = ast.copy_location(ast.Constant(fitting), node.value)
            given[name] = fitting
    return given


def declared(tree: ast.Module, source: str) -> list[dict[str, Any]]:
    """Every parameter as the host tells it, in the order of the program: kind, value, range, and where its
    literal stands (character offsets, end excluded). A name that is assigned more than once is left out: it
    has no single place where its value is written.
    """
    found = assignments(tree)
    if not found:
        return []
    lines = _lines(source)
    offset = _offsets(lines)
    told = []
    for name, nodes in found.items():
        if len(nodes) > 1 or len(told) == TOLD_MAX:
            continue
        node, value = nodes[0], nodes[0].value
        written = literal(value)  # type: ignore[arg-type]
        if isinstance(written, str) and len(written) > TEXT_CHARS_MAX:
            continue
        if isinstance(written, float) and not math.isfinite(written):
            continue
        comment = _said(node, lines)
        told.append(
            {
                "name": name,
                "value": written,
                "kind": "choice" if comment.choices else _kind(written),
                "min": comment.low,
                "max": comment.high,
                "step": comment.step,
                "unit": comment.unit,
                "label": comment.label,
                "choices": comment.choices,
                "line": node.lineno,
                "span": [
                    offset(value.lineno, value.col_offset),
                    offset(value.end_lineno, value.end_col_offset),
                ],
            }
        )
    return told


def assignments(tree: ast.Module) -> dict[str, list[Assignment]]:
    found: dict[str, list[Assignment]] = {}
    for node in tree.body:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                pass
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                pass
            case _:
                continue
        if name.isupper() and not name.startswith("_") and literal(value) is not None:
            found.setdefault(name, []).append(node)
    return found


def literal(node: ast.expr) -> Literal | None:
    """The value that `node` spells out, or None when it is not a bare number, truth value or text."""
    match node:
        case ast.Constant(value=bool() | int() | float() | str() as value):
            return value
        case ast.UnaryOp(
            op=ast.USub() | ast.UAdd() as sign, operand=ast.Constant(value=int() | float() as value)
        ):
            if isinstance(value, bool):
                return None
            return -value if isinstance(sign, ast.USub) else value
    return None


def _said(node: Assignment, lines: list[str]) -> Comment:
    """What the comment behind the statement says; of two statements on one line it is the last one's.

    What follows a whole statement and begins with `#` can only be a comment, so that no tokenizer is needed,
    which would take longer than building many a part.
    """
    line = lines[(node.end_lineno or 1) - 1]
    behind = line.encode()[node.end_col_offset or 0 :].decode("utf-8", "replace").strip(" \t\f;\r\n")
    return parse_comment(behind, literal(node.value)) if behind.startswith("#") else Comment()  # type: ignore[arg-type]


def parse_comment(text: str, written: Literal | None) -> Comment:
    """`# [10:0.5:200] mm | Length`; a comment of another form says nothing about the value."""
    match = _COMMENT.match(text[:COMMENT_CHARS_MAX].strip())
    if not match:
        return Comment()
    word = match["unit"].strip()
    unit = word if word and len(word) <= _UNIT_CHARS_MAX and len(word.split()) == 1 else None
    label = (match["label"] or "").strip() or None
    if match["range"] is None and match["label"] is None:
        return Comment(unit=unit if unit in _UNITS else None)
    inside = (match["range"] or "").strip()
    if ":" in inside and not isinstance(written, bool | str):
        low, step, high = _range(inside.split(":"))
        return Comment(low, step, high, unit=unit, label=label)
    return Comment(choices=_choices(inside, written), unit=unit, label=label)


def _range(parts: list[str]) -> tuple[float | None, float | None, float | None]:
    """Low, step, high of `low:high` or `low:step:high`; an empty end is open, nonsense is no range at all."""
    nothing = (None, None, None)
    try:
        numbers = [float(part) if part.strip() else None for part in parts]
    except ValueError:
        return nothing
    if len(parts) not in (2, 3) or any(
        number is not None and not math.isfinite(number) for number in numbers
    ):
        return nothing
    low, high = numbers[0], numbers[-1]
    step = numbers[1] if len(numbers) == 3 else None
    if (low is not None and high is not None and low > high) or (step is not None and step <= 0):
        return nothing
    return low, step, high


def _choices(inside: str, written: Literal | None) -> list[Literal]:
    """`M4, M5, M6`. Where the literal is none of them, the program is the one that counts."""
    choices: list[Literal] = []
    for text in inside.split(","):
        try:
            match written:
                case bool() | None:
                    return []
                case int():
                    choices.append(int(text))
                case float():
                    choices.append(float(text))
                case _:
                    choices.append(text.strip().strip("'\""))
        except ValueError:
            return []
    return choices if len(choices) > 1 and written in choices else []


def _kind(written: Literal | None) -> str:
    match written:
        case bool():
            return "switch"
        case int():
            return "count"
        case float():
            return "number"
    return "text"


def _fitting(name: str, value: Any, node: Assignment, comment: Comment) -> Literal:
    written = literal(node.value)  # type: ignore[arg-type]
    number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    match written:
        case bool():
            wanted, fits = "true or false", isinstance(value, bool)
        case int():
            wanted, fits = "a whole number", number and float(value).is_integer()
            value = int(value) if fits else value
        case float():
            wanted, fits = "a number", number
            value = float(value) if fits else value
        case _:
            wanted, fits = "a text", isinstance(value, str)
    if not fits:
        raise ParameterError("BadParameter", f"Parameter `{name}` takes {wanted}, not {value!r}", node.lineno)
    why = _outside(value, comment)
    if why:
        raise ParameterError("BadParameter", f"Parameter `{name}` {why}, not {value!r}", node.lineno)
    return value


def _outside(value: Literal, comment: Comment) -> str | None:
    unit = f" {comment.unit}" if comment.unit else ""
    if comment.choices and value not in comment.choices:
        return f"is one of {', '.join(str(choice) for choice in comment.choices)}{unit}"
    if isinstance(value, bool | str):
        return None
    if comment.low is not None and value < comment.low:
        return f"is at least {comment.low:g}{unit}"
    if comment.high is not None and value > comment.high:
        return f"is at most {comment.high:g}{unit}"
    return None


def _lines(source: str) -> list[str]:
    """As the parser counts them, with their ends."""
    return re.split(r"(?<=\n)|(?<=\r)(?!\n)", source)


def _offsets(lines: list[str]) -> Callable[[int, int], int]:
    """From a line and a column in bytes, as the syntax tree counts, to an offset in characters."""
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line))

    def offset(line: int, column: int) -> int:
        return starts[line - 1] + len(lines[line - 1].encode()[:column].decode("utf-8", "replace"))

    return offset
