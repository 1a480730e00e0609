"""What the operator's monitor is told: the process lives; the house is ready, or what of it is not."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from caseflow import clock
from caseflow.cases.delivery import deliveries
from tests.brokers import Point, black_hole, closed_port, point_at
from tests.cases.replying import reply
from tests.cases.troubles import RELAYING, Troubles, become, troubles

__all__ = ["black_hole", "closed_port", "point_at", "troubles"]
WELL = dict.fromkeys(("database", "broker", "worker", "sweep", "deliveries"), "ok")


@pytest.fixture
def alive() -> None:
    """A worker and a sweep that have just been at work."""
    deliveries.worker_beat()
    deliveries.sweep()


def test_the_process_says_that_it_lives(client: FlaskClient) -> None:
    answer = client.get("/healthz")
    assert (answer.status_code, answer.text) == (200, "ok\n")


def test_a_house_without_a_worker_is_not_ready(client: FlaskClient) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json == {**WELL, "worker": "never seen", "sweep": "never seen"}


@pytest.mark.usefixtures("alive")
def test_a_house_with_all_its_parts_is_ready(client: FlaskClient) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json == WELL
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.usefixtures("alive")
def test_a_worker_that_has_gone_silent_is_named(client: FlaskClient, clock_at: Callable[..., Any]) -> None:
    clock_at(clock.now() + timedelta(seconds=50))
    deliveries.sweep()
    assert client.get("/readyz").status_code == 200
    clock_at(clock.now() + timedelta(seconds=20))
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json == {**WELL, "worker": "silent for 70 s"}


def complaint(client: FlaskClient) -> str:
    answer = client.get("/readyz")
    said = str(answer.json["deliveries"])
    assert answer.status_code == (200 if said == "ok" else 503)
    return said


@pytest.mark.usefixtures("alive")
def test_a_message_that_is_due_and_not_taken_is_told_with_its_age(client: FlaskClient, troubles: Troubles) -> None:
    message = troubles.untaken()
    become(message, next_attempt_at=clock.now() - timedelta(seconds=590))
    assert complaint(client) == "ok"
    become(message, next_attempt_at=clock.now() - timedelta(seconds=700))
    assert re.fullmatch("the oldest due message waits 70[0-9] s", complaint(client))
    become(message, next_attempt_at=clock.now() + timedelta(hours=3))
    assert complaint(client) == "ok"


@pytest.mark.usefixtures("alive")
def test_messages_that_no_sweep_takes_up_are_counted(client: FlaskClient, troubles: Troubles) -> None:
    late, early = troubles.stuck(), troubles.stuck()
    become(early, lease_until=clock.now() - timedelta(seconds=50))
    assert complaint(client) == "messages past their lease that are not taken up: 1"
    become(late, lease_until=clock.now())
    assert complaint(client) == "ok"


@pytest.mark.usefixtures("alive")
def test_too_many_attempts_that_come_to_nothing_are_told(
    client: FlaskClient, troubles: Troubles, clock_at: Callable[..., Any], deliver_all: Callable[[], None]
) -> None:
    for _time in range(7):
        reply(troubles.case(), troubles.staff, "phone")
    for _time in range(2):
        troubles.refused(RELAYING)
    assert complaint(client) == "ok"  # two of nine: too few to say
    troubles.unknown()
    assert complaint(client) == "3 of the last hour's 10 attempts came to nothing"
    for _time in range(6):
        reply(troubles.case(), troubles.staff, "phone")
    assert complaint(client) == "ok"  # three of sixteen
    troubles.refused(RELAYING)
    assert complaint(client) != "ok"
    deliver_all()  # the receipts, which would else be due for an hour
    clock_at(clock.now() + timedelta(minutes=61))
    deliveries.worker_beat()
    deliveries.sweep()
    assert complaint(client) == "ok"


@pytest.mark.usefixtures("alive")
def test_letters_that_could_not_be_handed_over_are_told(client: FlaskClient, troubles: Troubles) -> None:
    failed, unknown = troubles.batch(), troubles.batch()
    troubles.changed(failed, handover="failed")
    assert complaint(client) == "letter batches that could not be handed over: 1"
    troubles.changed(unknown, handover="unknown")
    assert complaint(client).endswith("handed over: 2")
    for batch in (failed, unknown):
        troubles.changed(batch, posted_at=clock.now())
    assert complaint(client) == "ok"


@pytest.mark.usefixtures("alive")
@pytest.mark.parametrize("nobody", ["black_hole", "closed_port"])
def test_a_broker_that_does_not_answer_is_named_at_once(
    client: FlaskClient, point_at: Point, request: pytest.FixtureRequest, nobody: str
) -> None:
    point_at(request.getfixturevalue(nobody))
    began = clock.now()
    answer = client.get("/readyz")
    assert clock.now() - began < timedelta(seconds=1.5)
    assert (answer.status_code, answer.json["broker"], answer.json["database"]) == (503, "unreachable", "ok")


def test_a_database_that_is_away_is_named_and_the_process_still_lives(
    client: FlaskClient, database_away: Callable[[], None]
) -> None:
    database_away()
    answer = client.get("/readyz")
    assert (client.get("/healthz").status_code, answer.status_code) == (200, 503)
    assert answer.json["database"] == "unreachable"
