"""What statuses, resolutions, channels and moments are called, in the person's language."""

from __future__ import annotations

import re
from datetime import date, datetime
from functools import lru_cache

import phonenumbers
from flask_babel import format_date, format_datetime, format_decimal, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from caseflow.language import current, spoken

COORDINATES = re.compile(r"(?<![0-9.])(-?[0-9]{1,2}\.[0-9]{3,8})\s*[,;]\s*(-?[0-9]{1,3}\.[0-9]{3,8})")
STATUS = {
    "new": _l("New"),
    "in_progress": _l("In progress"),
    "waiting": _l("Waiting for the resident"),
    "planned": _l("Planned"),
    "answered": _l("Answered"),
    "closed": _l("Closed"),
}
PRIORITY = {"high": _l("High priority"), "normal": _l("Normal priority")}
PRIORITY_SHORT = {"high": _l("High"), "normal": _l("Normal")}
STATUS_FOR_RESIDENT = {
    "new": _l("We have received your case and will read it."),
    "in_progress": _l("Somebody is working on your case."),
    "waiting": _l("We have asked you something and wait for your answer."),
    "planned": _l("We will take up your case again on a set day."),
    "answered": _l("Your case is answered."),
    "closed": _l("Your case is closed."),
}
RESOLUTION = {
    "answered": _l("Answered"),
    "fixed": _l("Fixed"),
    "planned_work": _l("Will be done later"),
    "referred": _l("Not ours: referred to who is"),
    "duplicate": _l("Already reported"),
    "no_action": _l("No action"),
    "withdrawn": _l("Withdrawn by the resident"),
    "unreachable": _l("The resident could not be reached"),
    "registered": _l("Moved to a formal matter"),
}
CHANNEL = {
    "email": _l("E-mail"),
    "phone": _l("Phone"),
    "letter": _l("Letter"),
    "none": _l("No reply"),
}
BY_CHANNEL = {
    "email": _l("by e-mail"),
    "phone": _l("by phone"),
    "letter": _l("by letter"),
    "sms": _l("by SMS"),
    "none": _l("on your own page"),
}
SOURCE = {
    "web": _l("Web form"),
    "phone": _l("Phone call"),
    "letter": _l("Letter"),
    "desk": _l("Visit"),
    "email": _l("E-mail"),
}


def in_own_language(texts: dict[str, str]) -> str:
    """One of a name's translations, in the language that is spoken."""
    return texts.get(current()) or texts.get("sv") or next(iter(texts.values()), "")


def written(day: date | datetime, pattern: str) -> str:
    """A date by a CLDR pattern, in the language's own way: Finnish writes the day as an ordinal ("2. joulukuuta")."""
    return _written(day, pattern, *spoken())


@lru_cache(maxsize=4096)
def _written(day: date | datetime, pattern: str, _language: str, _zone: str) -> str:
    """Kept by all that it depends on: a list shows the same days again and again, and CLDR patterns are slow."""
    return format_date(day, re.sub(r"\bd\b", "d.", pattern) if _finnish() else pattern)


def long_date(day: date | datetime) -> str:
    """ "onsdag 2 december"; who may read it in another year writes the year beside it."""
    return written(day, "EEEE d MMMM")


def moment(at: datetime) -> str:
    """ "måndag 23 november 14:05" on the municipality's wall."""
    return _moment(at, *spoken())


@lru_cache(maxsize=4096)
def _moment(at: datetime, _language: str, _zone: str) -> str:
    return format_datetime(at, "EEEE d. MMMM 'klo' HH.mm" if _finnish() else "EEEE d MMMM HH:mm")


def hour(at: datetime) -> str:
    """ "14:05" on the municipality's wall."""
    return format_datetime(at, "HH.mm" if _finnish() else "HH:mm")


def _finnish() -> bool:
    return current() == "fi"


def due_in_words(due: date, today: date) -> str:
    """ "today", "in 2 days", "3 days ago"."""
    return _in_days((due - today).days, current())


@lru_cache(maxsize=1024)
def _in_days(days: int, _language: str) -> str:
    near = {0: _("today"), 1: _("tomorrow"), -1: _("yesterday")}
    if days in near:
        return near[days]
    if days > 0:
        return ngettext("in %(num)d day", "in %(num)d days", days)
    return ngettext("%(num)d day ago", "%(num)d days ago", -days)


def planned_for(day: date, today: date) -> str:
    """The mark of a case that woke: "planned for today", or for an earlier day on which nobody looked at it."""
    return _("Planned for today") if day == today else _("Planned for %(day)s", day=written(day, "d MMM"))


def urgency(due: date, today: date) -> str:
    """`overdue`, `soon` (today or the next two days) or `later`."""
    if due < today:
        return "overdue"
    return "soon" if (due - today).days <= 2 else "later"


def geo_address(place: str) -> str | None:
    """Coordinates as an address that a person's own map program opens (RFC 5870); None where the place is in words."""
    found = COORDINATES.search(place)
    if not found or abs(float(found[1])) > 90 or abs(float(found[2])) > 180:
        return None
    return f"geo:{found[1]},{found[2]}"


def file_size(size: int) -> str:
    """Bytes as people say them: 12 kB, 3.4 MB."""
    if size < 1_000_000:
        return f"{max(1, round(size / 1000))} kB"
    return f"{format_decimal(round(size / 1_000_000, 1))} MB"


def postcode_in_words(postcode: str) -> str:
    """61280 as 612 80."""
    return f"{postcode[:3]} {postcode[3:]}" if len(postcode) == 5 and postcode.isdigit() else postcode


@lru_cache(maxsize=4096)
def phone_in_words(number: str) -> str:
    """+46846500400 as 08-465 004 00; a foreign number in its international form."""
    try:
        parsed = phonenumbers.parse(number, "SE")
    except phonenumbers.NumberParseException:
        return number
    domestic = parsed.country_code == phonenumbers.country_code_for_region("SE")
    shape = phonenumbers.PhoneNumberFormat.NATIONAL if domestic else phonenumbers.PhoneNumberFormat.INTERNATIONAL
    return phonenumbers.format_number(parsed, shape)
