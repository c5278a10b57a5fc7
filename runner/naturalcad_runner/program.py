"""Runs one program: compile, give parameters their values, execute as `__main__`, find what it left."""

from __future__ import annotations

import ast
import builtins
import linecache
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from types import CodeType, ModuleType
from typing import Any

from . import parameters, shims
from .errors import PROGRAM, NoPart

NO_RESULT_HINT = "Put the finished part into a variable named `result`"


@dataclass(frozen=True, slots=True)
class Compiled:
    """A program that can run, and the parameters it declares with the values it will run with."""

    code: CodeType
    declared: list[dict[str, Any]]


def compile_program(source: str, values: Mapping[str, Any]) -> Compiled:
    """Raises SyntaxError, or `parameters.ParameterError` when a value does not fit."""
    tree = ast.parse(source, PROGRAM)
    declared = parameters.declared(tree, source)
    given = parameters.substitute(tree, source, values)
    for parameter in declared:
        parameter["value"] = given.get(parameter["name"], parameter["value"])
    # Lets Python show the program's own lines in what the program itself prints of an error.
    linecache.cache[PROGRAM] = (len(source), None, source.splitlines(keepends=True), PROGRAM)
    return Compiled(compile(tree, PROGRAM, "exec", dont_inherit=True), declared)


def execute(code: CodeType) -> Any:
    """What the program left: its `result`, else what it showed. Raises what the program raises."""
    module = ModuleType("__main__")
    namespace = module.__dict__
    namespace.update(__builtins__=builtins, __file__=PROGRAM)
    sys.modules["__main__"] = module
    sys.argv = [PROGRAM]
    shown = shims.install(namespace)
    try:
        exec(code, namespace)
    except SystemExit:
        if namespace.get("result") is None and not shown:
            raise
    result = namespace.get("result")
    if result is not None:
        return result
    if shown:
        return shown[0] if len(shown) == 1 else shown
    if "result" in namespace:
        raise NoPart("EmptyResult", "`result` is None", NO_RESULT_HINT)
    raise NoPart("NoResult", "The program left no `result`", NO_RESULT_HINT)
