"""Makes the pictures of materials small. The new runtime's own Pillow does it, so the host needs none."""

from __future__ import annotations

import subprocess
from pathlib import Path

import proof
from contents import TEXTURE_PIXELS_MAX, TEXTURES

_PROGRAM = """
import pathlib, sys
from PIL import Image
for path in sorted(pathlib.Path(sys.argv[1]).rglob("*")):
    if path.suffix.lower() in (".png", ".jpg", ".jpeg"):
        with Image.open(path) as picture:
            picture.load()
        if max(picture.size) > int(sys.argv[2]):
            picture.thumbnail((int(sys.argv[2]), int(sys.argv[2])), Image.Resampling.BOX)
            picture.save(path)
"""


def make_small(runtime: Path, site: Path) -> None:
    """Scales every picture down in place."""
    command = [*proof.command(runtime), "-c", _PROGRAM, str(site / TEXTURES), str(TEXTURE_PIXELS_MAX)]
    subprocess.run(command, env=proof.environment(runtime), check=True)
