"""The real Celery worker and beat, over the real broker, to real mail servers, and killed."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import redis
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from caseflow import clock
from caseflow.accounts.models import Staff
from caseflow.cases.models import Case
from caseflow.database import db
from caseflow.messages.models import Message
from caseflow.processes import wait_until
from tests.crew import Crew
from tests.messages.mailservers import Deaf
from tests.messages.posting import attempts, case_status, events, fresh, reply

Make = Callable[..., Case]
Hire = Callable[..., Crew]
PATIENCE = 40


@pytest.fixture
def flush(environment: dict[str, str]) -> Callable[[], None]:
    """The broker forgets everything."""
    return lambda: redis.Redis.from_url(environment["REDIS_URL"]).flushall()


@pytest.fixture
def crew(
    app: Flask, environment: dict[str, str], tmp_path: Path, flush: Callable[[], None]
) -> Iterator[Callable[..., Crew]]:
    """Start a worker and a beat, which send to the app's mail server."""
    flush()
    started: list[Crew] = []

    def start(**options: float) -> Crew:
        server = {"SMTP_URL": app.config["SMTP_URL"]} if app.config["SMTP_URL"] else {}
        started.append(Crew(tmp_path, {**environment, **server}, **options))
        return started[-1]

    yield start
    for crew in started:
        crew.kill()


def _becomes(message: Message, *statuses: str) -> bool:
    def there() -> bool:
        time.sleep(0.05)
        found = fresh(message).status in statuses
        db.session.rollback()
        return found

    return wait_until(there, PATIENCE)


def test_the_sweep_sends_what_the_broker_forgot_and_the_house_says_that_it_is_ready(
    resident_case: Make,
    clerk: Staff,
    client: FlaskClient,
    crew: Hire,
    flush: Callable[[], None],
    clock_at: Callable[..., Any],
) -> None:
    workers = crew(sweep=0.5)
    message = reply(resident_case(reply_by="phone"), clerk, "phone")
    flush()
    assert _becomes(message, "accepted")
    assert wait_until(lambda: client.get("/readyz").status_code == 200, PATIENCE), client.get("/readyz").json
    flush()  # while the worker listens: it must hear what comes later
    another = reply(resident_case(reply_by="phone"), clerk, "phone")
    assert _becomes(another, "accepted")
    workers.kill()
    clock_at(clock.now() + timedelta(seconds=70))
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json["worker"][:10], answer.json["sweep"][:10]) == (503, *["silent for"] * 2)


def test_workers_killed_while_they_send_leave_unknowns_that_are_listed_and_not_sent_again(
    app: Flask, resident_case: Make, clerk: Staff, crew: Hire
) -> None:
    with Deaf() as server:
        app.config["SMTP_URL"] = server.url
        workers = crew(lease=2, sweep=0.5)
        case = resident_case(reply_by="none", email="rut@example.org")
        message = reply(case, clerk)
        assert wait_until(lambda: server.mails == 1, PATIENCE)
        assert _becomes(message, "calling")
        workers.kill_children()  # the pool starts new ones
        assert _becomes(message, "unknown")
        assert workers.worker.alive()
        assert attempts(message) == [(1, "unknown")]
        assert case_status(case) == "in_progress"
        assert [event.data["outcome"] for event in events(case, "undelivered")] == ["unknown"]
        more = [reply(resident_case(reply_by="phone"), clerk, "phone") for _ in range(20)]
        workers.worker.kill()
        workers.revive()
        assert all(_becomes(message, "accepted") for message in more)
        assert (fresh(message).status, server.mails) == ("unknown", 1)
    app.config["SMTP_URL"] = None
    assert db.session.scalar(sa.select(sa.func.count(Message.id)).where(Message.lease_until.is_not(None))) == 0
