"""Puts the locked distributions into a folder: by pip of a throw-away environment, hashes required."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from contents import DISTRIBUTIONS_LEFT_OUT
from prerequisites import MissingError

_ENTRY = re.compile(r"^([A-Za-z0-9._-]+)==")


def wanted(lock: str) -> str:
    """The lock file without the distributions that are left out; comments go too."""
    kept: list[str] = []
    keeping = False
    for line in lock.splitlines():
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        entry = _ENTRY.match(line)
        if entry:
            keeping = re.sub(r"[-_.]+", "-", entry[1]).lower() not in DISTRIBUTIONS_LEFT_OUT
        if keeping:
            kept.append(line)
    return "\n".join(kept) + "\n"


def install(lock: Path, into: Path, scratch: Path, cache: Path) -> None:
    """Installs what `lock` names into the folder `into`; `cache` keeps the downloads for the next time."""
    environment = scratch / "venv"
    requirements = scratch / "requirements.txt"
    requirements.write_text(wanted(lock.read_text()))
    _run([sys.executable, "-m", "venv", str(environment)], "An environment could not be made")
    pip = [
        str(environment / "bin" / "python"),
        "-m",
        "pip",
        "--disable-pip-version-check",
        "--cache-dir",
        str(cache),
    ]
    options = [
        "--quiet",
        "--require-hashes",
        "--no-deps",
        "--only-binary",
        ":all:",
        "--no-compile",
        "--no-warn-script-location",
    ]
    target = ["--target", str(into), "--requirement", str(requirements)]
    _run(
        [*pip, "install", *options, *target],
        "The locked packages could not be fetched; is the package registry reachable?",
    )


def _run(command: list[str], failure: str) -> None:
    settings = {name: value for name, value in os.environ.items() if name not in ("PYTHONHOME", "PYTHONPATH")}
    done = subprocess.run(command, env=settings, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode != 0:
        last = "\n".join(done.stdout.strip().splitlines()[-8:])
        raise MissingError(f"{failure}\n{last}")
