"""The comparisons of `naturalcad bench run`: build123d as a script of one's own would use it, without any of
our runner.

python -m naturalcad_runner.bench warm          one process for many programs: a JSON line {"program"} in,
{"ms"} out python -m naturalcad_runner.bench cold FILE     one process for one program, as the seed does: run,
STL, STEP, end

`warm` makes the same files as the appliance (GLB for the page, STEP, STL) at the same deflection; `cold`
makes what the seed makes, at build123d's own deflection. Files go into the current folder.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

from build123d import export_gltf, export_step, export_stl
from OCP.BRepMesh import BRepMesh_IncrementalMesh

from .mesh import FINE, Quality

# As `Mesh::FINE` in the host's protocol.rs.
PAGE = Quality(0.1, 0.3)


def main() -> int:
    match sys.argv[1:]:
        case ["warm"]:
            warm()
        case ["cold", path]:
            cold(Path(path))
        case _:
            print(__doc__, file=sys.stderr)
            return 2
    return 0


def warm() -> None:
    for line in sys.stdin:
        program = json.loads(line)["program"]
        began = time.perf_counter()
        result = run(program)
        mesh(result, PAGE)
        export_gltf(
            result,
            "warm.glb",
            binary=True,
            linear_deflection=PAGE.linear_mm,
            angular_deflection=PAGE.angular_rad,
        )
        export_step(result, "warm.step")
        mesh(result, FINE)
        export_stl(result, "warm.stl", tolerance=FINE.linear_mm, angular_tolerance=FINE.angular_rad)
        print(json.dumps({"ms": (time.perf_counter() - began) * 1e3}), flush=True)


def mesh(result: Any, quality: Quality) -> None:
    """In millimetres, as the appliance does; build123d's exporters take it as a part of an edge's length."""
    BRepMesh_IncrementalMesh(result.wrapped, quality.linear_mm, False, quality.angular_rad, False)


def cold(path: Path) -> None:
    result = run(path.read_text())
    export_stl(result, "cold.stl")
    export_step(result, "cold.step")


def run(program: str) -> Any:
    namespace: dict[str, Any] = {"__name__": "__main__"}
    exec(compile(program, "program.py", "exec"), namespace)
    return namespace["result"]


if __name__ == "__main__":
    sys.exit(main())
