"""The doorbell: it never costs a person more than a moment, and what it loses is only time."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from caseflow import broker
from caseflow.cases.delivery import deliveries
from caseflow.cases.models import Case
from caseflow.database import db
from caseflow.messages.models import Message
from tests.brokers import OwnBroker, Point, black_hole, closed_port, own_broker, point_at

__all__ = ["black_hole", "closed_port", "own_broker", "point_at"]

MOMENT = 1.5  # seconds: broker.PATIENCE is 0.5, and the machine may be busy


def _ring() -> tuple[bool, float]:
    began = time.monotonic()
    return broker.ring("deliver", 1), time.monotonic() - began


@pytest.mark.parametrize("nobody", ["black_hole", "closed_port"])
def test_a_broker_that_does_not_answer_costs_a_moment(
    point_at: Point, request: pytest.FixtureRequest, nobody: str
) -> None:
    point_at(request.getfixturevalue(nobody))
    for _ in range(2):
        heard, took = _ring()
        assert not heard
        assert took < MOMENT
    began = time.monotonic()
    assert not broker.reachable()
    assert broker.waiting() is None
    assert time.monotonic() - began < 2 * MOMENT


def test_a_broker_that_freezes_costs_a_moment_and_is_rung_again_when_it_thaws(own_broker: OwnBroker) -> None:
    assert _ring()[0]
    own_broker.freeze()
    heard, took = _ring()
    assert (heard, took < MOMENT) == (False, True)
    own_broker.thaw()
    assert _ring()[0]


def test_a_broker_that_was_restarted_hears_the_first_ring(own_broker: OwnBroker) -> None:
    assert _ring()[0]
    own_broker.kill()
    heard, took = _ring()
    assert (heard, took < MOMENT) == (False, True)
    own_broker.start()
    assert _ring()[0]
    own_broker.kill()
    own_broker.start()  # the connection is stale, and nobody has noticed yet
    assert _ring()[0]
    assert broker.reachable()


@pytest.mark.parametrize("nobody", ["black_hole", "closed_port"])
def test_a_resident_files_a_case_without_a_broker(
    client: FlaskClient,
    with_token: Callable[..., dict[str, object]],
    point_at: Point,
    request: pytest.FixtureRequest,
    nobody: str,
) -> None:
    errand = {
        "kind": "fraga",
        "department": "sb",
        "description": "Lampan vid Skolgatan är släckt.",
        "reply_by": "email",
        "email": "rut@example.org",
        "submission": "0123456789abcdef0123456789abcdef",
    }
    data = with_token(client, errand, "/new")
    point_at(request.getfixturevalue(nobody))
    began = time.monotonic()
    answer = client.post("/new", data=data)
    assert time.monotonic() - began < 2 * MOMENT
    assert answer.status_code == 303
    assert db.session.scalars(sa.select(Case.reply_by)).one() == "email"
    assert db.session.scalars(sa.select(Message.status)).one() == "queued"


def test_what_was_rung_for_in_vain_is_rung_for_by_the_sweep(
    resident_case: Callable[..., Case], own_broker: OwnBroker
) -> None:
    own_broker.kill()
    resident_case()
    own_broker.start()
    deliveries.sweep()
    assert broker.waiting() == 1


def test_upkeep_does_not_wait_behind_messages(app: Flask, own_broker: OwnBroker) -> None:
    for number in range(20):
        broker.ring("deliver", number)
    broker.ring("sweep")
    broker.ring("heartbeat")
    assert broker.waiting() == 20
    with broker.celery.connection_for_read() as connection:
        assert connection.SimpleQueue(broker.UPKEEP).qsize() == 2
    assert {queue.name for queue in app.extensions["celery"].conf.task_queues} == {broker.WORK, broker.UPKEEP}


def test_tasks_outlive_neither_their_lease_nor_the_brokers_patience() -> None:
    limit = broker.celery.conf.task_time_limit
    assert limit < broker.celery.conf.broker_transport_options["visibility_timeout"]
    assert limit < deliveries.outbox.LEASE.total_seconds()
