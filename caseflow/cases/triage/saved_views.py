"""What is done with saved views, and how many cases each holds for the one who looks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from caseflow import stamp
from caseflow.accounts.models import Staff
from caseflow.accounts.permissions import departments_of, may_in
from caseflow.audit import Actor, record
from caseflow.cases.triage.queue import ENOUGH, Counted
from caseflow.cases.triage.queue_filter import Filter
from caseflow.cases.triage.saved_view import SavedView
from caseflow.database import LAST_ID, db

MOST = 12  # of one person, and of one department
COUNTED = 12


def of(staff: Staff) -> Sequence[SavedView]:
    """One's own, then those of the departments whose cases one sees, each in its order; for reading only."""
    return [view for view in _all() if view.owner_id == staff.id or may_in(staff, view.department_code or "", "read")]


@stamp.kept
def _all() -> Sequence[SavedView]:
    """Everybody's, no part of any session."""
    order = (SavedView.owner_id.is_(None), SavedView.department_code, SavedView.position, SavedView.id)
    rows = db.session.execute(sa.select(SavedView.__table__).order_by(*order)).mappings()
    return [SavedView(**row) for row in rows]


def find(staff: Staff, view_id: int) -> SavedView | None:
    """One that this person may change: their own, or one of a department that they lead."""
    led = SavedView.department_code.in_(departments_of(staff, "lead"))
    theirs = sa.or_(SavedView.owner_id == staff.id, led)
    return db.session.scalar(sa.select(SavedView).where(SavedView.id == min(view_id, LAST_ID), theirs))


def counters(views: Sequence[SavedView]) -> Counted:
    """What is to be counted beside the others in one statement; words and places are too dear to count."""
    filters = ((key(view), Filter.of(view.filter)) for view in views)
    return tuple((name, chosen) for name, chosen in filters if not (chosen.text or chosen.place))[:COUNTED]


def key(view: SavedView) -> str:
    return f"view-{view.id}"


def told(counts: dict[str, int]) -> dict[str, int | str]:
    """As the page says it: beyond a bound nobody counts on."""
    return {
        name: f"{ENOUGH}+" if name.startswith("view-") and found > ENOUGH else found for name, found in counts.items()
    }


def siblings(view: SavedView) -> Sequence[SavedView]:
    """The views of the same home in their order, locked, itself among them once it is saved."""
    home = SavedView.owner_id == view.owner_id if view.owner_id else SavedView.department_code == view.department_code
    return db.session.scalars(
        sa.select(SavedView).where(home).order_by(SavedView.position, SavedView.id).with_for_update()
    ).all()


def add(view: SavedView, *, by: Actor, now: datetime) -> None:
    view.position = max((other.position for other in siblings(view)), default=0) + 1
    db.session.add(view)
    db.session.flush()
    _note(view, "add", by, now)


def rename(view: SavedView, name: str, *, by: Actor, now: datetime) -> None:
    view.name = name
    db.session.flush()
    _note(view, "change", by, now)


def replace(view: SavedView, chosen: Filter, *, by: Actor, now: datetime) -> None:
    """Keep the name and the place, and show something else."""
    view.filter = chosen.asked()
    db.session.flush()
    _note(view, "change", by, now)


def remove(view: SavedView, *, by: Actor, now: datetime) -> None:
    _note(view, "remove", by, now)
    db.session.delete(view)


def move(view: SavedView, step: int, *, by: Actor, now: datetime) -> None:
    """One place up (-1) or down (1); at an end nothing moves."""
    order = list(siblings(view))
    here = order.index(view)
    order.insert(max(0, here + step), order.pop(here))
    for place, one in enumerate(order, 1):
        one.position = place
    _note(view, "move", by, now)


def _note(view: SavedView, verb: str, by: Actor, now: datetime) -> None:
    """What others see too is written down."""
    if view.department_code:
        record("saved_view", view.id, verb, by=by, at=now)
