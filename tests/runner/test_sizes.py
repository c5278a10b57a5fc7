"""The table of metric sizes against the one that bd_warehouse ships, so that a typing mistake is found."""

from __future__ import annotations

import csv
import tomllib
from importlib.resources import files
from pathlib import Path

TABLE = Path(__file__).resolve().parents[2] / "templates/tables/metric.toml"
# bd_warehouse rounds these up; ISO 273 has 13.5 and 14.5.
ISO_273_M12 = {"clearance_close": 13.0, "clearance": 13.5, "clearance_loose": 14.5}
COLUMNS = {"clearance_close": "Close", "clearance": "Normal", "clearance_loose": "Loose"}


def test_clearance_holes_are_those_of_iso_273() -> None:
    sizes = tomllib.loads(TABLE.read_text())["sizes"]
    text = files("bd_warehouse").joinpath("data/clearance_hole_sizes.csv").read_text()
    known = {row["Size"]: row for row in csv.DictReader(text.splitlines())}
    assert len(sizes) >= 9
    for name, size in sizes.items():
        for column, theirs in COLUMNS.items():
            wanted = ISO_273_M12[column] if name == "M12" else float(known[name][theirs])
            assert size[column] == wanted, f"{name} {column}"
