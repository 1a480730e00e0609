"""Out through a real SMTP server, answered as people's programs do, and in through a real IMAP server."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator

import pytest
import sqlalchemy as sa
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from flask import Flask

from caseflow.accounts.models import Staff
from caseflow.cases.models import Case, Entry
from caseflow.database import db
from caseflow.mailroom import imap
from caseflow.messages.models import IncomingMail, Message
from tests.imapserver import ImapServer
from tests.mailbox import Mailbox
from tests.mailroom.bouncing import postfix
from tests.mailroom.mailprograms import PROGRAMS
from tests.messages.posting import reply

WORDS = "Tack! Nu lyser den, men den bredvid är släckt."


class Sink(Mailbox):
    """Keeps the envelope's sender with each mail."""

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        answer = await super().handle_DATA(server, session, envelope)
        self.mails[-1]["Return-Path"] = f"<{envelope.mail_from}>"
        return answer


@pytest.fixture
def sink(app: Flask) -> Iterator[Sink]:
    sink = Sink()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(sink, hostname="127.0.0.1", port=port)
    controller.start()
    app.config["SMTP_URL"] = f"smtp://127.0.0.1:{port}"
    yield sink
    app.config["SMTP_URL"] = None
    controller.stop()


@pytest.fixture
def mailbox_url(imap_server: ImapServer, app: Flask, mailbox: str) -> Iterator[str]:
    app.config["IMAP_URL"] = imap_server.url("way-back")
    yield "way-back"
    app.config["IMAP_URL"] = None


def test_four_programs_answer_and_one_server_returns(
    app: Flask,
    sink: Sink,
    imap_server: ImapServer,
    mailbox_url: str,
    clerk: Staff,
    resident_case: Callable[..., Case],
    deliver_all: Callable[[], None],
) -> None:
    replies = {program: reply(resident_case(), clerk) for program in (*PROGRAMS, "returned")}
    deliver_all()
    sent = {str(mail["Message-ID"]): mail for mail in sink.mails}
    for name, answer in PROGRAMS.items():
        imap_server.deliver(mailbox_url, answer(sent[str(replies[name].header_id)], WORDS))
    lost = sent[str(replies["returned"].header_id)]
    imap_server.deliver(mailbox_url, postfix(lost, str(lost["Return-Path"]).strip("<>")))

    assert imap.fetch_mail(app.config) == len(PROGRAMS) + 1

    db.session.rollback()
    for name in PROGRAMS:
        mine = (Entry.case_id == replies[name].case_id, Entry.sort == "resident")
        (said,) = db.session.scalars(sa.select(Entry.text).where(*mine))
        assert said.startswith(WORDS), name
        assert db.session.get_one(Case, replies[name].case_id, populate_existing=True).status == "in_progress"
    returned = db.session.get_one(Message, replies["returned"].id, populate_existing=True)
    assert (returned.status, returned.error) == (
        "bounced",
        "550 5.1.1 <rut@example.org>: Recipient address rejected: User unknown in virtual mailbox table",
    )
    assert sorted(db.session.scalars(sa.select(IncomingMail.outcome))) == ["bounce", *["heard"] * len(PROGRAMS)]
    assert len(imap_server.mails(mailbox_url, "Archive")) == len(PROGRAMS) + 1
