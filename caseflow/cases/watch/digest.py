"""The day's work by mail, to those who want it, at their hour of working days: one mail a person and day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.dialects.postgresql import insert

from caseflow import clock
from caseflow.accounts.models import Staff
from caseflow.accounts.permissions import May, may
from caseflow.cases.deadlines import Calendar
from caseflow.cases.models import OPEN, Case, Department, Kind, Municipality
from caseflow.cases.scope import within
from caseflow.cases.triage import queue
from caseflow.cases.watch import escalation
from caseflow.cases.watch.morning_mail import DigestWish, Later, MorningMail, first_today, queue_address, reachable
from caseflow.database import db, unit_of_work
from caseflow.messages import staff_mail

LINES = 20


@dataclass(frozen=True)
class Digest:
    """What a day's mail tells: `due` are the person's own cases due today or before, the rest are counts."""

    due: Sequence[sa.Row[Any]]
    planned: int
    unassigned: int
    escalated: int
    undelivered: int

    def __bool__(self) -> bool:
        return bool(self.due or self.planned or self.unassigned or self.escalated or self.undelivered)


def send(now: datetime) -> int:
    """Put the mails whose hour has come, also hours late; returns how many. A second run finds none."""
    municipality = db.session.get(Municipality, 1)
    calendar = Calendar.of(municipality) if municipality else None
    here = clock.local(now, calendar.zone) if calendar else None
    works = here and calendar and calendar.is_working_day(here.date())
    people = db.session.scalars(_waiting(here)).all() if here and works else ()
    db.session.rollback()
    return sum(_send(staff_id, here.date(), now) for staff_id in people if here)


def wish(staff: Staff) -> int | None:
    """The hour at which the person wants it; None: never."""
    return db.session.scalar(sa.select(DigestWish.hour).where(DigestWish.staff_id == staff.id))


def choose(staff: Staff, hour: int | None, language: str) -> None:
    """From now on at this hour, or never; in the language that the person reads now."""
    db.session.get_one(Staff, staff.id).language = language
    if hour is None:
        db.session.execute(sa.delete(DigestWish).where(DigestWish.staff_id == staff.id))
        return
    chosen = insert(DigestWish).values(staff_id=staff.id, hour=hour)
    db.session.execute(chosen.on_conflict_do_update(index_elements=["staff_id"], set_={"hour": hour}))


def gather(staff: Staff, today: date, now: datetime) -> Digest:
    """All that the mail tells, within what the person may see at this moment."""
    counts, sees = queue.counts(staff, today), may(staff, May.SEE_CASES)
    columns = (Case.number, Case.due_on, Kind.nouns, Kind.names, Department.secret)
    mine = (within(staff), Case.assignee_id == staff.id, Case.status.in_(OPEN))
    due = sa.select(*columns).select_from(Case).join(Kind).join(Department)
    planned = sa.select(sa.func.count()).select_from(Case).where(*mine, Case.planned_for.is_not(None))
    return Digest(
        due=db.session.execute(due.where(*mine, Case.due_on <= today).order_by(Case.due_on, Case.id)).all(),
        planned=db.session.scalars(planned).one(),
        unassigned=counts["unassigned"] if may(staff, May.HANDLE_CASES) else 0,
        escalated=counts["escalated"],
        undelivered=queue.worklists(staff, now)["deliveries"] if sees else 0,
    )


def _waiting(here: datetime) -> sa.Select[tuple[int]]:
    done = sa.exists().where(MorningMail.staff_id == Staff.id, MorningMail.sort == "digest")
    wanted = sa.select(Staff.id).join(DigestWish, DigestWish.staff_id == Staff.id)
    return wanted.where(reachable(), DigestWish.hour <= here.hour, ~done.where(MorningMail.day == here.date()))


def _send(staff_id: int, today: date, now: datetime) -> bool:
    """The turn and the mail are one transaction: whatever is killed when, there is one mail or none yet."""
    with unit_of_work() as session:
        if not first_today(staff_id, "digest", today, now):
            return False
        staff = session.get_one(Staff, staff_id)
        found = gather(staff, today, now)
        if found:
            subject, body = Later(lambda: _("Your day")), Later(lambda: _body(found, today))
            staff_mail.put(staff, purpose="digest", subject=subject, body=body, link=queue_address("mine"), now=now)
    return bool(found)


def _body(found: Digest, today: date) -> str:
    """Numbers, kinds and days; of secret departments only how many. Nothing that a resident has written: see ADR."""
    named = [row for row in found.due if not row.secret]
    lines = [escalation.line(row, today) for row in named[:LINES]]
    more = len(found.due) - len(lines)
    if more and lines:
        lines.append(ngettext("and %(num)d more", "and %(num)d more", more))
    yours = ngettext(
        "%(num)d case of yours is due today or late:", "%(num)d cases of yours are due today or late:", len(found.due)
    )
    parts = ["\n".join([yours if lines else yours.rstrip(":") + ".", *lines])] if found.due else []
    return "\n\n".join([*parts, "\n".join(_counts(found))]).strip()


def _counts(found: Digest) -> list[str]:
    said = (
        (found.planned, ngettext("%(num)d was planned for now", "%(num)d were planned for now", found.planned)),
        (found.unassigned, ngettext("%(num)d case has nobody yet", "%(num)d cases have nobody yet", found.unassigned)),
        (found.escalated, ngettext("%(num)d case is escalated", "%(num)d cases are escalated", found.escalated)),
        (
            found.undelivered,
            ngettext("%(num)d delivery did not arrive", "%(num)d deliveries did not arrive", found.undelivered),
        ),
    )
    return [words for number, words in said if number]
