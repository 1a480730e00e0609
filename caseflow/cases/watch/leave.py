"""Leave as people write it down: their own, and that of those whose department they lead; and what it moved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from caseflow.accounts.models import Membership, Staff
from caseflow.accounts.permissions import departments_of
from caseflow.audit import Actor, record
from caseflow.cases import lifecycle, scope
from caseflow.cases.models import OPEN, Case
from caseflow.cases.municipality import directory
from caseflow.cases.watch.absence import Absence, CoveredCase
from caseflow.database import db

MOST = 200  # cases taken back in one press
PAST = 5  # leaves that are over and still told


@dataclass(frozen=True)
class Line:
    """One absence as it is listed. `moved` cases went back to the department, `left` of them nobody has taken."""

    absence: Absence
    name: str
    moved: int
    left: int


def led(staff: Staff) -> dict[int, str]:
    """Ids and names of the others who handle cases where this person leads."""
    here = Membership.department_code.in_(departments_of(staff, "lead"))
    others = directory.handlers().where(here, Staff.id != staff.id).with_only_columns(Staff.id, Staff.name)
    return dict(db.session.execute(others).tuples().all())


def of(people: Sequence[int], today: date) -> list[Line]:
    """Their absences, those that go on or are to come first, and the last that are over."""
    if not people:
        return []
    over = sa.or_(Absence.ended_at.is_not(None), Absence.last_day < today)
    current = sa.select(Absence.id).where(Absence.staff_id.in_(people), sa.not_(sa.func.coalesce(over, False)))
    past = sa.select(Absence.id).where(Absence.staff_id.in_(people), over, _moved(sa.true()) > 0)
    shown = current.union_all(past.order_by(Absence.first_day.desc()).limit(PAST).subquery().select())
    query = _lines().where(Absence.id.in_(shown)).order_by(sa.func.coalesce(over, False), Absence.first_day, Absence.id)
    return [Line(*row) for row in db.session.execute(query)]


def unseen(staff: Staff) -> int:
    """How many of this person's cases went back to the department without the person having seen it yet."""
    mine = sa.select(sa.func.count()).select_from(CoveredCase).join(Absence)
    return db.session.scalar(mine.where(Absence.staff_id == staff.id, Absence.seen_at.is_(None))) or 0


def see(staff: Staff, now: datetime) -> None:
    """The person has the list before them."""
    mine = (Absence.staff_id == staff.id, Absence.seen_at.is_(None), Absence.returned_at.is_not(None))
    change = sa.update(Absence).where(*mine).values(seen_at=now)
    db.session.execute(change, execution_options={"synchronize_session": False})


def overlaps(staff_id: int, first_day: date, last_day: date | None) -> bool:
    """Whether leave is written down already for one of these days."""
    theirs = sa.select(Absence.id).where(Absence.staff_id == staff_id, Absence.sort == "leave")
    meets = sa.or_(Absence.last_day.is_(None), Absence.last_day >= first_day)
    before = sa.true() if last_day is None else Absence.first_day <= last_day
    return db.session.scalar(theirs.where(Absence.ended_at.is_(None), meets, before).limit(1)) is not None


def plan(staff_id: int, first_day: date, last_day: date | None, *, by: Actor, now: datetime) -> None:
    """Write leave down; when its first day comes, the clock gives the cases back."""
    facts = {"staff_id": staff_id, "sort": "leave", "first_day": first_day, "last_day": last_day}
    db.session.add(Absence(**facts, registered_at=now, registered_by=by.staff_id))
    until = last_day.isoformat() if last_day else None
    record("staff", staff_id, "leave", by=by, at=now, first_day=first_day.isoformat(), last_day=until)


def find(absence_id: int, people: Sequence[int]) -> Absence | None:
    """An absence of one of these people, locked."""
    query = sa.select(Absence).where(Absence.id == absence_id, Absence.staff_id.in_(people)).with_for_update()
    return db.session.scalar(query.execution_options(populate_existing=True))


def end(away: Absence, *, by: Actor, now: datetime) -> bool:
    """The person is back, or does not go after all; False when it had ended."""
    if away.ended_at is not None:
        return False
    away.ended_at = now
    record("staff", away.staff_id, "leave_ended", by=by, at=now, first_day=away.first_day.isoformat())
    return True


def take_back(away: Absence, staff: Staff, now: datetime) -> int:
    """Give this person the cases again that the absence took and that nobody has taken since; returns how many."""
    theirs = sa.select(Case).join(CoveredCase, CoveredCase.case_id == Case.id)
    theirs = theirs.where(CoveredCase.absence_id == away.id, *_LEFT, scope.handled_by(staff)).order_by(Case.id)
    locked = theirs.limit(MOST).with_for_update(of=Case).execution_options(populate_existing=True)
    cases = db.session.scalars(locked).all()
    for case in cases:
        lifecycle.assign(case, to=staff, by=staff.as_actor(), now=now)
    return len(cases)


_LEFT = (Case.assignee_id.is_(None), Case.status.in_(OPEN))


def _moved(which: sa.ColumnElement[bool]) -> sa.ScalarSelect[Any]:
    cases = sa.select(sa.func.count()).select_from(CoveredCase).join(Case, Case.id == CoveredCase.case_id)
    return cases.where(CoveredCase.absence_id == Absence.id, which).correlate(Absence).scalar_subquery()


def _lines() -> sa.Select[Any]:
    columns = (Absence, Staff.name, _moved(sa.true()), _moved(sa.and_(*_LEFT)))
    return sa.select(*columns).join(Staff, Staff.id == Absence.staff_id)
