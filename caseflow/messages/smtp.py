"""The line to the mail server: SMTP over TLS with a login, kept open for the next mail.

A mail is tried on a fresh line when the kept one turns out dead before any recipient was named; later than that nothing
is ever said twice.
"""

from __future__ import annotations

import atexit
import os
import re
import smtplib
import socket
import ssl
import threading
import time
from base64 import b64encode
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from typing import Any, NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit

from caseflow.messages.channels.port import Accepted, Rejected, Unknown

# Seconds for one step; up to the mail itself; and in all, which leaves a task time to write the answer down
# (broker.init_app). RFC 5321, 4.5.3.2 grants servers minutes, above all after the mail: that is where they scan it.
STEP, BEFORE_MAIL, IN_ALL, FAREWELL = 10, 40, 70, 1
# Seconds that a line is kept without a mail, and mails that it carries. Servers grow tired of a guest: Postfix hangs up
# on an idle one after 300 s, Exchange after 20 mails or more.
IDLE, MAILS = 30, 100


class Server(NamedTuple):
    """What SMTP_URL says: smtp[s]://user:password@host:port?ca=file&mails=20, user and password percent-encoded.

    smtp takes STARTTLS when it is offered and demands it before a password or when a `ca` is named; smtps is TLS from
    the start. `ca` names a PEM file of the authorities to trust instead of the system's. `mails` go over one line.
    """

    tls: bool
    host: str
    port: int
    user: str
    password: str
    ca: str | None
    mails: int
    own_name: str

    @classmethod
    def of(cls, config: Mapping[str, Any]) -> Server:
        parts = urlsplit(config["SMTP_URL"])
        said = {name: values[0] for name, values in parse_qs(parts.query).items()}
        tls = parts.scheme == "smtps"
        return cls(
            tls=tls,
            host=parts.hostname or "localhost",
            port=parts.port or (465 if tls else 25),
            user=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
            ca=said.get("ca"),
            mails=int(said.get("mails", MAILS)),
            own_name=_own_name(config["BASE_URL"]),
        )


def transmit(mail: bytes, sender: str, recipient: str, config: Mapping[str, Any]) -> Accepted | Rejected | Unknown:
    """One SMTP transaction; `sender` is the envelope's, where bounces go.

    What goes wrong before the recipient is named is our or the server's fault, however final it sounds (a wrong
    password, a refused sender), and is tried again once somebody has put it right.
    """
    began = time.monotonic()
    try:
        server = Server.of(config)
        line = _open_line(server, sender, began)
    except (OSError, smtplib.SMTPException, ValueError) as error:
        return Rejected(permanent=False, reason=reason(error))
    try:
        outcome = _hand_over(line.smtp, mail, recipient, began)
    except (OSError, smtplib.SMTPException, ValueError) as error:
        outcome = Rejected(permanent=False, reason=reason(error))
    except BaseException:  # a worker that is stopped in the middle leaves no line that knows half a mail
        line.smtp.close()
        raise
    line.mails += 1
    line.clean = isinstance(outcome, Accepted)
    # What a server refuses for now it may refuse because of this line.
    reusable = line.clean or (isinstance(outcome, Rejected) and outcome.permanent)
    lines.keep(server, line) if reusable else line.hang_up()
    return outcome


def reason(error: Exception) -> str:
    """For the caseworker and the operator: what the server said, else what Python says."""
    if isinstance(error, smtplib.SMTPResponseException):
        said = error.smtp_error if isinstance(error.smtp_error, bytes) else str(error.smtp_error).encode()
        return f"{error.smtp_code} {_text(said)}"[:200]
    return f"{type(error).__name__}: {error}"[:200]


