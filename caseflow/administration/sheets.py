"""The administrators' forms: which fields stand on which page, in which order."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from zoneinfo import available_timezones

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict
from wtforms.form import BaseForm

from caseflow.administration import rows
from caseflow.administration.rows import (
    Clock,
    Flag,
    Hours,
    Lines,
    Millimetres,
    Part,
    Pick,
    Picture,
    Promise,
    Row,
    Several,
    Texts,
    Whole,
)
from caseflow.cases import call_hours, contact, mail_texts, step
from caseflow.cases.models import LANGUAGES, in_language
from caseflow.language import LANGUAGES as LANGUAGE_NAMES
from caseflow.language import current
from caseflow.messages import addresses

Document = dict[str, Any]
ICONS = (
    "question",
    "fault",
    "feedback",
    "complaint",
    "suggestion",
    "praise",
    "document",
    "shield",
    "phone",
    "calendar",
)
COUNTRIES = {"SE": _l("Sweden"), "FI": _l("Finland"), "AX": _l("Åland"), "NO": _l("Norway"), "DK": _l("Denmark")}
DAYS_OFF = {
    "public": _l("Public holidays"),
    "de_facto": _l("Eves on which nobody works"),
    "optional": _l("Half days off"),
}
LAWS = {
    "service": _l("Service: the municipality’s duty to help (5–8 §§ of the Administrative Procedure Act)"),
    "arende": _l("A matter with a decision (all of the Administrative Procedure Act)"),
}
THEN = {
    "letter": _l("A letter goes out"),
    "email": _l("An e-mail goes out"),
    "sms": _l("An SMS goes out"),
    "worklist": _l("A person decides"),
}
UNITS = [("working_days", _l("working days")), ("months", _l("months"))]
SIDES = {"right": _l("Right"), "left": _l("Left")}


@dataclass(frozen=True)
class Sheet:
    """One page's form. `lead` says what it is for, `preview` which preview stands beside it."""

    title: str
    rows: tuple[Row, ...]
    lead: str = ""
    preview: str = ""
    # What goes without saying in the file and is shown on the page.
    defaults: Mapping[str, Any] = field(default_factory=dict)

    def form(self, typed: MultiDict[str, str] | None, part: Part) -> BaseForm:
        """The form over a part of the file, with what was typed where something was."""
        fields = {name: made for row in self.rows for name, made in row.fields().items()}
        form = BaseForm(fields)
        whole = {**part, **{name: {**given, **part.get(name, {})} for name, given in self.defaults.items()}}
        shown = {name: value for row in self.rows for name, value in row.data(whole).items()}
        form.process(typed, data=shown)
        return form

    def part(self, form: BaseForm, part: Part) -> Part:
        """The part as the form would have it; what the form does not show stays."""
        new = copy.deepcopy(part)
        for row in self.rows:
            row.take(form, new)
        return new


def for_place(place: str, document: Document) -> Sheet | None:
    """The form of a place; None where there is none."""
    what, _slash, code = place.partition("/")
    if what in MUNICIPAL:
        return MUNICIPAL[what]()
    if what == "text" and code in mail_texts.TEXTS:
        return _text(code)
    made: dict[str, Callable[[], Sheet]] = {
        "kinds": _kind,
        "departments": _department,
        "categories": partial(_category, document),
    }
    return made[what]() if what in made else None


def rule(document: Document) -> Sheet:
    """One rule of the draft."""
    named = partial(names, document)
    return Sheet(
        _l("Rule"),
        (
            Pick(
                ("to",),
                _l("Where such a case goes."),
                _l("Send it to"),
                needed=True,
                choices=partial(offered, document),
            ),
            Pick(
                ("department",),
                _l("Only where the resident chose this department."),
                choices=partial(named, "departments"),
            ),
            Pick(("kind",), _l("Only where this is what the resident wants."), choices=partial(named, "kinds")),
            Pick(
                ("category",),
                _l("Only where the resident chose this category."),
                choices=partial(category_names, document),
            ),
            Lines(
                ("words",),
                _l(
                    "Only where the text has one of these, in any language. One on each line."
                    " “lekplats” also finds “lekplatsen”."
                ),
                limit=5000,
                shape="area",
            ),
            Texts(
                ("reason",),
                _l("One sentence. It stands on the case, and tells the resident why."),
                needed=True,
                limit=300,
            ),
        ),
    )


def names(document: Document, what: str) -> rows.Choices:
    """Codes and names of what the file lists."""
    return [(one["code"], in_language(one["names"], current())) for one in document[what]]


