"""How the bundled Python runtime is built: what is fetched, when nothing is done, what is never half done."""

from __future__ import annotations

import json
import os
import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LOCK = ROOT / "runner" / "requirements.lock"
RUNTIME = Path(os.environ.get("NATURALCAD_RUNTIME", ROOT / "target" / "runtime")).resolve()

sys.path.insert(0, str(ROOT / "runner" / "runtime"))

import build  # noqa: E402
import contents  # noqa: E402
import prerequisites  # noqa: E402
import wheels  # noqa: E402


def test_the_lock_file_pins_everything_by_hash_and_names_no_registry() -> None:
    text = LOCK.read_text()
    assert "://" not in text and "index-url" not in text
    entries = re.split(r"\n(?=[A-Za-z0-9])", text.strip())
    assert len(entries) > 50
    for entry in entries:
        assert re.match(r"[\w.-]+==[\w.]+", entry) and "--hash=sha256:" in entry, entry


def test_what_is_left_out_is_in_the_lock_file_and_not_installed() -> None:
    listed = json.loads((RUNTIME / "manifest.json").read_text())
    assert {line.partition("==")[0] for line in LOCK.read_text().splitlines() if "==" in line} >= set(
        contents.DISTRIBUTIONS_LEFT_OUT
    )
    installed = {re.sub("[-_]+", "-", name).lower() for name in listed["packages"]}
    assert installed.isdisjoint(contents.DISTRIBUTIONS_LEFT_OUT)
    wanted = wheels.wanted(LOCK.read_text())
    assert "scikit-learn" not in wanted and "scipy==" in wanted and "#" not in wanted


def test_a_second_build_does_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build, "make", lambda *_: pytest.fail("it was built again"))
    out = tmp_path / "runtime"
    out.mkdir()
    (out / build.STAMP).write_text(build.inputs() + "\n")
    build.build(out, tmp_path / "cache")


def test_a_build_replaces_the_old_runtime_in_one_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "runtime"
    out.mkdir()
    (out / "old").touch()
    monkeypatch.setattr(build, "check", lambda: None)
    monkeypatch.setattr(build, "make", lambda runtime, *_: (runtime / "new").touch())
    build.build(out, tmp_path / "cache")
    assert [path.name for path in out.iterdir()] == ["new"]
    assert sorted(path.name for path in tmp_path.iterdir()) == [".runtime.lock", "runtime"]


def test_an_interrupted_build_leaves_the_old_runtime_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "runtime"
    out.mkdir()
    (out / "old").touch()
    killed = tmp_path / ".runtime.part-killed"
    killed.mkdir()

    def interrupted(runtime: Path, *_: object) -> None:
        (runtime / "half").touch()
        raise KeyboardInterrupt

    monkeypatch.setattr(build, "check", lambda: None)
    monkeypatch.setattr(build, "make", interrupted)
    with pytest.raises(KeyboardInterrupt):
        build.build(out, tmp_path / "cache")
    assert [path.name for path in out.iterdir()] == ["old"]
    assert sorted(path.name for path in tmp_path.iterdir()) == [".runtime.lock", "runtime"]


@pytest.fixture
def complete(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """A machine that has everything; the runtime's own Python, which may run this, does not."""
    monkeypatch.setattr("prerequisites.importlib.util.find_spec", lambda name: name)
    monkeypatch.setattr("prerequisites.shutil.which", lambda name: f"/usr/bin/{name}")
    prerequisites.check()
    return monkeypatch


def what_is_missing() -> str:
    with pytest.raises(prerequisites.MissingError) as caught:
        prerequisites.check()
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_missing_compiler_is_named_with_the_command_that_installs_it(complete: pytest.MonkeyPatch) -> None:
    complete.setattr("prerequisites.shutil.which", lambda _: None)
    assert "`sudo apt install gcc" in what_is_missing()


def test_a_missing_venv_module_is_named_with_the_command_that_installs_it(
    complete: pytest.MonkeyPatch,
) -> None:
    complete.setattr("prerequisites.importlib.util.find_spec", lambda _: None)
    assert re.search(r"`sudo apt install python3\.\d+-venv`", what_is_missing())


def test_a_python_that_is_too_old_is_refused(complete: pytest.MonkeyPatch) -> None:
    complete.setattr("prerequisites.sys.version_info", (3, 10, 2))
    assert "CPython 3.11 to 3.14 is needed" in what_is_missing()


def test_another_machine_is_refused(complete: pytest.MonkeyPatch) -> None:
    complete.setattr("prerequisites.platform.machine", lambda: "aarch64")
    assert "aarch64" in what_is_missing()
