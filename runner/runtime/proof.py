"""Starts a finished runtime as the appliance does and lets it make a part; one that cannot is given up."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

SECONDS_MAX = 300

_PROGRAM = """
import os, time
started = time.perf_counter()
from build123d import *
seconds = time.perf_counter() - started
threads = len(os.listdir("/proc/self/task"))
assert threads == 1, f"{threads} threads after the import"
part = Box(20, 10, 5) - Cylinder(2, 5) + Pos(0, 0, 2.5) * extrude(Text("A", 6), 1)
assert part.is_valid and part.volume > 900, part.volume
names = [font.name for font in available_fonts()]
assert names == ["Liberation Sans", "Relief SingleLine CAD"], names
part.material = "oak"  # its colour comes from a picture
assert part.mass() > 0
export_step(part, "part.step")
export_stl(part, "part.stl")
print(f"build123d imported in {seconds:.2f} s; a part of {part.volume:.0f} mm3 was made")
"""


class ProofError(Exception):
    """The runtime does not work; the text holds what it said."""


def command(runtime: Path) -> list[str]:
    """How the runtime's interpreter is started on any machine."""
    loader = runtime / "lib" / "ld-linux-x86-64.so.2"
    return [
        str(loader),
        "--library-path",
        str(runtime / "lib"),
        str(runtime / "bin" / "python3"),
        "-s",
        "-B",
        "-P",
    ]


def environment(runtime: Path) -> dict[str, str]:
    """All that the interpreter needs to be told."""
    # Some distributions keep the library in `lib64`; here it is always `lib`. The C locale is the one that
    # needs no files of the machine; Python's text is UTF-8 all the same.
    return {"PYTHONHOME": str(runtime), "PYTHONPLATLIBDIR": "lib", "PYTHONUTF8": "1", "LC_ALL": "C"}


def run(runtime: Path) -> str:
    """One line about what was made. Every function that any library asks for must exist (`LD_BIND_NOW`)."""
    settings = environment(runtime) | {"LD_BIND_NOW": "1"}
    with tempfile.TemporaryDirectory() as folder:
        try:
            done = subprocess.run(
                [*command(runtime), "-c", _PROGRAM],
                cwd=folder, env=settings, capture_output=True, text=True, timeout=SECONDS_MAX,
            )  # fmt: skip
        except subprocess.TimeoutExpired as error:
            raise ProofError(f"The new runtime made no part in {SECONDS_MAX} s") from error
    if done.returncode != 0:
        raise ProofError(f"The new runtime does not work:\n{done.stderr.strip()}")
    return done.stdout.strip()


if __name__ == "__main__":
    print(run(Path(sys.argv[1]).resolve()))
