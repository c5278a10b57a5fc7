"""The contract of zygote and worker with the host: messages, descriptors, surroundings, strictness."""

from __future__ import annotations

import json
import os
import socket
import struct
from pathlib import Path

import pytest

from host import RLIMITS, Zygote, run_message

PLATE = "from build123d import *\nresult = Box(3, 2, 1)\n"


def test_the_zygote_says_what_it_has_imported(zygote):
    hello = zygote.hello
    assert (hello["type"], hello["version"], hello["pid"]) == ("hello", 1, zygote.process.pid)
    assert hello["build123d"].startswith("0.13.")
    assert hello["ocp"].startswith("8.0.")
    assert hello["python"].count(".") == 2
    assert hello["import_ms"] > 0


def test_the_zygote_has_one_thread_and_no_font_manager(zygote):
    assert len(os.listdir(f"/proc/{zygote.process.pid}/task")) == 1
    maps = Path(f"/proc/{zygote.process.pid}/maps").read_text()
    assert "fontconfig/" not in maps and ".ttf" not in maps
    opened = [
        os.readlink(f"/proc/{zygote.process.pid}/fd/{fd}")
        for fd in os.listdir(f"/proc/{zygote.process.pid}/fd")
    ]
    assert not [path for path in opened if "font" in path]


def test_a_worker_is_ready_after_it_has_warmed_up_and_leaves_no_file(new_worker):
    worker = new_worker()
    assert worker.ready["type"] == "ready" and worker.ready["version"] == 1
    assert worker.ready["pid"] == worker.pid
    assert 0 < worker.ready["warm_ms"] < 10_000
    assert os.listdir(worker.scratch) == []
    worker.end()
    assert worker.out() == "" and worker.err() == ""


def test_a_worker_ends_when_its_channel_is_closed(new_worker):
    worker = new_worker()
    assert worker.run(PLATE).result["outcome"] == "built"
    report = worker.end()
    assert (report["signal"], report["code"]) == (None, 0)


def test_a_worker_has_few_threads_and_costs_little_memory_of_its_own(new_worker):
    worker = new_worker()
    assert len(os.listdir(f"/proc/{worker.pid}/task")) <= 4
    own = Path(f"/proc/{worker.pid}/smaps_rollup").read_text().split("Private_Dirty:")[1].split()[0]
    assert int(own) < 100_000  # KiB; the rest is shared with the zygote


def test_a_worker_has_four_descriptors_and_its_own_session(new_worker):
    worker = new_worker()
    links = {fd: os.readlink(f"/proc/{worker.pid}/fd/{fd}") for fd in os.listdir(f"/proc/{worker.pid}/fd")}
    assert set(links) == {"0", "1", "2", "3"}
    assert links["0"] == "/dev/null"
    assert (
        links["1"].startswith("pipe:") and links["2"].startswith("pipe:") and links["3"].startswith("socket:")
    )
    assert os.getsid(worker.pid) == worker.pid


def test_a_program_sees_only_what_it_should(worker):
    program = (
        "import os, sys, json, resource, random\n"
        "seen = dict(env=dict(os.environ), cwd=os.getcwd(), umask=os.umask(0o077), path=sys.path,"
        " name=__name__, argv=sys.argv, main=sys.modules['__main__'].__file__,"
        " ours=[m for m in sys.modules if 'naturalcad' in m],"
        " core=resource.getrlimit(resource.RLIMIT_CORE), files=resource.getrlimit(resource.RLIMIT_NOFILE),"
        " space=resource.getrlimit(resource.RLIMIT_AS), stdin=sys.stdin.read(), random=random.random())\n"
        "raise ValueError(json.dumps(seen))\n"
    )
    seen = json.loads(worker.run(program).error["message"])
    environment = seen["env"]
    assert environment["HOME"] == environment["TMPDIR"] == seen["cwd"] == str(worker.scratch)
    assert environment["PATH"] == "/nonexistent" and environment["TZ"] == "UTC"
    assert environment["OPENBLAS_NUM_THREADS"] == "1"
    assert not {"SECRET", "PYTHONPATH", "PYTHONHOME"} & set(environment)
    assert seen["umask"] == 0o077 and seen["stdin"] == ""
    assert seen["name"] == "__main__" and seen["argv"] == ["program.py"] and seen["main"] == "program.py"
    assert seen["core"] == [0, 0] and seen["files"] == [256, 256]
    assert seen["space"] == [RLIMITS["address_space_bytes"]] * 2
    assert [name for name in seen["ours"] if name.startswith("naturalcad_runner")] == []
    assert not [entry for entry in seen["path"] if os.path.isdir(os.path.join(entry, "naturalcad_runner"))]


@pytest.mark.parametrize("name", ["naturalcad_runner", "naturalcad_runner.worker", "zygote", "wire"])
def test_a_program_cannot_import_the_runner(worker, name):
    assert worker.run(f"import {name}\n").error["type"] == "ModuleNotFoundError"


