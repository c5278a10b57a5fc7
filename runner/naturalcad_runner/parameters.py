"""The UPPER_CASE literals at the top level of a program, and giving them other values in its syntax tree.

The text of the program stays as it is: line numbers of errors keep their meaning. A value must be of the kind
the literal is (a whole number where the program counts, any number where it measures, a truth value, a text).
"""

from __future__ import annotations

import ast
import math
from collections.abc import Mapping
from typing import Any

Literal = bool | int | float | str


class ParameterError(Exception):
    """A value cannot be given; `kind` is the word the host shows as the type of the error."""

    def __init__(self, kind: str, message: str, line: int | None = None) -> None:
        super().__init__(message)
        self.kind = kind
        self.line = line


def substitute(tree: ast.Module, values: Mapping[str, Any]) -> None:
    """Puts `values` in the place of the literals that `tree` assigns to these names."""
    if not values:
        return
    found = assignments(tree)
    for name, value in values.items():
        if name not in found:
            known = ", ".join(f"`{known}`" for known in found) or "none"
            message = f"The program has no parameter `{name}`; its parameters are: {known}"
            raise ParameterError("UnknownParameter", message)
        for node in found[name]:
            node.value = ast.copy_location(ast.Constant(_fitting(name, value, node)), node.value)


def assignments(tree: ast.Module) -> dict[str, list[ast.Assign | ast.AnnAssign]]:
    found: dict[str, list[ast.Assign | ast.AnnAssign]] = {}
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


def _fitting(name: str, value: Any, node: ast.Assign | ast.AnnAssign) -> Literal:
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
    return value
