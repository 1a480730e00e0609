"""What a mail of ours may repeat of a stranger's words.

Anybody can file a case under anybody's address, and our mail then says the words on in the municipality's name. Mail
programs make links of plain text by themselves (Gmail of "evil.example", Outlook of "www.…", telephones of numbers);
markup is not needed for that. So a receipt repeats nothing but a name that is nothing but a name, and a subject loses
what could become a link. It is left out instead of being taken apart with invisible characters: those are read aloud,
break search and copying, and some programs look through them.
"""

from __future__ import annotations

import re
import unicodedata

NAME_LIMIT = 60  # characters
_IN_NAMES = " .-'’\u2011"  # besides letters and their accents; the last one is the hyphen that does not break
# Programs end a link at a space, so the whole run of characters goes that has a link's mark in it: a scheme, an at
# sign, or a dot (RFC 3490, 3.1 has four) before what could be a domain's last part. Two abbreviations look so.
_LINK = re.compile(
    r"(?!\W*(?:t\.ex|m\.fl)\b)\S*(?:://|\b(?:mailto|tel|sms|javascript|data):|@|\w[.\u3002\uff0e\uff61][^\W\d_]{2})\S*",
    re.I,
)
# Line ends of any kind (C0, C1, Unicode's own two) and the marks that override a writing's direction.
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_ELLIPSIS = "…"


def name(text: str | None) -> str:
    """The name as it can be said in a greeting, or nothing where it is more, or less, than a name."""
    said = one_line(text or "")
    plain = all(unicodedata.category(one)[0] in "LM" or one in _IN_NAMES for one in said)
    # A full stop ends an initial or a title; inside a word it makes a domain.
    return said if plain and len(said) <= NAME_LIMIT and not re.search(r"\.\S", said) else ""


def linkless(text: str) -> str:
    """One line of the text in which no mail program finds a link: … stands for each."""
    return _LINK.sub(_ELLIPSIS, one_line(text))


def one_line(text: str) -> str:
    """For a header: whatever ends a line somewhere is a space here, and nothing turns the writing round."""
    return " ".join(_CONTROLS.sub(" ", text).split())
