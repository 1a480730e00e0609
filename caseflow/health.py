"""Is the process alive, is the house ready, and do its replies arrive?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta

import sqlalchemy as sa
from flask import Blueprint, Flask, Response, current_app, jsonify

from caseflow import broker, clock, metrics
from caseflow.accounts.permissions import public
from caseflow.database import db
from caseflow.messages import gauges
from caseflow.messages.gauges import Gauge

blueprint = Blueprint("health", __name__)
MAX_AGE = timedelta(seconds=60)
# When it is time to call somebody: how long the oldest due message may wait, and which share of at least so many
# attempts within an hour may come to nothing.
MAX_WAIT = timedelta(minutes=10)
MAX_SHARE, ENOUGH = 0.2, 10


def init_app(app: Flask) -> None:
    app.register_blueprint(blueprint)
    app.register_blueprint(metrics.blueprint)


@blueprint.get("/healthz")
@public
def healthz() -> str:
    """The process lives. This one is for load balancers: whether a mail server works is no reason to stop a web."""
    return "ok\n"


@blueprint.get("/readyz")
@public
def readyz() -> tuple[Response, int]:
    """Database, broker, worker, sweep, deliveries, and the mailbox where there is one: "ok" or what is wrong; 503 when
    anything is. For alarms."""
    figures = _figures()
    found = {
        "database": "ok" if figures is not None else "unreachable",
        "broker": "ok" if broker.reachable() else "unreachable",
        "worker": _pulse("worker", figures or ()),
        "sweep": _pulse("sweep", figures or ()),
        "deliveries": "unknown" if figures is None else "; ".join(_wrong(figures)) or "ok",
    }
    if current_app.config["IMAP_URL"]:
        found["mail"] = _pulse("mail", figures or (), MAX_WAIT)
    return jsonify(found), 200 if all(state == "ok" for state in found.values()) else 503


def _figures() -> list[Gauge] | None:
    try:
        return gauges.read(clock.now())
    except sa.exc.SQLAlchemyError:
        db.session.rollback()
        return None


def _pulse(name: str, figures: Sequence[Gauge], longest: timedelta = MAX_AGE) -> str:
    age = next((gauge.value for gauge in figures if (gauge.name, gauge.first) == ("pulse", name)), None)
    if age is None:
        return "never seen"
    return "ok" if age <= longest.total_seconds() else f"silent for {int(age)} s"


def _wrong(figures: Sequence[Gauge]) -> Iterator[str]:
    """What is wrong with the deliveries, in words for whoever is called at night."""
    waits = max((gauge.value for gauge in figures if gauge.name == "oldest_due"), default=0)
    if waits > MAX_WAIT.total_seconds():
        yield f"the oldest due message waits {int(waits)} s"
    stuck = sum(gauge.value for gauge in figures if gauge.name == "stuck")
    if stuck:
        yield f"messages past their lease that are not taken up: {int(stuck)}"
    attempts = [gauge for gauge in figures if gauge.name == "attempts"]
    ended = sum(gauge.value for gauge in attempts)
    failed = ended - sum(gauge.value for gauge in attempts if gauge.second == "accepted")
    if ended >= ENOUGH and failed >= MAX_SHARE * ended:
        yield f"{int(failed)} of the last hour's {int(ended)} attempts came to nothing"
    lost = sum(gauge.value for gauge in figures if gauge.name == "batches" and gauge.first in ("failed", "unknown"))
    if lost:
        yield f"letter batches that could not be handed over: {int(lost)}"
