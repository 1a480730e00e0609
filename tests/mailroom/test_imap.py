"""Mail fetched from a real dovecot, which the test starts."""

from __future__ import annotations

import os
import ssl
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from caseflow import clock
from caseflow.cases.models import Case
from caseflow.database import db, unit_of_work
from caseflow.mailroom import imap, ingest
from caseflow.messages.models import IncomingMail, Pulse
from caseflow.processes import wait_until
from tests.crew import KEPT
from tests.imapserver import ImapServer, serving
from tests.mailroom.conftest import counted
from tests.mailroom.mailprograms import fresh
from tests.nursery import Newborn

PATIENCE = 60.0


class Box:
    """A mailbox of its own on the server, which the app is told to fetch from."""

    def __init__(self, server: ImapServer, app: Flask) -> None:
        self.server, self._app, self.user = server, app, f"m{uuid.uuid4().hex[:10]}"
        self.use()

    def use(self, **url: object) -> None:
        self._app.config["IMAP_URL"] = self.server.url(self.user, **url)  # type: ignore[arg-type]

    def put(self, *raw: bytes) -> None:
        for one in raw:
            self.server.deliver(self.user, one)

    def fetch(self) -> int:
        db.session.rollback()
        return imap.fetch_mail(self._app.config)

    def holds(self, folder: str = "INBOX") -> int:
        return len(self.server.mails(self.user, folder))


@pytest.fixture
def box(imap_server: ImapServer, app: Flask, mailbox: str) -> Iterator[Box]:
    yield Box(imap_server, app)
    app.config["IMAP_URL"] = None


def mails(count: int) -> list[bytes]:
    return [fresh(f"Ärende {number}", f"Text {number}", sender=f"r{number}@example.org") for number in range(count)]


def outcomes() -> list[str]:
    db.session.rollback()
    return list(db.session.scalars(sa.select(IncomingMail.outcome).order_by(IncomingMail.id)))


def test_mails_become_cases_and_move_to_the_archive(box: Box) -> None:
    box.put(*mails(3))
    assert box.fetch() == 3
    assert (box.holds(), box.holds("Archive")) == (0, 3)
    assert outcomes() == ["filed"] * 3
    row = db.session.scalars(sa.select(IncomingMail).order_by(IncomingMail.uid)).first()
    assert row and (row.uid, row.mailbox) == (1, f"{box.user}@127.0.0.1/INBOX")
    assert db.session.get(Pulse, "mail")
    assert box.fetch() == 0


def test_nothing_is_fetched_without_an_address(app: Flask) -> None:
    assert app.config["IMAP_URL"] is None
    assert imap.fetch_mail(app.config) == 0


def test_starttls_is_taken_on_the_other_port_and_folders_have_their_own_names(box: Box) -> None:
    box.use(tls=False, done="Klart")
    box.put(*mails(1))
    assert box.fetch() == 1
    assert box.holds("Klart") == 1


def test_a_server_that_cannot_prove_who_it_is_gets_no_password(box: Box) -> None:
    authorities = Path(ssl.get_default_verify_paths().cafile or "/etc/ssl/certs/ca-certificates.crt")
    for tls in (True, False):
        box.use(tls=tls, ca=authorities)
        box.put(*mails(1))
        assert box.fetch() == 0
    assert counted(IncomingMail) == 0


def test_a_server_without_move_is_served_by_copies(certificate: tuple[Path, Path], app: Flask, mailbox: str) -> None:
    for server in serving(certificate, "IMAP4rev1 SASL-IR LITERAL+ UIDPLUS"):
        box = Box(server, app)
        box.put(*mails(2))
        assert box.fetch() == 2
        assert (box.holds(), box.holds("Archive")) == (0, 2)
        assert box.fetch() == 0
    app.config["IMAP_URL"] = None


