"""The outbox's figures for Prometheus, read from the database when they are asked for. Nothing of them is personal."""

from __future__ import annotations

import hmac
from collections.abc import Iterator, Sequence

import sqlalchemy as sa
from flask import Blueprint, Response, abort, current_app, request
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.metrics_core import GaugeMetricFamily

from caseflow import broker, clock
from caseflow.accounts.permissions import public
from caseflow.database import db
from caseflow.messages import gauges
from caseflow.messages.models import TROUBLE

blueprint = Blueprint("metrics", __name__)

# By the name of the gauge: the metric's, what it says, and its labels.
FAMILIES: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "messages": (
        "caseflow_messages",
        "Messages that are not done: queued, in hand, in the call list or the letter pile, in trouble and unhandled.",
        ("channel", "status"),
    ),
    "oldest_due": ("caseflow_oldest_due_seconds", "How long the oldest due message has waited.", ("channel",)),
    "stuck": ("caseflow_stuck", "Messages past their lease that no sweep has taken up.", ()),
    "attempts": ("caseflow_attempts_last_hour", "Attempts that ended within the last hour.", ("channel", "outcome")),
    "trouble": (
        "caseflow_trouble_unhandled",
        "Messages that did not arrive, or may not have, and that nobody has dealt with.",
        ("status", "channel"),
    ),
    "batches": ("caseflow_letter_batches", "Batches of letters that are not posted yet.", ("handover",)),
    "mail": ("caseflow_incoming_mail", "Mails that wait to be read by a worker or by a person.", ("outcome",)),
    "pulse": ("caseflow_pulse_age_seconds", "How long ago something that must keep beating last did.", ("name",)),
}


@blueprint.get("/metrics")
@public
def metrics() -> Response:
    """The figures in Prometheus' text format. With a token in the settings it is wanted; production needs one."""
    _let_in()
    registry = CollectorRegistry()
    registry.register(_Figures())
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def _let_in() -> None:
    token = current_app.config["METRICS_TOKEN"]
    if not token and current_app.config["MODE"] == "production":
        abort(404)
    given = request.headers.get("Authorization", "").encode()
    if token and not hmac.compare_digest(given, f"Bearer {token}".encode()):
        abort(Response("The metrics need the token.\n", 401, {"WWW-Authenticate": "Bearer"}, "text/plain"))


class _Figures:
    """A collector that asks once a scrape."""

    def describe(self) -> Sequence[GaugeMetricFamily]:
        """Nothing, so that registering it does not read the database."""
        return ()

    def collect(self) -> Iterator[GaugeMetricFamily]:
        found = _read()
        yield GaugeMetricFamily("caseflow_database_up", "Whether the database answers.", int(found is not None))
        waiting = broker.waiting()
        yield GaugeMetricFamily("caseflow_broker_up", "Whether the broker answers.", int(waiting is not None))
        if waiting is not None:
            rings = "Rings for messages that no worker has heard yet."
            yield GaugeMetricFamily("caseflow_broker_waiting", rings, waiting)
        if found is not None:
            yield from _families(found)


def _read() -> list[gauges.Gauge] | None:
    try:
        return gauges.read(clock.now())
    except sa.exc.SQLAlchemyError:
        db.session.rollback()
        return None


def _families(found: Sequence[gauges.Gauge]) -> Iterator[GaugeMetricFamily]:
    trouble = [
        gauge._replace(name="trouble", first=gauge.second, second=gauge.first)
        for gauge in found
        if gauge.name == "messages" and gauge.second in TROUBLE
    ]
    for name, (metric, about, labels) in FAMILIES.items():
        family = GaugeMetricFamily(metric, about, labels=labels)
        for gauge in (*found, *trouble):
            if gauge.name == name:
                family.add_metric((gauge.first, gauge.second)[: len(labels)], gauge.value)
        yield family
