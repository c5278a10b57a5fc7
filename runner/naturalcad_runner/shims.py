"""`show(...)` and `show_object(...)` as other tools have them, for programs that were written for those
tools.

They only collect what they are given. It is used when a program leaves no `result`.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from types import ModuleType
from typing import Any, NamedTuple


class Shown(NamedTuple):
    value: Any
    name: str | None
    colour: Any


def install(namespace: dict[str, Any]) -> list[Shown]:
    """Puts the functions into `namespace` and into a module `ocp_vscode`; returns what they collect."""
    shown: list[Shown] = []

    def show(
        *values: Any,
        names: Sequence[str] | str | None = None,
        colors: Sequence[Any] | None = None,
        **_others: Any,
    ) -> None:
        labels = [names] if isinstance(names, str) else list(names or ())
        # build123d-mcp's form: the second argument is the name.
        if len(values) == 2 and isinstance(values[1], str):
            values, labels = values[:1], [values[1]]
        for position, value in enumerate(values):
            shown.append(Shown(value, _at(labels, position), _at(colors or (), position)))

    def show_object(
        value: Any, name: str | None = None, options: dict[str, Any] | None = None, **others: Any
    ) -> Any:
        shown.append(Shown(value, name, {**(options or {}), **others}.get("color")))
        return value

    def nothing(*_values: Any, **_options: Any) -> None:
        """Viewer settings mean nothing here."""

    functions = {"show": show, "show_object": show_object}
    viewer = ModuleType("ocp_vscode", "Stands in for the viewer of that name; collects what is shown.")
    viewer.__dict__.update(functions, show_all=nothing, set_port=nothing, set_defaults=nothing)
    viewer.__dict__.update(reset_show=shown.clear, push_object=show_object, debug=nothing)
    viewer.__dict__.update(
        {name: _Settings(name, (), {}) for name in ("Animation", "Camera", "Collapse", "Render")}
    )
    viewer.__dict__["__getattr__"] = lambda name: _setting(name, nothing)
    viewer.__dict__["__all__"] = [name for name in viewer.__dict__ if not name.startswith("__")]
    sys.modules["ocp_vscode"] = viewer
    namespace.update(functions)
    return shown


class _Settings(type):
    """A class with any attribute: programs name viewer settings such as `Camera.KEEP`, which mean nothing
    here.
    """

    def __getattr__(cls, name: str) -> str:
        if name.startswith("__"):
            raise AttributeError(name)
        return name


def _setting(name: str, nothing: Any) -> Any:
    if name.startswith("__"):
        raise AttributeError(name)
    return _Settings(name, (), {}) if name[0].isupper() else nothing


def _at(items: Sequence[Any], position: int) -> Any:
    return items[position] if position < len(items) else None
