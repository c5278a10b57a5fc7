"""Byte-level BPE exactly as llama.cpp reads it: tokenizer `gpt2`, pre-tokenizer `smollm`, every digit alone.

It learns merges from a text and encodes with them, so that a model can be made and tried with nothing but
the standard library. Tokens are in GPT-2's spelling: each byte is a printable character.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable

Merge = tuple[str, str]

# llama.cpp splits numbers off first and then applies GPT-2's pattern to what lies between them.
WORDS = re.compile(r"'s|'t|'re|'ve|'m|'ll|'d| ?[^\W\d_]+| ?(?:[^\s\w]|_)+|\s+(?!\S)|\s+")


def byte_letters() -> dict[int, str]:
    """GPT-2's letter for each byte: printable bytes stand for themselves, the others are moved up."""
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [byte for byte in range(256) if byte not in printable]
    letters = {byte: chr(byte) for byte in printable}
    letters.update({byte: chr(256 + place) for place, byte in enumerate(others)})
    return dict(sorted(letters.items()))


LETTERS = byte_letters()
BYTES = {letter: byte for byte, letter in LETTERS.items()}


def spell(text: str) -> str:
    return "".join(LETTERS[byte] for byte in text.encode())


def split(text: str) -> list[str]:
    """The pieces that merges never cross."""
    pieces: list[str] = []
    start = 0
    for place, character in enumerate(text):
        if unicodedata.category(character).startswith("N"):
            pieces += [*WORDS.findall(text[start:place]), character]
            start = place + 1
    return pieces + WORDS.findall(text[start:])


def join(symbols: tuple[str, ...], pair: Merge) -> tuple[str, ...]:
    """`symbols` with each occurrence of `pair` made one symbol."""
    joined: list[str] = []
    place = 0
    while place < len(symbols):
        if symbols[place : place + 2] == pair:
            joined.append(pair[0] + pair[1])
            place += 2
        else:
            joined.append(symbols[place])
            place += 1
    return tuple(joined)


def learn(texts: Iterable[str], merges: int) -> list[Merge]:
    """The `merges` pairs that shorten the texts most, greedily; ties go to the pair first in the alphabet."""
    counts = Counter(spell(piece) for text in texts for piece in split(text))
    words = {tuple(word): count for word, count in counts.items()}
    learned: list[Merge] = []
    while len(learned) < merges:
        pairs: Counter[Merge] = Counter()
        for word, count in words.items():
            for pair in itertools.pairwise(word):
                pairs[pair] += count
        if not pairs:
            break
        best = min(pairs, key=lambda pair: (-pairs[pair], pair))
        learned.append(best)
        words = {join(word, best): count for word, count in words.items()}
    return learned


class Bpe:
    """A vocabulary: the 256 bytes, the merges in their order, the special tokens last."""

    def __init__(self, merges: list[Merge], special: list[str]) -> None:
        self.merges = merges
        self.special = special
        self.tokens = [*LETTERS.values(), *dict.fromkeys(a + b for a, b in merges), *special]
        self.ids = {token: number for number, token in enumerate(self.tokens)}
        self._ranks = {pair: rank for rank, pair in enumerate(merges)}
        self._known: dict[str, list[int]] = {}

    def encode(self, text: str) -> list[int]:
        """Ids of plain text; special tokens are never made from it."""
        ids: list[int] = []
        for piece in split(text):
            if piece not in self._known:
                self._known[piece] = self._merge(spell(piece))
            ids += self._known[piece]
        return ids

    def decode(self, ids: Iterable[int]) -> str:
        """Text of the ids; special tokens are spelled out, broken UTF-8 becomes a replacement mark."""
        first = len(self.tokens) - len(self.special)
        data = b""
        for number in ids:
            token = self.tokens[number]
            data += token.encode() if number >= first else bytes(BYTES[letter] for letter in token)
        return data.decode(errors="replace")

    def _merge(self, word: str) -> list[int]:
        symbols = tuple(word)
        while len(symbols) > 1:
            pairs = [pair for pair in itertools.pairwise(symbols) if pair in self._ranks]
            if not pairs:
                break
            symbols = join(symbols, min(pairs, key=self._ranks.__getitem__))
        return [self.ids[symbol] for symbol in symbols]
