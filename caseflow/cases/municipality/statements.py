"""What the municipality says of its pages' accessibility and of personal data, as data in its file.

What an accessibility statement must hold: lagen (2018:1937) om tillgänglighet till digital offentlig service, 13 §, and
MDFFS 2019:2, 6 §. What a privacy notice must: GDPR, article 13.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any

from flask_babel import gettext as _

from caseflow.cases import contact
from caseflow.cases.models import LANGUAGES
from caseflow.cases.municipality.checked_yaml import Fields, Unreadable

STATUSES = ("fully", "partly", "not")
Row = dict[str, Any]


def accessibility(given: Fields, categories: Collection[str]) -> Row:
    """`status` in the law's three words, `assessed` and `updated` when, `how` it was assessed, `faults` and why they
    are there, `exempt` what need not be accessible and why, `category` what a report is filed as."""
    row: Row = {name: said for name in ("how", "faults", "exempt") if (said := given.by_key(name, LANGUAGES))}
    if given.has("status"):
        row["status"] = given.one_of("status", STATUSES)
    for name in ("assessed", "updated"):
        if given.has(name):
            row[name] = _day(given, name)
    if given.has("category"):
        row["category"] = given.one_of("category", categories)
    given.done()
    return row


def privacy(given: Fields) -> Row:
    """`controller` who decides about the data, `officer` how to reach the data protection officer, `text` what else."""
    row: Row = {name: said for name in ("controller", "text") if (said := given.by_key(name, LANGUAGES))}
    if given.has("officer"):
        officer = given.fields("officer")
        reached = {name: officer.text(name) for name in ("phone", "email") if officer.has(name)}
        officer.done()
        row["officer"] = {name: _reachable(given, name, typed) for name, typed in reached.items()}
    given.done()
    return row


def _reachable(given: Fields, name: str, typed: str) -> str:
    try:
        return {"phone": contact.phone, "email": contact.email}[name](typed)
    except contact.Unusable as error:
        raise Unreadable(f"{given.where}, officer, {name}: {error}") from error


def _day(given: Fields, name: str) -> str:
    """A date in quotes."""
    text = given.text(name)
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError as error:
        told = _("Write the date as year, month and day, for example 2026-12-02.")
        raise Unreadable(f"{given.where}, {name}: {told}") from error
