"""The GGUF files that tests are run with: always the same bytes, readable, and built to say what they should.

Nothing here needs llama.cpp; the Rust tests load the files.
"""

from __future__ import annotations

import json
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "models" / "train"))

import gguf  # noqa: E402
import gguf_fixtures  # noqa: E402
import numpy as np  # noqa: E402
from bpe import BYTES, Bpe, learn, split  # noqa: E402
from fixtures import cyclic_model, vocabulary  # noqa: E402

MICRO = ROOT / "models" / "train" / "micro" / "micro.gguf"
GOLDEN = ROOT / "tests" / "cases" / "model" / "micro.toml"
MEBIBYTE = 1 << 20


def make(out: Path, *arguments: str) -> Path:
    gguf_fixtures.main([str(out), *arguments])
    return out


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(tmp_path_factory.mktemp("gguf"))


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The copying model at a size that takes no time."""
    options = ("--only", "copy", "--layers", "1", "--width", "128", "--quant", "q8_0")
    return make(tmp_path_factory.mktemp("gguf"), *options) / "copy.gguf"


def field(reader: gguf.GGUFReader, key: str) -> object:
    return reader.fields[key].contents()


def matrix(reader: gguf.GGUFReader, name: str) -> np.ndarray:
    tensor = next(tensor for tensor in reader.tensors if tensor.name == name)
    return gguf.quants.dequantize(tensor.data, tensor.tensor_type)


def said(path: Path, prompt_end: str, count: int) -> list[str]:
    """The greedy answer of a model whose layers add nothing to the embedding."""
    reader = gguf.GGUFReader(path)
    for tensor in reader.tensors:
        if tensor.name.endswith(("attn_output.weight", "ffn_down.weight")):
            assert not matrix(reader, tensor.name).any()
    tokens = field(reader, "tokenizer.ggml.tokens")
    embedding, output = matrix(reader, "token_embd.weight"), matrix(reader, "output.weight")
    current, answer = tokens.index(prompt_end), []
    while len(answer) < count and tokens[current] != vocabulary.END:
        h = embedding[current] / np.sqrt((embedding[current] ** 2).mean() + 1e-5)
        current = int((output @ h).argmax())
        answer.append(tokens[current])
    return answer


def test_the_small_files_are_the_same_each_time(small: Path, tmp_path: Path) -> None:
    again = make(tmp_path)
    files = sorted(path.relative_to(small) for path in small.rglob("*.gguf"))
    assert len(files) > 40
    assert files == sorted(path.relative_to(again) for path in again.rglob("*.gguf"))
    for file in files:
        assert (small / file).read_bytes() == (again / file).read_bytes(), file


def test_the_tiny_model_is_small_and_complete(small: Path) -> None:
    path = small / "tiny.gguf"
    reader = gguf.GGUFReader(path)
    assert path.stat().st_size <= MEBIBYTE // 2
    assert field(reader, "general.architecture") == "llama"
    assert field(reader, "llama.context_length") == 2048
    assert "<|im_start|>" in field(reader, "tokenizer.chat_template")
    tokens = field(reader, "tokenizer.ggml.tokens")
    assert len(tokens) == len(set(tokens)) == 512
    assert tokens[field(reader, "tokenizer.ggml.eos_token_id")] == "<|im_end|>"
    assert all(np.isfinite(matrix(reader, tensor.name)).all() for tensor in reader.tensors)


def test_the_endless_model_cannot_choose_an_end(small: Path) -> None:
    reader = gguf.GGUFReader(small / "endless.gguf")
    output = matrix(reader, "output.weight")
    tokens = field(reader, "tokenizer.ggml.tokens")
    assert (matrix(reader, "token_embd.weight")[:, 0] == 8).all()
    for token in vocabulary.CHATML:
        row = output[tokens.index(token)]
        assert row[0] < -20 and not row[1:].any()


def test_the_copying_model_says_its_program_and_ends(copy: Path) -> None:
    words = cyclic_model.program_words()
    answer = said(copy, "<|im_start|>", 1000)
    text = "".join(answer[:-1]).replace("Ġ", " ")
    assert answer[-1] == vocabulary.END
    assert len(answer) == cyclic_model.PROGRAM_TOKENS + 1
    assert text == "".join(words)
    compile(text, "program", "exec")


def test_the_broken_bytes_come_again_and_again(small: Path) -> None:
    count = len(cyclic_model.BROKEN)
    answer = [BYTES[token] for token in said(small / "bytes.gguf", "e", 2 * count)]
    assert answer == cyclic_model.BROKEN * 2
    with pytest.raises(UnicodeDecodeError):
        bytes(answer).decode()


def test_no_two_hostile_files_are_alike_and_none_is_the_sound_one(small: Path) -> None:
    contents = [path.read_bytes() for path in (small / "hostile").iterdir()]
    assert len(set(contents)) == len(contents)
    assert (small / "tiny.gguf").read_bytes() not in contents


def test_an_unknown_name_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        make(tmp_path, "--only", "huge")
    assert "there is no `huge`; known are tiny" in capsys.readouterr().err


def test_text_is_split_like_llama_cpp_splits_it() -> None:
    assert split("a slab 60 by 2.5in,  it's") == [
        *("a", " slab", " ", "6", "0", " by", " ", "2", ".", "5", "in", ",", " ", " it", "'s"),
    ]
    assert split("x²_é\n\n z") == ["x", "²", "_", "é", "\n\n", " z"]


def test_encoding_is_undone_by_decoding() -> None:
    bpe = Bpe(learn(["a slab with a slab on it"], 12), ["<|end|>"])
    text = "a slab, ½ inch — ok <|end|>"
    ids = bpe.encode(text)
    assert bpe.decode(ids) == text
    assert bpe.ids["<|end|>"] not in ids
    assert bpe.tokens[bpe.encode("a slab")[1]] == "Ġslab"


def test_the_micro_model_announces_its_prompt_form() -> None:
    reader = gguf.GGUFReader(MICRO)
    assert MICRO.stat().st_size <= 2 * MEBIBYTE
    assert field(reader, "naturalcad.prompt") == "plan-1"
    assert field(reader, "general.license") == "mit"
    tokens = field(reader, "tokenizer.ggml.tokens")
    assert {"<|prompt|>", "<|plan|>", "<|plan_before|>", "<|patch|>", "<|end|>"} <= set(tokens)
    assert tokens[field(reader, "tokenizer.ggml.eos_token_id")] == "<|end|>"


def test_the_golden_answers_are_plans_and_patches() -> None:
    cases = tomllib.loads(GOLDEN.read_text())["case"]
    assert len(cases) == 20
    for case in cases:
        answer = json.loads(case["answer"])
        assert ("bodies" if answer.get("plan") == 1 else "changes") in answer
        assert ("before" in case) == ("patch" in answer)
