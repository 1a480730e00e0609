"""A real SMTP server on loopback that keeps what it gets, and refuses when told to."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import cast

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from flask import Flask

from caseflow.messages.smtp import lines


class Mailbox:
    """`mails` as they arrived; `refuse[address] = "550 5.1.1 …"` answers RCPT so; `drop` cuts the line after DATA."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.refuse: dict[str, str] = {}
        self.drop = False

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.refuse:
            return self.refuse[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        self.mails.append(cast(EmailMessage, message_from_bytes(cast(bytes, envelope.content), policy=default)))
        if self.drop:
            server.transport.close()
        return f"250 OK kept as {len(self.mails)}"


@pytest.fixture
def smtp(app: Flask) -> Iterator[Mailbox]:
    """The server, with the app's SMTP_URL pointing at it."""
    mailbox = Mailbox()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(mailbox, hostname="127.0.0.1", port=port)
    controller.start()
    app.config["SMTP_URL"] = f"smtp://127.0.0.1:{port}"
    yield mailbox
    app.config["SMTP_URL"] = None
    lines.hang_up()  # the kept line would hold the server's end open
    controller.stop()
