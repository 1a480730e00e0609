"""What is done to accounts. Each act is one event with before and after, and none takes away the last administrator.

Cases never stay with somebody who cannot act on them any more: they go back to their department.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from caseflow.accounts import factors, invitations, journal, links, notices, passwords, sessions
from caseflow.accounts.actors import Actor
from caseflow.accounts.commands import add_staff
from caseflow.accounts.models import Membership, Staff
from caseflow.accounts.permissions import ASSIGNABLE, reaches
from caseflow.cases import lifecycle, scope
from caseflow.cases.models import Case
from caseflow.cases.municipality import directory
from caseflow.database import LAST_ID, db

ADMINISTRATOR = "administrator"


class Taken(ValueError):
    """The address has an account already."""


class LastAdministrator(ValueError):
    """Nobody would be left who can open accounts."""


class OwnRights(ValueError):
    """Nobody decides on their own role, departments or account."""


@dataclass(frozen=True)
class Facts:
    """An account as its form says it: `levels` by department, `language` empty for the municipality's."""

    name: str
    email: str
    role: str
    language: str | None
    levels: Mapping[str, str]
    protected: bool = False

    @classmethod
    def of(cls, staff: Staff) -> Facts:
        """As it is now. The levels are read anew: the row may have been loaded before somebody changed them."""
        query = sa.select(Membership.department_code, Membership.level).where(Membership.staff_id == staff.id)
        levels = dict(db.session.execute(query).tuples().all())
        return cls(staff.name, staff.email, staff.role, staff.language, levels, staff.sees_protected)

    def told(self) -> dict[str, object]:
        """As an event keeps it."""
        facts = {"name": self.name, "email": self.email, "role": self.role, "language": self.language or ""}
        named = {"protected": True} if self.protected else {}
        return {**facts, "departments": dict(sorted(self.levels.items())), **named}


def find(staff_id: int, *, for_act: bool = False) -> Staff | None:
    """An account. `for_act` locks it, after all administrators': two of them cannot close each other."""
    if staff_id > LAST_ID:
        return None
    if for_act:
        db.session.execute(sa.select(Staff.id).where(Staff.role == ADMINISTRATOR).order_by(Staff.id).with_for_update())
    query = sa.select(Staff).where(Staff.id == staff_id)
    if for_act:
        query = query.with_for_update().execution_options(populate_existing=True)
    return db.session.scalar(query)


def add(facts: Facts, *, by: Actor, now: datetime) -> Staff:
    """A new account, with an invitation by mail. Raises `Taken`."""
    _free(facts.email)
    staff = add_staff(
        email=facts.email,
        name=facts.name,
        role=facts.role,
        levels=facts.levels,
        hashed_password=passwords.unknown(),
    )
    staff.language, staff.sees_protected = facts.language, facts.protected
    journal.record("account_opened", staff.id, by=by, at=now, after=facts.told())
    invitations.invite(staff, by=by, now=now)
    return staff


def change(staff: Staff, facts: Facts, *, by: Actor, now: datetime) -> int | None:
    """Make the account what the form says; how many cases went back to their departments. None: nothing has changed.

    Raises `Taken`, `OwnRights`, `LastAdministrator`.
    """
    before, after = Facts.of(staff).told(), facts.told()
    changed = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    if not changed:
        return None
    if by.staff_id == staff.id and {"role", "departments", "protected"} & {*changed}:
        raise OwnRights
    if before["role"] == ADMINISTRATOR != after["role"]:
        _spare(staff)
    if "email" in changed:
        _free(facts.email)
        links.end_all(staff, now)
    staff.name, staff.email, staff.role, staff.language = facts.name, facts.email, facts.role, facts.language
    staff.sees_protected = facts.protected
    _set_levels(staff, facts.levels)
    told = {side: {name: facts.get(name) for name in changed} for side, facts in (("before", before), ("after", after))}
    journal.record("account_changed", staff.id, by=by, at=now, **told)
    return _give_back(staff, by=by, now=now)


def close(staff: Staff, *, by: Actor, now: datetime) -> int | None:
    """Nobody signs in with it any more; how many cases went back to their departments. None: it was closed already.

    Raises `OwnRights`, `LastAdministrator`.
    """
    if not staff.active:
        return None
    if by.staff_id == staff.id:
        raise OwnRights
    if staff.role == ADMINISTRATOR:
        _spare(staff)
    staff.active = False
    sessions.end_all(staff, now)
    links.end_all(staff, now)
    given_back = _give_back(staff, by=by, now=now)
    journal.record("account_closed", staff.id, by=by, at=now, cases=given_back)
    return given_back


def open_again(staff: Staff, *, by: Actor, now: datetime) -> bool:
    """The account signs in again, with the rights and the password that it had; False when it was open."""
    if staff.active:
        return False
    staff.active = True
    journal.record("account_reopened", staff.id, by=by, at=now)
    return True


def end_sessions(staff: Staff, *, by: Actor, now: datetime) -> None:
    """Out of every browser at once."""
    sessions.end_all(staff, now)
    journal.record("sessions_ended", staff.id, by=by, at=now)


def reset_steps(staff: Staff, *, by: Actor, now: datetime) -> bool:
    """The person has lost telephone or key: the password alone, out of every browser, and a mail that says so.

    False when there was no second step. Raises `OwnRights`: one's own are changed on one's own page.
    """
    if by.staff_id == staff.id:
        raise OwnRights
    if not factors.has_any(staff):
        return False
    factors.reset(staff, by=by, now=now)
    sessions.end_all(staff, now)
    notices.second_step_reset(staff, now)
    return True


def _free(email: str) -> None:
    if db.session.scalar(sa.select(Staff.id).where(Staff.email == email)) is not None:
        raise Taken


def _spare(staff: Staff) -> None:
    """A demonstration account keeps nobody in charge of a real house."""
    others = sa.select(sa.func.count()).where(Staff.role == ADMINISTRATOR, Staff.active, Staff.id != staff.id)
    if not db.session.scalar(others if staff.demo else others.where(~Staff.demo)):
        raise LastAdministrator


def _set_levels(staff: Staff, levels: Mapping[str, str]) -> None:
    db.session.execute(sa.delete(Membership).where(Membership.staff_id == staff.id))
    db.session.expire(staff, ["levels"])
    rows = [{"staff_id": staff.id, "department_code": code, "level": level} for code, level in levels.items()]
    if rows:
        db.session.execute(sa.insert(Membership), rows)


def _give_back(staff: Staff, *, by: Actor, now: datetime) -> int:
    """The cases that the person holds and cannot act on any more."""
    theirs = sa.select(Case).where(Case.assignee_id == staff.id)
    theirs = theirs.where(Case.status.in_(tuple(lifecycle.TRANSITIONS["release"]))).order_by(Case.id).with_for_update()
    if staff.active and staff.role in ASSIGNABLE:
        theirs = theirs.where(sa.not_(scope.handled_by(staff)))
    cases = db.session.scalars(theirs.execution_options(populate_existing=True)).all()
    for case in cases:
        lifecycle.release(case, by=by, now=now)
    return len(cases)


def without_anybody_for_protected() -> list[str]:
    """The departments with staff of which nobody reaches a resident with protected personal data."""
    works = sa.and_(Staff.active, Staff.role.in_(ASSIGNABLE), reaches("handle"))
    reached = sa.func.bool_or(directory.open_to_member(Case(protected=True)))
    query = sa.select(Membership.department_code).join(Staff, Staff.id == Membership.staff_id).where(works)
    query = query.group_by(Membership.department_code).having(~reached).order_by(Membership.department_code)
    return list(db.session.scalars(query))
