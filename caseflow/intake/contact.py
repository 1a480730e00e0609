"""What residents type in a form's fields, made clean; what cannot be used is refused in words (`Unusable`).

The plain forms are the cases room's own (caseflow/cases/contact.py); here stands what only a public form meets:
an address abroad, a mail program's way of writing an address.
"""

from __future__ import annotations

import re
import unicodedata

from caseflow.cases import contact
from caseflow.cases.contact import phone_with_remark as phone

__all__ = ["care_of", "email", "line", "phone", "postcode", "text"]

# Control characters, halves of surrogate pairs (PostgreSQL and UTF-8 refuse them), and direction overrides, which turn
# the words of a case around on the caseworker's screen (Unicode TR 36, 2.5).
_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069\ufeff]")


def text(typed: str | None) -> str:
    """Text of several lines: Unix line ends, composed characters (NFC), no control characters, nothing around it."""
    lines = unicodedata.normalize("NFC", typed or "").replace("\r\n", "\n").replace("\r", "\n")
    return _UNPRINTABLE.sub("", lines).strip()


def line(typed: str | None) -> str:
    """Text of one line: as `text`, with each run of white space one space."""
    return contact.one_line(text(typed))


def email(typed: str) -> str:
    """An address as mail servers take it, also out of "Anna Ek <anna@example.org>", and with a stray comma after."""
    inside = re.search(r"<([^<>]*)>", typed)
    bare = unicodedata.normalize("NFKC", inside.group(1) if inside else typed)
    return contact.email(bare.strip(" .,;:"))


def postcode(typed: str) -> str:
    """A postcode however it is spaced or dashed: "612-80" as "612 80", and "FI 00100" as "FI-00100"."""
    code = unicodedata.normalize("NFKC", line(typed)).upper()
    dashless = re.sub(r"(?<=[0-9])[-. ]+(?=[0-9])", "", code)
    return contact.postcode(re.sub(r"^([A-Z]{1,3})[ -]+(?=.*[0-9])", r"\1-", dashless))


def care_of(typed: str) -> str:
    """The name after c/o, which the letter writes itself."""
    return re.sub(r"^\s*c\s*/\s*o\b[:.]?\s*", "", line(typed), flags=re.IGNORECASE)
