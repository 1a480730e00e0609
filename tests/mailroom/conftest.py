"""A municipality whose mailbox takes plus-addresses, and mails that go out and come back."""

from __future__ import annotations

from collections.abc import Callable
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import cast

import pytest
import sqlalchemy as sa
from flask import Flask

from caseflow import clock
from caseflow.accounts.models import Staff
from caseflow.audit import Event
from caseflow.cases.models import Case, Entry, Municipality
from caseflow.database import db, unit_of_work
from caseflow.mailroom import ingest
from caseflow.messages.channels import email
from caseflow.messages.models import IncomingMail, Message
from tests.imapserver import certificate, imap_server
from tests.messages.posting import reply

__all__ = ["certificate", "imap_server"]

MAILBOX = "arende@example.org"


@pytest.fixture
def mailbox(app: Flask) -> str:
    """The address whose plus-addresses residents answer to."""
    with unit_of_work() as session:
        session.execute(sa.update(Municipality).values(mailbox=MAILBOX))
    return MAILBOX


class Post:
    """A case with an answer that has gone out as a mail, written to the data folder; and the mails that come in."""

    def __init__(self, app: Flask, case: Case, message: Message) -> None:
        self._app, self.number, self.message_id = app, case.number, message.id
        self.mail, self.return_path = self._sent(message)

    def come_in(self, raw: bytes) -> IncomingMail:
        """The mail through a pipe, and what became of it."""
        mail_id = ingest.keep(raw, ingest.Origin("pipe", clock.now()), self._app.config)
        ingest.process(mail_id, self._app.config)
        return db.session.get_one(IncomingMail, mail_id, populate_existing=True)

    def case(self) -> Case:
        db.session.rollback()
        return db.session.scalars(sa.select(Case).where(Case.number == self.number)).one()

    def message(self) -> Message:
        return db.session.get_one(Message, self.message_id, populate_existing=True)

    def said(self) -> list[str]:
        """What the resident has added."""
        mine = (Entry.case_id == self.case().id, Entry.sort == "resident")
        return list(db.session.scalars(sa.select(Entry.text).where(*mine).order_by(Entry.id)))

    def verbs(self) -> list[str]:
        mine = (Event.subject == "case", Event.subject_id == self.case().id)
        return list(db.session.scalars(sa.select(Event.verb).where(*mine).order_by(Event.id)))

    def _sent(self, message: Message) -> tuple[EmailMessage, str]:
        (path,) = (Path(self._app.config["DATA"]) / "mail").glob(f"*-{message.id}.eml")
        mail = message_from_bytes(path.read_bytes(), policy=default)
        return cast(EmailMessage, mail), email.return_path(message, self._app.config)


@pytest.fixture
def post(
    app: Flask,
    mailbox: str,
    resident_case: Callable[..., Case],
    clerk: Staff,
    deliver_all: Callable[[], None],
) -> Post:
    """Rut's case, answered by mail."""
    case = resident_case()
    message = reply(case, clerk)
    deliver_all()
    return Post(app, case, db.session.get_one(Message, message.id, populate_existing=True))


def counted(model: type[Case] | type[Entry] | type[Message] | type[IncomingMail]) -> int:
    db.session.rollback()
    return db.session.scalar(sa.select(sa.func.count()).select_from(model)) or 0
