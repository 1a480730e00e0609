"""What a text is judged by: its words, and the beginnings of longer ones.

A beginning stands for the inflections and the compounds of a word, in Swedish, Finnish and English alike.
"""

from __future__ import annotations

import re

WORD = re.compile(r"[^\W\d_]{2,}")
BEGINNING = 5


def features(text: str) -> dict[str, str]:
    """Each feature with the first word of the text, as it was written, that has it. `~` marks a beginning."""
    found: dict[str, str] = {}
    for word in WORD.findall(text):
        lower = word.lower()
        found.setdefault(lower, word)
        if len(lower) > BEGINNING:
            found.setdefault(f"~{lower[:BEGINNING]}", word)
    return found
