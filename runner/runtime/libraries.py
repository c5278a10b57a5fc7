"""Closes the runtime over its shared libraries.

The host's C and C++ run time is copied, display libraries are replaced by empty ones, and libraries of the
wheels that nothing asks for any more are removed.

Afterwards every library that any file of the runtime needs lies in the runtime, so that no folder of the
machine it runs on is ever searched.
"""

from __future__ import annotations

import os
import shutil
import struct
import subprocess
import sys
from pathlib import Path

from contents import FONTCONFIG_SONAME_START, HOST_PACKAGES, STAND_INS
from elf import PT_DYNAMIC, Elf, is_elf
from prerequisites import MissingError, c_compiler

LOADER = "ld-linux-x86-64.so.2"
_DT_RPATH, _DT_RUNPATH = 15, 29
_DT_IGNORED = 0x6FFFFD00  # in the range that loaders skip

# Run by the host's interpreter: loads each named library as any program would, and says where each was found.
_LOCATE = """
import ctypes, os, sys
missing = []
for name in sys.argv[1:]:
    try:
        ctypes.CDLL(name)
    except OSError:
        missing.append(name)
for line in open("/proc/self/maps"):
    path = line.rstrip("\\n").partition("/")[2]
    if path:
        print("found", "/" + path)
for name in missing:
    print("missing", name)
"""


def close(runtime: Path, scratch: Path) -> None:
    """Replaces, removes and collects until every needed library is inside."""
    _replace_display_libraries(runtime, scratch)
    _remove_orphans(runtime)
    while lacking := _needed(runtime) - {path.name for path in _objects(runtime)}:
        for soname, source in _locate(sorted(lacking)).items():
            shutil.copyfile(source, runtime / "lib" / soname)
            os.chmod(runtime / "lib" / soname, 0o755)
    for path in _objects(runtime):
        if path.parent.name in ("bin", "lib", "lib-dynload"):
            _forget_search_path(path)


def _objects(runtime: Path) -> list[Path]:
    named = (p for p in runtime.rglob("*") if p.is_file() and (".so" in p.name or p.parent.name == "bin"))
    return sorted(p for p in named if is_elf(p))


def _needed(runtime: Path) -> set[str]:
    return {soname for path in _objects(runtime) for soname in Elf(path).needed()}


def _replace_display_libraries(runtime: Path, scratch: Path) -> None:
    objects = _objects(runtime)
    undefined = {name for path in objects for name in Elf(path).undefined()}
    inside = {path.name: path for path in objects if path.parent.name.endswith(".libs")}
    for soname in sorted(_needed(runtime)):
        target = inside.get(soname, runtime / "lib" / soname)
        if soname.startswith(FONTCONFIG_SONAME_START):
            _compile(Path(__file__).parent / "fontconfig.c", soname, target)
        for start, functions in STAND_INS.items():
            if soname.startswith(start):
                source = scratch / f"{soname}.c"
                names = sorted(name for name in undefined if name.startswith(functions))
                source.write_text("".join(f"long {name}(void) {{ return 0; }}\n" for name in names))
                _compile(source, soname, target)


def _compile(source: Path, soname: str, target: Path) -> None:
    target.unlink(missing_ok=True)
    flags = ["-shared", "-fPIC", "-O2", "-s", "-w", f"-Wl,-soname,{soname}", "-o", str(target), str(source)]
    done = subprocess.run([c_compiler(), *flags], capture_output=True, text=True)
    if done.returncode != 0:
        raise MissingError(
            f"The C compiler failed on `{source.name}`; is libc6-dev installed?\n{done.stderr.strip()}"
        )


def _remove_orphans(runtime: Path) -> None:
    """Deletes the libraries of the wheels' `*.libs` folders that nothing outside these folders leads to."""
    objects = _objects(runtime)
    bundled = [path for path in objects if path.parent.name.endswith(".libs")]
    reached: set[str] = set()
    to_visit = [path for path in objects if path not in bundled]
    while to_visit:
        fresh = set(Elf(to_visit.pop()).needed()) - reached
        reached |= fresh
        to_visit += [path for path in bundled if path.name in fresh]
    for path in bundled:
        if path.name not in reached:
            path.unlink()


def _locate(sonames: list[str]) -> dict[str, Path]:
    done = subprocess.run(
        [sys.executable, "-c", _LOCATE, *sonames], capture_output=True, text=True, check=True
    )
    answers = [line.partition(" ") for line in done.stdout.splitlines()]
    missing = [name for kind, _, name in answers if kind == "missing"]
    if missing:
        packages = " ".join(HOST_PACKAGES.get(name, name) for name in missing)
        raise MissingError(
            f"Shared libraries are missing ({', '.join(missing)}): `sudo apt install {packages}`"
        )
    found: dict[str, Path] = {}
    for path in {Path(name) for kind, _, name in answers if kind == "found" and ".so" in name}:
        soname = Elf(path).soname() or path.name
        if soname in sonames:
            found[soname] = path
    lost = sorted(set(sonames) - set(found))
    if lost:
        raise MissingError(f"The loader did not say where it found {', '.join(lost)}")
    return found


def _forget_search_path(path: Path) -> None:
    """Makes the loader skip the search path in a file of the host; the runtime has what it looks for."""
    data = bytearray(path.read_bytes())
    for segment in Elf(path).segments():
        if segment.kind != PT_DYNAMIC:
            continue
        for at in range(segment.offset, segment.offset + segment.file_bytes, 16):
            tag, _ = struct.unpack_from("<QQ", data, at)
            if tag in (_DT_RPATH, _DT_RUNPATH):
                struct.pack_into("<Q", data, at, _DT_IGNORED)
    path.write_bytes(data)
