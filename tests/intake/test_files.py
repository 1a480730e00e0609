"""Photos and files from residents: made safe, refused in words, never lost on the way, seen by who may see them."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from playwright.sync_api import Browser, Page, expect
from werkzeug.test import TestResponse

from caseflow import clock, files, scanner, staged_files
from caseflow.accounts.models import Staff
from caseflow.cases.files import resident_files
from caseflow.cases.models import Case
from caseflow.database import db
from caseflow.messages.models import Attachment
from config import Config, ConfigError
from tests.clamd import VIRUS, clamd
from tests.intake.conftest import Send, cases, filled, said, token_in

Tell = Callable[..., TestResponse]
HEIC = Path(__file__).parent / "files" / "photo.heic"


def photo(kind: str = "JPEG", size: tuple[int, int] = (60, 40), mode: str = "RGB") -> bytes:
    """Held upright by somebody at home, as cameras write it: the pixels lie on their side."""
    made, exif = BytesIO(), Image.Exif()
    exif[0x0112], exif[0x010E] = 6, "GPS 58.7 15.8"
    Image.new(mode, size, "#3a7").save(made, kind, exif=exif, comment=b"GPS 58.7 15.8")
    return made.getvalue()


def pdf(**root: pikepdf.Object) -> bytes:
    made = BytesIO()
    with pikepdf.new() as document:
        document.add_blank_page()
        for name, value in root.items():
            document.Root[f"/{name}"] = value
        document.save(made, deterministic_id=True)
    return made.getvalue()


def locked() -> bytes:
    made = BytesIO()
    with pikepdf.open(BytesIO(pdf())) as document:
        document.save(made, encryption=pikepdf.Encryption(user="x", owner="y"))
    return made.getvalue()


def bomb() -> bytes:
    """Fifty kilobytes that would be two hundred million pixels."""
    made = BytesIO()
    Image.new("1", (20_000, 10_000)).save(made, "PNG")
    return made.getvalue()


def rows() -> list[Attachment]:
    db.session.rollback()
    return list(db.session.scalars(sa.select(Attachment).order_by(Attachment.id)))


def chosen(*files: tuple[str, bytes]) -> list[tuple[BytesIO, str]]:
    return [(BytesIO(content), name) for name, content in files]


def sealed_in(page: TestResponse) -> list[str]:
    return re.findall(r'name="files" value="([^"]+)" checked', page.text)


@pytest.fixture
def staged(app: Flask) -> Path:
    """The folder of what is chosen and not yet sent, empty."""
    folder = Path(app.config["DATA"]) / "staged"
    for path in folder.glob("*"):
        path.unlink()
    return folder


def test_what_is_sent_is_kept_upright_and_without_what_the_camera_knew(send: Send, app: Flask) -> None:
    sent = (
        ("Gata ö.jpg", photo(size=(4000, 3000))),
        ("skärm.png", photo("PNG", mode="RGBA")),
        ("IMG_1.HEIC", HEIC.read_bytes()),
    )
    answer = send(files=chosen(*sent, ("karta.pdf", pdf())))
    assert answer.status_code == 303
    kept = rows()
    assert [(row.name, row.media_type) for row in kept] == [
        ("Gata ö.jpg", "image/jpeg"),
        ("skärm.png", "image/png"),
        ("IMG_1.jpg", "image/jpeg"),
        ("karta.pdf", "application/pdf"),
    ]
    assert {(row.case_id, row.entry_id) for row in kept} == {(cases()[0].id, None)}
    contents = [files.read(row.sha256, app.config) for row in kept]
    assert [len(content) for content in contents] == [row.size for row in kept]
    drawn = [Image.open(BytesIO(content)) for content in contents[:3]]
    assert [picture.size for picture in drawn] == [(1920, 2560), (40, 60), (64, 48)]
    assert not any(picture.getexif() for picture in drawn)
    assert b"GPS" not in b"".join(contents)
    assert contents[3] == pdf()


def test_what_is_refused_is_told_at_the_field_and_nothing_else_is_lost(send: Send) -> None:
    acting = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=pikepdf.String("1"))
    told = {
        "program.jpg": (b"MZ\x90\x00", "is no photo (JPEG, PNG or HEIC) and no PDF"),
        "<b>.gif": (b"GIF89a<script>", "is no photo (JPEG, PNG or HEIC) and no PDF"),
        "trasig.jpg": (photo()[:200], "is damaged"),
        "trasig.pdf": (b"%PDF-1.7 nothing", "is damaged"),
        "bomb.png": (bomb(), "has too many pixels"),
        "låst.pdf": (locked(), "is locked by a password"),
        "js.pdf": (pdf(OpenAction=acting), "contains a program"),
        "tom.png": (b"", "is empty"),
        "stor.pdf": (b"%PDF-" + b"0" * resident_files.LARGEST, "is larger than 15 MB"),
    }
    bad = [(name, content) for name, (content, _words) in told.items()]
    page = send(files=chosen(*bad, ("bra.jpg", photo())))
    assert page.status_code == 422
    for name, (_content, words) in told.items():
        assert f"“{name}” {words}" in said(page)
    assert 'href="#files"' in page.text
    assert "Gatlampan utanför Skolgatan 4" in page.text
    assert len(sealed_in(page)) == 1
    assert rows() == []
    assert send(files=sealed_in(page)).status_code == 303
    assert [row.name for row in rows()] == ["bra.jpg"]


def test_files_survive_every_other_mistake_and_a_change_of_language(send: Send, resident: FlaskClient) -> None:
    page = send(description="", files=chosen(("bra.jpg", photo())))
    again = send(language="fi", files=sealed_in(page))
    assert "bra.jpg" in again.text
    lost = resident.post("/new", data=filled(files=sealed_in(again)))
    assert (lost.status_code, len(sealed_in(lost))) == (400, 1)
    send(files=sealed_in(lost))
    send(files=["x" * 64, sealed_in(lost)[0][:-3] + "xyz"])
    assert [row.name for row in rows()] == ["bra.jpg"]
    assert len(cases()) == 2


def test_sending_the_same_twice_is_one_case_with_its_files_once(send: Send) -> None:
    mark = str(filled()["submission"])
    for _time in range(2):
        assert send(submission=mark, files=chosen(("bra.jpg", photo()))).status_code == 303
    assert (len(cases()), len(rows())) == (1, 1)


def test_more_than_fits_is_refused_in_words(send: Send) -> None:
    page = send(files=chosen(*[(f"{one}.pdf", pdf(Lang=pikepdf.String(str(one)))) for one in range(11)]))
    assert "Attach at most 10 files." in said(page)
    page = send(files=chosen(("stor.pdf", b"x" * 27_000_000)))
    assert page.status_code == 413
    assert "Choose fewer or smaller files" in said(page)


def test_what_nobody_sends_is_swept_away_and_room_is_limited(
    send: Send, app: Flask, staged: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = send(description="", files=chosen(("bra.jpg", photo())))
    assert len(list(staged.iterdir())) == 1
    assert staged_files.sweep(app.config, now=clock.now() + timedelta(hours=23)) == 0
    assert staged_files.sweep(app.config, now=clock.now() + timedelta(hours=25)) == 1
    answer = send(files=sealed_in(page))
    assert (answer.status_code, "“bra.jpg” has waited for too long" in said(answer)) == (422, True)
    monkeypatch.setattr(staged_files, "ROOM", 10)
    answer = send(files=chosen(("bra.jpg", photo())))
    assert "We cannot take in files just now. Send without “bra.jpg”" in said(answer)
    assert send().status_code == 303


def test_a_virus_is_refused_and_a_scanner_that_is_away_lets_nothing_through(
    send: Send, app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad, good = ("bad.pdf", pdf(Lang=pikepdf.String(VIRUS.decode()))), ("bra.pdf", pdf())
    for socket_file in (None, tmp_path / "clamd"):
        with clamd(socket_file) as url:
            monkeypatch.setitem(app.config, "CLAMD_URL", url)
            assert "our virus scanner found something" in said(send(files=chosen(bad)))
            assert send(files=chosen(good)).status_code == 303
        assert "We cannot check files just now" in said(send(files=chosen(good)))
    with clamd(limit=100) as url:
        monkeypatch.setitem(app.config, "CLAMD_URL", url)
        assert "We cannot check files just now" in said(send(files=chosen(good)))
    assert [row.name for row in rows()] == ["bra.pdf"] * 2
    for wrong in ("clamd", "tcp://", "unix://host", "http://host:3310"):
        with pytest.raises(ConfigError, match="CLAMD_URL"):
            Config.from_environment({"CASEFLOW_DATA": str(tmp_path), "CLAMD_URL": wrong})
    assert scanner.check("tcp://[::1]:3310")


def test_the_own_page_takes_files_and_hands_them_out_to_its_resident_and_its_caseworkers_only(
    send: Send, resident: FlaskClient, resident_case: Callable[..., Case], app: Flask, clerk: Staff, outsider: Staff
) -> None:
    send(files=chosen(("bra.jpg", photo())))
    case, other = cases()[0], resident_case()
    token = token_in(resident.get(f"/case/{case.code}"))
    data = {"text": "Här är en till.", "files": chosen(("till.pdf", pdf())), "csrf_token": token}
    assert resident.post(f"/case/{case.code}/entries", data=data).status_code == 303
    page = said(resident.get(f"/case/{case.code}"))
    assert "bra.jpg" in page
    assert "till.pdf" in page
    for row in rows():
        answer = resident.get(f"/case/{case.code}/attachments/{row.id}")
        assert answer.status_code == 200
        assert answer.headers["Content-Security-Policy"].startswith("sandbox")
        assert answer.headers["Content-Disposition"].startswith("attachment")
        assert resident.get(f"/case/{other.code}/attachments/{row.id}").status_code == 404


def test_one_file_is_taken_in_while_the_form_is_filled_in(resident: FlaskClient, send: Send) -> None:
    stamp = re.findall(r'data-stamp="([^"]+)"', resident.get("/new").text)[0]
    assert resident.post("/uploads", data={"files": chosen(("bra.jpg", photo()))}).status_code == 400
    row = resident.post("/uploads", data={"files": chosen(("bra.jpg", photo())), "stamp": stamp})
    assert (row.status_code, "bra.jpg" in row.text, len(sealed_in(row))) == (200, True, 1)
    refused = resident.post("/uploads", data={"files": chosen(("<b>.txt", b"hej")), "stamp": stamp})
    assert refused.status_code == 422
    assert refused.mimetype == "text/plain"
    send(files=sealed_in(row))
    assert [row.name for row in rows()] == ["bra.jpg"]


def test_in_a_browser_files_are_taken_in_one_by_one_and_without_javascript_with_the_form(
    chromium: Browser, browser_page: Page, live_url: str, look: Callable[[Page, str], None]
) -> None:
    page = browser_page
    page.goto("/new?kind=felanmalan&reply_by=none")
    photo_of = {"name": "bra.jpg", "mimeType": "image/jpeg", "buffer": photo(size=(4000, 3000))}
    page.locator("#files").set_input_files([photo_of, {"name": "x.txt", "mimeType": "text/plain", "buffer": b"hej"}])
    expect(page.get_by_role("button", name="Ta bort bra.jpg")).to_be_visible()
    expect(page.locator(".files .error")).to_contain_text("x.txt")
    look(page, "new-with-files")
    transfer = page.evaluate_handle(
        "bytes => { const data = new DataTransfer(); "
        "data.items.add(new File([new Uint8Array(bytes)], 'karta.pdf', {type: 'application/pdf'})); return data }",
        list(pdf()),
    )
    for kind in ("dragover", "drop"):
        page.dispatch_event(".uploads", kind, {"dataTransfer": transfer})
    page.get_by_role("button", name="Ta bort karta.pdf").click()
    expect(page.locator(".uploads [role=status]")).to_contain_text("karta.pdf")
    page.fill("#description", "Lampan är släckt.")
    page.click("#errand .button.send")
    page.wait_for_url("**/receipt")
    assert [row.name for row in rows()] == ["bra.jpg"]
    context = chromium.new_context(base_url=live_url, locale="sv-SE", java_script_enabled=False)
    plain = context.new_page()
    plain.goto("/new?kind=felanmalan&reply_by=none")
    plain.locator("#files").set_input_files([{**photo_of, "name": "två.jpg"}])
    plain.click("#errand .button.send")
    plain.fill("#description", "Lampan är släckt.")
    expect(plain.get_by_role("checkbox", name="två.jpg")).to_be_checked()
    plain.click("#errand .button.send")
    plain.wait_for_url("**/receipt")
    context.close()
    assert [row.name for row in rows()] == ["bra.jpg", "två.jpg"]
