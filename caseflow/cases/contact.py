"""Contact details as people write them, and as the case keeps them.

Each function takes what was typed and gives the normal form; `Unusable` says in words what to write instead.
"""

from __future__ import annotations

import re
import unicodedata

import phonenumbers
from email_validator import EmailNotValidError, validate_email
from flask_babel import gettext as _

from caseflow.cases.typed import line

HOME = "SE"
REMARK_LENGTH = 120
# Of what has no form of its own.
LENGTHS = {"name": 120, "best_time": 120, "care_of": 120, "street": 120, "town": 80}
_NUMBER_WORDS = re.compile(r"\b(?:tel|tfn|telefon|mobil|mob|phone|puh|nr)\b[.:]*", re.IGNORECASE)
EMAIL_LENGTH = 254  # RFC 5321, 4.5.3.1.3


class Unusable(ValueError):
    """What was typed cannot be used; the message tells a person what to do."""


def email(typed: str) -> str:
    """An address as mail servers take it, also out of "Anna Ek <anna@example.org>" or `mailto:`, with a comma after."""
    inside = re.search(r"<([^<>]*)>", typed)
    said = unicodedata.normalize("NFKC", inside.group(1) if inside else typed).strip(" .,;:<>")
    bare = re.sub(r"^mailto:", "", said, flags=re.IGNORECASE).strip()
    try:
        found = validate_email(bare, check_deliverability=False)
    except EmailNotValidError as error:
        raise Unusable(_("Write the whole e-mail address, for example name@example.org.")) from error
    if found.ascii_email is None or len(found.normalized) > EMAIL_LENGTH:
        raise Unusable(_("We cannot send to this e-mail address. Write another one."))
    return found.ascii_email


def phone(typed: str) -> str:
    """A number in E.164: +46701740605. A number without a country code is Swedish."""
    try:
        parsed = phonenumbers.parse(typed.replace("(0)", ""), HOME)
    except phonenumbers.NumberParseException as error:
        raise Unusable(_("Write the phone number with its area code, for example 070-174 06 05.")) from error
    if not phonenumbers.is_possible_number(parsed):
        raise Unusable(_("Write the phone number with its area code, for example 070-174 06 05."))
    if parsed.extension:
        raise Unusable(_("Write the phone number without an extension."))
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def phone_with_remark(typed: str) -> tuple[str, str]:
    """The number in E.164, and what stood beside it: "070-174 06 05 (efter 17)" → ("+46701740605", "efter 17").

    A number without a country code is Swedish. Of two numbers the first is the number and the second a remark.
    """
    matcher = phonenumbers.PhoneNumberMatcher(typed, HOME, leniency=phonenumbers.Leniency.VALID)
    found = next(iter(matcher), None)
    if found is None:
        raise Unusable(_("Write the phone number with its area code, for example 070-174 06 05."))
    beside = _NUMBER_WORDS.sub(" ", f"{typed[: found.start]} {typed[found.end :]}")
    remark = " ".join(re.sub(r"[()\[\]]", " ", beside).split()).strip(" .,;:/-–")
    number = phonenumbers.format_number(found.number, phonenumbers.PhoneNumberFormat.E164)
    extension = f"ext. {found.number.extension}" if found.number.extension else ""
    return number, " ".join(filter(None, (extension, remark)))[:REMARK_LENGTH]


def postcode(typed: str) -> str:
    """A Swedish postcode as five digits, however it is spaced or dashed; one abroad with its country's: FI-00100."""
    code = unicodedata.normalize("NFKC", line(typed)).upper()
    code = re.sub(r"(?<=[0-9])[-. ]+(?=[0-9])", "", code)
    code = re.sub(r"^([A-Z]{1,3})[ -]+(?=.*[0-9])", r"\1-", code)
    if re.fullmatch(r"(?!SE?-)[A-Z]{1,3}-(?=[^0-9]*[0-9])[A-Z0-9][A-Z0-9 -]{1,9}", code):
        return code
    digits = re.sub(r"^SE?-?|\s+", "", code).lstrip("-")
    if not re.fullmatch(r"[1-9][0-9]{4}", digits):
        raise Unusable(_("Write the postcode with five digits, for example 612 80."))
    return digits


def care_of(typed: str) -> str:
    """The name after c/o, which the letter writes itself."""
    return re.sub(r"^\s*c\s*/\s*o\b[:.]?\s*", "", line(typed), flags=re.IGNORECASE)


def web(typed: str) -> str:
    """The address of a site, https where nothing else is said."""
    bare = typed.strip()
    address = bare if "://" in bare else f"https://{bare}"
    if not re.fullmatch(
        r"https?://[^\s/?#@:\"<>]+\.[^\s/?#@:\"<>]{2,}(:\d{1,5})?(/[^\s\"<>]*)?", address, re.IGNORECASE
    ):
        raise Unusable(_("Write the web address, for example www.example.org."))
    return address
