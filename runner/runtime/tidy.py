"""Takes out of the installed packages what no part needs; what stays has no debug data or stored zeros."""

from __future__ import annotations

import os
import shutil
from fnmatch import fnmatch
from pathlib import Path

from contents import PACKAGES_REDUCED, SITE_LEFT_OUT
from elf import Elf, is_elf

BLOCK_BYTES = 4096
_ZEROS = bytes(BLOCK_BYTES)


def prune(site: Path) -> None:
    """Deletes the files of `site` that the tables name, then folders left empty."""
    for package, kept in PACKAGES_REDUCED.items():
        _reduce(site / package, kept)
    for path in sorted(site.rglob("*")):
        relative = path.relative_to(site).as_posix()
        if not path.is_dir() and any(fnmatch(relative, pattern) for pattern in SITE_LEFT_OUT):
            path.unlink()
    for folder in sorted((p for p in site.rglob("*") if p.is_dir()), reverse=True):
        if not any(folder.iterdir()):
            folder.rmdir()


def _reduce(package: Path, kept: tuple[str, ...]) -> None:
    saved = {name: (package / name).read_bytes() for name in kept}
    shutil.rmtree(package)
    for name, content in saved.items():
        target = package / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
        for folder in target.relative_to(package).parents:
            (package / folder / "__init__.py").touch()


def shrink(runtime: Path) -> None:
    """Writes every ELF file anew: debug data cut off where there is any, pages of zeros as holes."""
    for path in sorted(
        p for p in runtime.rglob("*") if p.is_file() and (".so" in p.name or p.parent.name == "bin")
    ):
        if is_elf(path):
            elf = Elf(path)
            content = elf.without_debug_weight() if elf.carries_debug_weight() else bytes(elf.data)
            _write_sparse(path, content)


def _write_sparse(path: Path, content: bytes) -> None:
    """Replaces the file by the same bytes, whole blocks of zeros left as holes."""
    mode = path.stat().st_mode
    fresh = path.with_name(path.name + ".sparse")
    with fresh.open("wb") as file:
        start = 0
        while start < len(content):
            stop = min(start + BLOCK_BYTES, len(content))
            if content[start:stop] == _ZEROS[: stop - start]:
                file.seek(stop - start, os.SEEK_CUR)
            else:
                file.write(content[start:stop])
            start = stop
        file.truncate(len(content))
    os.chmod(fresh, mode)
    fresh.replace(path)
