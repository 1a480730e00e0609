"""The resident's code: 140 random bits in Crockford's base 32, read aloud and typed in groups of four."""

from __future__ import annotations

import re
import secrets

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 28
# 256 is eight times 32: each letter stands for as many bytes as any other.
_LETTER_OF_BYTE = (ALPHABET * 8).encode()
_LOOKALIKES = str.maketrans({"O": "0", "I": "1", "L": "1"})


def new() -> str:
    """A code that nobody can guess."""
    return secrets.token_bytes(LENGTH).translate(_LETTER_OF_BYTE).decode()


def grouped(code: str) -> str:
    """The code as people read it: ABCD-EFGH-…"""
    return "-".join(code[start : start + 4] for start in range(0, len(code), 4))


def normalise(typed: str) -> str:
    """What somebody typed or a mail program mangled, as the code was made: dashes, spaces and look-alikes forgiven."""
    return re.sub(r"[^0-9A-Z]", "", typed.upper()).translate(_LOOKALIKES)
