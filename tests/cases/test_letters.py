"""The letter pile and its batches: pages, manifest, locks, posting."""

from __future__ import annotations

import hashlib
import re
import threading
from collections.abc import Callable
from io import BytesIO

import pytest
import sqlalchemy as sa
from flask import Flask
from pypdf import PdfReader

from caseflow import clock
from caseflow.accounts.models import Staff
from caseflow.audit import Event
from caseflow.cases.models import Case
from caseflow.cases.post import letters
from caseflow.database import db, unit_of_work
from caseflow.messages import fate
from caseflow.messages.channels import letter
from caseflow.messages.envelopes import Envelope
from caseflow.messages.models import LetterBatch, Message
from tests.cases.replying import fresh, reply
from tests.messages.printed import runs_of

LONG = "\n\n".join(f"Stycke {number}. " + "Vi lagar lampan på måndag. " * 20 for number in range(9))
File = Callable[..., Case]


@pytest.fixture
def three(resident_case: File, clerk: Staff) -> list[Message]:
    """Letters of one page, of two pages, and of one page again."""
    texts = ("Kort.", LONG, "Också kort.")
    return [reply(resident_case(reply_by="letter"), clerk, "letter", text) for text in texts]


def make_batch(app: Flask, staff: Staff, chosen: list[Message]) -> LetterBatch | None:
    with unit_of_work():
        keys = [message.id for message in chosen]
        return next(iter(letters.make_batches(staff, keys, config=app.config, now=clock.now())), None)


def texts_of(pdf: bytes) -> list[str]:
    return [page.extract_text() for page in PdfReader(BytesIO(pdf)).pages]


def test_a_reply_by_letter_waits_in_the_pile_with_its_pages(app: Flask, three: list[Message], clerk: Staff) -> None:
    sheets, total = letters.pile(clerk, app.config)
    assert total == 3
    assert [sheet.message_id for sheet in sheets] == [message.id for message in three]
    assert [sheet.pages for sheet in sheets] == [1, 2, 1]
    assert sheets[0].lines == ["Rut Åkesson", "Skolgatan 4", "612 32  FINSPÅNG"]
    assert sheets[0].caseworker == "Karin Ek"


def test_the_address_stands_in_the_window_of_the_envelope(app: Flask, resident_case: File, clerk: Staff) -> None:
    case = resident_case(reply_by="letter", name="Åke Öström", street="Ängsvägen 12 B", care_of="Märta Åhlén")
    runs = runs_of(letter.fetch(reply(case, clerk, "letter"), app.config))
    box = Envelope().safe_box
    for line in ("Åke Öström", "c/o Märta Åhlén", "Ängsvägen 12 B", "612 32  FINSPÅNG"):
        run = next(run for run in runs if run.page == 1 and run.text == line)
        assert box.left <= run.left < run.right <= box.right, line
        assert box.top <= run.top < run.bottom <= box.bottom, line


def test_a_batch_starts_each_letter_on_a_new_sheet_and_its_manifest_tells_the_pages(
    app: Flask, three: list[Message], clerk: Staff
) -> None:
    batch = make_batch(app, clerk, three)
    assert batch is not None
    pdf = letters.printed(batch, app.config)
    pages = texts_of(pdf)
    assert len(pages) % 2 == 0
    lines = letters.lines_of(batch)
    assert [(line["first_page"], line["pages"]) for line in lines] == [(1, 1), (3, 2), (5, 1)]
    for line, message in zip(lines, three, strict=True):
        alone = letter.fetch(message, app.config)
        assert line["sha256"] == hashlib.sha256(alone).hexdigest() == message.provider_ref
        start = line["first_page"] - 1
        assert pages[start : start + line["pages"]] == texts_of(alone)
        assert line["case"] in pages[start]
    assert letters.printed(batch, app.config) == pdf


def test_a_lost_file_is_drawn_again_the_same(app: Flask, three: list[Message], clerk: Staff) -> None:
    batch = make_batch(app, clerk, three)
    assert batch is not None
    before = letters.printed(batch, app.config)
    for message in three:
        letter.path_of(message.id, app.config).unlink()
    assert letters.printed(batch, app.config) == before


def test_the_file_of_another_letter_is_never_taken_for_this_one(app: Flask, three: list[Message]) -> None:
    path = letter.path_of(three[0].id, app.config)
    path.write_bytes(letter.path_of(three[1].id, app.config).read_bytes())
    assert hashlib.sha256(letter.fetch(three[0], app.config)).hexdigest() == three[0].provider_ref


def test_a_letter_that_changed_since_its_batch_is_said_and_not_printed(
    app: Flask, three: list[Message], clerk: Staff
) -> None:
    batch = make_batch(app, clerk, three)
    assert batch is not None
    with unit_of_work() as session:
        altered = sa.update(Message).where(Message.id == three[0].id)
        session.execute(altered.values(body="Något annat", provider_ref=None))
    db.session.expire_all()
    with pytest.raises(letters.Altered, match=re.escape(str(three[0].frame["case_number"]))):
        letters.printed(batch, app.config)


