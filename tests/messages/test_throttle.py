"""Limits of a channel: how many of its messages are in hand at once, and how many begin in a minute."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
import redis
import sqlalchemy as sa
from flask import Flask

from caseflow import clock
from caseflow.accounts.models import Staff
from caseflow.cases.delivery import deliveries
from caseflow.cases.models import Case
from caseflow.database import db
from caseflow.messages import outbox
from caseflow.messages.models import Message
from tests.mailbox import Mailbox
from tests.messages.posting import die_in_call, fresh, many, reply

Make = Callable[..., Case]


def statuses(ids: list[int]) -> list[str]:
    db.session.rollback()
    query = sa.select(Message.status).where(Message.id.in_(ids)).order_by(Message.id)
    return list(db.session.scalars(query.execution_options(populate_existing=True)))


def test_no_more_than_the_limit_are_in_hand(
    app: Flask, resident_case: Make, clerk: Staff, smtp: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "LIMITS", {"email": (1, None)})
    busy, waits = reply(resident_case(), clerk), reply(resident_case(), clerk)
    die_in_call(busy)
    deliveries.deliver(waits.id)
    assert (fresh(waits).status, fresh(waits).attempts) == ("queued", 0)
    assert smtp.mails == []


def test_another_channel_has_its_own_room(
    app: Flask, resident_case: Make, clerk: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "LIMITS", {"email": (1, None), "letter": (1, None)})
    die_in_call(reply(resident_case(), clerk))
    letter = reply(resident_case(reply_by="letter"), clerk, "letter")
    deliveries.deliver(letter.id)
    assert fresh(letter).status == "accepted"


def test_a_minute_holds_so_many_and_the_next_one_more(
    app: Flask,
    resident_case: Make,
    smtp: Mailbox,
    monkeypatch: pytest.MonkeyPatch,
    clock_at: Callable[[datetime], object],
) -> None:
    ids = many(resident_case(), 6)
    monkeypatch.setitem(app.config, "LIMITS", {"email": (None, 3)})
    for message_id in ids:
        deliveries.deliver(message_id)
    assert statuses(ids).count("accepted") == 3
    clock_at(clock.now() + timedelta(seconds=21))
    for message_id in ids:
        deliveries.deliver(message_id)
    assert statuses(ids).count("accepted") == 4
    clock_at(clock.now() + timedelta(hours=1))
    for message_id in ids:
        deliveries.deliver(message_id)
    assert statuses(ids) == ["accepted"] * 6
    assert len(smtp.mails) == 6


def test_workers_that_ask_at_the_same_moment_share_the_room(
    app: Flask, resident_case: Make, smtp: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However they interleave, a minute's three are three."""
    ids = many(resident_case(), 12)
    monkeypatch.setitem(app.config, "LIMITS", {"email": (None, 3)})
    start = threading.Barrier(4)

    def work(mine: list[int]) -> None:
        with app.app_context():
            start.wait()
            for message_id in mine:
                deliveries.deliver(message_id)

    workers = [threading.Thread(target=work, args=(ids[part::4],)) for part in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert statuses(ids).count("accepted") == len(smtp.mails) == 3


def test_a_sweep_rings_for_as_many_as_may_find_room_and_each_for_the_next(
    app: Flask, resident_case: Make, clerk: Staff, smtp: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = many(resident_case(), 30)
    letters = [reply(resident_case(reply_by="letter"), clerk, "letter").id for _ in range(3)]
    monkeypatch.setitem(app.config, "LIMITS", {"email": (2, None)})
    bell = redis.Redis.from_url(app.config["REDIS_URL"])
    bell.delete("work")
    assert outbox.sweep(app.config, lambda message, now: None) == 2 + len(letters)
    bell.delete("work")
    for sent in range(1, 6):
        deliveries.deliver(ids[sent])
        assert bell.llen("work") == sent
