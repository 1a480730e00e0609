"""A resident has taken the case back: what was on its way is stopped, and its caseworker is told."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from flask import current_app
from flask_babel import lazy_gettext as _l

from caseflow.accounts.models import Staff
from caseflow.cases.models import Case
from caseflow.database import db
from caseflow.messages import fate, staff_mail
from caseflow.messages.models import Message

_IN_HOUSE = sa.and_(Message.status == "accepted", Message.channel.in_(("phone", "letter")), Message.batch_id.is_(None))


def tell(case: Case, *, now: datetime) -> None:
    """Nobody calls, writes or goes out in vain. The mail says where to read why, and not what it was about."""
    waiting = sa.select(Message).where(Message.case_id == case.id, sa.or_(Message.status == "queued", _IN_HOUSE))
    for message in db.session.scalars(waiting.order_by(Message.id).with_for_update()):
        fate.cancel(message)
    caseworker = db.session.get(Staff, case.assignee_id) if case.assignee_id else None
    if caseworker is not None and caseworker.active:
        staff_mail.put(
            caseworker,
            purpose="withdrawal",
            subject=_l("Case %(number)s was taken back", number=case.number),
            body=_l(
                "The resident has taken back case %(number)s. You need do nothing more.",
                number=case.number,
            ),
            link=f"{current_app.config['BASE_URL']}/staff/cases/{case.number}",
            now=now,
        )
