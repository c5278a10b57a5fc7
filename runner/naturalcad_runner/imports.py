"""Everything a worker will need, imported once in the zygote. Importing is all that happens: nothing here
computes.

A process that has meshed or cut anything owns OCCT's thread pool, and its forks then hang for ever; a font
manager or a BLAS pool would do the same harm. `zygote.py` refuses to fork when this file left more than one
thread behind.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import sys
from importlib.metadata import version

THREAD_COUNT_NAMES = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")
# bd_warehouse has no modules loaded by its own name. `open_builds` is left to the programs that want it: half
# a second.
LIBRARIES = (
    "build123d",
    "py_gearworks",
    "bd_warehouse.bearing",
    "bd_warehouse.fastener",
    "bd_warehouse.flange",
    "bd_warehouse.gear",
    "bd_warehouse.pipe",
    "bd_warehouse.sprocket",
    "bd_warehouse.thread",
)


# What some programs need and start-up should not wait for (the bundled runtime puts these imports off). The
# zygote brings them in when it has nothing to do, so that a gear does not pay for scipy in every worker.
LATER = (
    "scipy.spatial.transform",
    "scipy.optimize",
    "bd_materials.pbr",
    "threejs_materials",
    "svgpathtools",
)


def import_libraries() -> None:
    for name in THREAD_COUNT_NAMES:
        os.environ.setdefault(name, "1")
    for name in LIBRARIES:
        importlib.import_module(name)
    _remove_upload()
    importlib.import_module("naturalcad_runner.worker")


def import_later(name: str) -> None:
    # A runtime may well do without one of these.
    with contextlib.suppress(ImportError):
        importlib.import_module(name)


def _remove_upload() -> None:
    """build123d can send a part to a shop over the network; here that name does not exist."""
    for name in ("build123d", "build123d.exporters3d"):
        module = sys.modules[name]
        if hasattr(module, "export_to_pcbway"):
            del module.export_to_pcbway
    names = sys.modules["build123d"].__all__
    if "export_to_pcbway" in names:
        names.remove("export_to_pcbway")


def versions() -> dict[str, str]:
    return {
        "python": ".".join(map(str, sys.version_info[:3])),
        "build123d": version("build123d"),
        "ocp": version("cadquery-ocp-novtk"),
    }
