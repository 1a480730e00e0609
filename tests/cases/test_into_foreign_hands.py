"""A real reply by letter, from the case's page into a print queue and a file server that we did not write.

Mail programs get theirs in tests/messages/test_mail_client.py.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import time, timedelta
from io import BytesIO
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from pypdf import PdfReader

from caseflow import clock
from caseflow.cases.delivery import deliveries
from caseflow.cases.models import Municipality
from caseflow.database import db, unit_of_work
from caseflow.messages.models import LetterBatch
from tests.cases.acting import Desk
from tests.printers import printing
from tests.sshservers import serving_files

TEXT = "Vi har bytt glödlampan utanför Skolgatan 4."


@pytest.fixture
def answered(desk_with: Callable[..., Desk], deliver_all: Callable[[], None], clock_at: Callable[..., object]) -> Desk:
    """A reply by letter in the pile, at a municipality whose letters leave at midnight, and days later."""
    with unit_of_work() as session:
        session.get_one(Municipality, 1).letters = {"cut_off": time(0, 0).isoformat("minutes")}
    desk = desk_with(reply_by="letter")
    assert desk.act("replies", text=TEXT, channel="letter", submission="one", close_after="y").status_code == 303
    deliver_all()
    clock_at(clock.now() + timedelta(days=5))
    return desk


def leave() -> LetterBatch:
    """The worker's turn: the cut-off, and the batch on its way."""
    deliveries.post_room()
    batch_id = db.session.scalars(sa.select(LetterBatch.id)).one()
    deliveries.hand_over(batch_id)
    return db.session.get_one(LetterBatch, batch_id, populate_existing=True)


def test_a_print_queue_prints_the_reply(
    app: Flask, answered: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with printing(tmp_path / "cups") as cups:
        monkeypatch.setitem(app.config, "LETTERS_URL", cups.url)
        batch = leave()
        assert (batch.handover, batch.handover_error) == ("handed", None)
        (job,) = cups.tray()
    pages = PdfReader(BytesIO(job.pdf)).pages
    assert len(pages) == 2  # the letter, and the back of its sheet
    assert TEXT in pages[0].extract_text()
    assert "Handed over" in _letters_page(answered)


def test_a_file_server_receives_the_reply_with_its_manifest(
    app: Flask, answered: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving_files(tmp_path / "sshd") as sshd:
        monkeypatch.setitem(app.config, "LETTERS_URL", sshd.url())
        batch = leave()
        assert (batch.handover, batch.handover_error) == ("handed", None)
        manifest, pdf = sorted(sshd.inbox.iterdir())
        assert (manifest.suffix, pdf.suffix) == (".json", ".pdf")
        assert TEXT in PdfReader(pdf).pages[0].extract_text()
        assert answered.number in manifest.read_text(encoding="utf-8")


def _letters_page(desk: Desk) -> str:
    return desk.client.get("/staff/letters").get_data(as_text=True)
