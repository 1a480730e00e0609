"""What the law wants to be told: how accessible the pages are, and what becomes of personal data."""

from __future__ import annotations

from functools import partial

from flask_babel import lazy_gettext as _l

from caseflow.administration.rows.base import Row
from caseflow.administration.rows.checks import a_day
from caseflow.administration.rows.choices import Pick
from caseflow.administration.rows.words import Texts
from caseflow.administration.sheets.house import Phone
from caseflow.administration.sheets.named import Document, category_names
from caseflow.administration.sheets.sheet import Sheet
from caseflow.cases.contact import email

STATUSES = {
    "fully": _l("It meets all requirements"),
    "partly": _l("It meets some of them; what is wanting stands below"),
    "not": _l("It does not meet them"),
}


def accessibility(document: Document) -> Sheet:
    at, areas = "accessibility", partial(Texts, limit=4000, shape="areas")
    return Sheet(
        _l("Accessibility statement"),
        (
            Pick((at, "status"), choices=lambda: list(STATUSES.items())),
            areas((at, "faults"), _l("One on each line: what does not work, for whom, why, and until when.")),
            areas((at, "exempt"), _l("What need not be accessible, and why: the law’s 9 § or 12 §.")),
            areas((at, "how"), _l("For example: we have tried it ourselves, with a keyboard and a screen reader.")),
            Row((at, "assessed"), _l("For example 2026-12-02."), width="s", check=a_day),
            Row((at, "updated"), _l("For example 2026-12-02."), width="s", check=a_day),
            Pick(
                (at, "category"),
                _l("As what a fault in accessibility is filed."),
                choices=lambda: category_names(document),
            ),
        ),
        _l("The law (2018:1937) wants it to be reached from every page. Test again, and say so, once a year."),
    )


def privacy() -> Sheet:
    at = "privacy"
    return Sheet(
        _l("Personal data"),
        (
            Texts(
                (at, "controller"),
                _l("Which committee decides about the data. Empty: the municipality."),
                limit=200,
            ),
            Phone((at, "officer", "phone"), width="m"),
            Row((at, "officer", "email"), width="l", check=email),
            Texts(
                (at, "text"),
                _l("What else you want to say, for example who runs the system for you."),
                limit=4000,
                shape="areas",
            ),
        ),
        _l("The page says besides what is kept, why, how long (as you noted it), and which rights one has."),
    )