def offered(document: Document) -> rows.Choices:
    """Departments that take cases."""
    return [
        (one["code"], in_language(one["names"], current())) for one in document["departments"] if not one.get("retired")
    ]


def category_names(document: Document) -> rows.Choices:
    return [
        (one["code"], f"{in_language(one['names'], current())} ({in_language(home['names'], current())})")
        for home in document["departments"]
        for one in home.get("categories", ())
    ]


def _retention() -> tuple[Row, ...]:
    return (
        Texts(
            ("retention", "text"),
            _l("A note for staff. Nothing is deleted by it."),
            _l("How long such cases are kept"),
            limit=500,
        ),
        Whole(("retention", "months"), label=_l("Months after it is closed"), width="s", limit=1200),
        Row(("retention", "law"), _l("For example the number of the disposal decision."), _l("Legal ground for that")),
    )


def _kind() -> Sheet:
    return Sheet(
        _l("What residents want"),
        (
            Texts(("names",), _l("Completes “I want to …”."), needed=True, limit=80),
            Texts(("nouns",), _l("In lists and figures, for example “Fault report”."), limit=40),
            Texts(("hints",), _l("One line under the choice."), limit=120),
            Pick(("icon",), needed=True, choices=lambda: [(name, _icon_name(name)) for name in ICONS], shape="icons"),
            Promise(
                ("promise",),
                _l("A new promise counts for cases that come in from now on. Cases that are there keep theirs."),
                limit=260,
                units=UNITS,
                shape="promise",
            ),
            Pick(
                ("law",), label=_l("Which law applies"), needed=True, choices=lambda: list(LAWS.items()), shape="radio"
            ),
            Flag(
                ("listed",),
                _l("Otherwise it is only offered in the form’s list and to staff."),
                shape="check",
                width="not",
            ),
            *_retention(),
        ),
        preview="kind",
    )


def _department() -> Sheet:
    return Sheet(
        _l("Department"),
        (
            Texts(("names",), needed=True, limit=80),
            Texts(("hints",), _l("What it looks after, in a few words."), limit=160),
            Flag(("secret",), shape="check"),
            Flag(("external",), _l("For example a municipal company."), shape="check"),
            Flag(
                ("triage",),
                _l("Exactly one department does. When you choose this one, the other no longer does."),
                shape="check",
            ),
            Flag(
                ("retired",),
                _l("It is not offered in the form or for transfers any more. Its old cases still show it."),
                shape="check",
            ),
            Row(("contact", "phone"), _l("For departments outside the administration."), limit=40, width="m"),
            Row(("contact", "email"), limit=200, width="l"),
            Row(("contact", "web"), limit=200, width="l"),
        ),
        preview="department",
    )


def _category(document: Document) -> Sheet:
    return Sheet(
        _l("Category"),
        (
            Texts(("names",), needed=True, limit=80),
            Pick(("department",), needed=True, choices=lambda: names(document, "departments")),
            Pick(("kind",), _l("What most residents mean who choose it."), choices=lambda: names(document, "kinds")),
            Flag(("retired",), _l("It is not offered in the form any more. Old cases still show it."), shape="check"),
            Lines(
                ("checklist",),
                _l(
                    "What is to be done in such a case, for staff only. One step on each line. New cases begin with it."
                ),
                check=step.check,
                limit=4000,
                shape="area",
            ),
            *_retention(),
        ),
        preview="category",
    )


def _text(code: str) -> Sheet:
    rules = mail_texts.TEXTS[code]
    known = " ".join(f"{{{name}}}" for name in sorted(rules.knows)) or _("no placeholder")
    hint = _("It may have %(allowed)s. Leave a language empty, and the standard text is used.", allowed=known)
    return Sheet(
        _l("Mail text"),
        (
            Texts(
                ("texts", code),
                hint,
                _l("Text"),
                check=partial(mail_texts.check, code),
                limit=rules.limit,
                shape="areas" if rules.paragraphs else "texts",
            ),
        ),
        preview="text",
    )


def _contact() -> Sheet:
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
            _Phone(("phone",), needed=True, width="m"),
            Row(("email",), needed=True, width="l", check=contact.email),
            Row(("mailbox",), _l("Answers to our mails come here."), width="l", check=addresses.check),
            Row(("address", "street"), needed=True, limit=100),
            _Postcode(("address", "postcode"), needed=True, width="s"),
            Row(("address", "town"), needed=True, width="l", limit=80),
            Texts(("opening_hours",), limit=300, shape="areas"),
        ),
        _l("It stands at the foot of every page, in mails and on letters."),
        preview="contact",
    )


