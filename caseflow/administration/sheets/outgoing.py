"""What goes out: calls, letters and their envelopes, the fixed texts."""

from __future__ import annotations

from functools import partial

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from caseflow.administration.rows.base import Row
from caseflow.administration.rows.checks import some_hours
from caseflow.administration.rows.choices import Flag, Pick
from caseflow.administration.rows.numbers import Clock, Hours, Millimetres, Whole
from caseflow.administration.rows.words import Texts
from caseflow.administration.sheets.sheet import Sheet
from caseflow.cases.telephone import call_hours
from caseflow.cases.texts import mail_texts

THEN = {
    "letter": _l("A letter goes out"),
    "email": _l("An e-mail goes out"),
    "sms": _l("An SMS goes out"),
    "worklist": _l("A person decides"),
}
SIDES = {"right": _l("Right"), "left": _l("Left")}


def calls() -> Sheet:
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
                check=some_hours,
                shape="area",
            ),
            Pick(("calls", "then"), needed=True, choices=lambda: list(THEN.items()), shape="radio"),
            Whole(("calls", "notice_after"), _l("0: never."), width="s", limit=11),
        ),
        defaults={"calls": call_hours.DEFAULTS},
    )


def letters() -> Sheet:
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


def text(code: str) -> Sheet:
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


def envelope_choice() -> Sheet:
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
