"""Phone and letter: nothing leaves the house by itself, so they are safe to repeat and can be taken back."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from flask import Flask
from pypdf import PdfReader

from caseflow import clock
from caseflow.accounts.models import Staff
from caseflow.cases.delivery import deliveries
from caseflow.cases.models import Case
from caseflow.database import db, unit_of_work
from caseflow.messages import fate
from caseflow.messages.channels import letter
from caseflow.messages.models import LetterBatch, Message
from tests.messages.posting import case_status, fresh, reply

Make = Callable[..., Case]


@pytest.fixture(autouse=True)
def own_data(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "DATA", str(tmp_path))


def _sent(make: Make, clerk: Staff, channel: str, **overrides: object) -> Message:
    message = reply(make(reply_by=channel, **overrides), clerk, channel)
    deliveries.deliver(message.id)
    return fresh(message)


def test_a_call_is_in_the_list_as_soon_as_a_worker_had_it(resident_case: Make, clerk: Staff) -> None:
    message = _sent(resident_case, clerk, "phone", best_time="efter 17")
    assert (message.status, message.provider_ref) == ("accepted", "call-list")
    assert message.recipient == {"name": "Rut Åkesson", "phone": "+46701740605", "best_time": "efter 17"}
    assert message.header_id is None


def test_a_letter_is_a_pdf_whose_digest_is_its_reference(app: Flask, resident_case: Make, clerk: Staff) -> None:
    message = _sent(resident_case, clerk, "letter")
    pdf = letter.path_of(message.id, app.config).read_bytes()
    assert (message.status, message.provider_ref) == ("accepted", hashlib.sha256(pdf).hexdigest())
    words = PdfReader(BytesIO(pdf)).pages[0].extract_text().split()
    assert "FINSPÅNG" in words
    assert " ".join(words).count("Lampan lagas på måndag.") == 1


def test_a_letter_that_was_lost_from_the_disk_is_drawn_again_to_the_byte(
    app: Flask, resident_case: Make, clerk: Staff
) -> None:
    message = _sent(resident_case, clerk, "letter")
    path = letter.path_of(message.id, app.config)
    before = path.read_bytes()
    path.unlink()
    assert letter.fetch(message, app.config) == before


def test_a_letter_without_room_for_its_address_gives_its_case_back(resident_case: Make, clerk: Staff) -> None:
    case = resident_case(reply_by="letter")
    message = reply(case, clerk, "letter")
    with unit_of_work():
        fresh(message).recipient = {"lines": [f"Rad {number}" for number in range(9)]}
    deliveries.deliver(message.id)
    assert fresh(message).status == "failed"
    assert case_status(case) == "in_progress"


def test_a_full_disk_is_tried_again(app: Flask, resident_case: Make, clerk: Staff) -> None:
    message = reply(resident_case(reply_by="letter"), clerk, "letter")
    (Path(app.config["DATA"]) / "letters").write_text("a file where the folder should be")
    deliveries.deliver(message.id)
    assert (fresh(message).status, fresh(message).attempts) == ("queued", 1)


@pytest.mark.parametrize("channel", ["phone", "letter"])
def test_what_waits_in_the_house_can_be_taken_back(resident_case: Make, clerk: Staff, channel: str) -> None:
    message = _sent(resident_case, clerk, channel)
    with unit_of_work():
        fate.cancel(message)
    assert fresh(message).status == "cancelled"


def test_a_letter_in_a_batch_cannot_be_taken_back(resident_case: Make, clerk: Staff) -> None:
    message = _sent(resident_case, clerk, "letter")
    with unit_of_work() as session:
        batch = LetterBatch(created_at=clock.now(), created_by=clerk.id, department_code="sb")
        session.add(batch)
        session.flush()
        message.batch_id = batch.id
    with pytest.raises(ValueError, match="accepted"), unit_of_work():
        fate.cancel(fresh(message))


@pytest.mark.parametrize("channel", ["phone", "letter"])
def test_a_person_brings_it_there_once(resident_case: Make, clerk: Staff, channel: str) -> None:
    message, now = _sent(resident_case, clerk, channel), clock.now()
    with unit_of_work():
        fate.arrived(message, now=now)
    assert (fresh(message).status, fresh(message).delivered_at) == ("delivered", now)
    with pytest.raises(ValueError, match="delivered"), unit_of_work():
        fate.arrived(fresh(message), now=now)
    with pytest.raises(ValueError, match="delivered"), unit_of_work():
        fate.unreachable(fresh(message), reason="wrong number")


def test_a_call_that_cannot_be_made_has_failed_and_says_why(resident_case: Make, clerk: Staff) -> None:
    message = _sent(resident_case, clerk, "phone")
    with unit_of_work():
        fate.unreachable(message, reason="wrong number")
    assert (fresh(message).status, fresh(message).error) == ("failed", "wrong number")
    assert db.session.get_one(Message, message.id).delivered_at is None
