"""The administrators' forms: which fields stand on which page, in which order."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from caseflow.administration.sheets import house, look, outgoing, residents, sorting, statements, watching
from caseflow.administration.sheets.named import Document
from caseflow.administration.sheets.sheet import Sheet
from caseflow.cases.texts import mail_texts

MUNICIPAL: Mapping[str, Callable[[], Sheet]] = {
    "contact": house.contact,
    "emergency": house.emergency,
    "languages": house.languages,
    "workdays": house.workdays,
    "calls": outgoing.calls,
    "letters": outgoing.letters,
    "residents": residents.residents,
    "envelopes": outgoing.envelope_choice,
    "theme": look.colours,
    "start": look.start,
    "logo": house.logo,
    "privacy": statements.privacy,
    "suggestions": watching.suggestions,
}


def for_place(place: str, document: Document) -> Sheet | None:
    """The form of a place; None where there is none."""
    what, _slash, code = place.partition("/")
    if what in MUNICIPAL:
        return MUNICIPAL[what]()
    if what == "text" and code in mail_texts.TEXTS:
        return outgoing.text(code)
    made: dict[str, Callable[[], Sheet]] = {
        "watch": partial(watching.watch, document),
        "accessibility": partial(statements.accessibility, document),
        "kinds": sorting.kind,
        "departments": sorting.department,
        "categories": partial(sorting.category, document),
    }
    return made[what]() if what in made else None
