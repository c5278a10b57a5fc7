"""All tables of faces of one body, so that a stated number can be held against the solid itself.

Each table has a bound, and the smallest entries go first: a message about a part stays small.
"""

from __future__ import annotations

from typing import Any

from . import walls
from .bores import Ring
from .planes import find_chamfers, find_planes
from .slots import find_slots
from .topology import Topology

# Of each table, over all bodies.
ENTRIES_MAX = 200
_SIZE = {
    "planes": lambda entry: entry["area"],
    "cylinders": lambda entry: entry["diameter"] * entry["length"],
    "cones": lambda entry: max(entry["diameters"]) * entry["length"],
    "spheres": lambda entry: entry["diameter"],
    "tori": lambda entry: entry["major"],
    "slots": lambda entry: entry["length"],
    "chamfers": lambda entry: entry["legs"][1],
}

Tables = dict[str, list[dict[str, Any]]]


def tables(topology: Topology, rings: list[Ring], areas: list[float]) -> Tables:
    return {
        "planes": find_planes(topology, areas),
        "cylinders": walls.cylinders(rings),
        "cones": walls.cones(rings),
        "spheres": walls.spheres(topology),
        "tori": walls.tori(topology),
        "slots": find_slots(topology, rings),
        "chamfers": find_chamfers(topology, areas),
    }


def united(bodies: list[Tables]) -> dict[str, Any]:
    """The tables of all bodies as one, each entry with the number of its body when there are several; and how
    many entries were left out.
    """
    told: dict[str, Any] = {}
    left_out = 0
    for name, size in _SIZE.items():
        entries = [
            {**entry, "body": number} if len(bodies) > 1 else entry
            for number, own in enumerate(bodies)
            for entry in own.get(name, ())
        ]
        if len(entries) > ENTRIES_MAX:
            left_out += len(entries) - ENTRIES_MAX
            entries = sorted(entries, key=size, reverse=True)[:ENTRIES_MAX]
        told[name] = entries
    return {**told, "faces_left_out": left_out}
