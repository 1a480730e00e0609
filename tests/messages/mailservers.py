"""Real SMTP servers with what a municipality's relay has: TLS, a login, a way of being slow."""

from __future__ import annotations

import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import cast

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from caseflow.messages import smtp
from tests.mailbox import Mailbox

SILENCE = "…"


class Relay(Mailbox):
    """A mailbox that also knows the envelope: for each mail the line on which it came, its sender and recipients."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[int] = []
        self.senders: list[str | None] = []
        self.recipients: list[list[str]] = []

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        self.lines.append(cast("tuple[str, int]", session.peer)[1])  # our end's port
        self.senders.append(envelope.mail_from)
        self.recipients.append(envelope.rcpt_tos)
        return await super().handle_DATA(server, session, envelope)


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A self-made certificate for localhost and 127.0.0.1, and its key."""
    if shutil.which("openssl") is None:
        pytest.skip("no openssl to make a certificate with: MAIL OVER TLS NOT TESTED")
    folder = tmp_path_factory.mktemp("certificate")
    made, key = folder / "localhost.pem", folder / "localhost.key"
    names = "subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1"
    argv = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
        "-days",
        "2",
    ]
    argv += ["-subj", "/CN=localhost", "-addext", names, "-keyout", str(key), "-out", str(made)]
    subprocess.run(argv, check=True, capture_output=True)
    return made, key


def _doorman(user: str, password: str) -> Callable[..., AuthResult]:
    def knows(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: LoginPassword) -> AuthResult:
        right = (data.login.decode(), data.password.decode()) == (user, password)
        return AuthResult(success=right, handled=False)  # the server says 535

    return knows


def _free_port(host: str) -> int:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.create_server((host, 0), family=family) as free:
        return int(free.getsockname()[1])


@contextmanager
def serving(
    host: str = "127.0.0.1",
    *,
    tls: tuple[Path, Path] | None = None,
    from_the_start: bool = False,
    login: tuple[str, str] | None = None,
) -> Iterator[tuple[Relay, int]]:
    """A server until the block ends, and its port.

    `tls` is a certificate and its key, used after STARTTLS or `from_the_start`; `login` is what it demands.
    """
    context = None
    if tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*tls)
    mailbox = Relay()
    options: dict[str, object] = {}
    if login:
        options |= {"authenticator": _doorman(*login), "auth_required": True, "auth_require_tls": not from_the_start}
    if context:
        options |= {"ssl_context": context} if from_the_start else {"tls_context": context}
    controller = Controller(mailbox, hostname=host, port=_free_port(host), **options)  # type: ignore[arg-type]
    controller.start()
    try:
        yield mailbox, int(controller.port)
    finally:
        smtp.lines.hang_up()
        controller.stop()


Answer = str | Callable[[], str]


class Scripted:
    """A server that says the given lines in turn, one a command, and then hangs up; keeps what it heard.

    An answer may be a function that does something first. SILENCE says nothing until the other side hangs up.
    `then` holds the answers on the connections after the first.
    """

    def __init__(self, *answers: Answer, then: Sequence[Sequence[Answer]] = ()) -> None:
        self.heard: list[bytes] = []
        self.connections = 0
        self._scripts = (answers, *then)
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"smtp://127.0.0.1:{self._socket.getsockname()[1]}"
        self._thread = threading.Thread(target=self._talk, daemon=True)
        self._thread.start()

    def _talk(self) -> None:
        for answers in self._scripts:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self.connections += 1
            self._say(answers, connection)

    def _say(self, answers: Sequence[Answer], connection: socket.socket) -> None:
        with suppress(OSError), connection, connection.makefile("rwb") as line:
            for scripted in answers:
                answer = scripted if isinstance(scripted, str) else scripted()
                if answer == SILENCE:
                    line.readline()
                    return
                line.write(answer.encode() + b"\r\n")
                line.flush()
                self.heard.append(_mail(line) if answer.startswith("354") else line.readline())

    def close(self) -> None:
        """Once nobody listens any more; a line that we keep for the next mail is ended first."""
        smtp.lines.hang_up()
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)  # wakes who waits for a connection; closing does not
        self._socket.close()
        self._thread.join(5)


def _mail(lines: Iterator[bytes]) -> bytes:
    """All up to the final dot."""
    kept = []
    for line in lines:
        if line == b".\r\n":
            break
        kept.append(line)
    return b"".join(kept)


class Deaf:
    """A server that takes every mail and never answers it; `mails` counts them."""

    def __init__(self) -> None:
        self.mails = 0
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._kept: list[socket.socket] = []
        self.url = f"smtp://127.0.0.1:{self._socket.getsockname()[1]}"

    def __enter__(self) -> Deaf:
        threading.Thread(target=self._listen, daemon=True).start()
        return self

    def __exit__(self, *raised: object) -> None:
        self._socket.close()
        for connection in self._kept:
            connection.close()

    def _listen(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._socket.accept()
                self._kept.append(connection)
                threading.Thread(target=self._talk, args=(connection,), daemon=True).start()

    def _talk(self, connection: socket.socket) -> None:
        with suppress(OSError), connection.makefile("rwb") as line:
            for answer in ("220 hello", "250 pleased", "250 ok", "250 ok", "354 go on"):
                line.write(answer.encode() + b"\r\n")
                line.flush()
                if answer.startswith("354"):
                    _mail(line)
                    self.mails += 1
                line.readline()
