"""One run, from the host's message to the result: compile, execute, measure, export. Says everything through
`report`.

Whatever the program does wrong is an outcome; an exception that leaves `perform` is a defect of ours.
"""

from __future__ import annotations

import errno
import math
import resource
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from . import errors, wire
from .clock import Clock
from .errors import NoPart
from .export import FORMATS, Export, Refused, remove_files
from .figures import rounded
from .measure import Measured, measure_body, measures, warnings
from .mesh import Quality
from .parameters import ParameterError
from .part import Part, TooMany, read_part
from .program import compile_program, execute
from .topology import Topology

UNUSABLE_HINT = "Some of its faces are broken: build the last step in another way, or with other sizes"

Report = Callable[[wire.Message], None]


@dataclass(frozen=True, slots=True)
class Order:
    """A well-formed `run` message."""

    program: str
    parameters: dict[str, Any]
    formats: tuple[str, ...]
    quality: Quality
    cpu_seconds: int
    faces_max: int
    bodies_max: int
    result_bytes_max: int
    check: bool


def parse(message: wire.Message) -> Order:
    if message["type"] != "run":
        raise wire.WireError(f"`{message['type']}` is no message that a worker knows")
    wire.require_version(message)
    try:
        limits, mesh = message["limits"], message["mesh"]
        order = Order(
            program=message["program"],
            parameters=dict(message["parameters"]),
            formats=tuple(message["formats"]),
            quality=Quality(float(mesh["linear_mm"]), float(mesh["angular_rad"])),
            cpu_seconds=int(limits["cpu_seconds"]),
            faces_max=int(limits["faces"]),
            bodies_max=int(limits["bodies"]),
            result_bytes_max=int(limits["result_bytes"]),
            check=bool(message["check"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise wire.WireError(f"`run` is not well-formed: {error!r}") from None
    if not isinstance(order.program, str) or not set(order.formats) <= set(FORMATS):
        raise wire.WireError("`program` is a text, and `formats` are of those that exist")
    return order


def perform(order: Order, report: Report) -> None:
    _limit_processor_time(order.cpu_seconds)
    remove_files()
    outcome = _outcome(order, report)
    report({"type": "result", **outcome})


def _outcome(order: Order, report: Report) -> dict[str, Any]:
    clock = Clock()
    try:
        value = None
        with clock.phase("build_ms"):
            compiled = compile_program(order.program, order.parameters)
            value = execute(compiled.code)
        part = _read_part(value, order)
        return _deliver(order, part, compiled.declared, clock, report)
    except Refused as refusal:
        return _refused(refusal.limit, str(refusal), refusal.used, refusal.allowed)
    except ParameterError as error:
        return _raised(errors.raised(error.kind, str(error), error.line, order.program))
    except BaseException as error:
        if isinstance(error, OSError) and error.errno == errno.EFBIG:
            return _file_too_large()
        if _is_memory(error):
            traceback.clear_frames(error.__traceback__)
            return {"outcome": "out_of_memory", "message": "The program needed more memory than it may have"}
        return _raised(errors.describe(error, order.program))


def _raised(error: dict[str, Any]) -> dict[str, Any]:
    return {"outcome": "raised", "error": error}


def _refused(limit: str, message: str, used: int, allowed: int) -> dict[str, Any]:
    return {"outcome": "refused", "limit": limit, "message": message, "used": used, "allowed": allowed}


def _file_too_large() -> dict[str, Any]:
    allowed, _ = resource.getrlimit(resource.RLIMIT_FSIZE)
    return _refused("file_size", f"The program wrote a file of more than {allowed} bytes", allowed, allowed)


def _is_memory(error: BaseException) -> bool:
    if isinstance(error, OSError):
        return error.errno == errno.ENOMEM
    return isinstance(error, MemoryError) or type(error).__name__ == "Standard_OutOfMemory"


def _read_part(value: Any, order: Order) -> Part:
    try:
        return read_part(value, order.bodies_max)
    except TooMany:
        message = f"`result` has more than {order.bodies_max} bodies"
        raise Refused("bodies", message, order.bodies_max + 1, order.bodies_max) from None


def _deliver(
    order: Order, part: Part, declared: list[dict[str, Any]], clock: Clock, report: Report
) -> dict[str, Any]:
    with clock.phase("measure_ms"):
        measured = _measure(order, part)
        told = rounded(measures(part, measured))
    export = Export(part, measured, clock, order.result_bytes_max)
    export.warnings += warnings(part, measured)
    first = ("glb",) if "glb" in order.formats else ()
    for format_name in first:
        export.write(format_name, order.quality, told)
    message = {
        "type": "part",
        "kind": part.kind,
        "files": dict(export.files),
        "measures": told,
        "warnings": list(export.warnings),
        "parameters": declared,
        "phases": dict(clock.phases),
    }
    _refuse_over("result_bytes", len(wire.encode(message)), order.result_bytes_max)
    report(message)
    for format_name in order.formats:
        if format_name not in first:
            export.write(format_name, order.quality, told)
    return {
        "outcome": "built",
        "files": export.files,
        "phases": clock.phases,
        "warnings": export.warnings,
    }


def _measure(order: Order, part: Part) -> list[Measured]:
    topologies = [Topology(body.shape) for body in part.bodies]
    _refuse_over("faces", sum(topology.face_count for topology in topologies), order.faces_max)
    _refuse_over("bodies", sum(len(topology.solids) for topology in topologies), order.bodies_max)
    try:
        return [
            measure_body(body, topology, check=order.check)
            for body, topology in zip(part.bodies, topologies, strict=True)
        ]
    except MemoryError:
        raise
    except Exception as error:
        # No line of the program is to blame; its own log gets what a developer needs.
        traceback.print_exc()
        message = f"`result` was built, but the kernel cannot measure it ({type(error).__name__}: {error})"
        raise NoPart("UnusableResult", message, UNUSABLE_HINT) from None


def _refuse_over(limit: str, used: int, allowed: int) -> None:
    if used > allowed:
        words = "bytes of tables" if limit == "result_bytes" else limit
        raise Refused(limit, f"The part has {used} {words}; {allowed} are allowed", used, allowed)


def _limit_processor_time(seconds: int) -> None:
    """The kernel ends this process when the run has used so much, even inside a C++ loop."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    soft = math.ceil(usage.ru_utime + usage.ru_stime + seconds)
    resource.setrlimit(
        resource.RLIMIT_CPU, (soft if hard == resource.RLIM_INFINITY else min(soft, hard), hard)
    )