def test_new_numbers_on_the_server_make_no_second_case(box: Box) -> None:
    """A crash before the move, and a backup that was restored: the same mails under another UIDVALIDITY."""
    raw = mails(2)
    box.put(*raw)
    box.fetch()
    box.put(*raw)
    box.server.forget_uids(box.user)
    assert box.fetch() == 2
    assert (counted(Case), counted(IncomingMail), box.holds()) == (2, 2, 0)


@pytest.mark.parametrize("step", ["kept", "done"])
def test_a_crash_before_the_move_repeats_harmlessly(box: Box, app: Flask, step: str) -> None:
    """What such a crash leaves: the row, or the row and the case, and the mail still in the INBOX."""
    (raw,) = mails(1)
    mail_id = ingest.keep(raw, ingest.Origin("x", clock.now()), app.config)
    if step == "done":
        ingest.process(mail_id, app.config)
    box.put(raw)
    assert box.fetch() == 1
    assert (counted(Case), counted(IncomingMail), box.holds("Archive")) == (1, 1, 1)


def test_a_killed_fetcher_loses_nothing_and_doubles_nothing(
    box: Box, environment: dict[str, str], app: Flask, tmp_path: Path
) -> None:
    """SIGKILL amid a fetch, in a process of its own; then one that lives."""
    box.put(*mails(8))
    ours = {name: os.environ[name] for name in KEPT if name in os.environ}
    environ = {**ours, **environment, "IMAP_URL": str(app.config["IMAP_URL"]), "LOG_FORMAT": "json"}
    fetcher = Newborn("tests.mailroom.fetcher", environ=environ, log=tmp_path / "log")
    assert wait_until(lambda: counted(IncomingMail) >= 3 or not fetcher.alive(), PATIENCE)
    fetcher.kill()
    assert counted(IncomingMail) >= 3, (tmp_path / "log").read_text()
    for _ in range(50):  # PostgreSQL notices a little later that the dead one no longer holds the lock
        box.fetch()
        if not box.holds():
            break
        time.sleep(0.1)
    assert outcomes() == ["filed"] * 8
    assert (counted(Case), box.holds(), box.holds("Archive")) == (8, 0, 8)


def test_a_poisoned_mail_goes_aside_after_three_tries_and_stops_nobody(box: Box, app: Flask) -> None:
    first, poison, last = mails(3)
    mail_id = ingest.keep(poison, ingest.Origin("x", clock.now()), app.config)
    with unit_of_work():
        db.session.execute(sa.text("ALTER TABLE \"case\" ADD CONSTRAINT poison CHECK (email <> 'r1@example.org')"))
    try:
        box.put(first, poison, last)
        assert [box.fetch() for _ in range(4)] == [2, 0, 1, 0]
    finally:
        with unit_of_work():
            db.session.execute(sa.text('ALTER TABLE "case" DROP CONSTRAINT poison'))
    row = db.session.get_one(IncomingMail, mail_id, populate_existing=True)
    assert (row.outcome, row.attempts, row.note) == ("held", 3, "failed")
    assert (box.holds(), box.holds("Archive"), box.holds("Failed")) == (0, 2, 1)


def test_only_one_fetches_at_a_time(box: Box) -> None:
    box.put(*mails(1))
    with imap._alone() as alone:
        assert alone
        assert box.fetch() == 0
    assert box.fetch() == 1


def test_a_wrong_password_and_a_dead_server_are_survived(box: Box, app: Flask) -> None:
    right = str(app.config["IMAP_URL"])
    for wrong in (right.replace("ett-", "tva-"), right.replace(f":{box.server.tls_port}/", ":1/")):
        app.config["IMAP_URL"] = wrong
        assert box.fetch() == 0
    assert db.session.get(Pulse, "mail") is None


def test_what_a_pipe_left_lying_is_taken_up(box: Box, app: Flask, clock_at: Callable[..., object]) -> None:
    ingest.keep(mails(1)[0], ingest.Origin("pipe", clock.now()), app.config)
    assert ingest.take_up(app.config) == 0
    clock_at(clock.now() + ingest.GRACE * 2)
    assert ingest.take_up(app.config) == 1
    assert outcomes() == ["filed"]
