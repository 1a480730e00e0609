"""What is done with saved views, and how many cases each holds for the one who looks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

import sqlalchemy as sa

from caseflow.accounts.models import Staff
from caseflow.accounts.permissions import departments_of
from caseflow.audit import Actor, record
from caseflow.cases.lookup import Lookup
from caseflow.cases.models import Case
from caseflow.cases.queue_filter import Filter, conditions
from caseflow.cases.saved_view import SavedView
from caseflow.cases.scope import within
from caseflow.database import db

MOST = 12  # of one person, and of one department
COUNTED, ENOUGH = 12, 999


def of(staff: Staff) -> Sequence[SavedView]:
    """One's own, then those of the departments whose cases one sees, each in its order."""
    mine = sa.or_(SavedView.owner_id == staff.id, SavedView.department_code.in_(departments_of(staff)))
    order = (SavedView.owner_id.is_(None), SavedView.department_code, SavedView.position, SavedView.id)
    return db.session.scalars(sa.select(SavedView).where(mine).order_by(*order)).all()


def find(staff: Staff, view_id: int) -> SavedView | None:
    """One that this person may change: their own, or one of a department that they lead."""
    led = SavedView.department_code.in_(departments_of(staff, "lead"))
    theirs = sa.or_(SavedView.owner_id == staff.id, led)
    return db.session.scalar(sa.select(SavedView).where(SavedView.id == min(view_id, 2**63 - 1), theirs))


def counters(staff: Staff, views: Sequence[SavedView], today: date) -> list[sa.ColumnElement[int]]:
    """How many cases each holds, for the statement that counts the others; words and places are too dear to count."""
    cheap = [(view, chosen) for view in views if not ((chosen := Filter.of(view.filter)).text or chosen.place)]
    return [_counter(staff, chosen, today).label(key(view)) for view, chosen in cheap[:COUNTED]]


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


def _counter(staff: Staff, chosen: Filter, today: date) -> sa.ScalarSelect[int]:
    some: sa.Select[tuple[int]] = sa.select(sa.literal_column("1", sa.Integer).label("one")).select_from(Case)
    some = some.where(within(staff), *conditions(staff, chosen, today))
    if chosen.order[0] == "waiting":
        some = some.where(sa.exists().where(Lookup.case_id == Case.id, Lookup.waiting_since.is_not(None)))
    bounded = some.limit(ENOUGH + 1).subquery()
    return sa.select(sa.func.count()).select_from(bounded).scalar_subquery()


def _note(view: SavedView, verb: str, by: Actor, now: datetime) -> None:
    """What others see too is written down."""
    if view.department_code:
        record("saved_view", view.id, verb, by=by, at=now)
