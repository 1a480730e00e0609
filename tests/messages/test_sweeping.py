"""The sweep: what crashes and lost rings leave behind is taken up, and nothing is sent twice for it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from caseflow import broker, clock
from caseflow.accounts.models import Staff
from caseflow.cases import lifecycle
from caseflow.cases.delivery import deliveries
from caseflow.cases.models import Case
from caseflow.database import db, unit_of_work
from caseflow.messages import outbox
from caseflow.messages.channels import letter
from caseflow.messages.channels.port import Absent, Accepted, Unknown
from caseflow.messages.models import MAX_ATTEMPTS, Message, Pulse
from tests.brokers import Point, black_hole, point_at
from tests.mailbox import Mailbox
from tests.messages.posting import (
    attempts,
    case_status,
    die_in_call,
    die_in_claim,
    events,
    fresh,
    many,
    reply,
    until_somebody_waits,
)

__all__ = ["black_hole", "point_at"]

Make = Callable[..., Case]
Later = Callable[[], None]


@pytest.fixture(autouse=True)
def quiet_broker(app: Flask) -> None:
    """No rings of earlier tests wait."""
    broker.celery.control.purge()


@pytest.fixture
def later(clock_at: Callable[..., Any]) -> Later:
    """Let every lease run out."""
    return lambda: clock_at(clock.now() + outbox.LEASE + timedelta(seconds=1))


@pytest.fixture
def waiting_reply(resident_case: Make, clerk: Staff) -> Callable[[str], Message]:
    return lambda channel: reply(resident_case(reply_by=channel), clerk, channel)


def test_a_lost_ring_is_rung_again(resident_case: Make) -> None:
    resident_case()
    broker.celery.control.purge()
    deliveries.sweep()
    assert broker.waiting() == 1


def test_only_what_is_due_is_rung_for(resident_case: Make, deliver_all: Callable[[], None]) -> None:
    resident_case()
    resident_case()
    with unit_of_work():
        db.session.get_one(Message, 2).next_attempt_at = clock.now() + timedelta(minutes=1)
    deliveries.deliver(1)
    broker.celery.control.purge()
    deliveries.sweep()
    assert broker.waiting() == 0


def test_a_stalled_worker_does_not_make_the_sweep_fill_the_broker(
    resident_case: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "SWEEP_LIMIT", 5)
    many(resident_case(), 9)
    broker.celery.control.purge()
    for _ in range(4):
        deliveries.sweep()
    assert broker.waiting() == 5


def test_a_sweep_rings_only_as_often_as_the_broker_has_too_few(resident_case: Make) -> None:
    ids = many(resident_case(), 9)
    broker.celery.control.purge()
    for message_id in ids[:3]:
        broker.ring("deliver", message_id)
    assert outbox.sweep({}, lifecycle.undelivered) == 7  # ten are due, three rings wait
    assert broker.waiting() == 10
    assert outbox.sweep({}, lifecycle.undelivered) == 0


def test_a_claim_whose_worker_died_is_sent_after_its_lease(
    waiting_reply: Callable[[str], Message], smtp: Mailbox, later: Later
) -> None:
    message = waiting_reply("email")
    die_in_claim(message)
    deliveries.sweep()
    assert fresh(message).status == "claimed"
    later()
    deliveries.sweep()
    assert fresh(message).status == "queued"
    deliveries.deliver(message.id)
    assert fresh(message).status == "accepted"
    assert [mail["Message-ID"] for mail in smtp.mails] == [message.header_id]
    assert attempts(message) == [(1, "died"), (2, "accepted")]


def test_a_message_that_always_kills_its_worker_is_given_up(
    waiting_reply: Callable[[str], Message], clock_at: Callable[..., Any], later: Later
) -> None:
    message = waiting_reply("letter")
    for _ in range(MAX_ATTEMPTS):
        die_in_call(message)
        later()
        deliveries.sweep()
    assert (fresh(message).status, fresh(message).attempts) == ("failed", MAX_ATTEMPTS)
    case = db.session.get_one(Case, message.case_id, populate_existing=True)
    assert case.status == "in_progress"
    assert [event.data["outcome"] for event in events(case, "undelivered")] == ["failed"]


def test_a_call_whose_worker_died_is_unknown_when_a_mail_server_may_have_it(
    waiting_reply: Callable[[str], Message], smtp: Mailbox, later: Later
) -> None:
    message = waiting_reply("email")
    die_in_call(message)
    deliveries.sweep()
    assert fresh(message).status == "calling"
    later()
    deliveries.sweep()
    assert fresh(message).status == "unknown"
    assert fresh(message).error == "the connection to the mail server ended before its answer was recorded"
    assert attempts(message) == [(1, "unknown")]
    case = db.session.get_one(Case, message.case_id, populate_existing=True)
    assert case.status == "in_progress"
    deliveries.sweep()
    deliveries.deliver(message.id)
    assert smtp.mails == []
    assert len(events(case, "undelivered")) == 1


def test_a_mail_file_that_is_there_was_sent(
    app: Flask, waiting_reply: Callable[[str], Message], later: Later, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "DATA", str(tmp_path))
    message = waiting_reply("email")
    deliveries.deliver(message.id)
    [file] = (tmp_path / "mail").iterdir()
    with unit_of_work():  # as if the worker had died before it wrote its answer down
        db.session.execute(sa.text("UPDATE attempt SET ended_at = NULL, outcome = NULL"))
        row = fresh(message)
        row.status, row.lease_until, row.accepted_at, row.provider_ref = "calling", clock.now(), None, None
    later()
    deliveries.sweep()
    assert (fresh(message).status, fresh(message).provider_ref) == ("accepted", file.name)
    assert [path.name for path in (tmp_path / "mail").iterdir()] == [file.name]


def test_a_mail_file_that_is_absent_is_written_once(
    app: Flask, waiting_reply: Callable[[str], Message], later: Later, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "DATA", str(tmp_path))
    message = waiting_reply("email")
    die_in_call(message)
    (tmp_path / "mail").mkdir()
    stranger = f"{message.created_at:%Y-%m-%d}-{message.id}.eml"
    (tmp_path / "mail" / stranger).write_text("Message-ID: <another.databases@example.org>\n")
    later()
    deliveries.sweep()
    assert fresh(message).status == "queued"
    deliveries.deliver(message.id)
    assert fresh(message).status == "accepted"
    assert attempts(message) == [(1, "absent"), (2, "accepted")]
    assert message.header_id in (tmp_path / "mail" / stranger).read_text()


@pytest.mark.parametrize("channel", ["phone", "letter"])
def test_what_stays_in_the_house_is_simply_done_again(
    app: Flask, waiting_reply: Callable[[str], Message], later: Later, channel: str
) -> None:
    message = waiting_reply(channel)
    die_in_call(message)
    later()
    deliveries.sweep()
    deliveries.deliver(message.id)
    assert fresh(message).status == "accepted"
    assert attempts(message) == [(1, "absent"), (2, "accepted")]
    if channel == "letter":
        assert letter.path_of(message.id, app.config).read_bytes().startswith(b"%PDF")


def test_a_worker_that_slept_past_its_lease_does_not_send(
    waiting_reply: Callable[[str], Message], smtp: Mailbox, later: Later
) -> None:
    message = waiting_reply("email")
    number = die_in_claim(message)
    later()
    deliveries.sweep()
    deliveries.deliver(message.id)
    assert outbox._begin_call(message.id, number, clock.now(), outbox.LEASE) is None
    assert len(smtp.mails) == 1


def test_an_answer_that_comes_after_the_attempt_was_ended_is_not_written_over_the_next_one(
    waiting_reply: Callable[[str], Message], later: Later
) -> None:
    message = waiting_reply("phone")
    first = die_in_call(message)
    later()
    deliveries.sweep()
    second = die_in_call(message)
    outbox._record(message.id, first, "calling", Accepted("late"), lifecycle.undelivered)
    assert (fresh(message).status, fresh(message).provider_ref) == ("calling", None)
    outbox._record(message.id, second, "calling", Accepted("in time"), lifecycle.undelivered)
    assert (fresh(message).status, fresh(message).provider_ref) == ("accepted", "in time")
    assert attempts(message) == [(1, "absent"), (2, "accepted")]


def test_a_worker_that_wakes_while_the_sweep_looks_keeps_its_call(waiting_reply: Callable[[str], Message]) -> None:
    message = waiting_reply("phone")
    number = die_in_claim(message)
    assert outbox._begin_call(message.id, number, clock.now(), outbox.LEASE) is not None
    outbox._record(message.id, number, "claimed", Absent(), lifecycle.undelivered)
    assert fresh(message).status == "calling"


def test_a_late_worker_waits_for_the_sweep_and_then_leaves_its_word(
    app: Flask, waiting_reply: Callable[[str], Message], later: Later
) -> None:
    message = waiting_reply("phone")
    number = die_in_call(message)

    def late() -> None:
        with app.app_context():
            outbox._record(message.id, number, "calling", Accepted("late"), lifecycle.undelivered)

    thread = threading.Thread(target=late)
    with unit_of_work() as session:
        row = session.get_one(Message, message.id, with_for_update=True, populate_existing=True)
        thread.start()
        until_somebody_waits()
        outbox._apply(row, Unknown("?"), clock.now())
        outbox._close_attempt(row, number, "unknown", clock.now())
    thread.join()
    assert (fresh(message).status, fresh(message).provider_ref) == ("unknown", None)


def test_two_sweeps_at_once_settle_each_message_once(
    app: Flask, resident_case: Make, clerk: Staff, later: Later
) -> None:
    messages = [reply(resident_case(), clerk) for _ in range(10)]
    app.config["SMTP_URL"] = "smtp://127.0.0.1:9"
    for message in messages:
        die_in_call(message)
    later()
    together = threading.Barrier(3)

    def work() -> None:
        together.wait()
        with app.app_context():
            deliveries.sweep()

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    app.config["SMTP_URL"] = None
    assert {fresh(message).status for message in messages} == {"unknown"}
    cases = db.session.scalars(sa.select(Case)).all()
    assert [len(events(case, "undelivered")) for case in cases] == [1] * 10


def test_a_message_that_cannot_be_settled_holds_up_no_other(
    app: Flask, resident_case: Make, clerk: Staff, later: Later, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken, healthy = reply(resident_case(), clerk), reply(resident_case(), clerk)
    monkeypatch.setitem(app.config, "SMTP_URL", "smtp://127.0.0.1:9")
    die_in_call(broken)
    die_in_call(healthy)
    later()

    def fail_for_the_first(message: Message, now: Any) -> None:
        if message.id == broken.id:
            raise ZeroDivisionError
        lifecycle.undelivered(message, now)

    outbox.sweep(app.config, fail_for_the_first)
    assert (fresh(broken).status, fresh(healthy).status) == ("calling", "unknown")
    deliveries.sweep()
    assert fresh(broken).status == "unknown"
    assert case_status(db.session.get_one(Case, broken.case_id)) == "in_progress"


def test_the_sweep_goes_on_without_a_broker_and_says_that_it_lives(
    waiting_reply: Callable[[str], Message], later: Later, point_at: Point, black_hole: str
) -> None:
    message = waiting_reply("phone")
    die_in_claim(message)
    later()
    point_at(black_hole)
    began = clock.now()
    deliveries.sweep()
    assert clock.now() - began < timedelta(seconds=4)
    assert fresh(message).status == "queued"
    assert db.session.scalars(sa.select(Pulse.at).where(Pulse.name == "sweep")).one() >= began
