"""Files looked at on the case's page: drawn anew, small, within the scope, and never what a stranger put in them."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO

import pytest
import sqlalchemy as sa
from PIL import Image
from playwright.sync_api import Page

from caseflow import files
from caseflow.accounts.models import Staff
from caseflow.database import db
from caseflow.messages import previews
from caseflow.messages.models import Attachment
from caseflow.processes import wait_until
from tests.cases.acting import Desk
from tests.messages.printed import printed


def photo(size: tuple[int, int] = (3000, 2000), kind: str = "JPEG") -> bytes:
    """With where it was taken, as telephones write it."""
    made, exif = BytesIO(), Image.Exif()
    exif[0x0112], exif[0x010E] = 6, "GPS 58.7 15.8"
    Image.new("RGB", size, "#3a7").save(made, kind, exif=exif)
    return made.getvalue()


def bomb() -> bytes:
    """80 million pixels in a few kilobytes."""
    made = BytesIO()
    Image.new("1", (9000, 9000)).save(made, "PNG")
    return made.getvalue()


def send(desk: Desk, *contents: tuple[str, bytes]) -> list[str]:
    """Reply with the files; the addresses of their small pictures."""
    uploads = [(BytesIO(content), name) for name, content in contents]
    desk.act("replies", text="Se bilderna.", channel="email", submission="s", files=uploads)
    ids = db.session.scalars(sa.select(Attachment.id).order_by(Attachment.id))
    return [f"{desk.path}/attachments/{one}/small" for one in ids]


def test_photos_and_pdfs_are_drawn_anew_and_small_once_and_only_for_who_may_see_the_case(
    desk: Desk, desk_with: Callable[..., Desk], outsider: Staff
) -> None:
    paths = send(desk, ("foto.jpg", photo()), ("karta.pdf", printed()))
    for path in paths:
        answer = desk.client.get(path)
        picture = Image.open(BytesIO(answer.data))
        assert (answer.status_code, picture.format, picture.width <= 240) == (200, "JPEG", True), path
        assert not picture.getexif() and b"GPS" not in answer.data
        assert "sandbox" in answer.headers["Content-Security-Policy"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        again = desk.client.get(path, headers={"If-None-Match": answer.headers["ETag"]})
        assert (again.status_code, again.data) == (304, b"")
        assert desk_with(staff=outsider, at=desk.case()).client.get(path).status_code == 404
        assert path in desk.read()
    assert Image.open(BytesIO(desk.client.get(paths[0]).data)).size == (240, 360)  # turned as it was held
    large = Image.open(BytesIO(desk.client.get(paths[1].replace("small", "large")).data))
    assert len(large.getcolors(1_000_000) or ()) > 1 and large.width in (1400, 1401)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("bomb.png", None),
        ("broken.jpg", b"\xff\xd8\xff" + b"x" * 500),
        ("script.pdf", b"%PDF-1.7 <script>alert(1)</script>"),
    ],
)
def test_what_cannot_be_drawn_shows_nothing_and_is_not_tried_twice(
    desk: Desk, name: str, content: bytes | None
) -> None:
    (path,) = send(desk, (name, content or bomb()))
    answer = desk.client.get(path)
    assert (answer.status_code, answer.data) == (204, b"")
    row = db.session.scalars(sa.select(Attachment)).one()
    kept = previews._path(row.sha256, "small", desk.client.application.config)
    assert kept.read_bytes() == b""
    files.path_of(row.sha256, desk.client.application.config).unlink()
    assert desk.client.get(path).status_code == 204
    kept.unlink()
    assert desk.client.get(path).status_code == 404


def test_the_pictures_look_right_beside_the_words(
    browser_page: Page, look: Callable[[Page, str], None], desk: Desk
) -> None:
    send(desk, ("foto.jpg", photo()), ("karta.pdf", printed()))
    desk.open_in(browser_page)
    assert wait_until(lambda: browser_page.evaluate("[...document.images].every((image) => image.naturalWidth)"), 10)
    look(browser_page, "case-previews")
