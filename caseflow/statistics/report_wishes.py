"""Figures by mail: who wants which page of statistics each week or month, and the mail that tells it.

A mail holds what its reader may see when it is sent. A wish whose filter names a department that is closed to the
reader by then is ended, and the mail says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime

import sqlalchemy as sa
from flask import current_app, url_for
from flask_babel import force_locale
from flask_babel import gettext as _
from itsdangerous import BadData, URLSafeSerializer
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from caseflow import clock
from caseflow.accounts.models import Staff
from caseflow.accounts.permissions import May, may
from caseflow.cases.municipality import directory
from caseflow.cases.watch.morning_mail import reachable
from caseflow.database import Model, db, unit_of_work
from caseflow.messages import staff_mail
from caseflow.statistics import asked
from caseflow.statistics.definitions import FIGURES
from caseflow.statistics.groups import cells
from caseflow.statistics.report import Line, Report
from caseflow.statistics.wording import percent_in_words

RHYTHMS = ("week", "month")
MOST, LINES = 10, 30
HOUR = 7  # local, from which a mail may come
TOLD = ("received", "finished", "open", "overdue")


class ReportWish(Model):
    """One page of statistics, by its address, that a person wants by mail. `sent_for` is the first day of the week or
    month that the last mail came in; that of the wish itself at first."""

    __tablename__ = "report_wish"
    __table_args__ = (sa.CheckConstraint(f"rhythm IN {RHYTHMS}", name="rhythm"),)

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), primary_key=True)
    staff_id: Mapped[int] = mapped_column(sa.ForeignKey("staff.id", ondelete="CASCADE"), index=True)
    filter: Mapped[dict[str, str]] = mapped_column(JSONB)
    rhythm: Mapped[str]
    made_at: Mapped[datetime] = mapped_column(sa.DateTime(timezone=True))
    sent_for: Mapped[date]


def of(staff: Staff) -> Sequence[ReportWish]:
    return db.session.scalars(
        sa.select(ReportWish).where(ReportWish.staff_id == staff.id).order_by(ReportWish.id)
    ).all()


def add(staff: Staff, chosen: dict[str, str], rhythm: str, language: str, now: datetime) -> bool:
    """From the next week or month on, in the language that the person reads now; False when there are too many."""
    there = of(staff)
    if any(one.filter == chosen and one.rhythm == rhythm for one in there):
        return True
    if len(there) >= MOST:
        return False
    db.session.get_one(Staff, staff.id).language = language
    begun = first_day(rhythm, clock.today(now, directory.known().zone))
    db.session.add(ReportWish(staff_id=staff.id, filter=chosen, rhythm=rhythm, made_at=now, sent_for=begun))
    return True


def find(staff: Staff, wish_id: int) -> ReportWish | None:
    return db.session.scalar(sa.select(ReportWish).where(ReportWish.id == wish_id, ReportWish.staff_id == staff.id))


def sealed(token: str) -> ReportWish | None:
    """The wish that a mail's own link names."""
    try:
        wish_id = int(_seal().loads(token))
    except (BadData, TypeError, ValueError):
        return None
    return db.session.get(ReportWish, wish_id)


def first_day(rhythm: str, day: date) -> date:
    return clock.monday(day) if rhythm == "week" else day.replace(day=1)


def send(now: datetime) -> int:
    """Put the mails of a week or month that has begun, once; returns how many."""
    here = clock.local(now, directory.known().zone)
    firsts = {rhythm: first_day(rhythm, here.date()) for rhythm in RHYTHMS}
    due = sa.or_(*(sa.and_(ReportWish.rhythm == name, ReportWish.sent_for < day) for name, day in firsts.items()))
    wanted = sa.select(ReportWish.id, ReportWish.rhythm).join(Staff, Staff.id == ReportWish.staff_id)
    found = db.session.execute(wanted.where(due, reachable()).order_by(ReportWish.id)).tuples().all()
    db.session.rollback()
    return sum(_send(wish_id, firsts[rhythm], now) for wish_id, rhythm in found) if here.hour >= HOUR else 0


def _send(wish_id: int, first: date, now: datetime) -> bool:
    """The turn and the mail are one transaction."""
    with unit_of_work() as session:
        turn = sa.update(ReportWish).where(ReportWish.id == wish_id, ReportWish.sent_for < first)
        wish = session.scalar(turn.values(sent_for=first).returning(ReportWish))
        staff = wish and session.get_one(Staff, wish.staff_id, populate_existing=True)
        if not wish or not staff or not may(staff, May.SEE_STATISTICS):
            return False
        language = staff.language or directory.known().languages[0]
        with force_locale(language):
            found = asked.by(staff, wish.filter, language, now)
            open_to_them = found.form.validate()
            body = "\n\n".join(_said(found, wish) if open_to_them else _ended())
            subject = _subject(wish)
        if not open_to_them:
            session.delete(wish)
        link = _address("statistics.page", **wish.filter)
        staff_mail.put(staff, purpose="digest", subject=subject, body=body, link=link, now=now)
    return True


def _said(found: asked.Asked, wish: ReportWish) -> Iterator[str]:
    """The page as the person sees it now; of a place from where too few cases came this time, that it is so."""
    return _body(found.counted(), wish) if found.valid() else map(str, found.form.place.errors)


def _subject(wish: ReportWish) -> str:
    return _("The week's figures") if wish.rhythm == "week" else _("The month's figures")


def _body(report: Report, wish: ReportWish) -> Iterator[str]:
    """Numbers and names of departments; nothing about a single case."""
    yield " ".join([*report.sentences, *report.remarks])
    lines = report.tables["department"]
    yield report.dates + "\n" + "\n".join(map(_line, lines[:LINES]))
    stop = _address("report_wishes.end", token=_seal().dumps(wish.id))
    yield _("You no longer want this mail? End it here: %(link)s", link=stop)


def _line(line: Line) -> str:
    """ "Streets: 87 % answered in time · Came in 12 · …" """
    found = cells(line.group)
    share = found["in_time"].value
    parts = [f"{FIGURES[code].name} {found[code].value}" for code in TOLD]
    if share is not None:
        parts.insert(0, f"{FIGURES['in_time'].name} {percent_in_words(share)}")
    return f"{line.name}: {' · '.join(parts)}"


def _ended() -> Iterator[str]:
    yield _("What you asked for is no longer open to you, so this is the last of these mails. Choose anew if you like.")


def _seal() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt="report wish")


def _address(endpoint: str, **values: str) -> str:
    with current_app.test_request_context():
        path = url_for(endpoint, **values)  # type: ignore[arg-type]
    return f"{current_app.config['BASE_URL']}{path}"
