"""Writes the golden prompts of the small model: examples it has not seen, what it answers to them in PyTorch.

    python -m small.golden small.gguf --data FOLDER --out ../../tests/cases/model/small.toml  (in
models/train)

The weights are those of the file as it is quantised, so llama.cpp must give the same texts.
`tests/it/models.rs` holds it to that.
"""

from __future__ import annotations

import argparse
import random
from dataclasses import dataclass
from pathlib import Path

import golden
import torch
from llama import Llama, Shape
from torch.nn import functional

from . import examples, export, vocabulary

HEADER = golden.HEADER.format(
    name="small", what="fresh prompts of its training data's kinds", script="models/train/small/golden.py"
)
TOKENS_MAX = 200


@dataclass(frozen=True)
class Answered:
    prompt: str
    answer: str
    before: str | None


def loaded(path: Path) -> Llama:
    """The model of a file of ours, in full precision."""
    weights = export.weights_of(path)
    vocabulary_size, width = weights["token_embd.weight"].shape
    layers = 1 + max(int(name.split(".")[1]) for name in weights if name.startswith("blk."))
    wide = weights["blk.0.ffn_gate.weight"].shape[0]
    model = Llama(Shape(vocabulary_size, width, layers, width // 64, wide, examples.LONGEST))
    model.load_state_dict({name: torch.from_numpy(values.copy()) for name, values in weights.items()})
    return model.eval()


@torch.no_grad()
def answer(model: Llama, words: vocabulary.Vocabulary, prompt: str, before: str | None) -> str:
    """Greedy decoding, each token from all before it."""
    ids = examples.asked(words, prompt, before)
    start = len(ids)
    while len(ids) < start + TOKENS_MAX and len(ids) < examples.LONGEST:
        hidden = model.hidden(torch.tensor([ids]))[0, -1]
        chosen = int(functional.linear(hidden, model.token_embd.weight).argmax())
        if chosen == words.ids["<|end|>"]:
            break
        ids.append(chosen)
    return words.decode(ids[start:])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", type=Path)
    parser.add_argument(
        "--data", type=Path, required=True, help="a folder that `small.corpus` made with another seed"
    )
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--parts", type=int, default=40)
    parser.add_argument("--edits", type=int, default=10)
    options = parser.parse_args()
    model, words = loaded(options.model), vocabulary.load()
    rows = [row for path in sorted(options.data.glob("*.jsonl")) for row in examples.read(path)]
    random.Random(1).shuffle(rows)
    chosen: list[Answered] = []
    for wanted, count in ((False, options.parts), (True, options.edits)):
        asked = [row for row in rows if (row["before"] is not None) == wanted]
        found = []
        for row in asked:
            if len(found) == count:
                break
            if answer(model, words, row["prompt"], row["before"]) == row["answer"]:
                found.append(Answered(row["prompt"], row["answer"], row["before"]))
        chosen += found
    golden.write(options.out, HEADER, chosen)
    print(f"{options.out}: {len(chosen)} prompts")


if __name__ == "__main__":
    main()
