"""The queue as a file that Swedish Excel opens by a double click: UTF-8 with BOM, semicolons, no formulas."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import date, datetime
from io import StringIO

import sqlalchemy as sa
from flask_babel import gettext as _

from caseflow import clock
from caseflow.accounts.models import Staff
from caseflow.audit import Actor, record
from caseflow.cases import questions, queue, words
from caseflow.cases.models import Case
from caseflow.cases.queue_choices import Choices
from caseflow.cases.queue_filter import Filter
from caseflow.database import db
from caseflow.language import current

MOST = 50_000
AT_ONCE = 500
# What is searched for may be a name or an address: the event only says that something was.
NAMING = ("text", "place")
BOM = "\ufeff"
# What a spreadsheet takes for the beginning of a formula (OWASP, CSV injection), also behind blanks.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def count(staff: Staff, chosen: Filter, today: date) -> int:
    """How many cases the filter holds, one more than MOST at most."""
    some = queue.query(staff, chosen, today).with_only_columns(Case.id).order_by(None).limit(MOST + 1).subquery()
    return db.session.scalar(sa.select(sa.func.count()).select_from(some)) or 0


def note(staff: Staff, chosen: Filter, rows: int, *, by: Actor, now: datetime) -> None:
    """The event of an export: filter and number of rows."""
    told = {**chosen.without(*NAMING), **{name: "*" for name in NAMING if getattr(chosen, name)}}
    record("staff", staff.id, "exported", by=by, at=now, filter=told, rows=min(rows, MOST), cut=rows > MOST)


def lines(staff: Staff, chosen: Filter, today: date, names: Choices, rows: int) -> Iterator[str]:
    """The file line by line in the order of the list, read from the database a little at a time.

    Where the list is longer than MOST, the last line says so.
    """
    query = queue.query(staff, chosen, today).add_columns(
        Case.category_code, Case.language, Case.source, Case.place, Case.answers
    )
    yield BOM + _line(_header())
    for row in db.session.execute(query.limit(MOST), execution_options={"yield_per": AT_ONCE}):
        yield _line(_cells(row, names))
    if rows > MOST:
        yield _line((_("Only the first %(num)s cases are in this file. Narrow the filter.", num=MOST),))


def _header() -> tuple[str, ...]:
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


def _cells(row: sa.Row[tuple[object, ...]], names: Choices) -> tuple[str, ...]:
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
        row.due_on.isoformat(),
        _moment(row.answered_at),
        _moment(row.closed_at),
        _("Yes") if row.undelivered else "",
        row.place or "",
        "; ".join(f"{asked}: {answer}" for asked, answer in questions.told(row.answers, current())),
    )


def _moment(at: datetime | None) -> str:
    return clock.local(at).strftime("%Y-%m-%d %H:%M") if at else ""


def _line(cells: tuple[str, ...]) -> str:
    buffer = StringIO()
    csv.writer(buffer, delimiter=";").writerow([_safe(cell) for cell in cells])
    return buffer.getvalue()


def _safe(cell: str) -> str:
    return f"'{cell}" if cell.lstrip(" \u00a0").startswith(FORMULA) else cell
