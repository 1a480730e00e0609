"""E-mail: SMTP when SMTP_URL is set, else .eml files under the data folder."""

from __future__ import annotations

import os
import re
import smtplib
import ssl
import time
from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit

import idna
from flask import render_template

from caseflow.messages.channels.port import Absent, Accepted, Rejected, Unknown
from caseflow.messages.models import Message

# Seconds for one step; up to the mail itself; and in all, which leaves a task time to write the answer down
# (broker.init_app). RFC 5321, 4.5.3.2 grants servers minutes, above all after the mail: that is where they scan it.
STEP, BEFORE_MAIL, IN_ALL, FAREWELL = 10, 40, 70, 1
# Not 8bit: a relay that must recode a mail breaks its DKIM signature (RFC 6376, 5.3).
POLICY = SMTP.clone(cte_type="7bit")


def send(message: Message, config: Mapping[str, Any]) -> Accepted | Rejected | Unknown:
    """Hand the message to the mail server, or keep it as a file where none is configured."""
    try:
        mail = compose(message)
    except Exception as error:  # nothing has gone out, and what cannot be written now can be written at no later try
        return Rejected(permanent=True, reason=_reason(error))
    if config["SMTP_URL"]:
        return _transmit(mail, config)
    return _keep(mail, _file(message, config))


def reconcile(message: Message, config: Mapping[str, Any]) -> Accepted | Absent | Unknown:
    """A file can be looked for; a mail server cannot be asked, so a person decides."""
    if config["SMTP_URL"]:
        return Unknown("the connection to the mail server ended before its answer was recorded")
    path = _file(message, config)
    # The name alone may be another database's file in the same data folder.
    kept = path.exists() and str(message.header_id).encode() in path.read_bytes()
    return Accepted(reference=path.name) if kept else Absent()


def compose(message: Message) -> EmailMessage:
    """The mail as RFC 5322 text: plain and HTML, threaded with the case's earlier mails; the same each time."""
    frame: dict[str, Any] = dict(message.frame)
    mail = EmailMessage(policy=POLICY)
    mail["Date"] = format_datetime(message.created_at)
    mail["Message-ID"] = message.header_id
    mail["From"] = _address(frame["sender_name"], frame["sender_email"])
    mail["To"] = _address(message.recipient.get("name"), message.recipient["email"])
    mail["Subject"] = _one_line(message.subject)
    if message.references:
        mail["In-Reply-To"] = message.references[-1]
        mail["References"] = " ".join(message.references)
    if message.purpose == "receipt":
        mail["Auto-Submitted"] = "auto-replied"  # RFC 3834, so that no robot answers ours
    body = message.body.replace("\r\n", "\n").strip()
    words = {"message": message, "frame": frame, "paragraphs": re.split(r"\n[ \t]*\n\s*", body)}
    mail.set_content(render_template("messages/mail.txt", **words), cte="quoted-printable")
    html = render_template("messages/mail.html", **words)
    mail.add_alternative(html, subtype="html", cte="quoted-printable")
    mail["Content-Language"] = message.language  # last: setting the content drops such headers
    return mail


def _address(name: object, address: object) -> Address:
    """The domain as DNS knows it (RFC 5891), so that every server takes it."""
    local, _at, domain = str(address).rpartition("@")
    return Address(_one_line(str(name or "")), addr_spec=f"{local}@{idna.encode(domain, uts46=True).decode()}")


def _one_line(text: str) -> str:
    """For a header: whatever ends a line somewhere is a space here."""
    return " ".join(text.split())


class _Server(NamedTuple):
    """What SMTP_URL says: smtp[s]://user:password@host:port?ca=file, user and password percent-encoded.

    smtp takes STARTTLS when it is offered and demands it before a password; smtps is TLS from the start. `ca` names a
    PEM file of the authorities to trust instead of the system's.
    """

    tls: bool
    host: str
    port: int
    user: str
    password: str
    ca: str | None

    @classmethod
    def of(cls, url: str) -> _Server:
        parts = urlsplit(url)
        tls, ca = parts.scheme == "smtps", parse_qs(parts.query).get("ca", [None])[0]
        port = parts.port or (465 if tls else 25)
        user, password = unquote(parts.username or ""), unquote(parts.password or "")
        return cls(tls, parts.hostname or "localhost", port, user, password, ca)


def _transmit(mail: EmailMessage, config: Mapping[str, Any]) -> Accepted | Rejected | Unknown:
    """One SMTP transaction. What goes wrong before the recipient is named is our or the server's fault, however final
    it sounds (a wrong password, a refused sender), and is tried again once somebody has put it right."""
    began = time.monotonic()
    try:
        with _connection(_Server.of(config["SMTP_URL"]), _own_name(config)) as smtp:
            _refuse(smtp.mail(mail["From"].addresses[0].addr_spec))
            return _hand_over(smtp, mail, began)
    except (OSError, smtplib.SMTPException, ValueError) as error:
        return Rejected(permanent=False, reason=_reason(error))


