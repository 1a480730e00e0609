"""One connection to a printer or print server: IPP over HTTP (RFC 8010, 4). It ends, whatever the other side does."""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
import time
from base64 import b64encode
from contextlib import suppress
from typing import Self
from urllib.parse import quote

from caseflow.messages.handover.ipp_messages import Answer, Sent, answer, request
from caseflow.messages.handover.port import Limits
from caseflow.messages.handover.target import Target

# CUPS shows a job's name only to the user who sent it (JobPrivateValues), so this name stays the same.
USER = "caseflow"
ANSWER = 4 * 1024 * 1024  # bytes: CUPS keeps 500 jobs, some 200 bytes each
HTTP_STATUSES = {
    400: "the print server does not answer to this name (ServerAlias in CUPS)",
    401: "the print server wants another user or password",
    403: "the print server does not let us in",
    404: "the print server has no such queue",
    413: "the batch is too big for the print server",
    426: "the print server takes encrypted connections only: write ipps://",
}


class NotTaken(Exception):
    """The server answered that it did nothing; the text is for the operator."""


FAULTS = (OSError, http.client.HTTPException, ValueError, NotTaken)


class Line:
    """A context. `ask` raises one of FAULTS; `reason` puts it into words."""

    def __init__(self, target: Target, limits: Limits) -> None:
        self._target, self._limits, self._path = target, limits, quote(target.path)
        self._deadline = time.monotonic() + limits.in_all
        self._alarm = threading.Timer(limits.in_all, self._cut)
        self._alarm.daemon = True
        self._connection: http.client.HTTPConnection | None = None

    def __enter__(self) -> Self:
        self._alarm.start()
        return self

    def __exit__(self, *raised: object) -> None:
        self._alarm.cancel()
        if self._connection:
            self._connection.close()

    def ask(
        self,
        operation: int,
        attributes: Sent,
        job: Sent | None = None,
        document: bytes = b"",
    ) -> Answer:
        """Whatever its status says. `attributes` without those that every request begins with."""
        # RFC 8011, 4.1.4 and 4.1.5: these come first, in this order.
        frame: Sent = {"attributes-charset": "utf-8", "attributes-natural-language": "en"}
        printer = f"{self._target.scheme}://{self._target.authority}{self._path}"
        whose = {"printer-uri": printer, "requesting-user-name": self._target.user or USER}
        body = request(operation, {**frame, **whose, **attributes}, job) + document
        connection = self._ready()
        with suppress(BrokenPipeError):  # who refuses may say so, and hang up, before the document is through
            connection.request("POST", self._path, body, self._headers())
        response = connection.getresponse()
        said = response.read(ANSWER)
        if response.status == 200:
            return answer(said)
        words = HTTP_STATUSES.get(response.status, f"the print server answers HTTP {response.status}")
        raise NotTaken(words) if response.status < 500 else http.client.HTTPException(words)

    def _ready(self) -> http.client.HTTPConnection:
        """Connected, and with no more patience than there is time left."""
        if self._connection is None:
            self._connection = _made(self._target, self._patience())
        if self._connection.sock is None:
            self._connection.connect()
        self._connection.sock.settimeout(self._patience())
        return self._connection

    def _patience(self) -> float:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return min(self._limits.step, left)

    def _headers(self) -> dict[str, str]:
        headers = {"Content-Type": "application/ipp"}
        if self._target.user:
            token = b64encode(f"{self._target.user}:{self._target.password}".encode()).decode()
            headers["Authorization"] = f"Basic {token}"
        return headers

    def _cut(self) -> None:
        """Wakes whoever waits on the socket, also one that gets a byte now and then."""
        line: socket.socket | None = self._connection.sock if self._connection else None
        if line:
            with suppress(OSError):
                socket.socket.shutdown(line, socket.SHUT_RDWR)

    def reason(self, error: Exception) -> str:
        """For the operator."""
        if isinstance(error, TimeoutError) or time.monotonic() >= self._deadline:
            return "the print server did not answer in time"
        return _in_words(error)


def _made(target: Target, patience: float) -> http.client.HTTPConnection:
    if target.scheme == "ipp":
        return http.client.HTTPConnection(target.host, target.port, timeout=patience)
    try:
        trust = ssl.create_default_context(cafile=target.ca)
    except OSError:
        raise NotTaken("the file of trusted authorities (ca) cannot be read") from None
    return http.client.HTTPSConnection(target.host, target.port, timeout=patience, context=trust)


def _in_words(error: Exception) -> str:
    match error:
        case ssl.SSLCertVerificationError():
            return f"the print server's certificate is not trusted: {error.verify_message}"[:200]
        case ssl.SSLError():
            return "the print server does not speak TLS as we do"
        case socket.gaierror():
            return "the print server's name is not known"
        case ConnectionRefusedError():
            return "the print server does not take connections: is it running?"
        case http.client.RemoteDisconnected() | http.client.IncompleteRead() | ConnectionError():
            return "the print server ended the connection without an answer"
        case http.client.BadStatusLine():
            return "what the print server speaks is not HTTP"
        case OSError():
            return f"the print server cannot be reached: {error.strerror or type(error).__name__}"[:200]
        case _:
            return str(error)[:200]
