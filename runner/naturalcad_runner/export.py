"""The files of a part: fixed names in the scratch folder, each written under another name first and then
renamed.

Only the formats that were asked for are written. A format that makes no sense for the kind of part, or that
the kernel cannot write, is left out with a warning, never an error: the part itself is good.
"""

from __future__ import annotations

import os
import resource
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from OCP.BRepTools import BRepTools
from OCP.TopTools import TopTools_FormatVersion_CURRENT

from . import wire
from .clock import Clock
from .figures import rounded
from .flat import NotFlat, write_dxf, write_svg
from .glb import write_glb
from .measure import Measured, warning
from .mesh import FINE, Quality, mesh
from .part import SOLID, Part
from .scene import scene
from .step import write_step
from .stl import mesh_finely, together
from .threemf import write_3mf

FILE_NAMES = {
    "glb": "part.glb",
    "scene": "scene.json",
    "step": "part.step",
    "stl": "part.stl",
    "3mf": "part.3mf",
    "brep": "part.brep",
    "dxf": "part.dxf",
    "svg": "part.svg",
}
FORMATS = tuple(name for name in FILE_NAMES if name != "scene")
TEMPORARY = ".new-"
_ONLY_SOLID = ("stl", "3mf")
_ONLY_FLAT = ("dxf", "svg")


class Refused(Exception):
    """A limit that has a name was met."""

    def __init__(self, limit: str, message: str, used: int, allowed: int) -> None:
        super().__init__(message)
        self.limit = limit
        self.used = used
        self.allowed = allowed


class Export:
    """Writes one part; collects the names of its files and the warnings as it goes."""

    def __init__(self, part: Part, measured: list[Measured], clock: Clock, result_bytes_max: int) -> None:
        self._part = part
        self._measured = measured
        self._clock = clock
        self._result_bytes_max = result_bytes_max
        self._is_finely_meshed = False
        self.files: dict[str, str] = {}
        self.warnings: list[dict[str, str]] = []

    def write(self, format_name: str, quality: Quality, measures: dict[str, Any]) -> None:
        try:
            self._write(format_name, quality, measures)
        except (Refused, MemoryError):
            raise
        except Exception as error:
            # The program has done its work; that the kernel cannot write its part in this format is no error
            # of its lines.
            self._warn(
                f"failed_{format_name}",
                f"The {format_name.upper()} could not be written: {error or type(error).__name__}",
            )

    def _write(self, format_name: str, quality: Quality, measures: dict[str, Any]) -> None:
        if format_name == "glb":
            self._glb(quality, measures)
        elif format_name in _ONLY_SOLID and self._part.kind != SOLID:
            self._skip(format_name, f"A {self._part.kind} has no {format_name.upper()}: it has no volume")
        elif format_name in _ONLY_FLAT and self._part.kind == SOLID:
            self._skip(format_name, f"A solid has no {format_name.upper()}: only sketches and curves have")
        else:
            with self._clock.phase(f"{format_name}_ms"):
                getattr(self, f"_{format_name}")()

    def _glb(self, quality: Quality, measures: dict[str, Any]) -> None:
        with self._clock.phase("mesh_ms"):
            self._is_finely_meshed = False
            for one in self._measured:
                mesh(one.body.shape, quality)
        with self._clock.phase("glb_ms"):
            with _written("glb", self.files) as path:
                drawn = write_glb(path, self._measured, quality)
            data = wire.encode(rounded(scene(self._part.kind, measures, self._measured, drawn)))
            if len(data) > self._result_bytes_max:
                message = (
                    f"The tables of the part take {len(data)} bytes; {self._result_bytes_max} are allowed"
                )
                raise Refused("result_bytes", message, len(data), self._result_bytes_max)
            with _written("scene", self.files) as path, open(path, "wb") as file:
                file.write(data)

    def _step(self) -> None:
        with _written("step", self.files) as path:
            write_step(path, [one.body for one in self._measured])

    def _stl(self) -> None:
        with _written("stl", self.files) as path:
            if not mesh_finely(path, self._measured):
                self._warn("mesh_stl", "The STL does not enclose the same volume as the solid")
        self._is_finely_meshed = True

    def _3mf(self) -> None:
        if not self._is_finely_meshed:
            for one in self._measured:
                mesh(one.body.shape, FINE)
        self._is_finely_meshed = True
        with _written("3mf", self.files) as path:
            for name in write_3mf(path, self._measured):
                self._warn("mesh_3mf", f"The mesh of `{name}` in the 3MF is not closed")

    def _brep(self) -> None:
        shape = together([one.body for one in self._measured])
        with _written("brep", self.files) as path:
            if not BRepTools.Write_s(shape, path, False, False, TopTools_FormatVersion_CURRENT):
                raise OSError("the kernel refused")

    def _dxf(self) -> None:
        self._flat("dxf", write_dxf)

    def _svg(self) -> None:
        self._flat("svg", write_svg)

    def _flat(self, format_name: str, write: Callable[[str, list[Measured]], None]) -> None:
        try:
            with _written(format_name, self.files) as path:
                write(path, self._measured)
        except NotFlat:
            self._skip(
                format_name, f"The {self._part.kind} lies in no one plane, so it has no {format_name.upper()}"
            )

    def _skip(self, format_name: str, message: str) -> None:
        self._warn(f"no_{format_name}", message)

    def _warn(self, code: str, message: str) -> None:
        self.warnings.append(warning(code, message))


def remove_files() -> None:
    """What an earlier run of the same worker left."""
    for name in FILE_NAMES.values():
        for each in (name, TEMPORARY + name):
            if os.path.lexists(each):
                os.unlink(each)


@contextmanager
def _written(format_name: str, files: dict[str, str]) -> Iterator[str]:
    """Gives the path to write to; afterwards the file is whole and has its name, or an exception says why
    not.
    """
    name = FILE_NAMES[format_name]
    path = TEMPORARY + name
    was_cut = []
    # The kernel stops a file at the limit and sends this signal. OCCT's writers do not always notice.
    before = signal.signal(signal.SIGXFSZ, lambda *_: was_cut.append(True))
    try:
        yield path
    except Exception:
        _remove(path)
        if was_cut:
            raise _too_large(format_name) from None
        raise
    finally:
        signal.signal(signal.SIGXFSZ, before)
    if was_cut:
        _remove(path)
        raise _too_large(format_name)
    os.rename(path, name)
    files[format_name] = name


def _remove(path: str) -> None:
    """The unfinished file, and what a writer put beside it."""
    for name in os.listdir():
        if name.startswith(os.path.splitext(path)[0]):
            os.unlink(name)


def _too_large(format_name: str) -> Refused:
    allowed, _ = resource.getrlimit(resource.RLIMIT_FSIZE)
    message = f"The {format_name.upper()} file is larger than the {allowed} bytes that are allowed"
    return Refused("file_size", message, allowed, allowed)
