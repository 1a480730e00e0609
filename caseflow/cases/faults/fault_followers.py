"""Who follows a known fault: it is begun twice as once, told to nobody, and left at any time."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy.dialects.postgresql import insert

from caseflow.cases import codes
from caseflow.cases.faults import fault_news
from caseflow.cases.faults.known_fault import FaultFollower, FaultNews, KnownFault
from caseflow.cases.faults.known_faults import Fault
from caseflow.database import db
from caseflow.messages import outbox


def follow(fault: Fault, *, way: str, address: str, language: str, now: datetime) -> str:
    """Begin to follow by one of `known_fault.WAYS`; returns the code of the follower's own page.

    Who is new is told by the same way, with the way to leave: it may have been somebody else who wrote the address.
    """
    row = {"fault_id": fault.id, "way": way, "address": address, "code": codes.new(), "language": language, "at": now}
    new = insert(FaultFollower).values(**row).on_conflict_do_nothing().returning(FaultFollower)
    follower = db.session.scalar(new)
    if follower is None:
        same = (FaultFollower.fault_id == fault.id, FaultFollower.way == way, FaultFollower.address == address)
        return db.session.scalars(sa.select(FaultFollower.code).where(*same)).one()
    if way != "none":
        with force_locale(language):
            said = _("You follow it now: %(state)s We tell you when that changes.", state=fault.said)
            outbox.put(fault_news.compose(follower, db.session.get_one(KnownFault, fault.id), said, now=now))
    return follower.code


def leave(code: str) -> bool:
    """Whoever has the code is told nothing more, and what we knew of them is erased; False when they had left."""
    gone = sa.delete(FaultFollower).where(FaultFollower.code == code).returning(FaultFollower.id)
    return db.session.scalar(gone.execution_options(synchronize_session=False)) is not None


def followed(code: str) -> tuple[FaultFollower, KnownFault, list[FaultNews]] | None:
    """What the code's owner follows, and what has become of it, the newest first; nothing of what became secret."""
    query = sa.select(FaultFollower, KnownFault).join(KnownFault, KnownFault.id == FaultFollower.fault_id)
    found = db.session.execute(query.where(FaultFollower.code == code)).one_or_none()
    if found is None:
        return None
    follower, fault = found
    news = sa.select(FaultNews).where(FaultNews.fault_id == fault.id).order_by(FaultNews.id.desc())
    told = db.session.scalars(news).all() if fault_news.may_tell(fault) else []
    return follower, fault, list(told)