def test_workers_differ_in_their_random_numbers(new_worker):
    program = "import random, numpy\nraise ValueError(f'{random.random()} {numpy.random.random()}')\n"
    said = [new_worker().run(program).error["message"].split() for _ in range(2)]
    assert said[0][0] != said[1][0] and said[0][1] != said[1][1]


def test_nothing_can_be_uploaded(worker):
    assert (
        worker.run("from build123d import *\nexport_to_pcbway(Box(1, 1, 1))\n").error["type"] == "NameError"
    )
    assert (
        worker.run("import build123d.exporters3d as e\ne.export_to_pcbway\n").error["type"]
        == "AttributeError"
    )


def test_a_zygote_with_two_threads_refuses_to_fork(tmp_path):
    # A module that the zygote imports, put before the real one, leaves a thread behind.
    stand_in = tmp_path / "stand-in" / "py_gearworks"
    stand_in.mkdir(parents=True)
    (stand_in / "__init__.py").write_text(
        "import threading\nthreading.Thread(target=threading.Event().wait, daemon=True).start()\n"
    )
    with Zygote(extra_path=stand_in.parent) as own:
        with pytest.raises(AssertionError, match="2 threads"):
            own.fork(tmp_path)
        own.process.kill()


@pytest.mark.parametrize(
    ("message", "descriptors", "words"),
    [
        ({"type": "spoon", "version": 1}, 0, "spoon"),
        ({"type": "fork", "version": 2}, 3, "version 2"),
        ({"type": "fork", "version": 1}, 2, "2 descriptors"),
        ({"type": "fork", "version": 1, "worker": "w", "scratch": "/tmp"}, 3, "rlimits"),
        ({"type": "fork", "version": 1, "worker": "w", "scratch": "tmp", "rlimits": RLIMITS}, 3, "absolute"),
        (
            {
                "type": "fork",
                "version": 1,
                "worker": "w",
                "scratch": "/tmp",
                "rlimits": RLIMITS | {"open_files": 0},
            },
            3,
            "bound",
        ),
        ([1, 2], 0, "object"),
        (None, 0, "JSON"),
    ],
)
def test_the_zygote_answers_nonsense_with_an_error_and_ends(quick_zygote, message, descriptors, words):
    process, channel = quick_zygote
    data = b"{not json" if message is None else json.dumps(message).encode()
    socket.send_fds(channel, [data], [2] * descriptors)
    said = json.loads(channel.recv(1 << 16))
    assert said["type"] == "error" and words in said["message"]
    assert process.wait(10) == 3


@pytest.fixture
def quick_zygote(tmp_path):
    """The zygote's loop without the imports, which nonsense never gets to see."""
    import subprocess

    from host import HOME, PYTHON, RUNNER

    code = (
        "import sys, naturalcad_runner.imports as imports\n"
        "imports.import_libraries = lambda: None\n"
        "from naturalcad_runner import zygote\n"
        "zygote.import_libraries = lambda: None\n"
        "sys.exit(zygote.main())\n"
    )
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    process = subprocess.Popen([*PYTHON, "-c", code], stdin=theirs, env={**HOME, "PYTHONPATH": str(RUNNER)})
    theirs.close()
    assert json.loads(ours.recv(1 << 16))["type"] == "hello"
    yield process, ours
    ours.close()
    process.wait(10)


def test_a_scratch_folder_that_is_not_there_ends_the_worker_with_a_reason(zygote, tmp_path):
    worker = zygote.fork(tmp_path / "missing")
    assert worker.ready is None
    report = worker.end()
    assert report["code"] == 4
    assert "FileNotFoundError" in worker.err()


@pytest.mark.parametrize(
    "message",
    [
        {"type": "walk", "version": 1},
        run_message(PLATE) | {"version": 9},
        run_message(PLATE) | {"formats": ["obj"]},
        run_message(PLATE) | {"limits": {}},
        {key: value for key, value in run_message(PLATE).items() if key != "program"},
    ],
)
def test_a_worker_answers_nonsense_by_ending(new_worker, message):
    worker = new_worker()
    worker.send(message)
    assert worker.receive() is None
    assert worker.end()["code"] == 3
    assert "naturalcad worker:" in worker.err()


def test_a_frame_that_is_too_long_ends_the_worker(new_worker):
    worker = new_worker()
    worker.control.sendall(struct.pack(">I", (16 << 20) + 1))
    assert worker.receive() is None
    assert worker.end()["code"] == 3


def test_a_frame_that_breaks_off_ends_the_worker(new_worker):
    worker = new_worker()
    worker.control.sendall(struct.pack(">I", 100) + b"{")
    worker.control.shutdown(socket.SHUT_WR)
    assert worker.receive() is None
    assert worker.end()["code"] == 3
