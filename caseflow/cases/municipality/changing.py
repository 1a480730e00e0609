"""The one way in which the municipality's configuration changes: a part of its file, checked as the whole file is.

Whoever changes it (the browser, an import, the command) takes the file as it stands, puts another part into it and
loads that. What differs afterwards is written down part by part: before, after, who, when.
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from caseflow.audit import Actor, record
from caseflow.cases.models import Case, Category, Department, Municipality
from caseflow.cases.municipality import configuration, exporting, places
from caseflow.database import db

# A logo is remembered by what it is and not by its content, which may have half a megabyte.
LONGEST = 50_000  # characters


class Changed(Exception):
    """Somebody else has changed this part since the page was made: `now` is what stands there."""

    def __init__(self, place: str, now: places.Part) -> None:
        super().__init__(f"{place} has been changed meanwhile")
        self.place, self.now = place, now


# What a file is refused with: the check's own words, or the database's where the check has let something pass.
Refused = (configuration.Unreadable, sa.exc.IntegrityError, sa.exc.DataError)


class InUse(Exception):
    """It cannot be taken away, because cases or rules refer to it."""


@dataclass(frozen=True)
class Difference:
    """One part of the file before and after; None where there is none."""

    place: str
    before: places.Part
    after: places.Part


def amend(place: str, new: places.Part, *, seen: str, by: Actor, now: datetime, verb: str = "change") -> bool:
    """Put another part in the place of the one that was `seen` (its fingerprint); whether anything has changed.

    Raises `Changed`, `Unreadable`, or `InUse` when `new` is None and something refers to it.
    """
    lock()
    before = exporting.document()
    present = places.part(before, place)
    if places.fingerprint(present) != seen:
        raise Changed(place, present)
    whole = places.replaced(before, place, new)
    if new is None:
        _take_away(place)
    configuration.load(whole, over=before)
    return bool(_record(before, verb=verb, by=by, now=now))


def apply(found: configuration.Row, *, by: Actor, now: datetime, seen: str | None = None) -> list[Difference]:
    """Load a whole file over what is there; what has changed. Raises `Unreadable`, or `Changed` when what is there is
    no longer what was `seen`."""
    if db.session.get(Municipality, 1) is None:
        configuration.load(found)
        return []
    lock()
    before = exporting.document()
    if seen is not None and places.fingerprint(before) != seen:
        raise Changed("", before)
    configuration.load(found, over=before)
    return _record(before, verb="import", by=by, now=now)


def would_change(found: configuration.Row) -> list[Difference]:
    """What `apply` would change. It is tried out and undone again; raises `Unreadable`."""
    before = exporting.document()
    trial = db.session.begin_nested()
    try:
        configuration.load(found, over=before)
        after = exporting.document()
    finally:
        trial.rollback()
        db.session.expire_all()
    return differences(before, after)


def differences(before: configuration.Row, after: configuration.Row) -> list[Difference]:
    """Part by part, in the order of the file; what is new or moved stands where it stands now."""
    all_places = dict.fromkeys((*places.of(after), *places.of(before)))
    pairs = ((place, places.standing(before, place), places.standing(after, place)) for place in all_places)
    return [Difference(place, deepcopy(old), deepcopy(new)) for place, old, new in pairs if old != new]


def lock() -> None:
    """One change after the other: the municipality's row is the key."""
    db.session.get_one(Municipality, 1, with_for_update=True, populate_existing=True)


def _record(before: configuration.Row, *, verb: str, by: Actor, now: datetime) -> list[Difference]:
    changed = differences(before, exporting.document())
    for one in changed:
        data: dict[str, Any] = {"place": one.place, "before": _small(one.before), "after": _small(one.after)}
        record(places.SUBJECT, places.SUBJECT_ID, verb, by=by, at=now, **data)
    return changed


def _small(part: places.Part) -> places.Part:
    if not isinstance(part, dict) or len(str(part)) <= LONGEST:
        return part
    return {name: _abridged(value) if len(str(value)) > LONGEST else value for name, value in part.items()}


def _abridged(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _abridged(inner) for name, inner in value.items()}
    return f"{places.fingerprint(value)} ({len(value)})" if isinstance(value, str) and len(value) > LONGEST else value


def _take_away(place: str) -> None:
    what, _slash, code = place.partition("/")
    if what not in ("departments", "categories"):
        raise InUse(place)
    model = {"departments": Department, "categories": Category}[what]
    refers = Case.department_code == code if what == "departments" else Case.category_code == code
    if db.session.scalar(sa.select(sa.exists(sa.select(Case.id).where(refers)))):
        raise InUse(place)
    try:
        with db.session.begin_nested():
            if what == "departments":
                db.session.execute(sa.delete(Category).where(Category.department_code == code))
            db.session.execute(sa.delete(model).where(sa.inspect(model).primary_key[0] == code))
    except sa.exc.IntegrityError as error:
        raise InUse(place) from error
