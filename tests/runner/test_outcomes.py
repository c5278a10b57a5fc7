"""Every outcome that a run can have, each through a real zygote and worker."""

from __future__ import annotations

import os
import signal
import subprocess
import time

import pytest

from host import Zygote, run_message

HEAD = "from build123d import *\n"
PLATE = HEAD + "LENGTH = 60.0\nCOUNT = 2\nresult = Box(LENGTH, 40, 10)\n"


def test_a_part_is_told_before_its_other_files_are_written(worker):
    outcome = worker.run(PLATE, ("glb", "step", "stl"))
    assert outcome.order == ["part", "result"]
    assert outcome.part["kind"] == "solid"
    assert outcome.part["files"] == {"glb": "part.glb", "scene": "scene.json"}
    assert outcome.result["outcome"] == "built"
    assert outcome.result["files"] == {
        "glb": "part.glb",
        "scene": "scene.json",
        "step": "part.step",
        "stl": "part.stl",
    }
    assert {"build_ms", "measure_ms", "mesh_ms", "glb_ms", "step_ms", "stl_ms"} == set(
        outcome.result["phases"]
    )
    assert all(worker.file(name).stat().st_size > 100 for name in outcome.result["files"].values())
    assert not [name for name in os.listdir(worker.scratch) if name.startswith(".")]


def test_only_the_formats_that_were_asked_for_are_written(worker):
    outcome = worker.run(PLATE, ("brep",))
    assert outcome.result["files"] == {"brep": "part.brep"}
    assert sorted(os.listdir(worker.scratch)) == ["part.brep"]


def test_an_exception_is_told_by_the_programs_own_line(worker):
    program = HEAD + "def build(size):\n    return Box(size, 1, 1) if size > 2 else check(size)\n"
    program += "def check(size):\n    raise ValueError(f'SIZE is {size}, at least 2')\nresult = build(1)\n"
    error = worker.run(program).error
    assert (error["type"], error["message"], error["line"]) == ("ValueError", "SIZE is 1, at least 2", 5)
    assert error["column"] == 5
    assert [line["line"] for line in error["excerpt"]] == [3, 4, 5, 6]
    assert error["excerpt"][2]["text"].startswith("    raise ValueError")


def test_an_exception_inside_a_library_is_told_by_the_line_that_called_it(worker):
    error = worker.run(HEAD + "part = Box(10, 10, 10)\nresult = fillet(part.edges(), 50)\n").error
    assert error["line"] == 3
    assert "radius" in error["hint"]


def test_a_kernel_error_without_a_message_gets_one(worker):
    error = worker.run(HEAD + "size = 0\nresult = Box(size, 10, 10)\n").error
    assert error["type"] == "Standard_DomainError"
    assert error["line"] == 3
    assert "`Box`" in error["message"]
    assert "zero" in error["hint"]


@pytest.mark.parametrize(
    ("program", "kind", "line", "column"),
    [
        ("x = (1,\nresult = 2\n", "SyntaxError", 1, 5),
        ("for i in range(3):\nprint(i)\n", "IndentationError", 2, 1),
        ("result = 1 +\n", "SyntaxError", 1, 13),
    ],
)
def test_a_syntax_error_has_a_line_and_column(worker, program, kind, line, column):
    error = worker.run(program).error
    assert (error["type"], error["line"], error["column"]) == (kind, line, column)


def test_a_program_that_is_no_text_for_python_is_told_so(worker):
    assert worker.run("result = 1\0").error["type"] in ("SyntaxError", "ValueError")


def test_columns_count_characters_not_bytes(worker):
    error = worker.run("größe = 'ü' * 2; größe.nothing\n").error
    assert (error["line"], error["column"]) == (1, 18)


@pytest.mark.parametrize(
    ("program", "kind", "words"),
    [
        ("part = Box(1, 1, 1)\n", "NoResult", "no `result`"),
        ("result = None\n", "EmptyResult", "None"),
        ("result = Box(1, 1, 1) - Box(2, 2, 2)\n", "EmptyResult", "empty"),
        ("result = []\n", "EmptyResult", "empty"),
        ("with BuildPart() as result:\n    pass\n", "EmptyResult", "`BuildPart`"),
        ("result = Vertex(1, 2, 3)\n", "EmptyResult", "`Vertex`"),
        ("result = 42\n", "BadResult", "`int`"),
        ("result = 'plate'\n", "BadResult", "`str`"),
        ("result = Plane.XY\n", "BadResult", "`Plane`"),
        ("result = Box\n", "BadResult", "class (`Box`)"),
        ("result = [Box(1, 1, 1), 5]\n", "BadResult", "`int`"),
        ("result = []\nresult.append(result)\n", "BadResult", "nested"),
    ],
)
def test_a_result_that_is_no_part_is_told_so(worker, program, kind, words):
    error = worker.run(HEAD + program).error
    assert error["type"] == kind
    assert words in error["message"]
    assert error["hint"]


