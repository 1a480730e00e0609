"""Before a promise breaks, whoever leads the department sees it: a mark, an event, a view, and one mail a morning."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _
from flask_babel import ngettext

from caseflow.accounts.models import Membership, Staff
from caseflow.accounts.permissions import PERMISSIONS, May, reaches
from caseflow.audit import SYSTEM, Event
from caseflow.cases import lifecycle, words
from caseflow.cases.deadlines import Calendar
from caseflow.cases.models import UNANSWERED, Case, Department, Kind, Municipality
from caseflow.cases.scope import within
from caseflow.cases.triage.queue_filter import ESCALATED
from caseflow.cases.watch.morning_mail import Later, MorningMail, first_today, queue_address, reachable
from caseflow.cases.watch.watch_rules import WatchRules
from caseflow.database import db, unit_of_work
from caseflow.messages import staff_mail

# Cases that one run escalates, at most, and lines of one mail.
MOST, LINES = 200, 30
LEADERS = tuple(role for role, acts in PERMISSIONS.items() if May.LEAD in acts)


def escalate(now: datetime) -> int:
    """Mark what is about to be late, on working days from the morning on; when all is marked, the morning's mails."""
    municipality = db.session.get(Municipality, 1)
    calendar = Calendar.of(municipality) if municipality else None
    rules = WatchRules.of(municipality) if municipality else None
    today = rules.working_morning(now, calendar) if rules and calendar else None
    ids = db.session.scalars(_pressing(*rules.horizons(today, calendar))).all() if rules and calendar and today else ()
    db.session.rollback()
    done = sum(_escalate(case_id, now) for case_id in ids)
    if today and len(ids) < MOST:
        _mail_all(today, now)
    return done


def _pressing(usual: date, by_kind: dict[str, date]) -> sa.Select[tuple[int]]:
    latest = max([usual, *by_kind.values()])
    horizon = sa.case(*((Case.kind_code == kind, day) for kind, day in by_kind.items()), else_=usual)
    found = sa.select(Case.id).where(UNANSWERED, Case.due_on <= latest)
    if by_kind:
        found = found.where(Case.due_on <= sa.cast(horizon, sa.Date))
    return found.order_by(Case.due_on, Case.id).limit(MOST)


def _escalate(case_id: int, now: datetime) -> bool:
    """One case in a transaction of its own; who acts on it just now may be answering it."""
    with unit_of_work() as session:
        still = sa.select(Case).where(Case.id == case_id, UNANSWERED).with_for_update(skip_locked=True)
        case = session.scalar(still.execution_options(populate_existing=True))
        if case is not None:
            lifecycle.escalate(case, by=SYSTEM, now=now)
    return case is not None


def coordinators() -> dict[int, set[str]]:
    """Who is told of which departments: those who lead one, and where nobody does, its coordinators of any level."""
    there = sa.select(Membership.staff_id, Membership.department_code).join(Staff, Staff.id == Membership.staff_id)
    leading = there.where(reachable(), Staff.role.in_(LEADERS), reaches("lead"))
    led = leading.with_only_columns(Membership.department_code)
    others = there.where(reachable(), Staff.role == "coordinator", Membership.department_code.not_in(led))
    found: dict[int, set[str]] = defaultdict(set)
    for staff_id, department in db.session.execute(leading.union(others)).tuples():
        found[staff_id].add(department)
    return found


def _mail_all(today: date, now: datetime) -> None:
    """One mail for each coordinator, in a transaction of its own, with all that came up since the last."""
    told = sa.select(MorningMail.staff_id).where(MorningMail.sort == "escalation", MorningMail.day == today)
    people = coordinators() if db.session.scalar(sa.select(Case.id).where(ESCALATED).limit(1)) else {}
    done = set(db.session.scalars(told)) if people else set()
    db.session.rollback()
    for staff_id in sorted(people.keys() - done):
        with unit_of_work() as session:
            last = sa.select(sa.func.max(MorningMail.at)).where(MorningMail.sort == "escalation")
            since = session.scalar(last.where(MorningMail.staff_id == staff_id))
            if not first_today(staff_id, "escalation", today, now):
                continue
            staff = session.get_one(Staff, staff_id)
            rows = session.execute(_new(people[staff_id], since).where(within(staff))).all()
            if rows:
                _put(staff, rows, today, now)


def _new(departments: set[str], since: datetime | None) -> sa.Select[Any]:
    """What is escalated there and has not been told, the first due first."""
    columns = (Case.number, Case.due_on, Kind.nouns, Kind.names, Department.names.label("department"))
    asked = sa.select(*columns, Department.secret, Case.assignee_id).select_from(Case).join(Kind).join(Department)
    asked = asked.where(ESCALATED, Case.department_code.in_(departments)).order_by(Case.due_on, Case.id)
    if since is not None:
        marked = sa.exists().where(Event.subject == "case", Event.subject_id == Case.id, Event.verb == "escalate")
        asked = asked.where(marked.where(Event.at > since))
    return asked


def _put(staff: Staff, rows: Sequence[sa.Row[Any]], today: date, now: datetime) -> None:
    count = len(rows)
    subject = Later(lambda: ngettext("%(num)d case is about to be late", "%(num)d cases are about to be late", count))
    body, link = Later(lambda: _body(rows, today)), queue_address("escalated")
    staff_mail.put(staff, purpose="escalation", subject=subject, body=body, link=link, now=now)


def _body(rows: Sequence[sa.Row[Any]], today: date) -> str:
    """Number, kind and day; of secret departments only how many. Nothing that a resident has written: see ADR."""
    named = [row for row in rows if not row.secret]
    lines = [line(row, today) for row in named[:LINES]]
    more, secret = len(named) - len(lines), len(rows) - len(named)
    if more:
        lines.append(ngettext("and %(num)d more", "and %(num)d more", more))
    if secret:
        lines.append(
            ngettext("%(num)d case in a department with secrecy", "%(num)d cases in departments with secrecy", secret)
        )
    intro = _("Nobody has answered yet, and the promise to the resident is about to break:")
    return intro + "\n\n" + "\n".join(lines)


def line(row: sa.Row[Any], today: date) -> str:
    """ "2026-10023 · Fault report · due tomorrow", in the language that is spoken."""
    kind = words.in_own_language(row.nouns or row.names)
    due = _("due %(when)s", when=words.due_in_words(row.due_on, today))
    return f"{row.number} · {kind} · {due}"
