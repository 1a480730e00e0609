"""The outbox at work for cases: what ends badly gives its case back to its caseworker."""

from __future__ import annotations

from flask import current_app

from caseflow import clock
from caseflow.cases import lifecycle
from caseflow.database import unit_of_work
from caseflow.messages import outbox


def deliver(message_id: int) -> None:
    """Send one message, if it is due."""
    outbox.deliver(message_id, current_app.config, lifecycle.undelivered)


def sweep() -> None:
    """Take up what crashes and lost rings left behind."""
    outbox.sweep(current_app.config, lifecycle.undelivered)


def worker_beat() -> None:
    """A worker lives: it took this from the broker and wrote to the database."""
    with unit_of_work():
        outbox.beat("worker", clock.now())
