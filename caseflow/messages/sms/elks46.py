"""46elks: its SMS API of version a1, as its documentation has it (sms, sms-history, sms-delivery-reports).

One connection for each request: a kept one may be closed by the other side while we write to it, and then nobody knows
whether the SMS went out. Redirects are not followed, nothing is repeated here: the outbox does that, and knows when.
"""

from __future__ import annotations

import json
import re
import socket
import ssl
import time
from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from functools import cache
from http.client import HTTPException
from threading import Timer
from typing import Any, NamedTuple
from urllib.parse import urlencode

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError

from caseflow.messages.sms.account import Account
from caseflow.messages.sms.port import Receipt, Refused, Sent, Sms, Unclear, Unreadable

# Seconds to connect; for a request and its whole answer; and for all pages of a history, which a sweep waits for.
CONNECT, IN_ALL, HISTORY = 5, 40, 20
PAGE, PAGES = 100, 20
BYTES = 2_000_000  # of an answer, at most: a page of a hundred long SMS is a tenth of this
# Of a request that was not understood, the words that point at what the operator has set and not the writer.
OURS = re.compile(r"\bfrom\b|sender|whendelivered|callback|\burl\b|credit|balance|account", re.IGNORECASE)


def send(sms: Sms, account: Account) -> str:
    """Raises `Refused` and `Unclear` as the port says.

    What 5xx means, a server that has just failed cannot promise: the SMS may be on its way. The history tells.
    """
    form = {"from": account.sender, "to": sms.to, "message": sms.text, "whendelivered": sms.receipts}
    try:
        answer = _ask(account, "POST", "/a1/sms", urlencode(form))
    except _NotSent as error:
        raise Refused(str(error), final=False) from error
    except _AnswerLost as error:
        raise Unclear(str(error)) from error
    if 300 <= answer.status < 500:
        raise Refused(answer.said, final=answer.status in (400, 413, 422) and not OURS.search(answer.said))
    taken = answer.data.get("id") if answer.status < 300 else None
    if not isinstance(taken, str) or not taken:
        raise Unclear(answer.said)
    return taken


def history(to: str, since: datetime, account: Account) -> list[Sent]:
    """Outgoing SMS to the number, the newest first. The pages go back in time; `next` is where the following begins."""
    found: list[Sent] = []
    query: dict[str, object] = {"to": to, "limit": PAGE}
    deadline = time.monotonic() + HISTORY
    for _page in range(PAGES):
        data = _page_of(account, query, deadline - time.monotonic())
        try:
            found += [_sent(entry) for entry in data["data"] if entry["direction"] != "incoming" and entry["to"] == to]
            following = data.get("next")
            if not following or _moment(following) < since:
                return [sent for sent in found if sent.at >= since]
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise Unreadable(f"a history that cannot be understood: {type(error).__name__}") from error
        query["start"] = following  # "retrieve SMS before this date"
    raise Unreadable(f"a history of more than {PAGE * PAGES} SMS")


def receipt(form: Mapping[str, str]) -> Receipt:
    """id, status, and with `delivered` its time in UTC; a time that cannot be read matters to nobody."""
    taken, status = form.get("id", ""), form.get("status", "")
    if not taken or not status:
        raise ValueError("a delivery report needs an id and a status")
    if status not in ("delivered", "failed"):
        return Receipt(taken, None)
    at = None
    with suppress(ValueError):
        at = _moment(form["delivered"]) if "delivered" in form else None
    return Receipt(taken, "delivered" if status == "delivered" else "failed", at)


def _page_of(account: Account, query: Mapping[str, object], within: float) -> dict[str, Any]:
    try:
        answer = _ask(account, "GET", f"/a1/sms?{urlencode(query)}", within=within)
    except (_NotSent, _AnswerLost) as error:
        raise Unreadable(str(error)) from error
    if answer.status != 200:
        raise Unreadable(answer.said)
    return answer.data


def _sent(entry: Mapping[str, Any]) -> Sent:
    text = entry.get("message")
    return Sent(str(entry["id"]), text if isinstance(text, str) and text else None, _moment(entry["created"]))


def _moment(text: str) -> datetime:
    """2017-03-14T09:52:07.302000, with or without a Z: always UTC."""
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


class _NotSent(Exception):
    """Nothing has reached the provider."""


class _AnswerLost(Exception):
    """The request may have reached the provider."""


class _Answer(NamedTuple):
    status: int
    text: str

    @property
    def said(self) -> str:
        """46elks explains its errors in plain text."""
        return f"{self.status} {' '.join(self.text.split())}"[:200].rstrip()

    @property
    def data(self) -> dict[str, Any]:
        """The answer as JSON; nothing where it is none."""
        try:
            found = json.loads(self.text)
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}


def _ask(account: Account, method: str, path: str, form: str | None = None, within: float | None = None) -> _Answer:
    """One request. Raises `_NotSent` before its first byte, `_AnswerLost` after that."""
    token = b64encode(f"{account.user}:{account.password}".encode()).decode()
    headers = {"Authorization": f"Basic {token}", "Accept-Encoding": "identity"}
    if form is not None:
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    deadline = time.monotonic() + (IN_ALL if within is None else within)
    with _line(account) as line:
        try:
            line.connect()
            _still(deadline)
        except (HTTPError, OSError) as error:
            raise _NotSent(_reason(error)) from error
        try:
            with _cut_at(deadline, line):
                line.request(method, path, body=form, headers=headers, preload_content=False)
                answer = line.getresponse()
                return _Answer(answer.status, answer.read(BYTES).decode("utf-8", "replace"))
        except (HTTPError, HTTPException, OSError, ValueError) as error:  # ValueError: a TLS line that was cut
            raise _AnswerLost(_reason(error)) from error


@contextmanager
def _line(account: Account) -> Iterator[HTTPConnection]:
    """A connection to be made. Connecting is a step of its own, because until then nothing can have gone out."""
    line = HTTPConnection(account.host, account.port, timeout=CONNECT)
    if account.tls:
        line = HTTPSConnection(account.host, account.port, timeout=CONNECT, ssl_context=_trust(account.ca))
    try:
        yield line
    finally:
        line.close()


@contextmanager
def _cut_at(deadline: float, line: HTTPConnection) -> Iterator[None]:
    """A server that answers byte by byte keeps every socket's patience awake: the line is cut at the deadline."""
    line.timeout = max(0.1, deadline - time.monotonic())
    cutting = Timer(line.timeout, _cut, (line,))
    cutting.daemon = True
    cutting.start()
    try:
        yield
    finally:
        cutting.cancel()


def _cut(line: HTTPConnection) -> None:
    with suppress(OSError, AttributeError):  # closed meanwhile
        line.sock.shutdown(socket.SHUT_RDWR)


def _still(deadline: float) -> None:
    if time.monotonic() > deadline:
        raise TimeoutError("the provider is too slow")


@cache
def _trust(ca: str | None) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=ca)


def _reason(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:200]
