"""The process that has build123d imported and forks workers. Run as `python -m naturalcad_runner.zygote`.

stdin   a SOCK_SEQPACKET socket to the host; messages as in `wire.py`.
in      `fork` {version, worker, scratch, rlimits} with three descriptors: control, stdout, stderr of the
        worker.
out     `hello` once, `forked` with a pidfd, `exited`, `error`.
also    imports a few more libraries while the host is silent.
exit    0 the host has closed the socket (every worker is dead by then); 3 the host broke the contract.

It imports and computes nothing, has one thread, and refuses to fork when that is no longer so.
"""

from __future__ import annotations

import contextlib
import gc
import os
import select
import signal
import socket
import sys
import time
from dataclasses import dataclass

from . import wire
from .enter import Limits, enter, libc
from .imports import LATER, import_later, import_libraries, versions

PR_SET_CHILD_SUBREAPER = 36
FORK_DESCRIPTORS = 3
# The host has been silent for so long: time for imports that nobody waits for.
IDLE_MS = 300


@dataclass(frozen=True, slots=True)
class Fork:
    """A well-formed order to fork."""

    worker: str
    scratch: str
    limits: Limits


def main() -> int:
    started = time.monotonic()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Orphans of a worker's own children become ours, so that nothing a program starts can outlive it.
    libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    host = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET, fileno=0)
    import_libraries()
    gc.collect()
    gc.freeze()
    hello = {"type": "hello", "version": wire.VERSION, **versions(), "pid": os.getpid()}
    wire.send_packet(host, {**hello, "import_ms": round((time.monotonic() - started) * 1000)})
    workers: dict[int, str] = {}
    try:
        return serve(host, workers)
    finally:
        _kill_everything(workers)


def serve(host: socket.socket, workers: dict[int, str]) -> int:
    woken, waker = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(waker, warn_on_full_buffer=False)
    poll = select.poll()
    poll.register(host, select.POLLIN)
    poll.register(woken, select.POLLIN)
    later = list(LATER)
    while True:
        ready = {descriptor for descriptor, _ in poll.poll(IDLE_MS if later else None)}
        if not ready:
            import_later(later.pop(0))
            gc.freeze()
            continue
        try:
            if woken in ready:
                _drain(woken)
                _report_the_dead(host, workers)
            if host.fileno() in ready and not _obey(host, workers):
                return wire.EXIT_DONE
        except wire.WireError as error:
            wire.send_packet(host, {"type": "error", "worker": None, "message": str(error)})
            return wire.EXIT_BROKEN_WIRE
        except (BrokenPipeError, ConnectionResetError):
            return wire.EXIT_DONE


def _obey(host: socket.socket, workers: dict[int, str]) -> bool:
    """Does what the next message asks; False when there is none because the host is gone."""
    received = wire.receive_packet(host)
    if received is None:
        return False
    message, descriptors = received
    try:
        order = _parse(message, len(descriptors))
        trouble = _reason_not_to_fork()
        if trouble:
            wire.send_packet(host, {"type": "error", "worker": order.worker, "message": trouble})
        else:
            _fork(host, order, descriptors, workers)
    finally:
        for descriptor in descriptors:
            os.close(descriptor)
    return True


def _parse(message: wire.Message, descriptors: int) -> Fork:
    if message["type"] != "fork":
        raise wire.WireError(f"`{message['type']}` is no message that a zygote knows")
    wire.require_version(message)
    if descriptors != FORK_DESCRIPTORS:
        raise wire.WireError(f"{descriptors} descriptors came with `fork`, not {FORK_DESCRIPTORS}")
    try:
        bounds = {name: message["rlimits"][name] for name in Limits.__dataclass_fields__}
        worker, scratch = message["worker"], message["scratch"]
    except (KeyError, TypeError) as error:
        raise wire.WireError(f"`fork` lacks {error}") from None
    if not all(isinstance(bound, int) and bound > 0 for bound in bounds.values()):
        raise wire.WireError("a bound in `rlimits` is not a positive whole number")
    if not (isinstance(worker, str) and isinstance(scratch, str) and scratch.startswith("/")):
        raise wire.WireError("`worker` and `scratch` are texts, the latter an absolute path")
    return Fork(worker, scratch, Limits(**bounds))


