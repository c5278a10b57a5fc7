"""What the runner's tests share: the package on the path, one zygote for the whole session, and one warm
worker to reuse.

The tests need an interpreter with build123d and pytest (NATURALCAD_PYTHON names another one for the runner);
they speak to the runner as the Rust host does (`host.py`).
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
RUNNER = HERE.parents[1] / "runner"
for folder in (HERE, RUNNER):
    sys.path.insert(0, str(folder))
for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ.setdefault(name, "1")

from host import Worker, Zygote  # noqa: E402


@pytest.fixture(scope="session")
def zygote() -> Iterator[Zygote]:
    with Zygote() as running:
        yield running


@pytest.fixture
def new_worker(zygote: Zygote, tmp_path: Path) -> Iterator[Callable[..., Worker]]:
    """Workers of the test's own, for tests that end or limit them."""
    started: list[Worker] = []

    def start(**limits: int) -> Worker:
        scratch = tmp_path / f"scratch-{len(started)}"
        scratch.mkdir()
        worker = zygote.fork(scratch, **limits)
        started.append(worker)
        return worker

    yield start
    for worker in started:
        worker.kill()


@pytest.fixture(scope="session")
def _shared(zygote: Zygote, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Worker]]:
    shared = [zygote.fork(tmp_path_factory.mktemp("scratch"))]
    yield shared
    shared[0].kill()


@pytest.fixture
def worker(zygote: Zygote, _shared: list[Worker], tmp_path_factory: pytest.TempPathFactory) -> Worker:
    """A worker that other tests have used too; replaced when one of them has broken it."""
    if not _shared[0].is_alive():
        _shared[0].kill()
        _shared[0] = zygote.fork(tmp_path_factory.mktemp("scratch"))
    return _shared[0]
