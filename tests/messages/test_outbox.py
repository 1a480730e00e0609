"""The outbox: a message is sent once, told truthfully, and gives its case back when it cannot be sent."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import timedelta
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
from caseflow.messages import fate
from caseflow.messages.channels import REGISTRY
from caseflow.messages.channels.port import Absent, Accepted, Unknown
from caseflow.messages.models import MAX_ATTEMPTS, Message
from tests.mailbox import Mailbox
from tests.messages.mailservers import Scripted
from tests.messages.posting import attempts, case_status, events, fresh, many, reply, until_somebody_waits

pytestmark = pytest.mark.usefixtures("quiet_broker")
Make = Callable[..., Case]
THREADS, MESSAGES, RINGS = 6, 12, 3


@pytest.fixture
def quiet_broker(app: Flask) -> None:
    """No rings of earlier tests wait."""
    broker.celery.control.purge()


@pytest.fixture
def answered(resident_case: Make, clerk: Staff, smtp: Mailbox) -> tuple[Case, Message]:
    """A case whose answer waits in the outbox."""
    case = resident_case()
    deliveries.deliver(1)
    smtp.mails.clear()
    return case, reply(case, clerk)


def test_a_message_is_rung_for_once_its_act_is_committed(resident_case: Make) -> None:
    with unit_of_work():
        assert broker.waiting() == 0
    resident_case()
    assert broker.waiting() == 1


def test_a_message_whose_act_is_rolled_back_was_never_there(answered: tuple[Case, Message], clerk: Staff) -> None:
    rung = broker.waiting()
    with pytest.raises(ZeroDivisionError), unit_of_work():
        case = db.session.get_one(Case, answered[0].id, with_for_update=True)
        lifecycle.reply(case, "Glöm det.", channel="email", by=clerk.as_actor(), now=clock.now())
        _ = 1 / 0
    assert broker.waiting() == rung
    assert db.session.scalar(sa.select(sa.func.count(Message.id))) == 2


def test_a_reply_is_delivered_and_says_by_which_attempt(answered: tuple[Case, Message], smtp: Mailbox) -> None:
    case, message = answered
    deliveries.deliver(message.id)
    now = fresh(message)
    assert (now.status, now.provider_ref, now.error, now.lease_until) == ("accepted", "OK kept as 1", None, None)
    assert now.accepted_at is not None
    assert attempts(message) == [(1, "accepted")]
    assert [mail["Message-ID"] for mail in smtp.mails] == [message.header_id]
    assert case_status(case) == "answered"


def test_a_second_ring_finds_nothing_to_do(answered: tuple[Case, Message], smtp: Mailbox) -> None:
    for _ in range(3):
        deliveries.deliver(answered[1].id)
    assert len(smtp.mails) == 1
    assert attempts(answered[1]) == [(1, "accepted")]


def test_a_ring_for_a_message_that_is_not_there_does_nothing(app: Flask) -> None:
    deliveries.deliver(987654321)


def test_a_ring_before_the_time_has_come_does_nothing(answered: tuple[Case, Message], smtp: Mailbox) -> None:
    with unit_of_work():
        fresh(answered[1]).next_attempt_at = clock.now() + timedelta(minutes=1)
    deliveries.deliver(answered[1].id)
    assert smtp.mails == []


def test_many_workers_ringing_at_once_send_each_message_once(app: Flask, resident_case: Make, smtp: Mailbox) -> None:
    case = resident_case()
    wanted = [*many(case, MESSAGES - 1), 1]
    together = threading.Barrier(THREADS)

    def work(turn: int) -> None:
        together.wait()
        with app.app_context():
            for place, message_id in enumerate(wanted):
                if (place - turn) % THREADS < RINGS:
                    deliveries.deliver(message_id)

    threads = [threading.Thread(target=work, args=(turn,)) for turn in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Counter(mail["Message-ID"] for mail in smtp.mails).most_common(1)[0][1] == 1
    assert len(smtp.mails) == MESSAGES
    statuses = db.session.execute(sa.select(Message.status, Message.attempts).distinct()).all()
    assert [tuple(row) for row in statuses] == [("accepted", 1)]


def test_a_temporary_refusal_is_tried_again_on_the_ladder_until_it_is_given_up(
    answered: tuple[Case, Message], smtp: Mailbox, clock_at: Callable[..., Any]
) -> None:
    case, message = answered
    smtp.refuse["rut@example.org"] = "450 4.2.1 try later"
    waits = []
    for number in range(1, MAX_ATTEMPTS):
        deliveries.deliver(message.id)
        now = fresh(message)
        assert (now.status, now.attempts, now.error) == ("queued", number, "450 4.2.1 try later")
        waits.append(now.next_attempt_at - clock.now())
        assert case_status(case) == "answered"
        clock_at(now.next_attempt_at)
    wanted = [timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240, 720, 1440)]
    assert all(abs(wait - step) < timedelta(seconds=5) for wait, step in zip(waits, wanted, strict=True))
    deliveries.deliver(message.id)
    assert (fresh(message).status, fresh(message).attempts) == ("failed", MAX_ATTEMPTS)
    assert case_status(case) == "in_progress"
    assert attempts(message) == [(number, "rejected") for number in range(1, MAX_ATTEMPTS + 1)]


def test_a_temporary_refusal_that_ends_is_an_ordinary_delivery(
    answered: tuple[Case, Message], smtp: Mailbox, clock_at: Callable[..., Any]
) -> None:
    smtp.refuse["rut@example.org"] = "451 4.3.0 busy"
    deliveries.deliver(answered[1].id)
    smtp.refuse.clear()
    clock_at(fresh(answered[1]).next_attempt_at)
    deliveries.deliver(answered[1].id)
    now = fresh(answered[1])
    assert (now.status, now.error) == ("accepted", None)
    assert attempts(now) == [(1, "rejected"), (2, "accepted")]


@pytest.mark.parametrize("close_after", [False, True])
def test_a_permanent_refusal_gives_the_case_back_with_the_reason(
    resident_case: Make, clerk: Staff, smtp: Mailbox, close_after: bool
) -> None:
    case = resident_case()
    message = reply(case, clerk)
    if close_after:
        with unit_of_work():
            found = db.session.get_one(Case, case.id, with_for_update=True)
            lifecycle.close(found, resolution="answered", reason=None, by=clerk.as_actor(), now=clock.now())
    smtp.refuse["rut@example.org"] = "550 5.1.1 no such user"
    deliveries.deliver(message.id)
    assert (fresh(message).status, fresh(message).error) == ("failed", "550 5.1.1 no such user")
    now = db.session.get_one(Case, case.id, populate_existing=True)
    assert (now.status, now.resolution, now.closed_at, now.assignee_id) == ("in_progress", None, None, clerk.id)
    [event] = events(case, "undelivered")
    before = "closed" if close_after else "answered"
    assert (event.actor, event.version) == ("system", now.version)
    facts = {"channel": "email", "outcome": "failed", "why": "no_address"}
    assert event.data == {"from": before, "to": "in_progress", **facts}


def test_a_receipt_that_bounces_is_noted_and_changes_nothing(resident_case: Make, smtp: Mailbox) -> None:
    smtp.refuse["rut@example.org"] = "550 5.1.1 no such user"
    case = resident_case()
    deliveries.deliver(1)
    assert case_status(case) == "new"
    assert [event.data for event in events(case, "receipt_undelivered")] == [
        {"channel": "email", "outcome": "failed", "why": "no_address"}
    ]
    assert events(case, "undelivered") == []


def test_a_line_cut_after_the_mail_was_sent_is_unknown_and_never_sent_again_by_itself(
    answered: tuple[Case, Message], smtp: Mailbox, clock_at: Callable[..., Any]
) -> None:
    case, message = answered
    smtp.drop = True
    deliveries.deliver(message.id)
    assert fresh(message).status == "unknown"
    assert "SMTPServerDisconnected" in (fresh(message).error or "")
    assert case_status(case) == "in_progress"
    assert events(case, "undelivered")[0].data["outcome"] == "unknown"
    clock_at(clock.now() + timedelta(days=3))
    deliveries.sweep()
    deliveries.deliver(message.id)
    assert fresh(message).status == "unknown"
    assert len(smtp.mails) == 1  # the server did keep it


def test_what_the_mail_server_said_is_written_down_when_the_database_comes_back(
    app: Flask, resident_case: Make, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The database goes away while the mail server has the mail, and lets nobody in for a while."""
    maintenance = sa.create_engine(db.engine.url.set(database="postgres"), isolation_level="AUTOCOMMIT")
    let_in = sa.text("ALTER DATABASE caseflow ALLOW_CONNECTIONS true")
    end_all = sa.text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'caseflow'")
    with maintenance.connect() as outside:

        def comes_back() -> None:
            time.sleep(0.5)
            outside.execute(let_in)

        back = threading.Thread(target=comes_back)

        def kept() -> str:
            outside.execute(sa.text("ALTER DATABASE caseflow ALLOW_CONNECTIONS false"))
            outside.execute(end_all)
            back.start()
            return "250 kept"

        resident_case()
        server = Scripted("220 hello", "250 pleased", "250 ok", "250 ok", "354 go on", kept, "221 bye")
        monkeypatch.setitem(app.config, "SMTP_URL", server.url)
        try:
            deliveries.deliver(1)
        finally:
            back.join()
            outside.execute(let_in)
    maintenance.dispose()
    server.close()
    assert "recording_again" in caplog.text
    assert db.session.get_one(Message, 1).status == "accepted"


