"""Numbers as they leave the runner: rounded to a millionth, never -0, never not a number."""

from __future__ import annotations

import math
from typing import Any

DIGITS = 6


def rounded(value: Any) -> Any:
    """`value` with every float in it rounded; lists, tuples and dicts are gone into."""
    if isinstance(value, float):
        return round(value, DIGITS) + 0.0 if math.isfinite(value) else 0.0
    if isinstance(value, dict):
        return {name: rounded(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [rounded(item) for item in value]
    return value
