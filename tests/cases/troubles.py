"""Everything that can keep a reply from arriving, brought about by the real outbox wherever that can be done."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from caseflow import clock, files
from caseflow.accounts.models import Staff
from caseflow.cases import scope
from caseflow.cases.delivery import deliveries
from caseflow.cases.models import Case
from caseflow.cases.post import letters
from caseflow.database import db, unit_of_work
from caseflow.messages.channels.port import Lost
from caseflow.messages.models import IncomingMail, LetterBatch, Message
from tests.cases.replying import fresh, reply
from tests.mailbox import Mailbox

NO_SUCH_USER = "550 5.1.1 No such user here"
RELAYING = "554 5.7.1 Relay access denied"
LATER = "451 4.3.2 Try later"
REACHABLE = {"phone": "+46701740605", "street": "Skolgatan 4", "postcode": "61232", "town": "Finspång"}


def become(message: Message, **values: object) -> Message:
    """Put the message in a state that only time or a crash brings about."""
    with unit_of_work() as session:
        session.execute(sa.update(Message).where(Message.id == message.id).values(**values))
    return fresh(message)


class Troubles:
    """Each makes one case with one reply by `staff` that ends so, and gives the reply's message."""

    def __init__(self, app: Flask, smtp: Mailbox, staff: Staff, file: Callable[..., Case]) -> None:
        self.app, self.smtp, self.staff, self._file = app, smtp, staff, file
        self._numbers = iter(range(1, 1000))

    def case(self, reply_by: str = "email", **overrides: object) -> Case:
        facts: dict[str, object] = {
            "name": "Rut Åkesson",
            "email": f"rut{next(self._numbers)}@example.org",
            **REACHABLE,
        }
        return self._file(reply_by=reply_by, **{**facts, **overrides})

    def refused(self, answer: str = NO_SUCH_USER, **overrides: object) -> Message:
        case = self.case(**overrides)
        self.smtp.refuse[str(case.email)] = answer
        return reply(case, self.staff, "email")

    def tried(self, times: int, **overrides: object) -> Message:
        """Told to come again so many times; the eighth time it is given up."""
        message = self.refused(LATER, **overrides)
        for _time in range(times - 1):
            become(message, next_attempt_at=clock.now())
            deliveries.deliver(message.id)
        return fresh(message)

    def unknown(self, **overrides: object) -> Message:
        case = self.case(**overrides)
        self.smtp.drop = True
        message = reply(case, self.staff, "email")
        self.smtp.drop = False
        assert message.status == "unknown"
        return message

    def bounced(self, **overrides: object) -> Message:
        message = reply(self.case(**overrides), self.staff, "email")
        assert deliveries.report(message.id, Lost("bounced", "5.2.2 Mailbox full"))
        return fresh(message)

    def returned(self, **overrides: object) -> Message:
        batch = self.batch(**overrides)
        message = db.session.scalars(sa.select(Message).where(Message.batch_id == batch.id)).one()
        with unit_of_work() as session:
            letters.post(session.get_one(LetterBatch, batch.id), by=self.staff.as_actor(), now=clock.now())
        assert deliveries.report(message.id, Lost("returned", "moved"))
        return fresh(message)

    def untaken(self, **overrides: object) -> Message:
        """Due for two hours, and no worker has taken it."""
        message = reply(self.case(**overrides), self.staff, "phone")
        return become(message, status="queued", attempts=0, next_attempt_at=clock.now() - timedelta(hours=2))

    def stuck(self, **overrides: object) -> Message:
        message = reply(self.case(**overrides), self.staff, "phone")
        return become(message, status="calling", lease_until=clock.now() - timedelta(minutes=20))

    def uncalled(self, **overrides: object) -> Message:
        message = reply(self.case("phone", **overrides), self.staff, "phone")
        return become(message, next_attempt_at=clock.now() - timedelta(days=8))

    def unprinted(self, **overrides: object) -> Message:
        message = reply(self.case("letter", **overrides), self.staff, "letter")
        return become(message, accepted_at=clock.now() - timedelta(days=8))

    def batch(self, **overrides: object) -> LetterBatch:
        message = reply(self.case("letter", **overrides), self.staff, "letter")
        with unit_of_work() as session:
            staff = session.get_one(Staff, self.staff.id)
            (batch,) = letters.make_batches(staff, [message.id], config=self.app.config, now=clock.now())
        return batch

    def held(self, case: Case | None = None, subject: str = "Angående lampan") -> IncomingMail:
        raw = f"From: rut@example.org\r\nSubject: {subject}\r\n\r\nHej {next(self._numbers)}\r\n".encode()
        facts = {"sender": "rut@example.org", "subject": subject, "note": "robot"}
        with unit_of_work() as session:
            mail = IncomingMail(mailbox="INBOX", digest=files.keep(raw, self.app.config), at=clock.now(), **facts)
            mail.outcome, mail.case_id = "held", case.id if case else None
            session.add(mail)
        return mail

    def changed(self, batch: LetterBatch, **values: object) -> LetterBatch:
        with unit_of_work() as session:
            session.execute(sa.update(LetterBatch).where(LetterBatch.id == batch.id).values(**values))
        return batch

    def about(self, message: Message, subject: str) -> Message:
        with unit_of_work() as session:
            session.execute(sa.update(Case).where(Case.id == message.case_id).values(subject=subject))
        return message

    def in_scope(self, message: Message) -> Case:
        """The message's case, as this person finds it."""
        case = db.session.get_one(Case, message.case_id, populate_existing=True)
        assert scope.find(self.staff, case.number) is not None
        return case


@pytest.fixture
def troubles(app: Flask, smtp: Mailbox, clerk: Staff, resident_case: Callable[..., Case]) -> Troubles:
    return Troubles(app, smtp, clerk, resident_case)
