"""What a forked worker does before it runs anything: become a process of its own, with nothing of the
zygote's but memory.

Afterwards: own session, dies with the zygote, descriptors 0 (nothing), 1 and 2 (the given pipes), 3 (control)
and no other, limits set, environment of a fixed list, folder = its scratch folder, signals and random numbers
as in a new process.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import os
import random
import resource
import signal
import sys
import tempfile
import time
from dataclasses import dataclass

CONTROL = 3
PR_SET_PDEATHSIG = 1
M_ARENA_MAX = -8
MALLOC_ARENAS_MAX = 4
# Received descriptors are first moved up here, so that putting them in their places overwrites none of them.
PARKING = 64

THREAD_COUNT_NAMES = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")
KEPT_NAMES = ("FONTCONFIG_FILE",)

libc = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds the kernel keeps for us from here on; processor time is set anew for each run."""

    address_space_bytes: int
    file_size_bytes: int
    open_files: int


def enter(control: int, stdout: int, stderr: int, scratch: str, limits: Limits, zygote: int) -> None:
    os.setsid()
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != zygote:  # it died before the line above could take effect
        os._exit(0)
    _reset_signals()
    _place_descriptors(control, stdout, stderr)
    _set_limits(limits)
    os.chdir(scratch)
    os.umask(0o077)
    _scrub_environment(scratch)
    _reseed()
    # Threads of the kernel's pool would otherwise each reserve address space for a heap of their own.
    libc.mallopt(M_ARENA_MAX, MALLOC_ARENAS_MAX)
    # The cage goes here: no_new_privs, the Landlock ruleset, then the seccomp filter, both handed over by the
    # host.


def _reset_signals() -> None:
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGCHLD, signal.SIGHUP, signal.SIGXCPU):
        signal.signal(number, signal.SIG_DFL)
    # Left ignored, as in every Python: writing too much or to a closed pipe is then an error that we can
    # tell.
    for number in (signal.SIGXFSZ, signal.SIGPIPE):
        signal.signal(number, signal.SIG_IGN)


def _place_descriptors(control: int, stdout: int, stderr: int) -> None:
    nothing = os.open(os.devnull, os.O_RDONLY)
    parked = [fcntl.fcntl(given, fcntl.F_DUPFD, PARKING) for given in (nothing, stdout, stderr, control)]
    for place, descriptor in enumerate(parked):
        os.dup2(descriptor, place, inheritable=place != CONTROL)
    for name in os.listdir("/proc/self/fd"):
        if int(name) > CONTROL:
            with contextlib.suppress(OSError):  # the one that the listing itself used
                os.close(int(name))
    # What a program prints must reach the host line by line, whatever characters it holds.
    for name, descriptor in (("stdout", 1), ("stderr", 2)):
        stream = os.fdopen(descriptor, "w", 1, "utf-8", "backslashreplace", closefd=False)
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)


def _set_limits(limits: Limits) -> None:
    for what, bound in (
        (resource.RLIMIT_AS, limits.address_space_bytes),
        (resource.RLIMIT_FSIZE, limits.file_size_bytes),
        (resource.RLIMIT_NOFILE, limits.open_files),
        (resource.RLIMIT_CORE, 0),
    ):
        _, hard = resource.getrlimit(what)
        if hard != resource.RLIM_INFINITY:
            bound = min(bound, hard)
        resource.setrlimit(what, (bound, bound))


def _scrub_environment(scratch: str) -> None:
    kept = {name: os.environ[name] for name in KEPT_NAMES if name in os.environ}
    os.environ.clear()
    os.environ.update(
        {"PATH": "/nonexistent", "HOME": scratch, "TMPDIR": scratch, "LANG": "C.UTF-8", "TZ": "UTC"},
        PYTHONHASHSEED="0",
        **dict.fromkeys(THREAD_COUNT_NAMES, "1"),
        **kept,
    )
    time.tzset()
    tempfile.tempdir = None


def _reseed() -> None:
    random.seed()
    numpy = sys.modules.get("numpy")
    if numpy is not None:
        numpy.random.seed()
