"""Errands come in while worker and broker are down: `python -m bench.submits [--minutes 10] [--rate 10]`.

Gunicorn with two workers on the embedded PostgreSQL (with fsync); no broker answers, no worker runs.
Each errand has a page, a place and words of its own and wants a receipt by e-mail; every twentieth is sent twice, as by
somebody who presses again. Then broker, worker and beat come back, and it is counted what was stored and what went out.
"""

from __future__ import annotations

import argparse
import http.client
import os
import statistics
import sys
import tempfile
import threading
import time
import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

import sqlalchemy as sa

from bench.house import kept
from bench.served import ask, opened_form, running, served
from caseflow import embedded
from caseflow.cases.models import Case
from caseflow.data_folder import occupied
from caseflow.database import db
from caseflow.messages.models import Message
from caseflow.processes import Child, wait_until

OURS = "submits+%@example.org"
HANDS = 24  # that fill in at the same time
TWICE = 20  # every so manieth is sent twice
PATIENCE = 900.0  # seconds without anything new, until no more is waited for
CELERY = (sys.executable, "-m", "celery", "--quiet", "--app", "workers:celery")


@dataclass
class Tally:
    """What the senders saw."""

    answers: Counter[str] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)
    late: float = 0.0

    def __post_init__(self) -> None:
        self._lock = threading.Lock()

    def note(self, answer: str, seconds: float) -> None:
        with self._lock:
            self.answers[answer] += 1
            self.seconds.append(seconds)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--rate", type=float, default=10)
    asked = parser.parse_args()
    number = round(asked.minutes * 60 * asked.rate)
    with tempfile.TemporaryDirectory() as folder, kept(Path(folder) / "house") as (app, environ), ExitStack() as house:
        assert app.test_cli_runner().invoke(args=["prepare"]).exit_code == 0
        away = Path(folder) / "broker"
        away.mkdir()
        environ |= {"REDIS_URL": embedded.redis_url(away), "CASEFLOW_LOG": "error", "CASEFLOW_UNDO": "0"}
        with served(environ) as port:
            tally, took = _send(port, number, asked.rate)
            with app.app_context():
                stored = _stored()
            began = time.monotonic()
            _come_back(house, away, environ)
            with app.app_context():
                left = _wait_for_delivery()
            back = time.monotonic() - began
    _print(number, asked.rate, tally, took, stored, left, back)


def _send(port: int, number: int, rate: float) -> tuple[Tally, float]:
    """At this rate, whatever the answers: who is late does not make the next one wait."""
    tally, began = Tally(), time.monotonic()
    with ThreadPoolExecutor(HANDS) as hands:
        for turn in range(number):
            due = began + turn / rate
            time.sleep(max(0.0, due - time.monotonic()))
            hands.submit(_errand, port, turn, due, tally)
    return tally, time.monotonic() - began


def _errand(port: int, turn: int, due: float, tally: Tally) -> None:
    tally.late = max(tally.late, time.monotonic() - due)
    mark = uuid.uuid4()
    place = f"10.{turn >> 16 & 255}.{turn >> 8 & 255}.{turn & 255}"
    try:
        marks, cookie = opened_form(port, place)
        form = {"kind": "fraga", "department": "kf", "reply_by": "email", "email": f"submits+{turn}@example.org"}
        form |= {"description": f"När öppnar badet nummer {mark.int}?", "submission": mark.hex}
        body = urlencode({**form, **marks})
        for _time in range(2 if turn % TWICE == 0 else 1):
            began = time.monotonic()
            answer, _page = ask(port, "POST", "/new", cookie=cookie, body=body, place=place)
            where = answer.getheader("Location") or ""
            told = "receipt" if answer.status == 303 and "receipt" in where else f"{answer.status} {where}"
            tally.note(told, time.monotonic() - began)
    except (OSError, AssertionError, http.client.HTTPException) as error:
        tally.note(type(error).__name__, 0.0)


def _come_back(house: ExitStack, away: Path, environ: dict[str, str]) -> None:
    """The broker, empty as it is, a worker and the timetable that finds what no bell told of."""
    lock = house.enter_context(occupied(away))
    server = embedded.valkey(away, lock)
    child = Child(server.command)
    house.callback(child.kill)
    assert wait_until(lambda: server.ready(child.pid), 20)
    house.enter_context(running([*CELERY, "worker", "--loglevel", "WARNING", "--concurrency", "2"], environ))
    schedule = str(away / "beat")
    house.enter_context(running([*CELERY, "beat", "--loglevel", "WARNING", "--schedule", schedule], environ))


def _stored() -> dict[str, int]:
    db.session.rollback()
    cases = sa.select(sa.func.count(), sa.func.count(Case.submission.distinct())).where(Case.email.like(OURS))
    count, distinct = db.session.execute(cases).one()
    return {"cases": count, "distinct": distinct, "receipts": sum(_receipts().values())}


def _receipts() -> Counter[str]:
    """How many are in which state."""
    db.session.rollback()
    ours = (Message.purpose == "receipt", Message.recipient["email"].astext.like(OURS))
    query = sa.select(Message.status, sa.func.count()).where(*ours).group_by(Message.status)
    return Counter(dict(db.session.execute(query).tuples().all()))


def _wait_for_delivery() -> Counter[str]:
    """The receipts once none waits any more, or after PATIENCE without one that went."""
    states, end = _receipts(), time.monotonic() + PATIENCE
    while {"queued", "claimed", "calling"} & set(states) and time.monotonic() < end:
        time.sleep(1)
        before, states = states, _receipts()
        if states != before:
            end = time.monotonic() + PATIENCE
    return states


def _print(
    number: int, rate: float, tally: Tally, took: float, stored: dict[str, int], left: Counter[str], back: float
) -> None:
    slow, most = statistics.quantiles(tally.seconds, n=100), max(tally.seconds)
    rows = {
        f"errands, {rate:g} a second": f"{number} in {took:.0f} s, {-(-number // TWICE)} of them sent twice",
        "answers": ", ".join(f"{count} {answer}" for answer, count in tally.answers.items()),
        "time to the answer, p50 / p99 / most": f"{slow[49] * 1000:.0f} / {slow[98] * 1000:.0f} / {most * 1000:.0f} ms",
        "begun late, at most": f"{tally.late:.1f} s",
        "cases stored": f"{stored['cases']}, of which distinct {stored['distinct']}",
        "receipts waiting when all had come": str(stored["receipts"]),
        "receipts after broker and worker came back": ", ".join(f"{count} {name}" for name, count in left.items()),
        "until none waited": f"{back:.0f} s",
        "load": f"{os.getloadavg()[0]:.1f}",
    }
    for name, value in rows.items():
        print(f"| {name} | {value} |")


if __name__ == "__main__":
    main()
