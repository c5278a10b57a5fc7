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

# As `runner/protocol.rs` (`Mesh::FINE`) and `mesh.py` (`FINE`) have it.
PAGE = {"linear_deflection": 0.1, "angular_deflection": 0.3}
PRINT = {"tolerance": 0.02, "angular_tolerance": 0.2}


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
        export_gltf(result, "warm.glb", binary=True, **PAGE)
        export_step(result, "warm.step")
        export_stl(result, "warm.stl", **PRINT)
        print(json.dumps({"ms": (time.perf_counter() - began) * 1e3}), flush=True)


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
