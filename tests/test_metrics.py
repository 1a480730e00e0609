"""The figures for Prometheus: in its format, true, for who may read them, and free of what is personal."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families

from caseflow import clock
from caseflow.cases.delivery import deliveries
from caseflow.database import db
from caseflow.messages import gauges
from tests.brokers import Point, closed_port, point_at
from tests.cases.acting import statements
from tests.cases.replying import reply
from tests.cases.troubles import RELAYING, Troubles, become, troubles

__all__ = ["closed_port", "point_at", "troubles"]


@pytest.fixture
def token(app: Flask) -> Iterator[str]:
    app.config["METRICS_TOKEN"] = "a-token-for-the-monitor"
    yield "a-token-for-the-monitor"
    app.config["METRICS_TOKEN"] = None


@pytest.fixture
def production(app: Flask) -> Iterator[None]:
    app.config["MODE"] = "production"
    yield
    app.config["MODE"] = "demo"


def scrape(client: FlaskClient) -> dict[tuple[str, ...], float]:
    """The samples by name and label values, as Prometheus reads them."""
    text = client.get("/metrics").get_data(as_text=True)
    families = text_string_to_metric_families(text)
    return {(one.name, *one.labels.values()): one.value for family in families for one in family.samples}


def test_the_figures_say_what_is_in_the_house(client: FlaskClient, troubles: Troubles) -> None:
    deliveries.worker_beat()
    deliveries.sweep()
    reply(troubles.case(), troubles.staff, "email")
    troubles.refused()
    troubles.refused(RELAYING)
    troubles.unknown()
    troubles.tried(2)
    become(troubles.untaken(), next_attempt_at=clock.now() - timedelta(seconds=300))
    troubles.stuck()
    troubles.uncalled()
    troubles.changed(troubles.batch(), handover="failed")
    troubles.held()
    found = scrape(client)
    expected = {
        ("caseflow_messages", "email", "failed"): 2,
        ("caseflow_messages", "email", "unknown"): 1,
        ("caseflow_messages", "phone", "queued"): 1,
        ("caseflow_messages", "phone", "calling"): 1,
        ("caseflow_messages", "phone", "accepted"): 1,
        ("caseflow_messages", "letter", "accepted"): 1,
        ("caseflow_trouble_unhandled", "email", "failed"): 2,
        ("caseflow_trouble_unhandled", "email", "unknown"): 1,
        ("caseflow_stuck",): 1,
        ("caseflow_attempts_last_hour", "email", "accepted"): 1,
        ("caseflow_attempts_last_hour", "email", "rejected"): 4,
        ("caseflow_attempts_last_hour", "email", "unknown"): 1,
        ("caseflow_letter_batches", "failed"): 1,
        ("caseflow_incoming_mail", "held"): 1,
        ("caseflow_database_up",): 1,
        ("caseflow_broker_up",): 1,
    }
    assert {key: found.get(key) for key in expected} == expected
    assert 300 <= found["caseflow_oldest_due_seconds", "phone"] < 330
    assert 0 <= found["caseflow_pulse_age_seconds", "worker"] < 60
    assert found["caseflow_broker_waiting",] >= 0
    assert ("caseflow_messages", "email", "accepted") not in found  # the mass is not counted


def test_the_format_is_prometheus_own_with_help_and_unit_in_the_name(client: FlaskClient) -> None:
    answer = client.get("/metrics")
    assert answer.content_type.startswith("text/plain; version=")
    assert "# TYPE caseflow_oldest_due_seconds gauge" in answer.text
    assert not re.search("^(python|process)_", answer.text, re.MULTILINE)


def test_nothing_personal_is_told(client: FlaskClient, troubles: Troubles) -> None:
    message = troubles.refused()
    case = troubles.in_scope(message)
    text = client.get("/metrics").text
    for secret in (case.name, case.email, case.number, case.subject, case.code, message.error):
        assert str(secret) not in text


def test_with_a_token_only_who_has_it_reads_them(client: FlaskClient, token: str) -> None:
    for wrong in ({}, {"Authorization": "Bearer x"}, {"Authorization": token}, {"Authorization": "Bearer ä"}):
        answer = client.get("/metrics", headers=wrong)
        assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
        assert "caseflow_" not in answer.text
    right = client.get("/metrics", headers={"Authorization": f"Bearer {token}"})
    assert right.status_code == 200 and "caseflow_stuck" in right.text


@pytest.mark.usefixtures("production")
def test_production_without_a_token_has_no_such_page(client: FlaskClient) -> None:
    assert client.get("/metrics").status_code == 404


@pytest.mark.usefixtures("production")
def test_production_with_a_token_has_it(client: FlaskClient, token: str) -> None:
    assert client.get("/metrics", headers={"Authorization": f"Bearer {token}"}).status_code == 200


def test_a_broker_that_is_away_is_a_figure_and_not_an_error(
    client: FlaskClient, point_at: Point, closed_port: str
) -> None:
    point_at(closed_port)
    found = scrape(client)
    assert found["caseflow_broker_up",] == 0 and ("caseflow_broker_waiting",) not in found


def test_a_scrape_is_one_statement_that_walks_through_no_mass(client: FlaskClient, troubles: Troubles) -> None:
    troubles.refused()
    with statements() as seen:
        client.get("/metrics")
    assert len([statement for statement in seen if "message" in statement]) == 1
    db.session.execute(sa.text("SET LOCAL enable_seqscan = off"))
    parts = sa.union_all(*gauges.parts(clock.now())).compile(db.engine, compile_kwargs={"literal_binds": True})
    plan = "\n".join(db.session.scalars(sa.text(f"EXPLAIN {parts}".replace(":", r"\:"))))
    for index in ("message_due_idx", "message_lease_idx", "message_trouble_idx"):
        assert index in plan, plan
    assert "Seq Scan on message" not in plan and "Seq Scan on attempt" not in plan