def test_exit_counts_as_an_exception_unless_a_result_is_there(worker):
    error = worker.run("import sys\nsys.exit(3)\n").error
    assert (error["type"], error["line"]) == ("SystemExit", 2)
    assert worker.run(PLATE + "raise SystemExit\n").result["outcome"] == "built"


def test_deep_recursion_is_an_exception(worker):
    assert worker.run("def f():\n    return f()\nf()\n").error["type"] == "RecursionError"


def test_an_exception_that_cannot_be_printed_is_told_by_its_type(worker):
    program = "class Odd(Exception):\n    def __str__(self):\n        raise ValueError\nraise Odd()\n"
    error = worker.run(program).error
    assert (error["type"], error["message"], error["line"]) == ("Odd", "Odd", 4)


@pytest.mark.parametrize(
    ("program", "limits", "limit", "used", "allowed"),
    [
        ("result = Box(1, 1, 1)\n", {"faces": 5}, "faces", 6, 5),
        ("result = [Pos(2 * i, 0, 0) * Box(1, 1, 1) for i in range(9)]\n", {"bodies": 4}, "bodies", 5, 4),
        (
            "result = Compound([Pos(2 * i, 0, 0) * Box(1, 1, 1) for i in range(9)])\n",
            {"bodies": 4},
            "bodies",
            9,
            4,
        ),
    ],
)
def test_a_part_with_too_much_in_it_is_refused(worker, program, limits, limit, used, allowed):
    outcome = worker.run(HEAD + program, ("glb",), limits=limits)
    assert outcome.order == ["result"]
    result = outcome.result
    assert (result["outcome"], result["limit"]) == ("refused", limit)
    assert (result["used"], result["allowed"]) == (used, allowed)
    assert str(allowed) in result["message"]


def test_tables_that_are_too_long_are_refused(worker):
    result = worker.run(PLATE, ("glb",), limits={"result_bytes": 1000}).result
    assert (result["outcome"], result["limit"]) == ("refused", "result_bytes")
    assert result["used"] > result["allowed"] == 1000


@pytest.mark.parametrize("format_name", ["step", "stl", "glb", "3mf", "brep"])
def test_a_file_that_is_too_large_is_refused(new_worker, format_name):
    worker = new_worker(file_size_bytes=60_000)  # enough for the part that it warms up with
    holes = "result = Box(100, 100, 5) - [at * Cylinder(2, 9) for at in GridLocations(9, 9, 10, 10)]\n"
    result = worker.run(HEAD + holes, (format_name,)).result
    assert (result["outcome"], result.get("limit")) == ("refused", "file_size"), result
    assert os.listdir(worker.scratch) == []
    assert worker.run(HEAD + "result = Box(1, 1, 1)\n", (format_name,)).result["outcome"] == "built"


def test_a_program_that_writes_too_large_a_file_is_refused(new_worker):
    worker = new_worker(file_size_bytes=200_000)
    program = "with open('big', 'wb') as file:\n    file.write(bytes(300_000))\n"
    result = worker.run(program).result
    assert (result["outcome"], result["limit"], result["allowed"]) == ("refused", "file_size", 200_000)


@pytest.mark.parametrize(
    "program",
    [
        "import numpy\nresult = [numpy.empty(8 << 20) for _ in range(1000)]\n",
        "import numpy\nresult = numpy.ones(1 << 33)\n",
        "import mmap\nresult = [mmap.mmap(-1, 64 << 20) for _ in range(1000)]\n",
        "result = bytes(5 << 30)\n",
    ],
)
def test_too_much_memory_is_an_outcome_and_the_worker_lives(new_worker, program):
    worker = new_worker(address_space_bytes=4 << 30)
    result = worker.run(program).result
    assert result["outcome"] == "out_of_memory", result
    assert worker.run(PLATE, ("step",)).result["outcome"] == "built"


def test_a_segmentation_fault_is_seen_from_outside(new_worker, zygote):
    worker = new_worker()
    assert worker.run("import ctypes\nctypes.string_at(8)\n").result is None
    report = worker.end()
    assert (report["signal"], report["code"]) == (signal.SIGSEGV, None)
    assert report["max_rss_bytes"] > 50 << 20 and report["cpu_ms"] > 0


def test_leaving_the_process_is_seen_from_outside(new_worker):
    worker = new_worker()
    assert worker.run("import os\nprint('bye')\nos._exit(7)\n").result is None
    assert (worker.end()["code"], worker.out()) == (7, "bye\n")


def test_an_endless_loop_is_ended_by_the_processor_time_limit(new_worker):
    worker = new_worker()
    outcome = worker.run("while True:\n    pass\n", limits={"cpu_seconds": 1})
    assert outcome.result is None
    assert worker.end()["signal"] == signal.SIGXCPU


def test_an_endless_loop_that_catches_everything_is_ended_too(new_worker):
    worker = new_worker()
    program = "while True:\n    try:\n        while True: pass\n    except BaseException: pass\n"
    assert worker.run(program, limits={"cpu_seconds": 1}).result is None
    assert worker.end()["signal"] == signal.SIGXCPU


