"""The small model's vocabulary: BPE over what people write, and whole pieces of JSON for what it answers.

    python -m small.vocabulary FOLDER       (in models/train; learns `merges.txt` from a folder of examples)

`{"do":"hole"` or `,"diameter":` is one token, so an answer has half as many of them and a step is one choice.
They come from the table. They are *user defined* tokens of the GGUF file: llama.cpp cuts them out of a text
before BPE.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable
from pathlib import Path

from bpe import Bpe, Merge, learn

from . import table

MERGES_FILE = Path(__file__).resolve().parent / "merges.txt"
MERGES = 2000
CONTROL = ["<|prompt|>", "<|plan|>", "<|plan_before|>", "<|patch|>", "<|end|>"]
PLAN_HEAD = '{"plan":1,"bodies":[{"name":"part","steps":['
QUESTION = '{"change":"ask","question":"Which one is meant?"}'
ENDS = ["}]}]}", "}}]}]}", "}}}]}]}", "}},", "}}},", "}}]}", "}}}]}", "}]}"]


def pieces() -> list[str]:
    """The JSON pieces, those of each kind in the order of the alphabet."""
    all_ = table.steps().values()
    does = [f'{{"do":"{one.name}"' for one in all_ if one.kind in ("base", "feature")]
    names = sorted({name for one in all_ for name in one.arguments})
    faces = sorted(table.faces())
    placements = [one for one in all_ if one.kind in ("placement", "pattern")]
    return [
        PLAN_HEAD,
        '{"patch":1,"changes":[',
        QUESTION,
        *(f'{{"change":"{verb}","step":' for verb in ("set", "move", "remove", "add")),
        ',"values":{',
        *does,
        *("}," + one for one in does),
        *(f',"{name}":' for name in names),
        *(f'"{name}":' for name in names),
        *(f',"on":"{face}"' for face in faces),
        ',"on":"',
        *(
            f',"at":"{one.name}"'
            for one in placements
            if not any(arg.required for arg in one.arguments.values())
        ),
        *(f',"at":{{"{one.name}":' + ("[" if one.name in ("at", "points") else "{") for one in placements),
        *(f',"combine":"{how}"' for how in ("add", "cut", "common")),
        *(f',"place":{{"to":"part","side":"{face}"' for face in faces),
        *ENDS,
    ]


class Vocabulary(Bpe):
    """BPE with the JSON pieces as tokens of their own; special tokens stand last."""

    def __init__(self, merges: list[Merge]) -> None:
        self.pieces = list(dict.fromkeys(pieces()))
        super().__init__(merges, [*self.pieces, *CONTROL])
        longest_first = sorted(self.pieces, key=len, reverse=True)
        self._cut = re.compile("(" + "|".join(map(re.escape, longest_first)) + ")")

    def encode(self, text: str) -> list[int]:
        parts = self._cut.split(text)
        # Every second part is a piece.
        return [
            number
            for place, part in enumerate(parts)
            for number in ([self.ids[part]] if place % 2 else super(Vocabulary, self).encode(part))
        ]


def save(merges: list[Merge]) -> None:
    MERGES_FILE.write_text("".join(f"{a} {b}\n" for a, b in merges), encoding="utf-8")


def load() -> Vocabulary:
    lines = MERGES_FILE.read_text(encoding="utf-8").splitlines()
    return Vocabulary([(first, second) for first, _, second in (line.partition(" ") for line in lines)])


def made_from(texts: Iterable[str]) -> Vocabulary:
    """A new vocabulary: merges learned from these texts without the JSON pieces in them."""
    plain = re.compile("|".join(map(re.escape, sorted(pieces(), key=len, reverse=True))))
    merges = learn((plain.sub(" ", text) for text in texts), MERGES)
    save(merges)
    return load()


def main() -> None:
    lines = [
        line for path in sorted(Path(sys.argv[1]).glob("*.jsonl")) for line in path.open(encoding="utf-8")
    ]
    rows = [json.loads(line) for line in lines]
    words = made_from(text for row in rows for text in (row["prompt"], row["answer"], row["before"] or ""))
    print(f"{MERGES_FILE}: {len(words.tokens)} tokens")


if __name__ == "__main__":
    main()
