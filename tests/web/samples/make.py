"""Makes the sample parts of the page's tests with the real runner, so that the page is tested on what it will get.

Run by hand when the runner's files change:  PYTHONPATH=runner target/runtime's python tests/web/samples/make.py
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

from naturalcad_runner.run import parse, perform

HERE = Path(__file__).resolve().parent

PLATE = """\
from build123d import *
plate = fillet(Box(60, 40, 10).edges().filter_by(Axis.Z), 5)
for place in GridLocations(48, 28, 2, 2):
    plate -= place * Cylinder(2.5, 10)
result = plate
"""

POST = """\
from build123d import *
base = fillet(Box(40, 30, 4).edges().filter_by(Axis.Z), 4)
post = Pos(0, 0, 10) * Cylinder(8, 16)
post.color = Color("#c8873c")
result = {"base": base, "post": post}
"""


def make(name: str, program: str, formats: tuple[str, ...]) -> None:
    messages: list[dict[str, Any]] = []
    order = {
        "type": "run",
        "version": 1,
        "run": name,
        "program": program,
        "parameters": {},
        "formats": formats,
        "mesh": {"linear_mm": 0.1, "angular_rad": 0.3},
        "limits": {"cpu_seconds": 600, "faces": 1000, "bodies": 10, "result_bytes": 1_000_000},
        "check": True,
    }
    perform(parse(order), messages.append)
    files = messages[-1]["files"]
    for file in files.values():
        shutil.copyfile(
            file, HERE / file.replace("part.", f"{name}.").replace("scene.json", f"{name}.scene.json")
        )


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        make("plate", PLATE, ("glb", "step"))
        make("post", POST, ("glb",))
        os.chdir(HERE)
