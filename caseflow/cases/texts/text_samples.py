"""The fixed texts around a made-up case, through the code that makes the real messages; nothing is stored or sent."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa
from flask_babel import force_locale
from flask_babel import gettext as _

from caseflow import clock
from caseflow.accounts.models import Staff
from caseflow.cases import announcements
from caseflow.cases.models import Case, Department, Entry, Municipality
from caseflow.database import db
from caseflow.messages.models import Message

# In the order of the page; `secret` is an answer of a department whose content never goes by mail.
SORTS = ("receipt", "reply", "secret", "sms", "letter")
CHANNEL = {"sms": "sms", "letter": "letter"}  # the others are mails


def message(sort: str, language: str, *, by: Staff, now: datetime) -> Message | None:
    """One of SORTS as a resident would get it. None: no department is secret."""
    department = _department(secret=sort == "secret")
    if department is None:
        return None
    with force_locale(language), db.session.no_autoflush:
        case = _case(department, language, now)
        answer = Entry(
            author_id=by.id, text=_("The street light will be repaired on Monday. Thank you for telling us.")
        )
        channel, purpose = CHANNEL.get(sort, "email"), {"receipt": "receipt", "sms": "notice"}.get(sort, "reply")
        entry = None if sort in ("receipt", "sms") else answer
        return announcements.compose(case, entry, channel=channel, purpose=purpose, now=now)


def _case(department: Department, language: str, now: datetime) -> Case:
    """Nobody's case: no real one has this number or code."""
    today = clock.today(now, db.session.get_one(Municipality, 1).zone)
    return Case(
        number=f"{today.year}-00000",
        code="0" * 28,
        department_code=department.code,
        subject=_("The street light is out"),
        language=language,
        reply_by="email",
        name="Kim Exempel",
        email="kim@example.org",
        phone="+46701740605",
        street="Storgatan 1",
        postcode="61280",
        town="Exempel",
        due_on=today + timedelta(days=14),
    )


def _department(*, secret: bool) -> Department | None:
    first = sa.select(Department).where(Department.secret == secret, Department.external.is_(False))
    return db.session.scalars(first.order_by(Department.position).limit(1)).first()
