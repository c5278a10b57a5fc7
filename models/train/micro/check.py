"""Holds `phrases.toml` against the catalog's own reader: `python check.py PATH_OF_NATURALCAD`.

The sober sentence of each family must be read completely and give exactly the family's plan; each phrasing
must not be understood completely, or the model would never be asked.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys

from examples import DATA, fill


def read(program: str, prompt: str) -> dict:
    run = subprocess.run([program, "catalog", "read", prompt], capture_output=True, text=True, check=False)
    return json.loads(run.stdout)


def problems(program: str, family: dict) -> list[str]:
    values = {name: str(sum(limits) // 2) for name, limits in family["sizes"].items()}
    sober = read(program, fill(family["sober"], values))
    plan = fill(family["plan"], values)
    found = []
    if sober["unread"] or json.dumps(sober["plan"], separators=(",", ":")) != plan:
        found.append(f"{family['name']}: the reader gives another plan: {sober['plan']}")
    for phrase in family["phrases"]:
        prompt = fill(re.sub(r"\[([^]|]*)[^]]*\]", r"\1", phrase), values)
        reading = read(program, prompt)
        if not reading["unread"] and not reading["question"]:
            found.append(f"{family['name']}: the reader understands {prompt!r}")
    return found


def main() -> int:
    found = [problem for family in DATA["part"] for problem in problems(sys.argv[1], family)]
    print("\n".join(found) or f"{len(DATA['part'])} families agree with the reader")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
