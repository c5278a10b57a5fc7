"""Builds the bundled Python runtime: `python3 runner/runtime/build.py --out target/runtime`.

The folder it makes runs on any Linux x86-64 machine, also one without Python and with another glibc:

    PYTHONHOME=<rt> <rt>/lib/ld-linux-x86-64.so.2 --library-path <rt>/lib <rt>/bin/python3 -s -B -P ...

It is built beside its place and moved there in one step when it is complete and has made a part; an
interrupted build changes nothing. When nothing it is made from has changed, the call does nothing. Downloads
are kept in `--cache`.

Exit codes: 0 done, 1 the build failed, 3 the machine lacks something (named on stderr).
"""

from __future__ import annotations

import argparse
import compileall
import ctypes
import fcntl
import hashlib
import os
import platform
import py_compile
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import fonts
import interpreter
import libraries
import manifest
import notices
import proof
import textures
import tidy
import wheels
from prerequisites import MissingError, check

HERE = Path(__file__).resolve().parent
LOCK = HERE.parent / "requirements.lock"
STAMP = "inputs.sha256"
RENAME_EXCHANGE = 2
AT_FDCWD = -100


def inputs() -> str:
    """One hash over all that decides what the runtime looks like."""
    digest = hashlib.sha256()
    program = interpreter.program()
    about = program.stat()
    digest.update(
        f"{sys.version}\n{platform.machine()}\n{program}\n{about.st_size}\n{about.st_mtime_ns}\n".encode()
    )
    for path in [LOCK, *sorted(p for p in HERE.rglob("*") if p.suffix in (".py", ".c", ".toml", ".txt"))]:
        digest.update(f"{path.relative_to(HERE.parent)}\n".encode() + path.read_bytes())
    return digest.hexdigest()


def make(runtime: Path, scratch: Path, cache: Path, stamp: str) -> None:
    """Fills the empty folder `runtime`, step by step."""
    site = runtime / "lib" / interpreter.version_folder() / "site-packages"
    say("copying the interpreter")
    interpreter.copy_interpreter(runtime)
    say("fetching and unpacking the locked packages")
    wheels.install(LOCK, site, scratch, cache)
    say("leaving out what no part needs")
    tidy.prune(site)
    libraries.close(runtime, scratch)
    fonts.place(site, runtime)
    textures.make_small(runtime, site)
    tidy.shrink(runtime)
    say("compiling to bytecode")
    compile_all(runtime / "lib" / interpreter.version_folder())
    notices.write(runtime)
    (runtime / STAMP).write_text(stamp + "\n")
    say("writing the manifest")
    manifest.write(runtime, site)
    say("trying it")
    say(proof.run(runtime))


def compile_all(folder: Path) -> None:
    """Bytecode that stays valid wherever and whenever the folder is copied."""
    mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
    compileall.compile_dir(
        folder, quiet=2, force=True, stripdir=folder.parents[1], invalidation_mode=mode, workers=0
    )


def put_in_place(fresh: Path, out: Path) -> None:
    """Exchanges the folders in one step, so that `out` is whole at every moment."""
    if not out.exists():
        fresh.rename(out)
        return
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.renameat2(AT_FDCWD, os.fsencode(fresh), AT_FDCWD, os.fsencode(out), RENAME_EXCHANGE) != 0:
        # A file system without exchange: for an instant there is no runtime.
        old = fresh.with_name(fresh.name + ".old")
        out.rename(old)
        fresh.rename(out)


@contextmanager
def alone(out: Path) -> Iterator[None]:
    """Two builds of the same folder wait for each other."""
    with (out.parent / f".{out.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def build(out: Path, cache: Path) -> None:
    """Brings `out` up to date."""
    stamp = inputs()
    if _is_current(out, stamp):
        return
    check()
    out.parent.mkdir(parents=True, exist_ok=True)
    with alone(out):
        if _is_current(out, stamp):
            return
        for left_over in out.parent.glob(f".{out.name}.part-*"):
            shutil.rmtree(left_over)
        started = time.monotonic()
        with tempfile.TemporaryDirectory(prefix=f".{out.name}.part-", dir=out.parent) as work:
            fresh, scratch = Path(work, "runtime"), Path(work, "scratch")
            fresh.mkdir()
            scratch.mkdir()
            make(fresh, scratch, cache, stamp)
            put_in_place(fresh, out)
        say(f"`{out}` is ready after {time.monotonic() - started:.0f} s")


def _is_current(out: Path, stamp: str) -> bool:
    try:
        return (out / STAMP).read_text().strip() == stamp
    except OSError:
        return False


def say(text: str) -> None:
    """Progress is for people, so it goes to stderr."""
    print(f"runtime: {text}", file=sys.stderr, flush=True)


def main() -> int:
    """Parses the arguments, builds, and turns failures into one line and an exit code."""
    parser = argparse.ArgumentParser(description="Builds the bundled Python runtime.")
    parser.add_argument("--out", type=Path, required=True, help="the runtime's folder")
    parser.add_argument("--cache", type=Path, help="downloads; default: cache/wheels beside the runtime")
    arguments = parser.parse_args()
    out = arguments.out.absolute()
    cache = (arguments.cache or out.parent / "cache" / "wheels").absolute()
    try:
        build(out, cache)
    except MissingError as error:
        say(str(error))
        return 3
    except (proof.ProofError, fonts.FontError) as error:
        say(str(error))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
