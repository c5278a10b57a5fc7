"""The third-party notice of the Python side: what is in the runtime, under which licence, with which text.

`python3 runner/runtime/notices.py target/runtime` prints it. `entries()` gives the same as data, for a notice
that also covers the Rust and web sides. Paths of licence texts are relative to the runtime's folder.
"""

from __future__ import annotations

import json
import os
import platform
import shutil
import sys
from dataclasses import dataclass
from email.message import Message
from email.parser import HeaderParser
from pathlib import Path

import manifest

HERE = Path(__file__).parent
NAME = "THIRD-PARTY.md"
TEXTS = "licences"
_LICENCE_FILE_STARTS = ("licen", "copying", "notice", "authors")
_LICENCE_LENGTH_MAX = 40

# What the distributions' own metadata leave open or say at length.
_DISTRIBUTION_LICENCES: dict[str, str] = {
    "bd_materials": "Apache-2.0",
    "build123d-drafting-helpers": "Apache-2.0; its font LiberationSans: OFL-1.1",
    "build123d": "Apache-2.0; its font ReliefSingleLine: OFL-1.1",
    "fonttools": "MIT",
    "lib3mf": "BSD-2-Clause",
    "ocpsvg": "Apache-2.0",
    "py_gearworks": "Apache-2.0",
    "scipy": "BSD-3-Clause; OpenBLAS: BSD-3-Clause, libgfortran: GPL-3.0-or-later WITH GCC-exception-3.1, "
    "libquadmath: LGPL-2.1-or-later",
}
_SPELLINGS = {"MIT License": "MIT", "BSD License": "BSD", "Apache Software License": "Apache-2.0"}


_HEAD = """# Third-party software in the Python runtime

Paths are relative to this folder. Works under the LGPL are separate shared libraries; whoever passes this
folder on must pass on, or offer, the source of exactly these versions of them too. The display libraries
(`libGL`, `libX11`, `libxcb`, `libfreeimage`, `libfontconfig`) are NaturalCAD's own stand-ins and hold
nothing of the originals.

| work | version | licence | texts |
| --- | --- | --- | --- |"""


@dataclass(frozen=True)
class Entry:
    """One third-party work in the runtime."""

    name: str
    version: str
    licence: str
    texts: tuple[str, ...]
    about: str = ""


def entries(runtime: Path) -> list[Entry]:
    """Every third-party work in the runtime, the interpreter first."""
    listed = runtime / manifest.NAME
    version = json.loads(listed.read_text())["python"] if listed.exists() else platform.python_version()
    python = Entry(
        "CPython", version, "PSF-2.0", (f"{TEXTS}/PSF-2.0.txt",), "(c) Python Software Foundation and others."
    )
    native = _native(runtime)
    metadata = sorted(
        runtime.glob("lib/python3.*/site-packages/*.dist-info/METADATA"), key=lambda p: str(p).lower()
    )
    return [python, *native, *(_distribution(path, runtime) for path in metadata)]


def _native(runtime: Path) -> list[Entry]:
    files = {path.name for pattern in ("*.so*", "*.ttf") for path in runtime.rglob(pattern)}
    import tomllib  # not in a Python that is too old, which the builder wants to tell the user

    works = tomllib.loads((HERE / "works.toml").read_text("utf-8"))["work"]
    return [
        Entry(
            work["name"],
            work["version"],
            work["licence"],
            tuple(text if "/" in text else f"{TEXTS}/{text}.txt" for text in work["texts"]),
            " ".join(work.get("about", "").split()),
        )
        for work in works
        if any(name.startswith(work["file"]) for name in files)
    ]


def _distribution(metadata: Path, runtime: Path) -> Entry:
    about = HeaderParser().parsestr(metadata.read_text("utf-8"), headersonly=True)
    texts = [
        path
        for path in sorted(metadata.parent.rglob("*"))
        if path.is_file() and path.name.lower().startswith(_LICENCE_FILE_STARTS)
    ]
    if len(texts) > 1:
        texts = [Path(os.path.commonpath(texts))]
    licence = _licence(about)
    found = tuple(path.relative_to(runtime).as_posix() for path in texts)
    return Entry(about["Name"], about["Version"], licence, found or _fallback(licence))


def _licence(about: Message) -> str:
    if about["Name"] in _DISTRIBUTION_LICENCES:
        return _DISTRIBUTION_LICENCES[about["Name"]]
    stated = about["License-Expression"] or about["License"] or ""
    if not stated or len(stated) > _LICENCE_LENGTH_MAX or "\n" in stated:
        classifiers = [
            c.rpartition(" :: ")[2] for c in about.get_all("Classifier", []) if c.startswith("License ::")
        ]
        stated = stated if about["License-Expression"] else " and ".join(classifiers)
    return _SPELLINGS.get(stated, stated) or "see its texts"


def _fallback(licence: str) -> tuple[str, ...]:
    return (f"{TEXTS}/{licence}.txt",) if (HERE / TEXTS / f"{licence}.txt").exists() else ()


def document(runtime: Path) -> str:
    """The notice as Markdown."""
    lines = [_HEAD]
    found = entries(runtime)
    lines += [
        f"| {e.name} | {e.version} | {e.licence} | {', '.join(f'`{text}`' for text in e.texts) or '-'} |"
        for e in found
    ]
    lines += ["", "## Notices", ""]
    lines += [f"* {entry.name}: {entry.about}" for entry in found if entry.about]
    return "\n".join(lines) + "\n"


def write(runtime: Path) -> None:
    """Puts the notice and the texts that no distribution carries into the runtime."""
    shutil.copytree(HERE / TEXTS, runtime / TEXTS)
    (runtime / NAME).write_text(document(runtime))


if __name__ == "__main__":
    print(document(Path(sys.argv[1])), end="")
