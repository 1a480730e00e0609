"""The municipality itself: its name and address, its languages, its days, its letterhead."""

from __future__ import annotations

from typing import Any
from zoneinfo import available_timezones

from flask_babel import lazy_gettext as _l

from caseflow.administration.rows.base import Part, Row, got
from caseflow.administration.rows.checks import Sound, a_day
from caseflow.administration.rows.choices import Flag, Pick, Several
from caseflow.administration.rows.numbers import Clock
from caseflow.administration.rows.words import Lines, Picture, Texts
from caseflow.administration.sheets.sheet import Sheet
from caseflow.cases.contact import email, phone, postcode, web
from caseflow.cases.models import LANGUAGES
from caseflow.cases.municipality import logo as logo_file
from caseflow.cases.words import phone_in_words, postcode_in_words
from caseflow.language import LANGUAGES as LANGUAGE_NAMES
from caseflow.messages import addresses

COUNTRIES = {"SE": _l("Sweden"), "FI": _l("Finland"), "AX": _l("Åland"), "NO": _l("Norway"), "DK": _l("Denmark")}
DAYS_OFF = {
    "public": _l("Public holidays"),
    "de_facto": _l("Eves on which nobody works"),
    "optional": _l("Half days off"),
}


def contact() -> Sheet:
    return Sheet(
        _l("Name and contact"),
        (
            Row(("name",), needed=True, limit=100),
            Row(
                ("code",),
                _l("The municipality’s number, for example 0562."),
                _l("Municipality code"),
                needed=True,
                width="s",
                limit=20,
            ),
            Phone(("phone",), needed=True, width="m"),
            Row(("email",), needed=True, width="l", check=email),
            Row(("mailbox",), _l("Answers to our mails come here."), width="l", check=addresses.check),
            _Web(("web",), _l("Your own site, for example www.example.org."), width="l", check=web),
            Row(("address", "street"), needed=True, limit=100),
            _Postcode(("address", "postcode"), needed=True, width="s"),
            Row(("address", "town"), needed=True, width="l", limit=80),
            Texts(("phone_hours",), limit=300, shape="areas"),
            Texts(("opening_hours",), limit=300, shape="areas"),
        ),
        _l("It stands at the foot of every page, in mails and on letters."),
        preview="contact",
    )


class Phone(Row):
    def data(self, part: Part) -> dict[str, Any]:
        return {self.name: phone_in_words(str(got(part, self.path) or ""))}

    def validators(self) -> list[Any]:
        return [*super().validators(), Sound(phone)]

    def value(self, typed: Any) -> Any:
        return phone(typed.data) if typed.data else None


class _Web(Row):
    def value(self, typed: Any) -> Any:
        return web(typed.data) if typed.data else None


class _Postcode(Row):
    def data(self, part: Part) -> dict[str, Any]:
        return {self.name: postcode_in_words(str(got(part, self.path) or ""))}

    def validators(self) -> list[Any]:
        return [*super().validators(), Sound(postcode)]

    def value(self, typed: Any) -> Any:
        return postcode(typed.data)


def emergency() -> Sheet:
    row = Texts(("emergency",), _l("It stands first on the form."), limit=400, shape="areas")
    return Sheet(_l("If somebody is in danger"), (row,), preview="emergency")


def languages() -> Sheet:
    zones = sorted(zone for zone in available_timezones() if zone.startswith("Europe/"))
    return Sheet(
        _l("Languages and time zone"),
        (
            Several(
                ("languages",),
                _l("The texts that residents get can be seen in these."),
                needed=True,
                choices=lambda: [(code, LANGUAGE_NAMES[code]) for code in LANGUAGES],
                shape="checks",
            ),
            Pick(("timezone",), needed=True, choices=lambda: [(zone, zone) for zone in zones]),
        ),
    )


def workdays() -> Sheet:
    return Sheet(
        _l("Working days and holidays"),
        (
            Clock(("day_ends",), _l("What comes in later counts from the next working day."), needed=True, width="s"),
            Pick(("holidays", "country"), needed=True, choices=lambda: list(COUNTRIES.items())),
            Several(("holidays", "categories"), needed=True, choices=lambda: list(DAYS_OFF.items()), shape="checks"),
            Lines(
                ("holidays", "free"),
                _l("One date on each line, for example 2027-05-07."),
                check=a_day,
                limit=2000,
                shape="area",
            ),
            Lines(
                ("holidays", "working"),
                _l("Dates of the calendar on which you work."),
                check=a_day,
                limit=2000,
                shape="area",
            ),
        ),
        _l("Promises are counted in these days, and calls and letters follow them."),
        preview="workdays",
    )


def logo() -> Sheet:
    return Sheet(
        _l("Logo"),
        (
            Row(("logo", "alt")),
            Flag(("logo", "names"), label=_l("The logo shows the municipality’s name"), shape="check"),
            Picture(
                ("logo", "svg"),
                _l("An SVG with its texts as outlines, a PNG or a JPEG. On pages it is shown up to 100 kB."),
                limit=500_000,
                shape="picture",
                check=logo_file.check,
            ),
        ),
        _l("The head of pages and letters. Without a logo the name stands there."),
        preview="logo",
    )


def elsewhere() -> Sheet:
    """Somebody else's matter, and whose."""
    return Sheet(
        _l("What is not the municipality’s"),
        (
            Texts(("name",), _l("Who it is, for example “The Police”."), needed=True, limit=100),
            Texts(("text",), _l("Why it is theirs, and what to do."), needed=True, limit=400, shape="areas"),
            Row(("contact", "phone"), _l("As people dial it, for example 114 14."), limit=40, width="m"),
            Row(("contact", "email"), width="l"),
            Row(("contact", "web"), width="l"),
        ),
    )