class _Phone(Row):
    def validators(self) -> list[Any]:
        return [*super().validators(), rows._Sound(contact.phone)]

    def value(self, typed: Any) -> Any:
        return contact.phone(typed.data)


class _Postcode(Row):
    def validators(self) -> list[Any]:
        return [*super().validators(), rows._Sound(contact.postcode)]

    def value(self, typed: Any) -> Any:
        return contact.postcode(typed.data)


def _emergency() -> Sheet:
    row = Texts(("emergency",), _l("It stands first on the form."), limit=400, shape="areas")
    return Sheet(_l("If somebody is in danger"), (row,), preview="emergency")


def _languages() -> Sheet:
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


def _workdays() -> Sheet:
    return Sheet(
        _l("Working days and holidays"),
        (
            Clock(("day_ends",), _l("What comes in later counts from the next working day."), needed=True, width="s"),
            Pick(("holidays", "country"), needed=True, choices=lambda: list(COUNTRIES.items())),
            Several(("holidays", "categories"), needed=True, choices=lambda: list(DAYS_OFF.items()), shape="checks"),
            Lines(
                ("holidays", "free"),
                _l("One date on each line, for example 2027-05-07."),
                check=rows.a_day,
                limit=2000,
                shape="area",
            ),
            Lines(
                ("holidays", "working"),
                _l("Dates of the calendar on which you work."),
                check=rows.a_day,
                limit=2000,
                shape="area",
            ),
        ),
        _l("Promises are counted in these days, and calls and letters follow them."),
        preview="workdays",
    )


def _calls() -> Sheet:
    return Sheet(
        _l("Calls"),
        (
            Clock(("calls", "hours", "from"), needed=True, width="s", label=_l("We call from")),
            Clock(("calls", "hours", "to"), needed=True, width="s", label=_l("We call until")),
            Hours(
                ("calls", "ladder"),
                _l(
                    "After each call that nobody answers, the next one comes so many hours later."
                    " One number on each line."
                ),
                check=rows.some_hours,
                shape="area",
            ),
            Pick(("calls", "then"), needed=True, choices=lambda: list(THEN.items()), shape="radio"),
            Whole(("calls", "notice_after"), _l("0: never."), width="s", limit=11),
        ),
        defaults={"calls": call_hours.DEFAULTS},
    )


def _letters() -> Sheet:
    return Sheet(
        _l("Letters"),
        (
            Clock(
                ("letters", "cut_off"),
                _l("On working days. Leave it empty, and a person makes the batches."),
                width="s",
            ),
            Flag(("letters", "posted_when_handed_over"), _l("For example a printing house."), shape="check"),
        ),
    )


def _logo() -> Sheet:
    return Sheet(
        _l("Logo"),
        (
            Row(("logo", "alt")),
            Flag(("logo", "names"), label=_l("The logo shows the municipality’s name"), shape="check"),
            Picture(("logo", "svg"), _l("An SVG file with its texts as outlines."), limit=500_000, shape="picture"),
        ),
        _l("The head of letters. Without a logo the name stands there."),
        preview="logo",
    )


def _envelope_choice() -> Sheet:
    return Sheet(_l("Envelopes"), (), _l("Which window envelope the letters go in."))


def envelope(*, named: bool) -> Sheet:
    """One envelope; a standard one keeps its name."""
    name = (Row(("name",), needed=True, width="m", limit=40),) if not named else ()
    mm = ("width", "height", "edge", "top", "offset_x", "offset_y")
    return Sheet(
        _l("Envelope"),
        (
            *name,
            Pick(("format",), needed=True, choices=lambda: [("C5", "C5"), ("C65", "C65")]),
            Pick(("side",), needed=True, choices=lambda: list(SIDES.items())),
            *(Millimetres((length,), width="s") for length in mm),
        ),
    )


def _icon_name(name: str) -> str:
    return {
        "question": _("Question mark"),
        "fault": _("Tool"),
        "feedback": _("Speech bubble"),
        "complaint": _("Speech bubble with an exclamation mark"),
        "suggestion": _("Light bulb"),
        "praise": _("Heart"),
        "document": _("Page"),
        "shield": _("Shield"),
        "phone": _("Telephone"),
        "calendar": _("Calendar"),
    }[name]


MUNICIPAL: Mapping[str, Callable[[], Sheet]] = {
    "contact": _contact,
    "emergency": _emergency,
    "languages": _languages,
    "workdays": _workdays,
    "calls": _calls,
    "letters": _letters,
    "envelopes": _envelope_choice,
    "logo": _logo,
}
