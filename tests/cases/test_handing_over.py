"""Batches on their way to the printer: handed over once, looked for after a crash, and a person told of the rest."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from pypdf import PdfReader

from caseflow import clock
from caseflow.accounts.models import Staff
from caseflow.cases.models import Case, Municipality
from caseflow.cases.post import handing_over, letters
from caseflow.database import db, unit_of_work
from caseflow.messages.models import LetterBatch, Message
from tests.cases.acting import WithToken
from tests.cases.replying import fresh, reply


@pytest.fixture
def printer(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that the batches go to."""
    folder = tmp_path / "print-room"
    folder.mkdir()
    monkeypatch.setitem(app.config, "LETTERS_URL", f"folder:{folder}")
    return folder


@pytest.fixture
def batch(app: Flask, printer: Path, resident_case: Callable[..., Case], clerk: Staff) -> LetterBatch:
    messages = [reply(resident_case(reply_by="letter"), clerk, "letter") for _ in range(2)]
    with unit_of_work():
        (made,) = letters.make_batches(clerk, [one.id for one in messages], config=app.config, now=clock.now())
        handing_over.put(made, now=clock.now())
    return made


def now_of(batch: LetterBatch) -> LetterBatch:
    db.session.rollback()
    return db.session.get_one(LetterBatch, batch.id, populate_existing=True)


def test_a_batch_arrives_whole_with_its_manifest_and_once(app: Flask, printer: Path, batch: LetterBatch) -> None:
    for _time in range(3):
        handing_over.hand_over(batch.id, app.config)
    assert (now_of(batch).handover, now_of(batch).handover_attempts) == ("handed", 1)
    name = handing_over.name_of(batch)
    assert sorted(path.name for path in printer.iterdir()) == [f"{name}.json", f"{name}.pdf"]
    assert len(PdfReader(printer / f"{name}.pdf").pages) == 4
    manifest = json.loads((printer / f"{name}.json").read_text(encoding="utf-8"))
    assert [line["pages"] for line in manifest["letters"]] == [1, 1]
    assert letters.find_batch is not None
    assert now_of(batch).posted_at is None


def test_a_printing_house_that_posts_makes_the_letters_posted(app: Flask, printer: Path, batch: LetterBatch) -> None:
    with unit_of_work() as session:
        session.get_one(Municipality, 1).letters = {"posted_when_handed_over": True}
    handing_over.hand_over(batch.id, app.config)
    assert now_of(batch).posted_at is not None
    statuses = sa.select(Message.status).where(Message.batch_id == batch.id)
    assert set(db.session.scalars(statuses)) == {"delivered"}


def test_a_printer_that_is_away_is_tried_again_and_at_last_a_person_is_told(
    app: Flask, printer: Path, batch: LetterBatch, clock_at: Callable[[datetime], object]
) -> None:
    printer.rmdir()
    handing_over.hand_over(batch.id, app.config)
    assert now_of(batch).handover == "waiting"
    assert now_of(batch).handover_next_at > clock.now()
    for _step in range(len(handing_over.LADDER)):
        clock_at(now_of(batch).handover_next_at + timedelta(seconds=1))
        handing_over.hand_over(batch.id, app.config)
    assert now_of(batch).handover == "failed"
    assert str(printer) not in (now_of(batch).handover_error or "") or "folder" in (now_of(batch).handover_error or "")


def test_after_a_crash_in_the_call_the_printer_is_asked(
    app: Flask, printer: Path, batch: LetterBatch, clock_at: Callable[[datetime], object]
) -> None:
    """The worker died after the files were there and before it wrote that down."""
    handing_over.hand_over(batch.id, app.config)
    with unit_of_work() as session:
        row = session.get_one(LetterBatch, batch.id, populate_existing=True)
        row.handover, row.handover_lease, row.handed_at = "calling", clock.now(), None
    clock_at(clock.now() + timedelta(minutes=3))
    handing_over.sweep(app.config)
    assert now_of(batch).handover == "handed"
    assert len(list(printer.iterdir())) == 2


def test_two_workers_hand_over_once(app: Flask, printer: Path, batch: LetterBatch) -> None:
    assert handing_over._claim(batch.id, clock.now()) is True
    assert handing_over._claim(batch.id, clock.now()) is False


def test_a_batch_on_its_way_is_not_changed(app: Flask, printer: Path, batch: LetterBatch) -> None:
    handing_over.hand_over(batch.id, app.config)
    with pytest.raises(letters.OnItsWay), unit_of_work():
        letters.take_out(now_of(batch), letters.lines_of(batch)[0]["message"], app.config)


def test_a_person_hands_it_over_again_or_prints_it(
    app: Flask,
    printer: Path,
    batch: LetterBatch,
    clerk: Staff,
    outsider: Staff,
    sign_in: Callable[[Staff], FlaskClient],
    with_token: WithToken,
) -> None:
    with unit_of_work() as session:
        row = session.get_one(LetterBatch, batch.id, populate_existing=True)
        row.handover, row.handover_error = "failed", "the printer is out of order"
    path, client = f"/staff/letters/batches/{batch.id}/handover", sign_in(clerk)
    assert "the printer is out of order" in client.get("/staff/letters").get_data(as_text=True)
    stranger = sign_in(outsider)
    assert stranger.post(path, data=with_token(stranger, {"way": "again"})).status_code == 404
    assert client.post(path, data=with_token(client, {"way": "again"})).status_code == 303
    assert now_of(batch).handover == "waiting"
    assert client.post(path, data=with_token(client, {"way": "by_hand"})).status_code == 303
    assert now_of(batch).handover == "by_hand"
    handing_over.hand_over(batch.id, app.config)
    assert list(printer.iterdir()) == []


def test_making_a_batch_on_the_page_sends_it_on_its_way(
    app: Flask,
    printer: Path,
    resident_case: Callable[..., Case],
    clerk: Staff,
    sign_in: Callable[[Staff], FlaskClient],
    with_token: WithToken,
) -> None:
    message, client = reply(resident_case(reply_by="letter"), clerk, "letter"), sign_in(clerk)
    client.post("/staff/letters/batches", data=with_token(client, {"message": str(message.id)}))
    row = db.session.get_one(LetterBatch, fresh(message).batch_id, populate_existing=True)
    assert row.handover == "waiting"
