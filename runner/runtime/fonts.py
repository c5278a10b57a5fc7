"""Puts the one outline font of the runtime into `etc/fonts`, and makes OCCT look nowhere else.

A text must have the same outline on every machine, and must not cost the seconds that OCCT takes to look
through a large collection. fontconfig.c names our folder to OCCT; the folders that OCCT adds by itself are
overwritten in its library.
"""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

SOURCE = "build123d_drafting/fonts"
FONT = "LiberationSans-Regular.ttf"
LICENCE = "LICENSE"
EZDXF_SOURCE = "ezdxf/fonts/font_manager.py"

OCCT_LIBRARY = "cadquery_ocp_novtk.libs/libTKService-*"
# What OCCT searches unasked, and what it is made to search: names of the same length that no machine has.
SYSTEM_FOLDERS: dict[bytes, bytes] = {
    b"\0/system/fonts\0": b"\0/none/s/fonts\0",
    b"\0/usr/share/fonts\0": b"\0/none/such/fonts\0",
    b"\0/usr/local/share/fonts\0": b"\0/none/such/local/fonts\0",
}


class FontError(Exception):
    """A library is not as this file expects it; it must be looked at again for this version."""


def place(site: Path, runtime: Path) -> None:
    """Copies the font that the drafting helpers carry, and closes every other source of fonts."""
    folder = runtime / "etc" / "fonts"
    folder.mkdir(parents=True)
    shutil.copyfile(site / SOURCE / FONT, folder / FONT)
    shutil.copyfile(site / SOURCE / LICENCE, folder / "LiberationSans-LICENSE.txt")
    for library in site.glob(OCCT_LIBRARY):
        _close_folders(library)
    _write_empty_list(site / EZDXF_SOURCE, runtime / "etc" / "ezdxf" / "font_manager_cache.json")


def _write_empty_list(source: Path, target: Path) -> None:
    """ezdxf needs fonts only to draw its own pictures, and takes plain widths where it has none."""
    version = re.search(r"^CURRENT_CACHE_VERSION = (\d+)$", source.read_text(), re.MULTILINE)
    if version is None:
        raise FontError(f"`{source.name}` does not say the version of its list")
    target.parent.mkdir(parents=True)
    target.write_text(json.dumps({"version": int(version[1]), "font-faces": []}) + "\n")


def _close_folders(library: Path) -> None:
    content = library.read_bytes()
    for folder, nowhere in SYSTEM_FOLDERS.items():
        if folder not in content:
            raise FontError(f"`{library.name}` does not name the folder `{folder.decode().strip(chr(0))}`")
        content = content.replace(folder, nowhere)
    library.write_bytes(content)
