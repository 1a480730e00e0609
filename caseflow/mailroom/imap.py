"""Mail fetched from an IMAP server: kept, committed, dealt with, and only then moved out of the way there.

A crash between any two steps repeats the step before, which finds its work done. What cannot be dealt with three times
goes to a folder of its own and stops nobody; what could not be dealt with just now stays where it is.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from typing import NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit

import sqlalchemy as sa
import structlog
from imapclient import IMAPClient, SocketTimeout
from imapclient.exceptions import IMAPClientError

from caseflow import clock
from caseflow.database import db, unit_of_work
from caseflow.mailroom import ingest
from caseflow.mailroom.ingest import Config, Origin
from caseflow.mailroom.reading import SIZE
from caseflow.messages import outbox
from caseflow.messages.models import IncomingMail

log = structlog.get_logger(__name__)

# Seconds: to connect; for one answer; and after which no further mail is begun, less than a task may live.
CONNECT, STEP, IN_ALL = 10, 20, 45
BATCH = 50
# The advisory lock of whoever fetches; any number that nobody else takes.
LOCK = 0x6361736D61696C
TROUBLE = (OSError, IMAPClientError, ssl.SSLError)


class Account(NamedTuple):
    """What IMAP_URL says: imaps://user:password@host:993/INBOX?done=Archive&failed=Failed&ca=file, percent-encoded.

    imaps is TLS from the start; imap takes STARTTLS and goes no further without it. `ca` names a PEM file of the
    authorities to trust instead of the system's. `done` and `failed` are folders, made when they are missing.
    """

    tls: bool
    host: str
    port: int
    user: str
    password: str
    folder: str
    done: str
    failed: str
    ca: str | None

    @classmethod
    def of(cls, url: str) -> Account:
        parts, tls = urlsplit(url), url.startswith("imaps://")
        asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
        return cls(
            tls=tls,
            host=parts.hostname or "localhost",
            port=parts.port or (993 if tls else 143),
            user=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
            folder=unquote(parts.path).strip("/") or "INBOX",
            done=asked.get("done", "Archive"),
            failed=asked.get("failed", "Failed"),
            ca=asked.get("ca"),
        )

    @property
    def name(self) -> str:
        """The mailbox as its rows name it."""
        return f"{self.user}@{self.host}/{self.folder}"


def fetch_mail(config: Config) -> int:
    """Take in what waits on the server, unless somebody else is just doing it; how many mails were dealt with."""
    if not config["IMAP_URL"]:
        return 0
    with _alone() as alone:
        if not alone:
            return 0
        ingest.take_up(config)
        try:
            done = _fetch(Account.of(config["IMAP_URL"]), config)
        except TROUBLE as error:  # without its words: they may hold the account's name
            log.error("mail_not_fetched", error=type(error).__name__)
            return 0
        with unit_of_work():
            outbox.beat("mail", clock.now())
        return done


def _fetch(account: Account, config: Config) -> int:
    ends, done = time.monotonic() + IN_ALL, 0
    with _session(account) as server:
        chosen = server.select_folder(account.folder)
        uidvalidity = int(chosen[b"UIDVALIDITY"])
        waiting = sorted(server.search(["UNDELETED"]))
        for first in range(0, len(waiting), BATCH):
            facts = server.fetch(waiting[first : first + BATCH], ["INTERNALDATE"])
            for uid in sorted(facts):
                if time.monotonic() > ends:
                    return done
                origin = Origin(account.name, facts[uid].get(b"INTERNALDATE") or clock.now(), uidvalidity, uid)
                done += _take_in(server, account, uid, origin, config)
    return done


def _take_in(server: IMAPClient, account: Account, uid: int, origin: Origin, config: Config) -> bool:
    """One mail, from the server to its end; False when it is gone or stays there for another try."""
    raw = _content(server, uid)
    if raw is None:
        return False
    mail_id = ingest.keep(raw, origin, config)
    outcome = ingest.process(mail_id, config)
    if outcome == "received":
        return False
    _move(server, uid, account.failed if _failed(mail_id) else account.done)
    return True


def _content(server: IMAPClient, uid: int) -> bytes | None:
    """The mail as it lies there, unread as before; of one that is too big to be taken apart its beginning."""
    found = server.fetch([uid], [f"BODY.PEEK[]<0.{SIZE + 1}>"]).get(uid, {})
    content = found.get(b"BODY[]<0>", found.get(b"BODY[]"))
    return content if isinstance(content, bytes) else None


def _failed(mail_id: int) -> bool:
    with unit_of_work() as session:
        row = session.get_one(IncomingMail, mail_id, populate_existing=True)
        return row.outcome == "held" and row.attempts >= ingest.TRIES


def _move(server: IMAPClient, uid: int, folder: str) -> None:
    """Out of the way; done twice, a server without MOVE has it twice in the folder."""
    if not server.folder_exists(folder):
        server.create_folder(folder)
        server.subscribe_folder(folder)
    if server.has_capability("MOVE"):
        server.move([uid], folder)
        return
    server.copy([uid], folder)
    server.delete_messages([uid])
    if server.has_capability("UIDPLUS"):  # otherwise it would expunge what others have marked
        server.uid_expunge([uid])


@contextmanager
def _session(account: Account) -> Iterator[IMAPClient]:
    trust = _trust(account.ca)
    server = IMAPClient(
        account.host, account.port, ssl=account.tls, ssl_context=trust, timeout=SocketTimeout(CONNECT, STEP)
    )
    try:
        if not account.tls:
            server.starttls(trust)
        server.normalise_times = False  # times with their zone
        if server.has_capability("AUTH=PLAIN"):  # LOGIN takes ASCII only
            server.plain_login(account.user, account.password)
        else:
            server.login(account.user, account.password)
        yield server
    except BaseException:
        with suppress(OSError):
            server.shutdown()
        raise
    with suppress(*TROUBLE):  # all is done: a lost farewell changes nothing
        server.logout()


@cache
def _trust(ca: str | None) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=ca)


@contextmanager
def _alone() -> Iterator[bool]:
    """Whether nobody else fetches, on this machine or another; PostgreSQL lets go of the lock when its holder dies."""
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        alone = bool(connection.scalar(sa.select(sa.func.pg_try_advisory_lock(LOCK))))
        try:
            yield alone
        finally:
            if alone:
                connection.execute(sa.select(sa.func.pg_advisory_unlock(LOCK)))
