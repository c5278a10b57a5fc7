"""What people put around and into a request that changes nothing about the part."""

from __future__ import annotations

import random
import re

from .quantity import WORDS

OPENINGS = """
please|hi,|hello there,|hey,|good morning.|need:|wanted:|i need|can you make|could you please model|pls make|
draw me|design|generate|create|model|quick one:|for tomorrow:|next part:|RFQ -|new part please:|ok so|so,|
Could we have|I'd like|I would like|We need|let's do|how about|make me|give me|one more:|job 17:|item 3:|
Part:|Task:|Please model the following:|i want|looking for|im after|I am after|Can I get|got a job for you:
""".replace("\n", "").split("|")
CLOSINGS = """
please|thanks|thank you|cheers|asap|ty!|thx|if possible|that's it|nothing else|for 3D printing|in aluminium|
in steel|from 6061|in PLA|mild steel|made of brass|printed in PETG|2 off|qty 4|we need 10 of them|
rest is up to you|
it is for my ESP32 project|goes on the 2020 build|drawing no. 4471-B|rev C|deburr all over|black anodised|
it's for the workshop|must be done by friday|client wants it by the 12th|material is POM|for the lab|
nothing fancy
""".replace("\n", "").split("|")
BASE_NOUN = re.compile(r"^(a|an|one|the)\b", re.IGNORECASE)
KEYS = ["qwertyuiop", "asdfghjkl", "zxcvbnm"]
SWAPS = [
    ("millimetres", "millimeters"), ("centre", "center"), ("metre", "meter"), ("grey", "gray"),
    (" and ", " & "), (" with ", " w/ "), ("diameter", "dia"), ("thick", "thk"), ("through", "thru"),
    ("diameter", "diam."), ("radius", "rad"), ("please", "pls"), ("hole", "hloe"), (" x ", "x"), ("x", " x "),
    (" by ", " x "), (" x ", " by "), ("mm", " mm"), (" mm", "mm"), (" mm", ""), ("×", "x"), (" x ", " × "),
]  # fmt: skip


def noisy(prompt: str, rng: random.Random) -> str:
    """The prompt as another person or in another hurry might have written it. Numbers are left alone."""
    text = re.sub(r"\ba (?=(?:8|11|18|eight|eleven|eighteen)\b)", "an ", prompt)
    if rng.random() < 0.3:
        text = respelled(text, rng)
    if rng.random() < 0.12 and "\n" not in text:
        text = wrapped(text, rng)
    if rng.random() < 0.1:
        text = mistyped(text, rng)
    if rng.random() < 0.05:
        text = re.sub(r"\b(a|an|the|The|A) ", "", text)
    chance = rng.random()
    if chance < 0.12:
        text = lowered(text)
    elif chance < 0.14:
        text = text.upper()
    elif chance < 0.3 and text[0].islower():
        text = text[0].upper() + text[1:]
    if rng.random() < 0.15:
        text = text.rstrip(".!? ")
    return text.strip()


def respelled(text: str, rng: random.Random) -> str:
    for old, new in rng.sample(SWAPS, k=2):
        if old in ("x", " x ", "mm", " mm") or new in ("x", ""):
            text = between_numbers(text, old, new)
        elif rng.random() < 0.6:
            text = text.replace(old, new)
    return text


def between_numbers(text: str, old: str, new: str) -> str:
    """Signs and units change only where they stand at a number."""
    if old.strip() == "mm":
        return re.sub(rf"(?<=\d){old}\b", new, text)
    return re.sub(rf"(?<=\d){old}(?=\d)", new, text)


def wrapped(text: str, rng: random.Random) -> str:
    if rng.random() < 0.5 and text[:1].isupper() is False and BASE_NOUN.match(text):
        return f"{rng.choice(OPENINGS)} {text}"
    end = text[-1:] if text[-1:] in ".!?" else rng.choice((",", ".", " -", "..."))
    return f"{text.rstrip('.!?')}{end} {rng.choice(CLOSINGS)}"


def mistyped(text: str, rng: random.Random) -> str:
    """One or two slips in words of some length."""
    found = re.finditer(r"(?<![\w#])[a-zA-Z]{4,}(?!\w)", text)
    words = [match for match in found if not match[0].isupper() and match[0].lower() not in WORDS]
    for match in sorted(
        rng.sample(words, k=min(len(words), rng.choice((1, 1, 2)))), key=lambda one: -one.start()
    ):
        text = text[: match.start()] + slip(match[0], rng) + text[match.end() :]
    return text


def slip(word: str, rng: random.Random) -> str:
    at = rng.randrange(1, len(word) - 1)
    kind = rng.randrange(4)
    if kind == 0:
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    if kind == 1:
        return word[:at] + word[at + 1 :]
    if kind == 2:
        return word[:at] + word[at] + word[at:]
    row = next((row for row in KEYS if word[at].lower() in row), "")
    near = row[max(0, row.find(word[at].lower()) - 1) :][:1] or word[at]
    return word[:at] + near + word[at + 1 :]


def lowered(text: str) -> str:
    """Lower case but for names of threads."""
    return re.sub(r"[A-Z]", lambda found: found[0].lower(), text)
