"""How many SMS a text is (3GPP TS 23.038 and 23.040), and which of its characters make it longer.

A text of the GSM alphabet has 160 characters in one SMS, or 153 in each of several; one other character anywhere, and
the whole text is sent as UCS-2 with 70, or 67. caseflow/static/sms_length.js counts in the same way for the writer.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Literal, NamedTuple

# 23.038, 6.2.1; without the escape at 1/11, which is no character.
GSM = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
# 23.038, 6.2.1.1: an escape and a character, which is to say two.
EXTENSION = frozenset("\f^{}\\[~]|€")
# Room in a text's only SMS, and in each of several: there a header of 6 octets says which belong together.
ROOM = {"gsm": (160, 153), "ucs2": (70, 67)}

# What word processors and telephones write of their own accord, and the plain sign that says the same.
PLAIN = str.maketrans(
    {
        **dict.fromkeys("‘’‚‛‹›", "'"),
        **dict.fromkeys("“”„‟«»", '"'),
        **dict.fromkeys("‐‑‒–—―−", "-"),
        **dict.fromkeys("\u00a0\u2007\u2009\u202f\t", " "),
        "…": "...",
    }
)


class Length(NamedTuple):
    """`characters` as the network counts them: € is two in GSM, an emoji two or more in UCS-2. `left` is the room that
    remains in the last SMS. `parts` is 0 for an empty text."""

    encoding: Literal["gsm", "ucs2"]
    characters: int
    parts: int
    left: int


def measure(text: str) -> Length:
    """The length of the text as it stands. What stays together in the network is never divided between two SMS."""
    encoding: Literal["gsm", "ucs2"] = "ucs2" if outside_gsm(text) else "gsm"
    sizes = [_size(sign, encoding) for sign in text]
    single, several = ROOM[encoding]
    if sum(sizes) <= single:
        return Length(encoding, sum(sizes), 1 if text else 0, single - sum(sizes))
    parts, left = 1, several
    for size in sizes:
        if size > left:
            parts, left = parts + 1, several
        left -= size
    return Length(encoding, sum(sizes), parts, left)


def outside_gsm(text: str) -> str:
    """The characters that make the whole text UCS-2, each once, in order: to be shown to the writer."""
    return "".join(sign for sign in dict.fromkeys(text) if sign not in GSM and sign not in EXTENSION)


def plain(text: str) -> str:
    """The text with plain quotation marks, dashes, dots and spaces, and nothing else changed that a reader could see.

    Letters that were typed in two pieces (a and ring) become one (å), every line end a line feed.
    """
    return unicodedata.normalize("NFC", re.sub(r"\r\n?", "\n", text)).translate(PLAIN)


def _size(sign: str, encoding: str) -> int:
    """7-bit places in GSM, UTF-16 units in UCS-2."""
    return 2 if ord(sign) > 0xFFFF or (encoding == "gsm" and sign in EXTENSION) else 1
