"""What residents want, departments, categories, and the rules that sort their cases."""

from __future__ import annotations

from functools import partial

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from caseflow.administration.rows.base import Row
from caseflow.administration.rows.choices import Flag, Pick
from caseflow.administration.rows.numbers import Promise, Whole
from caseflow.administration.rows.words import Lines, Questions, Texts
from caseflow.administration.sheets.named import Document, category_names, names, offered
from caseflow.administration.sheets.sheet import Sheet
from caseflow.cases.screen import step

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
LAWS = {
    "service": _l("Service: the municipality’s duty to help (5–8 §§ of the Administrative Procedure Act)"),
    "arende": _l("A matter with a decision (all of the Administrative Procedure Act)"),
}
UNITS = [("working_days", _l("working days")), ("months", _l("months"))]


def kind() -> Sheet:
    return Sheet(
        _l("What residents want"),
        (
            Texts(("names",), _l("Completes “I want to …”."), needed=True, limit=80),
            Texts(("nouns",), _l("In lists and figures, for example “Fault report”."), limit=40),
            Texts(("hints",), _l("One line under the choice."), limit=120),
            Texts(("guidance",), _l("Shown on the form to who chooses this, before they write."), limit=400),
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
            Flag(("reports_fault",), _l("Who chooses it is shown what faults are known already."), shape="check"),
            *_retention(),
        ),
        preview="kind",
    )


def department() -> Sheet:
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
            Flag(("known_faults",), _l("Never for a secret department."), shape="check"),
            Row(("contact", "phone"), _l("For departments outside the administration."), limit=40, width="m"),
            Row(("contact", "email"), limit=200, width="l"),
            Row(("contact", "web"), limit=200, width="l"),
        ),
        preview="department",
    )


def category(document: Document) -> Sheet:
    return Sheet(
        _l("Category"),
        (
            Texts(("names",), needed=True, limit=80),
            Pick(("department",), needed=True, choices=lambda: names(document, "departments")),
            Pick(("kind",), _l("What most residents mean who choose it."), choices=lambda: names(document, "kinds")),
            Flag(("retired",), _l("It is not offered in the form any more. Old cases still show it."), shape="check"),
            Flag(("known_faults",), _l("Also where its department does not."), shape="check"),
            Lines(
                ("checklist",),
                _l(
                    "What is to be done in such a case, for staff only. One step on each line. New cases begin with it."
                ),
                check=step.check,
                limit=4000,
                shape="area",
            ),
            Texts(
                ("guidance",),
                _l("Shown on the form to who chooses this, before they write: an emergency number, or whose it is."),
                limit=400,
            ),
            Questions(
                ("questions",),
                _l("What the form asks besides, as in the municipality’s file: code, sort, names, required, choices."),
                shape="area",
            ),
            *_retention(),
        ),
        preview="category",
    )


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