def test_endless_work_inside_the_kernel_dies_when_killed_from_outside(new_worker):
    worker = new_worker()
    program = HEAD + "print('begun')\nimport math\n"
    program += (
        "s = Box(30, 30, 30) - [Rot(17 * i, 31 * i, 7 * i) * Torus(12, 3) for i in range(60)]\nresult = s\n"
    )
    worker.send(run_message(program))
    deadline = time.monotonic() + 20
    while "begun" not in worker.out() and time.monotonic() < deadline:
        time.sleep(0.01)
    time.sleep(0.3)  # it is inside OCCT by then
    assert worker.is_alive()
    started = time.monotonic()
    assert worker.kill()["signal"] == signal.SIGKILL
    assert time.monotonic() - started < 2


def test_the_time_of_earlier_runs_does_not_count(new_worker):
    worker = new_worker()
    busy = "import time\nend = time.process_time() + 0.7\nwhile time.process_time() < end: pass\n"
    for _ in range(3):
        assert worker.run(busy + PLATE, limits={"cpu_seconds": 1}).result["outcome"] == "built"


def test_much_output_does_not_stop_a_worker(new_worker):
    worker = new_worker()
    program = (
        "import sys\nfor i in range(200):\n    print('x' * 100_000)\n    sys.stderr.write('y' * 10_000)\n"
    )
    outcome = worker.run(program + PLATE)
    assert outcome.result["outcome"] == "built"
    worker.kill()
    assert len(worker.out()) == 200 * 100_001
    assert len(worker.err()) == 200 * 10_000


def test_what_c_code_prints_comes_before_the_result(new_worker):
    worker = new_worker()
    program = "import ctypes\nlibc = ctypes.CDLL(None)\nlibc.printf(b'from C %d\\n', 5)\n" + PLATE
    assert worker.run(program).result["outcome"] == "built"
    deadline = time.monotonic() + 5
    while "from C 5" not in worker.out() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert "from C 5" in worker.out()


def test_a_printed_result_is_only_text(worker):
    program = 'print(\'{"type":"result","outcome":"built","files":{}}\')\nraise ValueError("no")\n'
    assert worker.run(program).error["type"] == "ValueError"


def test_a_program_that_closes_the_channel_only_loses_itself(new_worker):
    worker = new_worker()
    assert worker.run("import os\nos.close(3)\n" + PLATE).result is None
    assert worker.end()["signal"] is None


def test_a_program_that_closes_its_output_is_still_heard(new_worker):
    worker = new_worker()
    program = "import sys, os\nsys.stdout.close()\nsys.stderr = None\nos.close(2)\n" + PLATE
    assert worker.run(program).result["outcome"] == "built"


def test_what_a_program_starts_ends_with_it(new_worker):
    worker = new_worker()
    program = (
        "import os, time\n"
        "def child(own_session):\n"
        "    if os.fork() == 0:\n"
        "        if own_session:\n"
        "            os.setsid()\n"
        "            if os.fork(): os._exit(0)\n"
        "        print(os.getpid(), flush=True)\n"
        "        os.closerange(0, 64)\n"
        "        time.sleep(300)\n"
        "child(False)\nchild(True)\ntime.sleep(0.3)\n" + PLATE
    )
    assert worker.run(program).result["outcome"] == "built"
    pids = [int(line) for line in worker.out().split()]
    assert len(pids) == 2
    worker.kill()
    for pid in pids:
        assert _ends(pid), f"{pid} is left behind"


def test_when_the_host_goes_everything_goes(tmp_path):
    with Zygote() as own:
        workers = []
        for number in range(2):
            scratch = tmp_path / str(number)
            scratch.mkdir()
            workers.append(own.fork(scratch))
        workers[0].send(run_message("import os\nif os.fork() == 0: os.setsid()\nwhile True: pass\n"))
        time.sleep(0.2)
        pids = _descendants(own.process.pid)
        assert len(pids) == 3
        own.socket.close()
        assert own.process.wait(10) == 0
    assert all(_ends(pid) for pid in pids)


def test_a_killed_zygote_takes_its_workers_with_it(tmp_path):
    with Zygote() as own:
        worker = own.fork(tmp_path)
        own.process.kill()
        assert _ends(worker.pid)


def _ends(pid: int) -> bool:
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        try:
            with open(f"/proc/{pid}/stat") as stat:
                if stat.read().rpartition(")")[2].split()[0] == "Z":
                    return True
        except FileNotFoundError:
            return True
        time.sleep(0.02)
    return False


def _descendants(pid: int) -> list[int]:
    listing = subprocess.run(["ps", "-eo", "pid,ppid"], capture_output=True, text=True, check=True).stdout
    parents = [tuple(map(int, line.split())) for line in listing.splitlines()[1:]]
    found = [child for child, parent in parents if parent == pid]
    return found + [each for child in found for each in _descendants(child)]
