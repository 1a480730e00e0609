"""Messages to send: put by the real verbs, and looked at as the database has them."""

from __future__ import annotations

import uuid

import sqlalchemy as sa

from caseflow import clock
from caseflow.accounts.models import Staff
from caseflow.audit import Event
from caseflow.cases import lifecycle
from caseflow.cases.models import Case
from caseflow.database import db, unit_of_work
from caseflow.messages import outbox
from caseflow.messages.models import Attempt, Message


def reply(case: Case, clerk: Staff, channel: str = "email", text: str = "Lampan lagas på måndag.") -> Message:
    """An answer that is written and not yet delivered."""
    with unit_of_work():
        found = db.session.get_one(Case, case.id, with_for_update=True)
        entry = lifecycle.reply(found, text, channel=channel, by=clerk.as_actor(), now=clock.now())
    return db.session.scalars(sa.select(Message).where(Message.entry_id == entry.id)).one()


def many(case: Case, count: int, channel: str = "email") -> list[int]:
    """So many messages of one case, due now."""
    first = db.session.scalars(sa.select(Message).where(Message.case_id == case.id)).first()
    assert first is not None
    now = clock.now()
    with unit_of_work():
        messages = [
            outbox.put(
                Message(
                    case_id=case.id,
                    channel=channel,
                    purpose="receipt",
                    language="sv",
                    recipient={**first.recipient},
                    subject=f"Nummer {number}",
                    body=first.body,
                    frame={**first.frame},
                    header_id=f"<{uuid.uuid4()}@example.org>",
                    next_attempt_at=now,
                    created_at=now,
                )
            )
            for number in range(count)
        ]
    return [message.id for message in messages]


def fresh(message: Message) -> Message:
    """The message as the database has it now."""
    return db.session.get_one(Message, message.id, populate_existing=True)


def attempts(message: Message) -> list[tuple[int, str | None]]:
    """Each attempt's number and outcome, in order."""
    query = sa.select(Attempt.number, Attempt.outcome).where(Attempt.message_id == message.id)
    return [(number, outcome) for number, outcome in db.session.execute(query.order_by(Attempt.number))]


def case_status(case: Case) -> str:
    return db.session.scalars(sa.select(Case.status).where(Case.id == case.id)).one()


def events(case: Case, verb: str) -> list[Event]:
    """The case's events of this verb, oldest first."""
    query = sa.select(Event).where(Event.subject == "case", Event.subject_id == case.id, Event.verb == verb)
    return list(db.session.scalars(query.order_by(Event.id)))


def until_somebody_waits() -> None:
    """Until another session of the database waits for a lock."""
    query = sa.text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
    with db.engine.connect() as connection:
        for _ in range(500):
            if connection.execute(query).scalar():
                return
            connection.execute(sa.text("SELECT pg_stat_clear_snapshot(), pg_sleep(0.01)"))
    raise AssertionError("nobody waits")


def die_in_claim(message: Message) -> int:
    """Leave what a worker leaves that dies before it calls: its first transaction. Returns the attempt's number."""
    number = outbox._claim(message.id, clock.now(), outbox.LEASE, {})
    assert number is not None
    return number


def die_in_call(message: Message) -> int:
    """Leave what a worker leaves that dies while it calls: its first two transactions."""
    number = die_in_claim(message)
    assert outbox._begin_call(message.id, number, clock.now(), outbox.LEASE) is not None
    return number
