"""A small host for tests: starts a zygote over a socket pair, forks workers, runs programs, drains what they
print.
"""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

RUNNER = Path(__file__).resolve().parents[2] / "runner"
# The bundled runtime is started by several words: its own loader comes first.
PYTHON = os.environ.get("NATURALCAD_PYTHON", sys.executable).split()
HOME = {name: os.environ[name] for name in ("PYTHONHOME", "PYTHONPLATLIBDIR") if name in os.environ}
WAIT_SECONDS = 60.0
GIB = 1 << 30
LIMITS = {"cpu_seconds": 60, "faces": 20_000, "bodies": 500, "result_bytes": 16_000_000}
RLIMITS = {"address_space_bytes": 6 * GIB, "file_size_bytes": 256 << 20, "open_files": 256}

Message = dict[str, Any]
_ids = count(1)


@dataclass
class Outcome:
    """Everything that one run said."""

    result: Message | None
    part: Message | None
    order: list[str]
    seconds: float

    @property
    def measures(self) -> Message:
        assert self.part is not None, self.result
        return self.part["measures"]

    @property
    def error(self) -> Message:
        assert self.result is not None and self.result["outcome"] == "raised", self.result
        return self.result["error"]

    @property
    def codes(self) -> list[str]:
        assert self.result is not None and self.result["outcome"] == "built", self.result
        return [warning["code"] for warning in self.result["warnings"]]


class Zygote:
    """A zygote of its own; leaving the `with` closes its socket and waits for its end."""

    def __init__(self, extra_path: Path | None = None, **environment: str) -> None:
        self.socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        path = os.pathsep.join(str(each) for each in (RUNNER, extra_path) if each)
        self.process = subprocess.Popen(
            [*PYTHON, "-s", "-P", "-m", "naturalcad_runner.zygote"],
            stdin=theirs,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env={
                "PATH": "/nonexistent",
                "PYTHONPATH": path,
                "LANG": "C.UTF-8",
                "TZ": "UTC",
                "SECRET": "the program must not see this",
                **HOME,
                **environment,
            },
        )
        theirs.close()
        self._dead: dict[str, Message] = {}
        self.hello, _ = self.receive()

    def __enter__(self) -> Zygote:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()
        try:
            self.process.wait(WAIT_SECONDS)
        finally:
            self.process.kill()
            self.process.stderr.close()

    def send(self, message: Message, descriptors: Iterable[int] = ()) -> None:
        socket.send_fds(self.socket, [json.dumps(message).encode()], list(descriptors))

    def receive(self, seconds: float = WAIT_SECONDS) -> tuple[Message, list[int]]:
        ready, _, _ = select.select([self.socket], [], [], seconds)
        assert ready, "the zygote said nothing"
        data, descriptors, _, _ = socket.recv_fds(self.socket, 1 << 16, 8)
        assert data, "the zygote has closed its socket"
        return json.loads(data), descriptors

    def fork(self, scratch: Path, **rlimits: int) -> Worker:
        name = f"w{next(_ids)}"
        control, theirs = socket.socketpair()
        pipes = [os.pipe(), os.pipe()]
        self.send(
            {
                "type": "fork",
                "version": 1,
                "worker": name,
                "scratch": str(scratch),
                "rlimits": RLIMITS | rlimits,
            },
            (theirs.fileno(), pipes[0][1], pipes[1][1]),
        )
        theirs.close()
        for _, end in pipes:
            os.close(end)
        message, descriptors = self._await("forked", name)
        worker = Worker(
            self, name, message["pid"], descriptors[0], scratch, control, [end for end, _ in pipes]
        )
        worker.ready = worker.receive()
        return worker

    def exited(self, worker: str) -> Message:
        if worker not in self._dead:
            self._dead[worker], _ = self._await("exited", worker)
        return self._dead[worker]

    def _await(self, kind: str, worker: str) -> tuple[Message, list[int]]:
        while True:
            message, descriptors = self.receive()
            if message["type"] == kind and message["worker"] == worker:
                return message, descriptors
            assert message["type"] == "exited", message
            self._dead[message["worker"]] = message


@dataclass
class Worker:
    zygote: Zygote
    name: str
    pid: int
    pidfd: int
    scratch: Path
    control: socket.socket
    pipes: list[int]
    ready: Message | None = None
    printed: list[bytearray] = field(default_factory=lambda: [bytearray(), bytearray()])

    def __post_init__(self) -> None:
        self._drains = [
            threading.Thread(target=_drain, args=pair, daemon=True)
            for pair in zip(self.pipes, self.printed, strict=True)
        ]
        for drain in self._drains:
            drain.start()

    def run(self, program: str, formats: Iterable[str] = (), **order: Any) -> Outcome:
        self.send(run_message(program, formats, **order))
        return self.finish()

    def finish(self) -> Outcome:
        started = time.perf_counter()
        part, order = None, []
        while True:
            message = self.receive()
            order.append(message["type"] if message else "end")
            if message is None or message["type"] == "result":
                return Outcome(message, part, order, time.perf_counter() - started)
            part = message

    def send(self, message: Message) -> None:
        data = json.dumps(message).encode()
        self.control.sendall(struct.pack(">I", len(data)) + data)

    def receive(self) -> Message | None:
        """The next message, or None when the worker has closed its end."""
        self.control.settimeout(WAIT_SECONDS)
        head = self._read(4)
        return json.loads(self._read(struct.unpack(">I", head)[0])) if head else None

    def _read(self, length: int) -> bytes:
        data = b""
        while len(data) < length:
            try:
                more = self.control.recv(length - len(data))
            except ConnectionResetError:
                more = b""
            if not more:
                return b""
            data += more
        return data

    def file(self, name: str) -> Path:
        return self.scratch / name

    def out(self) -> str:
        return self.printed[0].decode()

    def err(self) -> str:
        return self.printed[1].decode()

    def await_printed(self) -> None:
        """Waits for the ends of its pipes: only of use when it is dead."""
        for drain in self._drains:
            drain.join(WAIT_SECONDS)

    def is_alive(self) -> bool:
        return not select.select([self.pidfd], [], [], 0)[0]

    def kill(self) -> Message:
        """Ends it as the host does, and waits for the zygote's word."""
        if self.pidfd >= 0:
            signal.pidfd_send_signal(self.pidfd, signal.SIGKILL) if self.is_alive() else None
        return self.end()

    def end(self) -> Message:
        """Closes the channel and waits for its end."""
        self.control.close()
        report = self.zygote.exited(self.name)
        self.await_printed()
        if self.pidfd >= 0:
            os.close(self.pidfd)
            self.pidfd = -1
        return report


def run_message(program: str, formats: Iterable[str] = (), **order: Any) -> Message:
    return {
        "type": "run",
        "version": 1,
        "run": "r",
        "program": program,
        "parameters": order.get("parameters", {}),
        "formats": list(formats),
        "mesh": order.get("mesh", {"linear_mm": 0.1, "angular_rad": 0.3}),
        "limits": LIMITS | order.get("limits", {}),
        "check": order.get("check", True),
    }


def _drain(descriptor: int, into: bytearray) -> None:
    with os.fdopen(descriptor, "rb", buffering=0) as pipe:
        while data := pipe.read(1 << 16):
            into += data
