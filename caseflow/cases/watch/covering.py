"""Nothing waits for somebody who is away: their open cases go back to the department, at the start of a leave and when
somebody has not been seen while residents waited."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from caseflow import clock
from caseflow.accounts.models import Staff, StaffSession
from caseflow.audit import SYSTEM, Event
from caseflow.cases import lifecycle
from caseflow.cases.deadlines import Calendar
from caseflow.cases.models import Case, Municipality
from caseflow.cases.screen import timeline
from caseflow.cases.triage.lookup import Lookup
from caseflow.cases.watch.absence import Absence, goes_on
from caseflow.cases.watch.watch_rules import WatchRules
from caseflow.database import db, unit_of_work
from caseflow.messages.models import Pulse
from caseflow.workdays import add_working_days

# Cases of one transaction, and of one run; the next run takes the rest.
CHUNK, MOST = 50, 500
LOOKED = "idle"  # when was looked last for who is gone


def cover(now: datetime) -> None:
    """See who is back and who is gone, and give the cases of who is away to the department. Twice does nothing new."""
    municipality = db.session.get(Municipality, 1)
    db.session.rollback()
    if municipality is None:
        return
    calendar, rules = Calendar.of(municipality), WatchRules.of(municipality)
    _welcome_back(now)
    morning = rules.working_morning(now, calendar)
    if morning and rules.idle_days:
        _look_who_is_gone(morning, rules, calendar, now)
    today = clock.today(now, municipality.zone)
    left = MOST
    for absence_id in _to_cover(today):
        while left > 0 and (moved := _give_back(absence_id, today, now)):
            left -= moved


def _welcome_back(now: datetime) -> None:
    """Who was missed and has come in again is no longer away."""
    with unit_of_work() as session:
        missed = sa.select(Absence).where(Absence.sort == "idle", Absence.ended_at.is_(None))
        for one in session.scalars(missed.with_for_update(skip_locked=True)):
            if _seen(one.staff_id, one.registered_at):
                one.ended_at = now


def _look_who_is_gone(today: date, rules: WatchRules, calendar: Calendar, now: datetime) -> None:
    """Once a morning, because what is counted are whole days."""
    with unit_of_work() as session:
        turn = insert(Pulse).values(name=LOOKED, at=now)
        early = Pulse.at < clock.midnight(today, calendar.zone)
        mine = turn.on_conflict_do_update(index_elements=["name"], set_={"at": now}, where=early).returning(Pulse.at)
        if session.scalar(mine) is None:
            return
        first_day = rules.idle_since(today, calendar)
        since = clock.midnight(first_day, calendar.zone)
        due = add_working_days(today, rules.idle_due_within, calendar.is_working_day)
        for staff_id in session.scalars(_not_seen(since, first_day)).all():
            if session.scalar(sa.select(_needed(staff_id, since, due))):
                facts = {"staff_id": staff_id, "sort": "idle", "first_day": first_day, "registered_at": now}
                session.execute(insert(Absence).values(**facts).on_conflict_do_nothing())


def _not_seen(since: datetime, first_day: date) -> sa.Select[tuple[int]]:
    """Open accounts that neither signed in nor acted since, and were not on leave meanwhile."""
    acted = sa.select(Event.staff_id).where(*_acts(since), Event.staff_id.is_not(None))
    came = sa.select(StaffSession.staff_id).where(StaffSession.began_at >= since)
    lately = sa.or_(Absence.last_day.is_(None), Absence.last_day >= first_day)
    still = sa.or_(Absence.ended_at.is_(None), Absence.ended_at >= since)
    away = sa.select(Absence.staff_id).where(lately, still)
    working = sa.select(Staff.id).where(Staff.active, sa.not_(Staff.demo))
    return working.where(*(Staff.id.not_in(ids) for ids in (acted, came, away))).order_by(Staff.id)


def _needed(staff_id: int, since: datetime, due: date) -> sa.ColumnElement[bool]:
    """Whether a case that was theirs all the time is due, or its resident has waited as long."""
    given = sa.exists().where(Event.subject == "case", Event.subject_id == Case.id, Event.verb == "assign")
    theirs = sa.exists().where(Case.assignee_id == staff_id, Case.status.in_(("new", "in_progress")))
    waited = sa.exists().where(Lookup.case_id == Case.id, Lookup.waiting_since < since)
    return theirs.where(~given.where(Event.at >= since), sa.or_(Case.due_on <= due, waited))


def _seen(staff_id: int, since: datetime) -> bool:
    came = sa.exists().where(StaffSession.staff_id == staff_id, StaffSession.began_at >= since)
    acted = sa.exists().where(*_acts(since), Event.staff_id == staff_id)
    return bool(db.session.scalar(sa.select(sa.or_(came, acted))))


def _acts(since: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    """What was done to cases since; by its verbs, because that is how the events' index begins."""
    return Event.subject == "case", Event.verb.in_(tuple(timeline.LINES)), Event.at >= since


def _to_cover(today: date) -> Sequence[int]:
    waiting = sa.select(Absence.id).where(goes_on(today), Absence.returned_at.is_(None)).order_by(Absence.id)
    found = db.session.scalars(waiting).all()
    db.session.rollback()
    return found


def _give_back(absence_id: int, today: date, now: datetime) -> int:
    """A chunk of the person's cases; when there are none left, that is written down. What is planned stays until it
    wakes. The absence is locked: of two clocks one moves the cases, and the other finds them moved.
    """
    with unit_of_work() as session:
        still = sa.select(Absence).where(Absence.id == absence_id, goes_on(today), Absence.returned_at.is_(None))
        away = session.scalar(still.with_for_update().execution_options(populate_existing=True))
        if away is None:
            return 0
        theirs = sa.select(Case).where(Case.assignee_id == away.staff_id)
        theirs = theirs.where(Case.status.in_(tuple(lifecycle.TRANSITIONS["cover"]))).order_by(Case.id).limit(CHUNK)
        cases = session.scalars(theirs.with_for_update().execution_options(populate_existing=True)).all()
        for case in cases:
            lifecycle.cover(case, away, by=SYSTEM, now=now)
        if not cases:
            away.returned_at = now
    return len(cases)
