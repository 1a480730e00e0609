"""What a standard text leaves open for the case to fill in: {{name}}, {{number}} …; from a list, and only ever as text.

There is no language behind the braces, and what stands in for a placeholder is not looked into again. What the case
cannot fill stays as it is, and so does `__what the writer fills in__`: a text with a gap is not sent (`form_parts`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

from flask import current_app
from flask_babel import force_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from caseflow.accounts.models import Staff
from caseflow.cases import words
from caseflow.cases.models import Case, Municipality
from caseflow.messages import unlinked

PLACEHOLDER = re.compile(r"\{\{ ?([a-z_]+) ?\}\}")
KNOWN = {
    "name": _l("the resident's name"),
    "number": _l("the number of the case"),
    "due": _l("the day when the answer is due"),
    "received": _l("the day when the case came in"),
    "department": _l("the department"),
    "caseworker": _l("your name"),
    "municipality": _l("the municipality"),
    "phone": _l("the municipality's phone number"),
    "link": _l("where the resident opens the case"),
}


class Unknown(ValueError):
    """The text holds braces that nothing will ever fill; the message says which."""


def check(text: str) -> None:
    """Raises `Unknown`, in words, for a text that could never be filled in."""
    allowed = " ".join(f"{{{{{name}}}}}" for name in KNOWN)
    for found in PLACEHOLDER.finditer(text):
        if found[1] not in KNOWN:
            raise Unknown(_("“%(gap)s” is unknown. Use %(allowed)s.", gap=found.group(), allowed=allowed))
    stray = re.search(r"\{{3}.{0,20}", text) or re.search(r"\{\{.{0,20}|.{0,20}\}\}", PLACEHOLDER.sub("", text))
    if stray:
        raise Unknown(_("“%(gap)s” is unknown. Use %(allowed)s.", gap=stray.group(), allowed=allowed))


def filled(text: str, facts: Mapping[str, str]) -> str:
    """The text with what the case knows; the rest stays."""
    return PLACEHOLDER.sub(lambda found: facts.get(found[1]) or found.group(), text)


def lacking(text: str, facts: Mapping[str, str]) -> str | None:
    """The first placeholder of the list that the text has and the case cannot fill."""
    found = (one[1] for one in PLACEHOLDER.finditer(text))
    return next((name for name in found if name in KNOWN and not facts.get(name)), None)


def without_known(text: str) -> str:
    """The text without what each case fills in by itself: a gap that is left is a person's to fill."""
    return PLACEHOLDER.sub(lambda found: "" if found[1] in KNOWN else found.group(), text)


def facts(case: Case, municipality: Municipality, staff: Staff, *, today: date) -> dict[str, str]:
    """What stands in for each placeholder, in the case's language. A day that has passed is promised to nobody.

    The link is the front door, where the number and the code are asked for: a text may go by any channel, and the
    address of the own page is a secret of the resident's.
    """
    with force_locale(case.language):
        return {
            "name": unlinked.name(case.name),
            "number": case.number,
            "due": words.long_date(case.due_on) if case.due_on >= today else "",
            "received": words.long_date(case.received_at),
            "department": case.department.name(case.language),
            "caseworker": staff.name,
            "municipality": municipality.name,
            "phone": words.phone_in_words(municipality.phone),
            "link": f"{current_app.config['BASE_URL']}/case/",
        }
