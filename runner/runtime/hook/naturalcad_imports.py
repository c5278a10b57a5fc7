"""Lets `import build123d` leave out what a part seldom needs, and names what this runtime does not carry.

Two things, both through one finder on `sys.meta_path`:

* While one of the packages in `DEFERRED` is being imported, its `from scipy.optimize import minimize` binds a
  stand-in that loads the real thing when it is first called or looked into. A user's own import of the same
  package is not touched: it gets the real module at once.
* A package in `LEFT_OUT` raises `ModuleNotFoundError` with a sentence that says why it is not there.

build123d also gets its font names (naturalcad_text.py). No lock, no thread and no open file stays behind, so
forks of the process are safe. The packages' own files are unchanged.
"""

from __future__ import annotations

import builtins
import gc
import importlib
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from importlib.util import spec_from_file_location
from types import ModuleType
from typing import Any

import naturalcad_text

# Importing package -> packages whose import it puts off. In a module of the left column these names must only
# be called, looked into after its import, subclassed, or stand in annotations and type checks.
DEFERRED: dict[str, frozenset[str]] = {
    "build123d": frozenset(
        {
            "IPython",
            "ocp_gordon",
            "ocpsvg",
            "requests",
            "scipy",
            "sklearn",
            "svgpathtools",
            "threejs_materials",
        }
    ),
    "py_gearworks": frozenset({"scipy"}),
    "svgpathtools": frozenset({"scipy"}),
    "threejs_materials": frozenset({"PIL", "requests"}),
}

_NO_NETWORK = "NaturalCAD never uses a network"
LEFT_OUT: dict[str, str] = {
    "joblib": "it belongs to scikit-learn, which only served turning STL meshes into solids",
    "requests": _NO_NETWORK,
    "sklearn": "scikit-learn only served turning STL meshes into solids (`detect_primitives`)",
    "sympy": "build123d declares but never uses it",
    "urllib3": _NO_NETWORK,
    "vtk": "it only served viewers other than NaturalCAD's own",
}

_real_import = builtins.__import__
_depth = 0


class Stand:
    """One name of a package that is not loaded yet; loads it when it is called or looked into."""

    __slots__ = ("_module", "_path", "_real")

    def __init__(self, module: str, path: tuple[str, ...] = ()) -> None:
        self._module = module
        self._path = path

    def _load(self) -> Any:
        try:
            return self._real
        except AttributeError:
            pass
        found: Any = importlib.import_module(self._module)
        for name in self._path:
            try:
                found = getattr(found, name)
            except AttributeError:
                if not isinstance(found, ModuleType):
                    raise
                found = importlib.import_module(f"{found.__name__}.{name}")
        self._real = found
        return found

    def __getattr__(self, name: str) -> Any:
        if name == "_real":
            raise AttributeError(name)
        if _depth == 0:
            return getattr(self._load(), name)
        if name.startswith("__"):
            raise AttributeError(name)
        return Stand(self._module, (*self._path, name))

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._load()(*args, **kwargs)

    def __getitem__(self, key: Any) -> Any:
        return self._load()[key]

    def __instancecheck__(self, instance: Any) -> bool:
        # Nothing can be an instance of a class of a package that nobody has loaded.
        return self._module in sys.modules and isinstance(instance, self._load())

    def __subclasscheck__(self, cls: type) -> bool:
        return self._module in sys.modules and issubclass(cls, self._load())

    def __mro_entries__(self, bases: tuple[Any, ...]) -> tuple[Any, ...]:
        return (self._load(),)

    def __or__(self, other: Any) -> Stand:
        return self

    __ror__ = __or__

    def __repr__(self) -> str:
        return f"<{'.'.join((self._module, *self._path))}, not loaded yet>"


def _deferring_import(
    name: str,
    globals: dict[str, Any] | None = None,
    locals: dict[str, Any] | None = None,
    fromlist: Sequence[str] | None = (),
    level: int = 0,
) -> Any:
    if level == 0 and globals:
        importer = str(globals.get("__name__", "")).partition(".")[0]
        wanted = DEFERRED.get(importer)
        if wanted and name.partition(".")[0] in wanted:
            return Stand(name if fromlist else name.partition(".")[0])
    return _real_import(name, globals, locals, fromlist, level)


@contextmanager
def _deferring() -> Iterator[None]:
    global _depth
    _depth += 1
    builtins.__import__ = _deferring_import
    try:
        yield
    finally:
        _depth -= 1
        if _depth == 0:
            builtins.__import__ = _real_import


@contextmanager
def _uncollected() -> Iterator[None]:
    """The objects that appear never go: looking through them again and again costs a third of the import."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        # Frozen objects are passed over by later collections too, which keeps their pages shared between
        # forks.
        gc.freeze()
        if was_enabled:
            gc.enable()


class _DeferringLoader(SourceFileLoader):
    def exec_module(self, module: ModuleType) -> None:
        with _deferring(), _uncollected():
            super().exec_module(module)
        if module.__name__ == "build123d":
            naturalcad_text.install()


class _Finder:
    """Consulted before the ordinary finders; answers only for the names in the two tables."""

    @staticmethod
    def find_spec(
        name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if name in LEFT_OUT:
            raise ModuleNotFoundError(f"`{name}` is not part of this runtime: {LEFT_OUT[name]}", name=name)
        if name not in DEFERRED:
            return None
        spec = PathFinder.find_spec(name, path, target)
        if spec is None or spec.origin is None:
            return spec
        return spec_from_file_location(
            name,
            spec.origin,
            loader=_DeferringLoader(name, spec.origin),
            submodule_search_locations=spec.submodule_search_locations,
        )


def install() -> None:
    """Puts the finder in front; a second call changes nothing."""
    if _Finder not in sys.meta_path:
        sys.meta_path.insert(0, _Finder)