def test_a_letter_goes_into_one_batch_only(app: Flask, three: list[Message], clerk: Staff) -> None:
    assert make_batch(app, clerk, three[:2]) is not None
    second = make_batch(app, clerk, three)
    assert second is not None
    assert [line["message"] for line in letters.lines_of(second)] == [three[2].id]
    assert make_batch(app, clerk, three) is None
    assert db.session.scalar(sa.select(sa.func.count()).select_from(LetterBatch)) == 2


def test_two_people_at_once_never_put_a_letter_in_two_batches(app: Flask, three: list[Message], clerk: Staff) -> None:
    together, made = threading.Barrier(4), []

    def press() -> None:
        with app.app_context():
            together.wait()
            batch = make_batch(app, clerk, three)
            made.append([line["message"] for line in letters.lines_of(batch)] if batch else [])

    people = [threading.Thread(target=press) for _ in range(4)]
    for person in people:
        person.start()
    for person in people:
        person.join()
    assert sorted(made) == [[], [], [], [message.id for message in three]]
    assert db.session.scalar(sa.select(sa.func.count()).select_from(LetterBatch)) == 1


def test_two_people_with_different_letters_share_none(app: Flask, three: list[Message], clerk: Staff) -> None:
    together, made = threading.Barrier(2), []

    def press(chosen: list[Message]) -> None:
        with app.app_context():
            together.wait()
            batch = make_batch(app, clerk, chosen)
            made.extend(line["message"] for line in letters.lines_of(batch)) if batch else None

    people = [threading.Thread(target=press, args=(part,)) for part in (three[:2], three[1:])]
    for person in people:
        person.start()
    for person in people:
        person.join()
    assert sorted(made) == [message.id for message in three]


def test_posting_delivers_every_letter_once(app: Flask, three: list[Message], clerk: Staff) -> None:
    batch = make_batch(app, clerk, three)
    assert batch is not None
    for _twice in range(2):
        with unit_of_work():
            locked = letters.find_batch(clerk, batch.id, for_act=True)
            assert locked is not None
            letters.post(locked, by=clerk.as_actor(), now=clock.now())
    assert {fresh(message).status for message in three} == {"delivered"}
    events = db.session.scalars(sa.select(Event).where(Event.verb == "posted")).all()
    assert sorted(event.subject_id for event in events) == sorted(message.case_id for message in three)
    assert letters.pile(clerk, app.config) == ([], 0)


def test_a_letter_taken_out_waits_again_and_can_be_cancelled(app: Flask, three: list[Message], clerk: Staff) -> None:
    batch = make_batch(app, clerk, three)
    assert batch is not None
    with unit_of_work():
        locked = letters.find_batch(clerk, batch.id, for_act=True)
        assert locked is not None
        letters.take_out(locked, three[0].id, app.config)
    again = letters.find_batch(clerk, batch.id)
    assert again is not None
    left = [(line["message"], line["first_page"]) for line in letters.lines_of(again)]
    assert left == [(three[1].id, 1), (three[2].id, 3)]
    assert [sheet.message_id for sheet in letters.pile(clerk, app.config)[0]] == [three[0].id]
    with unit_of_work():
        fate.cancel(fresh(three[0]))


def test_a_batch_without_letters_goes(app: Flask, three: list[Message], clerk: Staff) -> None:
    batch = make_batch(app, clerk, three[:1])
    assert batch is not None
    with unit_of_work():
        locked = letters.find_batch(clerk, batch.id, for_act=True)
        assert locked is not None
        letters.take_out(locked, three[0].id, app.config)
    assert letters.find_batch(clerk, batch.id) is None
    assert letters.batches(clerk) == []


def test_nothing_is_taken_out_of_a_posted_batch(app: Flask, three: list[Message], clerk: Staff) -> None:
    batch = make_batch(app, clerk, three)
    assert batch is not None
    with unit_of_work():
        letters.post(batch, by=clerk.as_actor(), now=clock.now())
    with pytest.raises(letters.Posted), unit_of_work():
        letters.take_out(batch, three[0].id, app.config)
    assert fresh(three[0]).batch_id == batch.id


def test_a_batch_holds_one_department_and_is_seen_by_its_people_only(
    app: Flask, resident_case: File, clerk: Staff, outsider: Staff, hire: Callable[..., Staff]
) -> None:
    both = hire("Bo Bägge", "caseworker", "sb", "kf")
    mine = reply(resident_case(reply_by="letter", department="sb"), both, "letter")
    theirs = reply(resident_case(reply_by="letter", department="kf", kind="synpunkt"), both, "letter")
    assert make_batch(app, outsider, [mine]) is None
    with unit_of_work():
        first, second = letters.make_batches(both, [mine.id, theirs.id], config=app.config, now=clock.now())
    assert (first.department_code, second.department_code) == ("sb", "kf")
    assert letters.find_batch(clerk, first.id) is not None
    assert letters.find_batch(clerk, second.id) is None
    assert [batch.row.id for batch in letters.batches(outsider)] == [second.id]
