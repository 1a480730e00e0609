"""In which of the municipality's languages a text is written, by the small words that every text has."""

from __future__ import annotations

import re
from collections.abc import Sequence

_SMALL = {
    "sv": "och att det som är på för inte jag har med den till av om vi så men kan när ni hej tack från vad hur där",
    "en": "the and to of is in that it you for not have with this are be we but can when hello please my was what",
    "fi": "ja on ei että se olen en hän oli mutta kun niin kuin jos voi hei kiitos onko minun meidän teidän mitä miten"
    " tämä myös missä ovat",
}
_WORDS = {code: frozenset(words.split()) for code, words in _SMALL.items()}
_WORD = re.compile(r"[^\W\d_]+")
READ = 5_000  # characters
ENOUGH = 2  # small words that make another language than the first


def language_of(text: str, among: Sequence[str]) -> str:
    """One of the municipality's languages: Swedish, or its first one, unless another is plainly used."""
    usual = "sv" if "sv" in among else among[0]
    words = _WORD.findall(text[:READ].lower())
    counts = {code: sum(word in _WORDS[code] for word in words) for code in among if code in _WORDS}
    best = max(counts, key=lambda code: (counts[code], code == usual), default=usual)
    return best if counts.get(best, 0) >= counts.get(usual, 0) + ENOUGH else usual
