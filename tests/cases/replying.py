"""A caseworker's answer on its way: written by the real verb, taken by the real outbox."""

from __future__ import annotations

import sqlalchemy as sa

from caseflow import clock
from caseflow.accounts.models import Staff
from caseflow.cases import lifecycle, scope
from caseflow.cases.delivery import deliveries
from caseflow.cases.models import Case
from caseflow.database import db, unit_of_work
from caseflow.messages.models import Message


def reply(case: Case, staff: Staff, channel: str, text: str = "Lampan lagas på måndag.\n\nTack!") -> Message:
    """Answer the case, and let the worker put the answer where its channel takes it."""
    with unit_of_work():
        found = scope.find_for_act(staff, case.number, None)
        assert found is not None
        lifecycle.reply(found, text, channel=channel, by=staff.as_actor(), now=clock.now())
    return _delivered(case)


def ask(case: Case, staff: Staff, channel: str, text: str = "Vilken lampa är det?") -> Message:
    """Ask the resident something, the same way."""
    with unit_of_work():
        found = scope.find_for_act(staff, case.number, None)
        assert found is not None
        lifecycle.ask(found, text, channel=channel, by=staff.as_actor(), now=clock.now())
    return _delivered(case)


def fresh(message: Message) -> Message:
    """The message as the database has it now."""
    return db.session.get_one(Message, message.id, populate_existing=True)


def _delivered(case: Case) -> Message:
    latest = sa.select(Message.id).where(Message.case_id == case.id).order_by(Message.id.desc()).limit(1)
    message_id = db.session.scalars(latest).one()
    deliveries.deliver(message_id)
    return db.session.get_one(Message, message_id, populate_existing=True)