def _hand_over(smtp: smtplib.SMTP, mail: EmailMessage, began: float) -> Accepted | Rejected | Unknown:
    """RCPT and DATA. Until the final dot is sent the server has no mail, and a loss is a plain retry; after it only
    the server's answer tells."""
    code, answer = smtp.rcpt(mail["To"].addresses[0].addr_spec)
    if code >= 400:
        return _refused(code, answer)
    if time.monotonic() - began > BEFORE_MAIL:
        raise TimeoutError("the mail server is too slow")
    code, answer = smtp.docmd("DATA")
    if code != 354:
        return _refused(code, answer)
    smtp.send(re.sub(rb"(?m)^\.", b"..", mail.as_bytes()) + b".\r\n")  # RFC 5321, 4.5.2
    try:
        _wait_at_most(smtp, began + IN_ALL - time.monotonic())
        code, answer = smtp.getreply()
    except (OSError, smtplib.SMTPException) as error:
        return Unknown(_reason(error))
    if 200 <= code < 300:
        return Accepted(reference=_text(answer))
    return _refused(code, answer) if code >= 400 else Unknown(f"{code} {_text(answer)}")


@contextmanager
def _connection(server: _Server, own_name: str) -> Iterator[smtplib.SMTP]:
    smtp: smtplib.SMTP
    if server.tls:
        smtp = smtplib.SMTP_SSL(server.host, server.port, own_name, timeout=STEP, context=_trust(server.ca))
    else:
        smtp = smtplib.SMTP(server.host, server.port, own_name, timeout=STEP)
    try:
        smtp.ehlo_or_helo_if_needed()
        if not server.tls and (smtp.has_extn("starttls") or server.user):
            smtp.starttls(context=_trust(server.ca))
            smtp.ehlo()
        if server.user:
            _log_in(smtp, server)
        yield smtp
        with suppress(OSError, smtplib.SMTPException):  # the mail's fate is settled: a lost farewell changes nothing
            _wait_at_most(smtp, FAREWELL)
            smtp.quit()
    finally:
        smtp.close()


def _log_in(smtp: smtplib.SMTP, server: _Server) -> None:
    """smtplib speaks ASCII only; the PLAIN way takes any password (RFC 4616)."""
    if (server.user + server.password).isascii():
        smtp.login(server.user, server.password)
        return
    token = b64encode(f"\0{server.user}\0{server.password}".encode())
    code, answer = smtp.docmd("AUTH", f"PLAIN {token.decode()}")
    if code != 235:
        raise smtplib.SMTPAuthenticationError(code, answer)


def _wait_at_most(smtp: smtplib.SMTP, seconds: float) -> None:
    if smtp.sock is not None:
        smtp.sock.settimeout(seconds)


@cache
def _trust(ca: str | None) -> ssl.SSLContext:
    """Reading the authorities takes longer than a mail: once for a process."""
    return ssl.create_default_context(cafile=ca)


def _own_name(config: Mapping[str, Any]) -> str:
    """Our name for EHLO: the residents know it, and no DNS server is asked for it."""
    host = urlsplit(config["BASE_URL"]).hostname or ""
    return host if re.search("[a-z]", host) and ":" not in host else "localhost"


def _refuse(answer: tuple[int, bytes]) -> None:
    code, text = answer
    if code >= 400:
        raise smtplib.SMTPResponseException(code, text)


def _refused(code: int, answer: bytes) -> Rejected:
    """5xx is final (RFC 5321, 4.2.1), but a full mailbox (RFC 3463, x.2.2) may be emptied: also when the server says a
    bare 552, unless it means that the mail itself is too big (x.3.4)."""
    full = b"5.2.2" in answer or (code == 552 and b"5.3.4" not in answer)
    return Rejected(permanent=code >= 500 and not full, reason=f"{code} {_text(answer)}"[:200])


def _reason(error: Exception) -> str:
    """For the caseworker and the operator: what the server said, else what Python says."""
    if isinstance(error, smtplib.SMTPResponseException):
        said = error.smtp_error if isinstance(error.smtp_error, bytes) else str(error.smtp_error).encode()
        return f"{error.smtp_code} {_text(said)}"[:200]
    return f"{type(error).__name__}: {error}"[:200]


def _text(answer: bytes) -> str:
    return " ".join(answer.decode("utf-8", "replace").split())[:200]


def _file(message: Message, config: Mapping[str, Any]) -> Path:
    return Path(config["DATA"]) / "mail" / f"{message.created_at:%Y-%m-%d}-{message.id}.eml"


def _keep(mail: EmailMessage, path: Path) -> Accepted:
    """A whole file under its name, or none, even after a power cut."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = path.with_suffix(f".{os.getpid()}.part")
    with part.open("wb") as file:
        file.write(mail.as_bytes())
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
    return Accepted(reference=path.name)
