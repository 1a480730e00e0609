"""What the residents will see of a part that is being changed; nothing is stored."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from caseflow import clock, theme
from caseflow.cases import words
from caseflow.cases.deadlines import Calendar, due_on, working_days_of
from caseflow.cases.models import LANGUAGES
from caseflow.cases.municipality import logo
from caseflow.cases.municipality.directory import municipality
from caseflow.cases.texts import mail_texts
from caseflow.cases.texts.mail_texts import said
from caseflow.cases.views.templates import TEXT_NAMES

Part = Mapping[str, Any]
# Nobody's case: no real one has this number or code.
SAMPLE = {
    "name": "Kim Exempel",
    "number": "2026-00000",
    "code": "0000 0000",
    "link": "https://example.org/c",
}


def preview(name: str, place: str, part: Part, document: Part) -> dict[str, Any]:
    """What the template of this name needs beside the part itself."""
    facts: dict[str, Any] = {"part": part, "document": document}
    made = {"kind": _kind, "workdays": _workdays, "logo": _logo, "text": _text, "theme": _theme}
    return facts | (made[name](place, part) if name in made else {})


def promise(given: Part) -> str:
    """ "within 5 working days"."""
    if "months" in given:
        return ngettext("within %(num)d month", "within %(num)d months", given["months"])
    return ngettext("within %(num)d working day", "within %(num)d working days", given["working_days"])


def text_name(place: str) -> str:
    return str(TEXT_NAMES[place.partition("/")[2]])


def _kind(place: str, part: Part) -> dict[str, Any]:
    given = part.get("promise") or {"working_days": 10}
    last = due_on(clock.now(), given, Calendar.of(municipality()))
    return {"promise": promise(given), "last": words.long_date(last)}


def _workdays(place: str, part: Part) -> dict[str, Any]:
    """The next days off that are no weekends, and the weekend days on which one works."""
    try:
        works = working_days_of(part["holidays"])
    except (KeyError, LookupError, ValueError, NotImplementedError):
        return {"days": []}
    today = clock.today(zone=municipality().zone)
    coming = [today + timedelta(days=n) for n in range(370)]
    unusual = [day for day in coming if works(day) != (day.weekday() < 5)]
    return {"days": [(words.written(day, "EEEE d MMMM yyyy"), works(day)) for day in unusual[:14]]}


def _logo(place: str, part: Part) -> dict[str, Any]:
    return {"image": logo.as_address(part.get("logo", {}).get("svg", ""))}


def _theme(place: str, part: Part) -> dict[str, Any]:
    """Both schemes with everything that was measured; what is no colour is left alone."""
    given = {name: str(part.get("theme", {}).get(name) or "") for name in theme.DEFAULTS}
    for name, typed in given.items():
        try:
            given[name] = theme.colour(typed) if typed else ""
        except ValueError:
            given[name] = ""
    made = theme.of_colours(given["accent"], given["dark"])
    light, dark = theme.measured(made.light.accent, theme.LIGHT), theme.measured(made.dark.accent, theme.DARK)
    schemes = [
        ("light", _("On light ground"), made.light.accent, light),
        ("dark", _("On dark ground"), made.dark.accent, dark),
    ]
    return {"colours": given, "schemes": schemes}


def _text(place: str, part: Part) -> dict[str, Any]:
    code, town = place.partition("/")[2], municipality()
    facts = {
        **SAMPLE,
        "municipality": town.name,
        "department": _("the department"),
        "due": words.long_date(clock.today(zone=town.zone)),
        "by_channel": str(words.BY_CHANNEL["email"]),
    }
    texts = part.get("texts", {})
    return {
        "samples": {language: said(code, language, texts, **facts) for language in LANGUAGES},
        "standard": {language: mail_texts.template(code, language, {}) for language in LANGUAGES},
    }