class Crashing:
    """A channel with a fault; `reconciled` is what it can find out afterwards."""

    def __init__(self, reconciled: Accepted | Absent | Unknown) -> None:
        self.reconciled = reconciled

    def send(self, message: Message, config: Mapping[str, Any]) -> Accepted:
        raise ZeroDivisionError(message.subject)

    def reconcile(self, message: Message, config: Mapping[str, Any]) -> Accepted | Absent | Unknown:
        return self.reconciled


@pytest.mark.parametrize(
    ("reconciled", "status"), [(Unknown("?"), "unknown"), (Absent(), "queued"), (Accepted("x"), "unknown")]
)
def test_a_crashing_channel_costs_only_its_own_message(
    resident_case: Make,
    clerk: Staff,
    smtp: Mailbox,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    reconciled: Accepted | Absent | Unknown,
    status: str,
) -> None:
    monkeypatch.setitem(REGISTRY, "phone", Crashing(reconciled))
    poisoned = reply(resident_case(reply_by="phone", description="Min hemlighet."), clerk, "phone")
    healthy = reply(resident_case(), clerk)
    deliveries.deliver(poisoned.id)
    deliveries.deliver(healthy.id)
    assert (fresh(poisoned).status, fresh(healthy).status) == (status, "accepted")
    assert "ZeroDivisionError" in (fresh(poisoned).error or "")
    assert "channel_crashed" in caplog.text
    assert "hemlighet" not in caplog.text


