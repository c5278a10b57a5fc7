"""Makes files of cases for `naturalcad eval` from prompts in the notation of `notation.py`.

    python models/train/eval_cases.py OUT.jsonl FILE...

The remark above a block names its voice and its category: `# maker plate`.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import notation
from check_phrases import question
from notation import Block, compact
from small import answers


def case(block: Block) -> dict[str, str | None]:
    voice, _, category = block.remark.partition(" ")
    if not category:
        raise ValueError(f"{block.place}: the remark above a block names its voice and category")
    return {
        "prompt": block.prompt,
        "before": None if block.before is None else compact(block.before),
        "answer": compact(block.answer),
        "voice": voice,
        "category": category.strip(),
    }


def main() -> None:
    out, *files = map(Path, sys.argv[1:])
    blocks: list[Block] = []
    for path in files:
        found, wrong = notation.read(path)
        if wrong:
            sys.exit("\n".join(wrong))
        blocks += found
    bad = [
        f"{block.place}: {judged['problems']}"
        for block, judged in zip(blocks, answers.judge(map(question, blocks)), strict=True)
        if not answers.is_good(judged)
    ]
    if bad:
        sys.exit("\n".join(bad))
    lines = [json.dumps(case(block), ensure_ascii=False) + "\n" for block in blocks]
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text("".join(lines), encoding="utf-8")
    print(f"{out}: {len(lines)} cases")


if __name__ == "__main__":
    main()