@dataclass
class _Line:
    """An open connection after its greeting, TLS and login."""

    smtp: smtplib.SMTP
    mails: int = 0
    clean: bool = True  # the server has forgotten the last mail: it does by itself once it has accepted one
    used_at: float = field(default_factory=time.monotonic)

    def hang_up(self) -> None:
        """Politely, but the fate of its mails is settled: a lost farewell changes nothing."""
        with suppress(OSError, smtplib.SMTPException):
            _wait_at_most(self.smtp, FAREWELL)
            self.smtp.quit()
        self.smtp.close()


class _Lines:
    """One line a server, kept for the next mail. A mail takes it out for itself, so that no two threads share one."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: dict[Server, _Line] = {}
        self._watched = False

    def take(self, server: Server) -> _Line | None:
        """The kept line, unless it has lain idle for too long."""
        self.hang_up(idle=IDLE)
        with self._lock:
            return self._kept.pop(server, None)

    def keep(self, server: Server, line: _Line) -> None:
        line.used_at = time.monotonic()
        surplus: _Line | None = line
        if line.mails < server.mails:
            with self._lock:
                surplus = self._kept.pop(server, None)
                self._kept[server] = line
                self._watch()
        if surplus:
            surplus.hang_up()

    def hang_up(self, *, idle: float = 0) -> None:
        """End the lines without a mail for so many seconds."""
        with self._lock:
            old = [server for server, line in self._kept.items() if time.monotonic() - line.used_at >= idle]
            ended = [self._kept.pop(server) for server in old]
        for line in ended:
            line.hang_up()

    def notice_fork(self) -> None:
        """Two processes must not talk on one line, nor may the child end it for its parent."""
        inherited = self._kept.values()
        self.__init__()  # type: ignore[misc]  # the lock may be held, the watch is not in this process
        for line in inherited:
            line.smtp.close()  # this process's copy of the socket, without a farewell

    def _watch(self) -> None:
        """See to it that the line ends in time if no mail comes. Called with the lock held."""
        if self._kept and not self._watched:
            wait = min(line.used_at for line in self._kept.values()) + IDLE - time.monotonic()
            timer = threading.Timer(max(wait, 0), self._look)
            timer.daemon = self._watched = True
            timer.start()

    def _look(self) -> None:
        self.hang_up(idle=IDLE)
        with self._lock:
            self._watched = False
            self._watch()


lines = _Lines()
os.register_at_fork(after_in_child=lines.notice_fork)
atexit.register(lines.hang_up)


def _open_line(server: Server, sender: str, began: float) -> _Line:
    """A line on which the server has taken the sender: the kept one, or a fresh one where that is dead or refuses."""
    kept = lines.take(server)
    if kept:
        try:
            _wait_at_most(kept.smtp, STEP)
            if not kept.clean:
                _refuse(kept.smtp.docmd("RSET"))
            _refuse(kept.smtp.mail(sender))
            return kept
        except (OSError, smtplib.SMTPException):
            kept.hang_up()
    smtp = _dial(server, began)
    try:
        _refuse(smtp.mail(sender))
    except BaseException:
        smtp.close()
        raise
    return _Line(smtp)


def _hand_over(smtp: smtplib.SMTP, mail: bytes, recipient: str, began: float) -> Accepted | Rejected | Unknown:
    """RCPT and DATA. Until the final dot is sent the server has no mail, and a loss is a plain retry; after it only
    the server's answer tells."""
    if _too_big(smtp, mail):
        return Rejected(permanent=True, reason="552 5.3.4 the mail is bigger than the mail server takes")
    code, answer = smtp.rcpt(recipient)
    if code >= 400:
        return _refused(code, answer)
    _in_time(began)
    code, answer = smtp.docmd("DATA")
    if code != 354:
        return _refused(code, answer)
    _wait_at_most(smtp, max(STEP, began + IN_ALL - 2 * STEP - time.monotonic()))
    smtp.send((b"\n" + mail).replace(b"\n.", b"\n..")[1:] + b".\r\n")  # RFC 5321, 4.5.2
    try:
        _wait_at_most(smtp, began + IN_ALL - time.monotonic())
        code, answer = smtp.getreply()
    except (OSError, smtplib.SMTPException, ValueError) as error:
        return Unknown(reason(error))
    if 200 <= code < 300:
        return Accepted(reference=_text(answer))
    return _refused(code, answer) if code >= 400 else Unknown(f"{code} {_text(answer)}")


