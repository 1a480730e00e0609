"""What people type, as it is kept. Whether it makes sense is for others to say."""

from __future__ import annotations

import re
import unicodedata

# Control characters, halves of surrogate pairs (PostgreSQL and UTF-8 refuse them), and direction overrides, which turn
# the words of a case around on the caseworker's screen (Unicode TR 36, 2.5).
_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069\ufeff]")


def text(typed: str | None) -> str:
    """Text of several lines: Unix line ends, composed characters (NFC), no control characters, nothing around it."""
    lines = unicodedata.normalize("NFC", typed or "").replace("\r\n", "\n").replace("\r", "\n")
    return _UNPRINTABLE.sub("", lines).strip()


def line(typed: str | None) -> str:
    """Text of one line: a name, street or town, each run of white space and of what does not print one space."""
    words = unicodedata.normalize("NFC", typed or "").split()
    if not all(map(str.isprintable, words)):
        words = "".join(sign if sign.isprintable() else " " for sign in " ".join(words)).split()
    return " ".join(words)
