"""Writes `manifest.json`: what is in the runtime, each file with its size and hash, for the Rust side."""

from __future__ import annotations

import hashlib
import json
import platform
from email.parser import HeaderParser
from pathlib import Path

VERSION = 1
NAME = "manifest.json"


def distributions(site: Path) -> dict[str, str]:
    """Name and version of every distribution in `site`."""
    found: dict[str, str] = {}
    for metadata in sorted(site.glob("*.dist-info/METADATA")):
        headers = HeaderParser().parsestr(metadata.read_text("utf-8"), headersonly=True)
        found[headers["Name"]] = headers["Version"]
    return dict(sorted(found.items(), key=lambda item: item[0].lower()))


def write(runtime: Path, site: Path) -> None:
    """Lists every file but the manifest itself."""
    files = []
    for path in sorted(p for p in runtime.rglob("*") if p.is_file()):
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        files.append(
            {"path": path.relative_to(runtime).as_posix(), "size": path.stat().st_size, "sha256": digest}
        )
    content = {
        "version": VERSION,
        "python": platform.python_version(),
        "packages": distributions(site),
        "files": files,
    }
    (runtime / NAME).write_text(json.dumps(content, indent=1) + "\n")
