"""Files that go with a reply: chosen once, kept through every mistake, sent by every way, seen by who may see them."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from playwright.sync_api import Page, expect
from pypdf import PdfWriter

from caseflow.accounts.models import Staff
from caseflow.cases.files.attachments import LARGEST, clean_name
from caseflow.database import db
from caseflow.messages.models import Attachment
from tests.cases.acting import Desk
from tests.clamd import VIRUS, clamd
from tests.mailbox import Mailbox

TEXT = "Kartan ligger med."


def a_pdf() -> bytes:
    writer, out = PdfWriter(), BytesIO()
    writer.add_blank_page(595, 842)
    writer.write(out)
    return out.getvalue()


def a_png() -> bytes:
    out = BytesIO()
    Image.new("RGB", (40, 30), "teal").save(out, "PNG")
    return out.getvalue()


def send(desk: Desk, *files: tuple[str, bytes], **data: object) -> object:
    filled = {"text": TEXT, "channel": "email", "submission": "one", **data}
    return desk.act("replies", **filled, files=[(BytesIO(content), name) for name, content in files])


def rows() -> list[Attachment]:
    return list(db.session.scalars(sa.select(Attachment).order_by(Attachment.id)))


def test_files_go_with_the_mail_as_they_were(desk: Desk, smtp: Mailbox, deliver_all: Callable[[], None]) -> None:
    pdf, png = a_pdf(), a_png()
    assert send(desk, ("Karta över Östergötland.pdf", pdf), ("bild.png", png)).status_code == 303
    deliver_all()
    sent = {part.get_filename(): part.get_content() for part in smtp.mails[-1].iter_attachments()}
    assert sent == {"Karta över Östergötland.pdf": pdf, "bild.png": png}
    assert "Karta över Östergötland.pdf" in desk.read()


def test_a_form_that_comes_back_has_lost_no_file(desk: Desk) -> None:
    answer = send(desk, ("karta.pdf", a_pdf()), text="")
    assert answer.status_code == 422
    page = answer.get_data(as_text=True)
    assert "karta.pdf" in page
    sealed = page.split('type="checkbox" name="files" value="', 1)[1].split('"', 1)[0]
    assert desk.act("replies", text=TEXT, channel="email", submission="one", files=sealed).status_code == 303
    assert [row.name for row in rows()] == ["karta.pdf"]


def test_a_file_that_is_unticked_does_not_go(desk: Desk) -> None:
    send(desk, ("karta.pdf", a_pdf()), text="")
    assert send(desk).status_code == 303
    assert rows() == []


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("program.exe", b"MZ\x90\x00", "is no PDF, JPEG or PNG file"),
        ("karta.pdf", b"<html><script>alert(1)</script>", "is no PDF, JPEG or PNG file"),
        ("tom.pdf", b"", "is empty"),
        ("stor.pdf", b"%PDF-" + b"0" * LARGEST, "is larger than 10 MB"),
    ],
)
def test_what_cannot_be_sent_is_refused_in_words_and_the_text_stays(
    desk: Desk, name: str, content: bytes, told: str
) -> None:
    answer = send(desk, (name, content))
    assert answer.status_code == 422
    assert told in answer.get_data(as_text=True)
    assert TEXT in answer.get_data(as_text=True)
    assert rows() == []


def test_too_many_and_infected_files_are_refused_in_words(
    desk: Desk, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "Attach at most 10 files." in send(desk, *((f"{n}.pdf", a_pdf() + b" " * n) for n in range(11))).text
    with clamd() as url:
        monkeypatch.setitem(app.config, "CLAMD_URL", url)
        assert "our virus scanner found something" in send(desk, ("karta.pdf", a_pdf() + VIRUS)).text
    assert rows() == []


def test_nobody_can_name_a_file_that_no_page_gave_them(desk: Desk) -> None:
    assert desk.act("replies", text=TEXT, channel="email", submission="one", files="a" * 64).status_code == 303
    assert rows() == []


def test_a_double_click_attaches_once(desk: Desk) -> None:
    send(desk, ("karta.pdf", a_pdf()))
    send(desk, ("karta.pdf", a_pdf()))
    assert len(rows()) == 1


def test_a_file_is_handed_out_within_the_scope_only_and_runs_nowhere(
    desk: Desk, desk_with: Callable[..., Desk], outsider: Staff
) -> None:
    png = a_png()
    send(desk, ("bild.png", png))
    path = f"{desk.path}/attachments/{rows()[0].id}"
    answer = desk.client.get(path)
    assert (answer.status_code, answer.data, answer.mimetype) == (200, png, "image/png")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert desk_with(staff=outsider, at=desk.case()).client.get(path).status_code == 404
    assert desk.client.get(path.replace(desk.number, "2026-99999")).status_code == 404


def test_the_resident_fetches_it_on_the_own_page_and_no_other_case_does(
    desk: Desk, client: FlaskClient, resident_case: Callable[..., object]
) -> None:
    send(desk, ("karta.pdf", a_pdf()), channel="none", reason="Bara där.")
    page = client.get(f"/case/{desk.case().code}").get_data(as_text=True)
    assert "karta.pdf" in page
    path = f"/attachments/{rows()[0].id}"
    assert client.get(f"/case/{desk.case().code}{path}").data == a_pdf()
    assert client.get(f"/case/{resident_case().code}{path}").status_code == 404


def test_a_secret_departments_files_stay_out_of_the_mail(
    desk_with: Callable[..., Desk], hire: Callable[..., Staff], smtp: Mailbox, deliver_all: Callable[[], None]
) -> None:
    worker = hire("Sekretess Sara", "caseworker", "vo")
    desk = desk_with(staff=worker, department="vo")
    assert desk.case().department.secret
    send(desk, ("utredning.pdf", a_pdf()))
    deliver_all()
    assert list(smtp.mails[-1].iter_attachments()) == []


def test_names_lose_their_path_and_what_hides() -> None:
    assert clean_name("C:\\Users\\Eva\\karta.pdf") == "karta.pdf"
    assert clean_name("../../etc/passwd") == "passwd"
    assert clean_name("a\r\nb\u202efdp.exe") == "a bfdp.exe"
    assert clean_name("") == "file"
    assert clean_name("x" * 300 + ".pdf").endswith("x.pdf")


def test_in_the_browser_a_file_is_attached_and_shown(
    desk: Desk, browser_page: Page, look: Callable[[Page, str], None]
) -> None:
    desk.open_in(browser_page)
    browser_page.get_by_role("textbox", name="Reply").fill(TEXT)
    files = [{"name": "karta.pdf", "mimeType": "application/pdf", "buffer": a_pdf()}]
    browser_page.locator("form.write-replies input[type=file]").set_input_files(files)
    look(browser_page, "attaching")
    browser_page.get_by_role("button", name="Send as e-mail").click()
    expect(browser_page.get_by_role("link", name="karta.pdf", exact=True)).to_be_visible()
    look(browser_page, "attached")
