"""The table of metric sizes against the one that bd_warehouse ships, so that a typing mistake is found."""

from __future__ import annotations

import csv
import tomllib
from importlib.resources import files
from pathlib import Path

TABLE = Path(__file__).resolve().parents[2] / "templates/tables/metric.toml"
# From M12 on bd_warehouse holds the wider holes of ASME B18.2.8; these are ISO 273's.
ISO_273 = {
    "M12": (13.0, 13.5, 14.5),
    "M16": (17.0, 17.5, 18.5),
    "M18": (19.0, 20.0, 21.0),
    "M20": (21.0, 22.0, 24.0),
    "M24": (25.0, 26.0, 28.0),
}
COLUMNS = {"clearance_close": "Close", "clearance": "Normal", "clearance_loose": "Loose"}


def test_clearance_holes_are_those_of_iso_273() -> None:
    sizes = tomllib.loads(TABLE.read_text())["sizes"]
    text = files("bd_warehouse").joinpath("data/clearance_hole_sizes.csv").read_text()
    known = {row["Size"]: row for row in csv.DictReader(text.splitlines())}
    assert len(sizes) >= 9
    for name, size in sizes.items():
        for column, theirs in COLUMNS.items():
            iso = dict(zip(COLUMNS, ISO_273.get(name, ()), strict=False))
            wanted = iso.get(column) or float(known[name][theirs])
            assert size[column] == wanted, f"{name} {column}"
