"""The replies that wait: written by the verbs that the staff's pages call, by every channel; and asked after."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection
from datetime import timedelta
from typing import TypeVar

import sqlalchemy as sa
from flask import current_app

from caseflow import ROOT, broker, clock
from caseflow.accounts.models import Membership, Staff
from caseflow.audit import RESIDENT
from caseflow.cases import lifecycle
from caseflow.cases.models import Case, Entry
from caseflow.cases.municipality import configuration
from caseflow.database import db, unit_of_work
from caseflow.messages.models import Message

IN_HAND = ("claimed", "calling")
UNFINISHED = ("queued", *IN_HAND)
BATCH = 50
# Of twenty replies so many go by mail; the others are calls, SMS and letters.
CHANNELS = ("email",) * 16 + ("phone", "sms", "phone", "letter")
CONTACT: dict[str, dict[str, str]] = {
    "email": {"email": "rut+{number}@example.org"},
    "phone": {"phone": "+46700{number:06d}"},
    "sms": {"phone": "+46700{number:06d}"},
    "letter": {"street": "Skolgatan {number}", "postcode": "61232", "town": "Finspång"},
}
# Drawing it takes far more memory than a worker's process is given (`havoc.MEMORY`), so that it dies at each try.
POISON = 'Lampan är "släckt" (igen).\n\n' * 200_000
Found = TypeVar("Found")


class Writer:
    """Somebody who answers; numbers what is answered, from 0 on. `written` are the messages that were confirmed."""

    def __init__(self) -> None:
        with unit_of_work() as session:
            configuration.load(configuration.read(ROOT / "caseflow" / "demo" / "finspang.yaml"))
            self._clerk = Staff(email="writer@example.org", name="Skriver Snabbt", role="caseworker", password="-")
            session.add(self._clerk)
            session.flush()
            session.add(Membership(staff_id=self._clerk.id, department_code="sb", level="handle"))
        self._number = 0
        self.written: set[int] = set()
        self.poison: set[int] = set()

    def write(self, count: int) -> None:
        """So many replies, by the channels in turn."""
        for start in range(0, count, BATCH):
            self._commit(min(BATCH, count - start))

    def write_poison(self) -> int:
        """A letter that no worker survives; its message."""
        with unit_of_work():
            entry = self._answer("letter", POISON)
        [message] = self._confirm([entry.id])
        self.poison.add(message)
        return message

    def hold_and_undo(self, count: int, rings: int, hold: timedelta) -> list[int]:
        """So many mails with time to undo them, rung for all the same; every other one is undone. Those messages."""
        current_app.config["OUTBOX_HOLD"] = hold
        try:
            held = self._commit(count, "email")
        finally:
            current_app.config["OUTBOX_HOLD"] = timedelta(0)
        for message in held:
            ring_often(message, rings)
        for message in held[::2]:
            self._undo(message)
        return held[::2]

    def _commit(self, count: int, channel: str | None = None) -> list[int]:
        with unit_of_work():
            entries = [self._answer(channel) for _ in range(count)]
        return self._confirm([entry.id for entry in entries])

    def _confirm(self, entries: list[int]) -> list[int]:
        """The messages of what was said, which is committed now: from here on none of them may be lost."""
        ids = asked(lambda: db.session.scalars(sa.select(Message.id).where(Message.entry_id.in_(entries))).all())
        self.written.update(ids)
        return sorted(ids)

    def _answer(self, channel: str | None = None, text: str = "Lampan lagas på måndag.") -> Entry:
        number, self._number = self._number, self._number + 1
        channel = channel or CHANNELS[number % len(CHANNELS)]
        errand = lifecycle.Errand(
            kind="fraga",
            department="sb",
            description=f"Lampa {number} är släckt.",
            language="sv",
            reply_by="none",  # no receipt: the only message of the case is its answer
            submission=uuid.uuid4().hex,
            name="Rut Åkesson",
            **{field: form.format(number=number) for field, form in CONTACT[channel].items()},
        )
        case = lifecycle.receive(errand, by=RESIDENT, now=clock.now())
        return lifecycle.reply(case, text, channel=channel, by=self._clerk.as_actor(), now=clock.now())

    def _undo(self, message_id: int) -> None:
        with unit_of_work() as session:
            message = session.get_one(Message, message_id)
            case = session.get_one(Case, message.case_id, with_for_update=True)
            entry = session.get_one(Entry, message.entry_id)
            lifecycle.unsend(case, entry, by=self._clerk.as_actor(), now=clock.now())


def ring_often(message_id: int, times: int) -> None:
    for _ in range(times):
        broker.ring("deliver", message_id)


def unfinished(*, besides: Collection[int] = ()) -> int:
    """How many messages still wait or are in hand, without those of these numbers."""
    found = sa.select(sa.func.count(Message.id)).where(Message.status.in_(UNFINISHED), Message.id.not_in(besides))
    return asked(lambda: db.session.scalars(found).one())


def status(message_id: int) -> str:
    """As it is committed."""
    return asked(lambda: db.session.scalars(sa.select(Message.status).where(Message.id == message_id)).one())


def mail_to(address: str) -> int:
    """The message to this address."""
    query = sa.select(Message.id).where(Message.recipient["email"].astext == address)
    return asked(lambda: db.session.scalars(query).one())


def waiting(channel: str) -> list[int]:
    """Some messages that are due and that nobody has in hand."""
    due = sa.select(Message.id).where(Message.status == "queued", Message.next_attempt_at <= clock.now())
    query = due.where(Message.channel == channel).limit(BATCH)
    return asked(lambda: list(db.session.scalars(query)))


def asked(question: Callable[[], Found]) -> Found:
    """The answer, in a transaction that is over afterwards."""
    try:
        return question()
    finally:
        db.session.rollback()