def _dial(server: Server, began: float) -> smtplib.SMTP:
    """A new connection up to and with the login; `began` is when the mail's time began to run."""
    if server.tls:
        trust = _trust(server.ca)
        smtp: smtplib.SMTP = smtplib.SMTP_SSL(server.host, server.port, server.own_name, timeout=STEP, context=trust)
    else:
        smtp = smtplib.SMTP(server.host, server.port, server.own_name, timeout=STEP)
    try:
        _introduce(smtp, server, began)
    except BaseException:
        smtp.close()
        raise
    return smtp


def _introduce(smtp: smtplib.SMTP, server: Server, began: float) -> None:
    if smtp.sock is not None:
        # One write an answer: to wait until small ones have become a big one (Nagle) only costs time.
        smtp.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    smtp.ehlo_or_helo_if_needed()
    _in_time(began)
    if not server.tls and (smtp.has_extn("starttls") or server.user or server.ca):
        smtp.starttls(context=_trust(server.ca))
        smtp.ehlo()
        _in_time(began)
    if server.user:
        _log_in(smtp, server)
        _in_time(began)


def _log_in(smtp: smtplib.SMTP, server: Server) -> None:
    """smtplib speaks ASCII only; the PLAIN way takes any password (RFC 4616)."""
    if (server.user + server.password).isascii():
        smtp.login(server.user, server.password)
        return
    token = b64encode(f"\0{server.user}\0{server.password}".encode())
    code, answer = smtp.docmd("AUTH", f"PLAIN {token.decode()}")
    if code != 235:
        raise smtplib.SMTPAuthenticationError(code, answer)


def _in_time(began: float) -> None:
    """At most a few steps lie between two looks at the clock, so that a mail has its time in all (IN_ALL)."""
    if time.monotonic() - began > BEFORE_MAIL:
        raise TimeoutError("the mail server is too slow")


def _wait_at_most(smtp: smtplib.SMTP, seconds: float) -> None:
    if smtp.sock is not None:
        smtp.sock.settimeout(seconds)


@cache
def _trust(ca: str | None) -> ssl.SSLContext:
    """Reading the authorities takes longer than a mail: once for a process."""
    return ssl.create_default_context(cafile=ca)


def _own_name(base_url: str) -> str:
    """Our name for EHLO: the residents know it, and no DNS server is asked for it."""
    host = urlsplit(base_url).hostname or ""
    return host if re.search("[a-z]", host) and ":" not in host else "localhost"


def _too_big(smtp: smtplib.SMTP, mail: bytes) -> bool:
    """Whether the server has said so beforehand (RFC 1870); some just hang up in the middle of such a mail."""
    limit = smtp.esmtp_features.get("size", "").strip()
    return limit.isdecimal() and 0 < int(limit) < len(mail)


def _refuse(answer: tuple[int, bytes]) -> None:
    code, text = answer
    if code >= 400:
        raise smtplib.SMTPResponseException(code, text)


def _refused(code: int, answer: bytes) -> Rejected:
    """5xx is final (RFC 5321, 4.2.1), but a full mailbox (RFC 3463, x.2.2) may be emptied: also when the server says a
    bare 552, unless it means that the mail itself is too big (x.3.4)."""
    full = b"5.2.2" in answer or (code == 552 and b"5.3.4" not in answer)
    return Rejected(permanent=code >= 500 and not full, reason=f"{code} {_text(answer)}"[:200])


def _text(answer: bytes) -> str:
    return " ".join(answer.decode("utf-8", "replace").split())[:200]
