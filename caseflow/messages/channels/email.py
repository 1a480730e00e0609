"""E-mail: SMTP when SMTP_URL is set, else .eml files under the data folder."""

from __future__ import annotations

import os
import smtplib
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from flask import render_template

from caseflow.messages.channels.port import Absent, Accepted, Rejected, Unknown
from caseflow.messages.models import Message

TIMEOUT = 20
# RFC 3463: a mailbox that is full (x.2.2) may be emptied, so it is tried again although it is a 5xx.
MAILBOX_FULL = b"5.2.2"


def send(message: Message, config: Mapping[str, Any]) -> Accepted | Rejected | Unknown:
    """Hand the message to the mail server, or keep it as a file where none is configured."""
    try:
        mail = compose(message)
    except ValueError as error:  # a header with a line break, an impossible address: no later try can mend it
        return Rejected(permanent=True, reason=f"{type(error).__name__}: {error}")
    if config["SMTP_URL"]:
        return _transmit(mail, config["SMTP_URL"])
    return _keep(mail, _file(message, config))


def reconcile(message: Message, config: Mapping[str, Any]) -> Accepted | Absent | Unknown:
    """A file can be looked for; a mail server cannot be asked, so a person decides."""
    if config["SMTP_URL"]:
        return Unknown("the connection to the mail server ended before its answer was recorded")
    path = _file(message, config)
    return Accepted(reference=path.name) if path.exists() else Absent()


def compose(message: Message) -> EmailMessage:
    """The mail as RFC 5322 text: plain and HTML, threaded with the case's earlier mails; the same each time."""
    frame: dict[str, Any] = dict(message.frame)
    mail = EmailMessage(policy=SMTP)
    mail["Date"] = format_datetime(message.created_at)
    mail["Message-ID"] = message.header_id
    mail["From"] = Address(frame["sender_name"], addr_spec=frame["sender_email"])
    mail["To"] = Address(str(message.recipient.get("name") or ""), addr_spec=str(message.recipient["email"]))
    mail["Subject"] = message.subject
    mail["Content-Language"] = message.language
    if message.references:
        mail["In-Reply-To"] = message.references[-1]
        mail["References"] = " ".join(message.references)
    if message.purpose == "receipt":
        mail["Auto-Submitted"] = "auto-replied"
    words = {"message": message, "frame": frame, "paragraphs": message.body.strip().split("\n\n")}
    mail.set_content(render_template("messages/mail.txt", **words))
    mail.add_alternative(render_template("messages/mail.html", **words), subtype="html")
    return mail


def _transmit(mail: EmailMessage, url: str) -> Accepted | Rejected | Unknown:
    """One SMTP transaction. Until the end of DATA a loss is a plain retry; after it, nobody can know."""
    reached_data = False
    try:
        with _connection(url) as smtp:
            _refuse(smtp.mail(mail["From"].addresses[0].addr_spec))
            _refuse(smtp.rcpt(mail["To"].addresses[0].addr_spec))
            reached_data = True
            code, answer = smtp.data(mail.as_bytes())
            _refuse((code, answer))
            return Accepted(reference=answer.decode("utf-8", "replace")[:200])
    except smtplib.SMTPResponseException as error:
        return _refused(error)
    except (OSError, smtplib.SMTPException) as error:
        reason = f"{type(error).__name__}: {error}"[:200]
        return Unknown(reason) if reached_data else Rejected(permanent=False, reason=reason)


@contextmanager
def _connection(url: str) -> Iterator[smtplib.SMTP]:
    """smtp://user:password@host:port takes STARTTLS when offered, and demands it before a password; smtps:// is TLS."""
    parts = urlsplit(url)
    host, context = parts.hostname or "localhost", ssl.create_default_context()
    smtp: smtplib.SMTP
    if parts.scheme == "smtps":
        smtp = smtplib.SMTP_SSL(host, parts.port or 465, timeout=TIMEOUT, context=context)
    else:
        smtp = smtplib.SMTP(host, parts.port or 25, timeout=TIMEOUT)
    try:
        smtp.ehlo()
        if parts.scheme != "smtps" and (smtp.has_extn("starttls") or parts.username):
            smtp.starttls(context=context)
            smtp.ehlo()
        if parts.username:
            smtp.login(unquote(parts.username), unquote(parts.password or ""))
        yield smtp
    finally:
        smtp.close()


def _refuse(answer: tuple[int, bytes]) -> None:
    code, text = answer
    if code >= 400:
        raise smtplib.SMTPResponseException(code, text)


def _refused(error: smtplib.SMTPResponseException) -> Rejected:
    text = error.smtp_error if isinstance(error.smtp_error, bytes) else str(error.smtp_error).encode()
    permanent = error.smtp_code >= 500 and MAILBOX_FULL not in text
    return Rejected(permanent=permanent, reason=f"{error.smtp_code} {text.decode('utf-8', 'replace')}"[:200])


def _file(message: Message, config: Mapping[str, Any]) -> Path:
    return Path(config["DATA"]) / "mail" / f"{message.created_at:%Y-%m-%d}-{message.id}.eml"


def _keep(mail: EmailMessage, path: Path) -> Accepted:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = path.with_suffix(f".{os.getpid()}.part")
    part.write_bytes(mail.as_bytes())
    part.replace(path)
    return Accepted(reference=path.name)
