"""A worker's life after `enter`: warm up, say so, then run what the host sends until it closes the channel.

in      `run` (see `run.py`).
out     `ready` once; for each run an optional `part`, then one `result`.
exit    0 the host closed the channel; 3 the host broke the contract. Left by `os._exit` in every case.
"""

from __future__ import annotations

import contextlib
import os
import sys
import time

from . import wire
from .enter import CONTROL, libc
from .run import parse, perform
from .warm import warm

PACKAGE = __name__.rpartition(".")[0]


def serve_host() -> int:
    started = time.perf_counter()
    warm()
    _hide_package()
    _say({"type": "ready", "version": wire.VERSION, "pid": os.getpid(), "warm_ms": _since(started)})
    try:
        while True:
            message = wire.receive_frame(CONTROL)
            if message is None:
                return wire.EXIT_DONE
            perform(parse(message), _say)
    except wire.WireError as error:
        print(f"naturalcad worker: {error}", file=sys.stderr)
        sys.stderr.flush()
        return wire.EXIT_BROKEN_WIRE


def _say(message: wire.Message) -> None:
    """Sends a message, after everything that was printed before it."""
    for stream in (sys.__stdout__, sys.__stderr__, sys.stdout, sys.stderr):
        # The program may have closed or replaced it.
        with contextlib.suppress(AttributeError, OSError, ValueError):
            stream.flush()
    libc.fflush(None)
    wire.send_frame(CONTROL, message)


def _hide_package() -> None:
    """A program cannot import the runner: it is neither on the path nor among the loaded modules."""
    home = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    sys.path[:] = [entry for entry in sys.path if entry and os.path.abspath(entry) != home]
    for name in [name for name in sys.modules if name.partition(".")[0] == PACKAGE]:
        del sys.modules[name]


def _since(started: float) -> int:
    return round((time.perf_counter() - started) * 1000)
