"""Is the process alive, and is the house ready?"""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa
from flask import Blueprint, Flask, Response, jsonify

from caseflow import broker, clock
from caseflow.accounts.permissions import public
from caseflow.database import db
from caseflow.messages.models import Pulse

blueprint = Blueprint("health", __name__)
MAX_AGE = timedelta(seconds=60)


def init_app(app: Flask) -> None:
    app.register_blueprint(blueprint)


@blueprint.get("/healthz")
@public
def healthz() -> str:
    return "ok\n"


@blueprint.get("/readyz")
@public
def readyz() -> tuple[Response, int]:
    """Database, broker, worker and sweep, each "ok" or what is wrong; 503 when any is wrong."""
    pulses = _pulses()
    found = {
        "database": "ok" if pulses is not None else "unreachable",
        "broker": "ok" if broker.reachable() else "unreachable",
        "worker": (pulses or {}).get("worker", "never seen"),
        "sweep": (pulses or {}).get("sweep", "never seen"),
    }
    return jsonify(found), 200 if all(state == "ok" for state in found.values()) else 503


def _pulses() -> dict[str, str] | None:
    try:
        rows = db.session.execute(sa.select(Pulse.name, Pulse.at)).all()
    except sa.exc.SQLAlchemyError:
        db.session.rollback()
        return None
    now = clock.now()
    return {
        name: "ok" if now - at <= MAX_AGE else f"silent for {int((now - at).total_seconds())} s" for name, at in rows
    }
