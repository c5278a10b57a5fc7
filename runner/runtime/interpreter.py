"""Copies the host's CPython: the program, the needed part of its standard library, and our import hook."""

from __future__ import annotations

import os
import re
import shutil
import sys
import sysconfig
from pathlib import Path

from contents import DYNLOAD_LEFT_OUT, STDLIB_LEFT_OUT, STDLIB_LEFT_OUT_PREFIXES

HOOK = Path(__file__).parent / "hook"


def program() -> Path:
    """The interpreter itself, also when this runs in a virtual environment or through a link."""
    base = getattr(sys, "_base_executable", None) or sys.executable
    return Path(base).resolve()


def version_folder() -> str:
    """`python3.X`, the name of the folder that holds the standard library."""
    return f"python{sys.version_info.major}.{sys.version_info.minor}"


def copy_interpreter(runtime: Path) -> None:
    """Fills `bin/` and `lib/python3.X/`; packages and shared libraries are others' work."""
    stdlib = runtime / "lib" / version_folder()
    (runtime / "bin").mkdir(parents=True)
    shutil.copyfile(program(), runtime / "bin" / "python3")
    os.chmod(runtime / "bin" / "python3", 0o755)
    _copy_library(Path(sysconfig.get_path("stdlib")), stdlib)
    _copy_extensions(Path(sysconfig.get_config_var("DESTSHARED")), stdlib / "lib-dynload")
    for data in stdlib.glob("_sysconfigdata_*.py"):
        data.write_text(_without_paths(data.read_text()))
    shutil.copyfile(HOOK / "sitecustomize.py", stdlib / "sitecustomize.py")
    (stdlib / "site-packages").mkdir()
    for module in HOOK.glob("naturalcad_*.py"):
        shutil.copyfile(module, stdlib / "site-packages" / module.name)


def _copy_library(source: Path, target: Path) -> None:
    def unwanted(folder: str, names: list[str]) -> set[str]:
        drop = {name for name in names if name in ("__pycache__", "tests", "test")}
        if Path(folder) == source:
            drop |= {
                name for name in names if name in STDLIB_LEFT_OUT or name.startswith(STDLIB_LEFT_OUT_PREFIXES)
            }
        return drop

    shutil.copytree(source, target, ignore=unwanted, ignore_dangling_symlinks=True)


def _copy_extensions(source: Path, target: Path) -> None:
    target.mkdir()
    for extension in sorted(source.glob("*.so")):
        if not _left_out(extension.name.partition(".")[0]):
            shutil.copyfile(extension, target / extension.name)


def _left_out(module: str) -> bool:
    return any(
        module == name or (name in ("_test", "xx") and module.startswith(name)) for name in DYNLOAD_LEFT_OUT
    )


def _without_paths(data: str) -> str:
    """Python's build settings minus every value that names a folder of the building machine."""
    settings: dict[str, object] = {}
    exec(compile(data, "_sysconfigdata", "exec"), settings)  # the interpreter's own file, read as it reads it
    build_time = settings["build_time_vars"]
    assert isinstance(build_time, dict)
    kept = {key: value for key, value in build_time.items() if not re.search("/", str(value))}
    lines = "".join(f"    {key!r}: {kept[key]!r},\n" for key in sorted(kept))
    return f'"""Build settings without those that name folders."""\n\nbuild_time_vars = {{\n{lines}}}\n'