def test_a_full_disk_is_a_plain_retry_for_mail_files(
    app: Flask, resident_case: Make, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mail").write_text("a file where the folder should be")
    monkeypatch.setitem(app.config, "DATA", str(tmp_path))
    resident_case()
    deliveries.deliver(1)
    message = db.session.get_one(Message, 1)
    assert (message.status, message.attempts) == ("queued", 1)
    assert message.next_attempt_at > clock.now()


def _unknown(answered: tuple[Case, Message], smtp: Mailbox) -> Message:
    smtp.drop = True
    deliveries.deliver(answered[1].id)
    smtp.drop = False
    return fresh(answered[1])


def test_a_person_says_that_an_unknown_message_arrived(answered: tuple[Case, Message], smtp: Mailbox) -> None:
    message = _unknown(answered, smtp)
    with unit_of_work():
        fate.settle(message, arrived=True, now=clock.now())
    assert (fresh(message).status, fresh(message).error) == ("accepted", None)
    deliveries.deliver(message.id)
    assert len(smtp.mails) == 1


def test_a_person_has_an_unknown_message_sent_again_under_the_same_message_id(
    answered: tuple[Case, Message], smtp: Mailbox
) -> None:
    message, rung = _unknown(answered, smtp), broker.waiting()
    with unit_of_work():
        fate.settle(message, arrived=False, now=clock.now())
    assert (fresh(message).status, fresh(message).attempts) == ("queued", 0)
    assert broker.waiting() == (rung or 0) + 1
    deliveries.deliver(message.id)
    assert fresh(message).status == "accepted"
    assert [mail["Message-ID"] for mail in smtp.mails] == [message.header_id] * 2
    assert attempts(message) == [(1, "unknown"), (2, "accepted")]


def test_a_failed_message_starts_again_at_the_foot_of_the_ladder(answered: tuple[Case, Message], smtp: Mailbox) -> None:
    smtp.refuse["rut@example.org"] = "550 5.1.1 no such user"
    deliveries.deliver(answered[1].id)
    smtp.refuse["rut@example.org"] = "450 4.2.1 try later"
    with unit_of_work():
        fate.requeue(fresh(answered[1]), now=clock.now())
    deliveries.deliver(answered[1].id)
    now = fresh(answered[1])
    assert (now.status, now.attempts) == ("queued", 1)
    assert now.next_attempt_at - clock.now() <= timedelta(minutes=1)
    assert attempts(now) == [(1, "rejected"), (2, "rejected")]


def test_a_cancelled_message_is_not_sent(answered: tuple[Case, Message], smtp: Mailbox) -> None:
    with unit_of_work():
        fate.cancel(fresh(answered[1]))
    deliveries.deliver(answered[1].id)
    assert fresh(answered[1]).status == "cancelled"
    assert smtp.mails == []


def test_what_a_provider_has_cannot_be_taken_back(answered: tuple[Case, Message], smtp: Mailbox) -> None:
    deliveries.deliver(answered[1].id)
    message = fresh(answered[1])
    acts: list[Callable[[], None]] = [
        lambda: fate.cancel(message),
        lambda: fate.requeue(message, now=clock.now()),
        lambda: fate.settle(message, arrived=True, now=clock.now()),
    ]
    for act in acts:
        with pytest.raises(ValueError, match="accepted"), unit_of_work():
            act()
    assert fresh(message).status == "accepted"


def test_staff_and_worker_meeting_over_one_case_do_not_block_each_other_for_ever(
    app: Flask, answered: tuple[Case, Message], smtp: Mailbox, clerk: Staff, caplog: pytest.LogCaptureFixture
) -> None:
    """The worker records a refusal (message, then case) while a caseworker acts (case, then message)."""
    case, message = answered
    smtp.refuse["rut@example.org"] = "550 5.1.1 no such user"
    called, faults = threading.Event(), []

    def worker() -> None:
        with app.app_context():
            called.wait()
            try:
                deliveries.deliver(message.id)
            except Exception as error:
                faults.append(error)

    thread = threading.Thread(target=worker)
    thread.start()
    with unit_of_work() as session:
        found = session.get_one(Case, case.id, with_for_update=True)
        called.set()
        until_somebody_waits()
        session.get_one(Message, message.id, with_for_update=True, populate_existing=True)
        lifecycle.note(found, "Jag ringer i stället.", by=clerk.as_actor(), now=clock.now())
    thread.join()
    assert faults == []
    assert "recording_again" not in caplog.text  # nobody had to be ended to free the other
    assert (fresh(message).status, case_status(case)) == ("failed", "in_progress")
