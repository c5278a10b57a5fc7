"""The third-party notice of the appliance, from the lock files: Rust crates, npm packages, Python runtime.

`make notice` writes it to target/THIRD-PARTY.md. Licence texts that are the same are printed once. The
runtime's own notice (`runner/runtime/notices.py`) is joined at the end; its texts lie in the runtime.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LICENCE_STARTS = ("licen", "copying", "notice", "unlicense")


@dataclass(frozen=True)
class Work:
    """One package that is linked into or embedded in the binary."""

    name: str
    version: str
    licence: str
    folder: Path


def crates() -> list[Work]:
    """What the Linux binary links: the normal and build dependencies, not those of tests."""
    command = [
        "cargo",
        "metadata",
        "--format-version",
        "1",
        "--locked",
        "--filter-platform",
        "x86_64-unknown-linux-gnu",
    ]
    data = json.loads(subprocess.run(command, cwd=ROOT, check=True, capture_output=True).stdout)
    packages = {package["id"]: package for package in data["packages"]}
    nodes = {node["id"]: node for node in data["resolve"]["nodes"]}
    seen: set[str] = set()
    waiting = [data["resolve"]["root"]]
    while waiting:
        identity = waiting.pop()
        if identity in seen:
            continue
        seen.add(identity)
        for dependency in nodes[identity]["deps"]:
            if any(kind["kind"] != "dev" for kind in dependency["dep_kinds"]):
                waiting.append(dependency["pkg"])
    seen.discard(data["resolve"]["root"])
    found = [packages[identity] for identity in seen]
    return [
        Work(p["name"], p["version"], p["license"] or "see its files", Path(p["manifest_path"]).parent)
        for p in found
    ]


def npm_packages() -> list[Work]:
    """What Vite bundles: the dependencies that are not for development only."""
    lock = json.loads((ROOT / "web/package-lock.json").read_text())
    works = []
    for path, package in lock["packages"].items():
        if path and not package.get("dev") and not package.get("devOptional"):
            folder = ROOT / "web" / path
            about = json.loads((folder / "package.json").read_text())
            works.append(Work(about["name"], about["version"], about.get("license", "see its files"), folder))
    return works


def licence_texts(work: Work) -> list[str]:
    files = [path for path in sorted(work.folder.iterdir()) if path.name.lower().startswith(LICENCE_STARTS)]
    return [path.read_text(errors="replace").strip() for path in files if path.is_file()]


def table(works: list[Work]) -> list[str]:
    rows = ["| package | version | licence |", "| --- | --- | --- |"]
    rows += [f"| {work.name} | {work.version} | {work.licence} |" for work in works]
    return rows


def main() -> None:
    groups = {"Rust crates in the program": crates(), "npm packages in the page": npm_packages()}
    lines = ["# Third-party notice", ""]
    texts: dict[str, tuple[str, list[str]]] = {}
    for title, works in groups.items():
        works.sort(key=lambda work: (work.name.lower(), work.version))
        lines += [f"## {title}", "", *table(works), ""]
        for work in works:
            for text in licence_texts(work):
                key = hashlib.sha256(text.encode()).hexdigest()
                texts.setdefault(key, (text, []))[1].append(f"{work.name} {work.version}")
    lines += ["## Licence texts", ""]
    for text, owners in texts.values():
        lines += [f"### {', '.join(dict.fromkeys(owners))}", "", "```text", text, "```", ""]
    runtime = ROOT / "target/runtime/THIRD-PARTY.md"
    lines += ["## The Python runtime", "", runtime.read_text() if runtime.exists() else "Not built."]
    print("\n".join(lines))


if __name__ == "__main__":
    main()
