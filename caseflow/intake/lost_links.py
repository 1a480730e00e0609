"""The link to the own page, sent again to who has lost it.

Whether an address is known is told to nobody: the page writes the request down, whatever the address, and says the
same; a worker looks for cases later, and only a mailbox learns what it found. Asking is as slow as guessing a password.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from caseflow import broker
from caseflow.accounts import throttle
from caseflow.audit import SYSTEM, record
from caseflow.cases import notices
from caseflow.cases.models import Case
from caseflow.database import Model, after_commit, db, unit_of_work

# At most so many cases, the open ones and the newest first; ended ones for a year.
MOST = 5
REMEMBERED = timedelta(days=365)


class LinkRequest(Model):
    """Somebody asked; gone as soon as a worker has looked."""

    __tablename__ = "link_request"

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), primary_key=True)
    email: Mapped[str]
    at: Mapped[datetime] = mapped_column(sa.DateTime(timezone=True))


def ask(email: str, place: str, *, now: datetime) -> None:
    """Write the request down, unless this address or this place has asked too often."""
    counters = throttle.lock(throttle.asking(f"own page {email.lower()}", place), now)
    if throttle.wait(counters, now) is not None:
        return
    throttle.count(counters, now)
    db.session.add(LinkRequest(email=email, at=now))
    after_commit(lambda: broker.ring("send_links"))


def send(now: datetime) -> None:
    """Answer all requests, each in a unit of work of its own; two workers never answer the same one."""
    while _answer_one(now):
        pass


def _answer_one(now: datetime) -> bool:
    with unit_of_work() as session:
        first = sa.select(LinkRequest).order_by(LinkRequest.id).limit(1).with_for_update(skip_locked=True)
        request = session.scalar(first)
        if request is None:
            return False
        for case in session.scalars(_cases(request.email, now)).all():
            notices.link_again(case, now=now)
            record("case", case.id, "link", by=SYSTEM, at=now)
        session.delete(request)
        return True


def _cases(email: str, now: datetime) -> sa.Select[tuple[Case]]:
    """Those that the address belongs to; whoever typed it in other letters is the same person."""
    mine = Case.email.in_({email, email.lower()})
    recent = sa.or_(Case.closed_at.is_(None), Case.closed_at > now - REMEMBERED)
    return sa.select(Case).where(mine, recent).order_by(Case.status == "closed", Case.id.desc()).limit(MOST)