def _reason_not_to_fork() -> str | None:
    threads = len(os.listdir("/proc/self/task"))
    if threads == 1:
        return None
    return f"the zygote has {threads} threads; a fork of it would hang"


def _fork(host: socket.socket, order: Fork, descriptors: list[int], workers: dict[int, str]) -> None:
    zygote = os.getpid()
    sys.stdout.flush()
    sys.stderr.flush()
    try:
        pid = os.fork()
    except OSError as error:
        wire.send_packet(
            host, {"type": "error", "worker": order.worker, "message": f"fork failed: {error.strerror}"}
        )
        return
    if pid == 0:
        _become_worker(host, order, descriptors, zygote)
    workers[pid] = order.worker
    handle = os.pidfd_open(pid)
    try:
        wire.send_packet(host, {"type": "forked", "worker": order.worker, "pid": pid}, (handle,))
    finally:
        os.close(handle)


def _become_worker(host: socket.socket, order: Fork, descriptors: list[int], zygote: int) -> None:
    """Never returns: whatever happens, this process ends here and not in the zygote's loop."""
    code = wire.EXIT_CANNOT_ENTER
    try:
        host.detach()  # descriptor 0 is about to be something else
        control, stdout, stderr = descriptors
        enter(control, stdout, stderr, order.scratch, order.limits, zygote)
        from .worker import serve_host

        code = serve_host()
    except BaseException:
        import traceback

        traceback.print_exc()
    finally:
        os._exit(code)


def _report_the_dead(host: socket.socket, workers: dict[int, str]) -> None:
    while True:
        try:
            dead = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        except ChildProcessError:
            return
        if dead is None:
            return
        pid = dead.si_pid
        _kill_group(pid)  # what it started; the number is still its own, because it has not been waited for
        _, status, usage = os.wait4(pid, 0)
        worker = workers.pop(pid, None)
        if worker is None:
            continue  # an orphan of a worker
        _kill_orphans(workers)
        wire.send_packet(
            host,
            {
                "type": "exited",
                "worker": worker,
                "pid": pid,
                "signal": os.WTERMSIG(status) if os.WIFSIGNALED(status) else None,
                "code": os.WEXITSTATUS(status) if os.WIFEXITED(status) else None,
                "max_rss_bytes": usage.ru_maxrss * 1024,
                "cpu_ms": round((usage.ru_utime + usage.ru_stime) * 1000),
            },
        )


def _kill_everything(workers: dict[int, str]) -> None:
    """Kills all children, and theirs as they become ours, until there is none."""
    while True:
        for pid in _children(workers):
            _kill_group(pid)
        try:
            os.wait()
        except ChildProcessError:
            return


def _kill_orphans(workers: dict[int, str]) -> None:
    for pid in _children(workers):
        if pid not in workers:
            _kill_group(pid)


def _children(workers: dict[int, str]) -> list[int]:
    try:
        with open(f"/proc/self/task/{os.getpid()}/children") as listing:
            return [int(pid) for pid in listing.read().split()]
    except FileNotFoundError:  # a kernel built without this list
        return list(workers)


def _kill_group(leader: int) -> None:
    for kill in (os.killpg, os.kill):
        # It has no group of its own yet, or is gone.
        with contextlib.suppress(ProcessLookupError):
            kill(leader, signal.SIGKILL)


def _drain(descriptor: int) -> None:
    try:
        while os.read(descriptor, 4096):
            pass
    except BlockingIOError:
        pass


if __name__ == "__main__":
    sys.exit(main())
