"""What residents type in a form's fields, made clean; what cannot be used is refused in words (`Unusable`).

The plain forms are the cases room's own (caseflow/cases/contact.py); here stands what only a public form meets:
a remark beside the phone number, an address abroad, a mail program's way of writing an address.
"""

from __future__ import annotations

import re
import unicodedata

import phonenumbers
from flask_babel import gettext as _

from caseflow.cases import contact
from caseflow.cases.contact import Unusable

REMARK_LENGTH = 120
# Control characters, halves of surrogate pairs (PostgreSQL and UTF-8 refuse them), and direction overrides, which turn
# the words of a case around on the caseworker's screen (Unicode TR 36, 2.5).
_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069\ufeff]")
_NUMBER_WORDS = re.compile(r"\b(?:tel|tfn|telefon|mobil|mob|phone|puh|nr)\b[.:]*", re.IGNORECASE)


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


def phone(typed: str) -> tuple[str, str]:
    """The number in E.164, and what stood beside it: "070-174 06 05 (efter 17)" → ("+46701740605", "efter 17").

    A number without a country code is Swedish. Of two numbers the first is the number and the second a remark.
    """
    matcher = phonenumbers.PhoneNumberMatcher(typed, contact.HOME, leniency=phonenumbers.Leniency.VALID)
    found = next(iter(matcher), None)
    if found is None:
        raise Unusable(_("Write the phone number with its area code, for example 070-174 06 05."))
    beside = _NUMBER_WORDS.sub(" ", f"{typed[: found.start]} {typed[found.end :]}")
    remark = " ".join(re.sub(r"[()\[\]]", " ", beside).split()).strip(" .,;:/-–")
    number = phonenumbers.format_number(found.number, phonenumbers.PhoneNumberFormat.E164)
    extension = f"ext. {found.number.extension}" if found.number.extension else ""
    return number, " ".join(filter(None, (extension, remark)))[:REMARK_LENGTH]


def postcode(typed: str) -> str:
    """A postcode however it is spaced or dashed: "612-80" as "612 80", and "FI 00100" as "FI-00100"."""
    code = unicodedata.normalize("NFKC", line(typed)).upper()
    dashless = re.sub(r"(?<=[0-9])[-. ]+(?=[0-9])", "", code)
    return contact.postcode(re.sub(r"^([A-Z]{1,3})[ -]+(?=.*[0-9])", r"\1-", dashless))


def care_of(typed: str) -> str:
    """The name after c/o, which the letter writes itself."""
    return re.sub(r"^\s*c\s*/\s*o\b[:.]?\s*", "", line(typed), flags=re.IGNORECASE)
