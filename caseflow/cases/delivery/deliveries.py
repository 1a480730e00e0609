"""The outbox at work for cases: what ends badly gives its case back to its caseworker."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from flask import current_app

from caseflow import clock
from caseflow.audit import SYSTEM, record
from caseflow.cases import lifecycle
from caseflow.cases.faults import fault_news
from caseflow.cases.post import cut_off, handing_over
from caseflow.database import unit_of_work
from caseflow.messages import fate, outbox
from caseflow.messages.channels.port import Delivered, Lost
from caseflow.messages.models import LetterBatch, Message


def deliver(message_id: int) -> None:
    """Send one message, if it is due."""
    outbox.deliver(message_id, current_app.config, ended_badly)


def sweep() -> None:
    """Take up what crashes and lost rings left behind."""
    outbox.sweep(current_app.config, ended_badly)


def report(message_id: int, news: Delivered | Lost) -> bool:
    """Take in what a provider, a bounce or the post tells; False asks the teller to come again (see fate.report)."""
    return fate.report(message_id, news, ended_badly)


def ended_badly(message: Message, now: datetime) -> None:
    """Give the message's case back; of a mail to staff it is only noted that it did not get there."""
    if message.follower_id is not None:
        fault_news.lost(message)
        return
    if message.staff_id is None:
        lifecycle.undelivered(message, now)
        return
    facts: dict[str, Any] = {"channel": message.channel, "outcome": message.status, "purpose": message.purpose}
    record("staff", message.staff_id, "mail_undelivered", by=SYSTEM, at=now, **facts)


def hand_over(batch_id: int) -> None:
    """Give one batch of letters to whoever prints it, if it is due."""
    handing_over.hand_over(batch_id, current_app.config)


def post_room() -> None:
    """The day's cut-off, and batches that a crash or a lost ring left behind."""
    made = cut_off.collate(current_app.config, now=clock.now())
    if current_app.config["LETTERS_URL"]:
        _hand_over_all(made)
        handing_over.sweep(current_app.config)


def _hand_over_all(batch_ids: Sequence[int]) -> None:
    with unit_of_work() as session:
        for batch_id in batch_ids:
            handing_over.put(session.get_one(LetterBatch, batch_id), now=clock.now())


def worker_beat() -> None:
    """A worker lives: it took this from the broker and wrote to the database."""
    with unit_of_work():
        outbox.beat("worker", clock.now())
