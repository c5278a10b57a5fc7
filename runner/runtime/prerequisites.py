"""Looks for all that the build needs before it starts; what is missing is named with what installs it."""

from __future__ import annotations

import importlib.util
import os
import platform
import shutil
import sys
import sysconfig

PYTHON_OLDEST, PYTHON_NEWEST = (3, 11), (3, 14)
GLIBC_OLDEST = (2, 28)
COMPILERS = ("cc", "gcc", "clang")


class MissingError(Exception):
    """The machine lacks something; the text says what, and how to get it."""


def c_compiler() -> str:
    """The C compiler's command: `CC` when it is set, else the first of the usual names."""
    for name in (os.environ.get("CC", ""), *COMPILERS):
        found = shutil.which(name) if name else None
        if found:
            return found
    raise MissingError("A C compiler is missing: `sudo apt install gcc` (or `sudo dnf install gcc`)")


def check() -> None:
    """Raises `MissingError` for the first thing that is not there."""
    if sys.platform != "linux" or platform.machine() not in ("x86_64", "AMD64") or sys.maxsize < 2**32:
        raise MissingError(
            f"The runtime is built on Linux x86-64 only, this is {sys.platform} {platform.machine()}"
        )
    have = sys.version_info[:2]
    if not PYTHON_OLDEST <= have <= PYTHON_NEWEST or sys.implementation.name != "cpython":
        wanted = f"CPython {'.'.join(map(str, PYTHON_OLDEST))} to {'.'.join(map(str, PYTHON_NEWEST))}"
        raise MissingError(
            f"{wanted} is needed, `{sys.executable}` is "
            f"{platform.python_implementation()} {platform.python_version()}: "
            "`sudo apt install python3.11 python3.11-venv`, then `make PYTHON=python3.11`"
        )
    if sysconfig.get_config_var("Py_GIL_DISABLED"):
        raise MissingError(
            f"`{sys.executable}` is a free-threaded Python; the kernel's wheels need an ordinary one"
        )
    _check_glibc()
    for module in ("venv", "ensurepip", "ctypes", "zlib"):
        if importlib.util.find_spec(module) is None:
            package = f"python{have[0]}.{have[1]}-venv"
            raise MissingError(f"Python's `{module}` module is missing: `sudo apt install {package}`")
    c_compiler()


def _check_glibc() -> None:
    name, _, version = (os.confstr("CS_GNU_LIBC_VERSION") or "").partition(" ")
    numbers = tuple(int(part) for part in version.split(".")[:2] if part.isdigit())
    if name != "glibc" or numbers < GLIBC_OLDEST:
        wanted = ".".join(map(str, GLIBC_OLDEST))
        raise MissingError(
            f"A system with glibc {wanted} or newer is needed to build, this one has `{name} {version}`"
        )
