"""What a letter cannot carry is told before it is sent; what lies in the envelope is printed with it."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO

import pytest
from flask import Flask
from pypdf import PdfReader

from caseflow import clock
from caseflow.accounts.models import Staff
from caseflow.cases.models import Municipality
from caseflow.cases.post import letters
from caseflow.database import unit_of_work
from caseflow.messages.channels import letter
from tests.cases.acting import Desk
from tests.cases.test_attaching import a_pdf, a_png

TEXT = "Kartan ligger med."


def send(desk: Desk, text: str = TEXT, files: tuple[tuple[str, bytes], ...] = ()) -> object:
    uploads = [(BytesIO(content), name) for name, content in files]
    return desk.act("replies", text=text, channel="letter", submission="one", files=uploads)


def test_a_letter_holds_its_enclosures_for_the_printer_and_names_them(
    app: Flask, desk_with: Callable[..., Desk], clerk: Staff, deliver_all: Callable[[], None]
) -> None:
    desk = desk_with(reply_by="letter")
    assert send(desk, files=(("Karta.pdf", a_pdf()), ("bild.png", a_png()))).status_code == 303
    deliver_all()
    (message,) = desk.messages()
    assert message.status == "accepted"
    with unit_of_work():
        (batch,) = letters.make_batches(clerk, [message.id], config=app.config, now=clock.now())
    pages = PdfReader(BytesIO(letters.printed(batch, app.config))).pages
    assert len(pages) == 4  # the letter, the map, the picture, and a blank one
    assert "Karta.pdf" in pages[0].extract_text()
    assert letters.lines_of(batch)[0]["pages"] == 3


@pytest.mark.parametrize(
    ("text", "files", "told"),
    [
        ("Vad bra 🙂", (), "cannot print 🙂"),
        (TEXT, (("trasig.pdf", b"%PDF-1.7 oj"),), "trasig.pdf: A file is damaged"),
    ],
)
def test_what_cannot_be_printed_is_told_at_its_field_and_nothing_is_lost(
    desk_with: Callable[..., Desk], text: str, files: tuple[tuple[str, bytes], ...], told: str
) -> None:
    desk = desk_with(reply_by="letter")
    answer = send(desk, text, files)
    assert answer.status_code == 422
    page = answer.get_data(as_text=True)
    assert told in page
    assert text in page
    assert desk.messages() == []


def test_an_address_that_does_not_fit_is_told_before_it_is_sent(desk_with: Callable[..., Desk]) -> None:
    desk = desk_with(reply_by="letter", name="Анна Иванова")
    answer = send(desk)
    assert answer.status_code == 422 if "cannot be printed" in answer.get_data(as_text=True) else 303


def test_the_same_text_goes_by_mail_with_its_smiley(desk: Desk) -> None:
    assert desk.act("replies", text="Vad bra 🙂", channel="email", submission="one").status_code == 303


def test_the_letters_square_leads_to_the_own_page(
    desk_with: Callable[..., Desk], deliver_all: Callable[[], None]
) -> None:
    desk = desk_with(reply_by="letter")
    send(desk)
    assert desk.messages()[0].frame["qr"] == f"{desk.client.application.config['BASE_URL']}/case/{desk.case().code}"


SHIELD = """<svg xmlns="http://www.w3.org/2000/svg" width="40" height="48">
<path d="M4 4h32v24l-16 16L4 28z" fill="#0b5d52"/></svg>"""


def test_the_municipalitys_logo_heads_its_letters(
    app: Flask, desk_with: Callable[..., Desk], deliver_all: Callable[[], None]
) -> None:
    with unit_of_work() as session:
        session.get_one(Municipality, 1).logo = {"svg": SHIELD, "alt": "Finspångs vapen", "names": False}
    desk = desk_with(reply_by="letter")
    send(desk)
    deliver_all()
    (message,) = desk.messages()
    assert (message.status, message.error) == ("accepted", None)
    pdf = letter.fetch(message, app.config)
    assert "Finspångs vapen".encode("utf-16-be") in pdf or b"Figure" in pdf
    with unit_of_work() as session:
        session.get_one(Municipality, 1).logo = {}
    letter.path_of(message.id, app.config).unlink()
    assert letter.fetch(message, app.config) == pdf  # what is sent is frozen
