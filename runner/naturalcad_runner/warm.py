"""Makes a fresh worker as quick as one that has worked for hours: builds a small part and exports it, once,
unseen.

After a fork every page that is written costs a copy, and OCCT registers its STEP schema and starts its
threads when they are first used. All of that is spent here, before the host is told that the worker is ready.
"""

from __future__ import annotations

import os

from OCP.OSD import OSD_ThreadPool

from .export import remove_files
from .mesh import Quality
from .run import Order, perform

THREADS_MAX = 4

PROGRAM = """\
from build123d import *
SIZE = 10.0
body = Box(SIZE, SIZE, 4)
body = fillet(body.edges().filter_by(Axis.Z), 1)
body -= [place * Cylinder(1, 4) for place in GridLocations(5, 5, 2, 1)]
with BuildPart() as built:
    insert(body)
    with Locations(built.faces().sort_by(Axis.Z)[-1]):
        Hole(0.5)
result = built
"""

ORDER = Order(
    program=PROGRAM,
    parameters={"SIZE": 12.0},
    formats=("glb", "step", "stl"),
    quality=Quality(0.1, 0.3),
    cpu_seconds=60,
    faces_max=1000,
    bodies_max=10,
    result_bytes_max=1 << 20,
    check=True,
)


def warm() -> None:
    """Raises when the warm-up part could not be built: such a worker must not take a program."""
    # The first to ask decides how many threads OCCT has. No part is the quicker for 64 of them, and there may
    # be as many workers as cores.
    OSD_ThreadPool.DefaultPool_s(min(THREADS_MAX, len(os.sched_getaffinity(0))))
    results: list[dict] = []
    perform(ORDER, results.append)
    if results[-1].get("outcome") != "built":
        raise RuntimeError(f"the warm-up failed: {results[-1]}")
    remove_files()
