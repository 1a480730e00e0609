"""The queue as a file: what each row tells, and that somebody took it out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime

import sqlalchemy as sa
from flask_babel import gettext as _

from caseflow import clock
from caseflow.accounts.models import Staff
from caseflow.audit import Actor, record
from caseflow.cases import questions, words
from caseflow.cases.files.spreadsheet import BOM, Cell, csv_line
from caseflow.cases.models import Case
from caseflow.cases.municipality import directory
from caseflow.cases.triage import queue
from caseflow.cases.triage.queue_choices import Choices
from caseflow.cases.triage.queue_filter import Filter
from caseflow.database import db
from caseflow.language import current

MOST = 200_000
# Up to so many go out at once; more are gathered by a worker (exports.py).
SHORT = 5_000
AT_ONCE = 500
# What is searched for may be a name or an address: the event only says that something was.
NAMING = ("text", "place")
# `place` is what the list calls the key of its order.
BESIDES = (Case.category_code, Case.language, Case.source, Case.place.label("about"), Case.answers)


def count(staff: Staff, chosen: Filter, today: date) -> int:
    """How many cases the filter holds, one more than MOST at most."""
    some = queue.query(staff, chosen, today).with_only_columns(Case.id).order_by(None).limit(MOST + 1).subquery()
    return db.session.scalar(sa.select(sa.func.count()).select_from(some)) or 0


def note(staff: Staff, chosen: Filter, rows: int, *, by: Actor, now: datetime) -> None:
    """The event of an export: filter and number of rows."""
    told = {**chosen.without(*NAMING), **{name: "*" for name in NAMING if getattr(chosen, name)}}
    record("staff", staff.id, "exported", by=by, at=now, filter=told, rows=min(rows, MOST), cut=rows > MOST)


def lines(staff: Staff, chosen: Filter, today: date, names: Choices, rows: int) -> Iterator[str]:
    """The CSV file line by line in the order of the list, read from the database a little at a time.

    Where the list is longer than MOST, the last line says so.
    """
    yield BOM + csv_line(header())
    for row in table(staff, chosen, today, names):
        yield csv_line(row)
    if rows > MOST:
        yield csv_line((too_many(),))


def table(staff: Staff, chosen: Filter, today: date, names: Choices) -> Iterator[Sequence[Cell]]:
    """The rows in the order of the list."""
    query = queue.query(staff, chosen, today).add_columns(*BESIDES)
    for row in db.session.execute(query.limit(MOST), execution_options={"yield_per": AT_ONCE}):
        yield cells(row, names)


def ids(staff: Staff, chosen: Filter, today: date) -> Sequence[int]:
    """All cases of the list in its order."""
    return db.session.scalars(queue.query(staff, chosen, today).with_only_columns(Case.id).limit(MOST)).all()


def some(staff: Staff, case_ids: Sequence[int], today: date, names: Choices) -> list[Sequence[Cell]]:
    """The rows of these cases in this order: those that the person may still see."""
    query = queue.query(staff, Filter(status="all"), today).add_columns(*BESIDES).order_by(None)
    found = {row.id: row for row in db.session.execute(query.where(Case.id.in_(case_ids)))}
    return [cells(found[case_id], names) for case_id in case_ids if case_id in found]


def too_many() -> str:
    return _("Only the first %(num)s cases are in this file. Narrow the filter.", num=MOST)


def header() -> tuple[str, ...]:
    return (
        _("Number"),
        _("Subject"),
        _("Kind"),
        _("Department"),
        _("Category"),
        _("Status"),
        _("Priority"),
        _("Assignee"),
        _("Reply by"),
        _("Came in by"),
        _("Language"),
        _("Received"),
        _("Due"),
        _("Answered"),
        _("Closed"),
        _("Not delivered"),
        _("Place"),
        _("Asked besides"),
    )


def cells(row: sa.Row[tuple[object, ...]], names: Choices) -> tuple[Cell, ...]:
    return (
        row.number,
        row.subject,
        names.kinds.get(row.kind_code, row.kind_code),
        names.departments.get(row.department_code, row.department_code),
        names.categories.get(row.category_code or "", ""),
        str(words.STATUS[row.status]),
        str(words.PRIORITY_SHORT[row.priority]),
        row.assignee or "",
        str(words.CHANNEL[row.reply_by]),
        str(words.SOURCE[row.source]),
        row.language,
        _moment(row.received_at),
        row.due_on,
        _moment(row.answered_at),
        _moment(row.closed_at),
        _("Yes") if row.undelivered else "",
        row.about or "",
        "; ".join(f"{asked}: {answer}" for asked, answer in questions.told(row.answers, current())),
    )


def _moment(at: datetime | None) -> datetime | None:
    """Local, to the minute and without its zone, as spreadsheets have times."""
    return clock.local(at, directory.known().zone).replace(tzinfo=None, second=0, microsecond=0) if at else None
