"""/staff/letters as a caseworker meets it."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Callable
from io import BytesIO, StringIO
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from playwright.sync_api import Page, expect
from pypdf import PdfReader
from werkzeug.test import TestResponse

from caseflow.accounts.models import Staff
from caseflow.cases.models import Case
from caseflow.cases.views.letters import _cell
from caseflow.database import db
from caseflow.messages.models import LetterBatch, Message
from tests.cases.entering import enter
from tests.cases.replying import fresh, reply

ENGLISH = {"Accept-Language": "en"}
File = Callable[..., Case]
Enter = Callable[[Staff], FlaskClient]
Act = Callable[..., TestResponse]
LONG = "\n\n".join("Vi lagar lampan på måndag. " * 20 for _paragraph in range(9))


@pytest.fixture
def two(resident_case: File, clerk: Staff) -> list[Message]:
    names = ("Rut Åkesson", "Åke Öström")
    texts = ("Lampan lagas på måndag.", LONG)
    both = zip(names, texts, strict=True)
    return [reply(resident_case(reply_by="letter", name=name), clerk, "letter", text) for name, text in both]


@pytest.fixture
def act(sign_in: Enter, with_token: Callable[..., dict[str, Any]]) -> Act:
    """act(staff, "batches/1/posting", …): a form of the page, sent by that person."""

    def send(staff: Staff, noun: str, **data: object) -> TestResponse:
        client = sign_in(staff)
        form = with_token(client, data, page="/staff/letters")
        return client.post(f"/staff/letters/{noun}", data=form, headers=ENGLISH)

    return send


def keys(messages: list[Message]) -> list[str]:
    return [str(message.id) for message in messages]


def count_batches() -> int | None:
    return db.session.scalar(sa.select(sa.func.count()).select_from(LetterBatch))


def test_a_letter_goes_the_whole_way(two: list[Message], clerk: Staff, sign_in: Enter, act: Act) -> None:
    client = sign_in(clerk)
    assert "Åke Öström" in client.get("/staff/letters").get_data(as_text=True)
    assert act(clerk, "batches", message=keys(two)).location == "/staff/letters#batch-1"
    printed = client.get("/staff/letters/batches/1.pdf")
    pages = PdfReader(BytesIO(printed.data)).pages
    assert len(pages) == 4
    assert client.get("/staff/letters/batches/1.pdf").data == printed.data
    listed = client.get("/staff/letters/batches/1/manifest.csv").get_data(as_text=True)
    lines = list(csv.DictReader(StringIO(listed.removeprefix("\ufeff"))))
    assert [(line["first_page"], line["pages"]) for line in lines] == [("1", "1"), ("3", "2")]
    for line in lines:
        alone = client.get(f"/staff/letters/{line['message']}.pdf").data
        assert hashlib.sha256(alone).hexdigest() == line["sha256"]
        assert line["case"] in pages[int(line["first_page"]) - 1].extract_text()
    assert act(clerk, "batches/1/posting").status_code == 303
    assert {fresh(message).status for message in two} == {"delivered"}


def test_a_letter_is_shown_in_the_page_and_kept_by_nobody(two: list[Message], clerk: Staff, sign_in: Enter) -> None:
    answer = sign_in(clerk).get(f"/staff/letters/{two[1].id}.pdf")
    assert answer.mimetype == "application/pdf"
    assert answer.headers["Content-Disposition"].startswith("inline")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Åke Öström" in PdfReader(BytesIO(answer.data)).pages[0].extract_text()


def test_a_thumbnail_is_a_small_png_that_the_browser_alone_may_keep(
    two: list[Message], clerk: Staff, outsider: Staff, sign_in: Enter
) -> None:
    client = sign_in(clerk)
    answer = client.get(f"/staff/letters/{two[1].id}.png")
    assert answer.data.startswith(b"\x89PNG")
    assert len(answer.data) < 80_000
    assert answer.headers["Cache-Control"] == "private, no-cache"
    known = {"If-None-Match": answer.headers["ETag"]}
    again = client.get(f"/staff/letters/{two[1].id}.png", headers=known)
    assert (again.status_code, again.data) == (304, b"")
    assert sign_in(outsider).get(f"/staff/letters/{two[1].id}.png", headers=known).status_code == 404


def test_pressing_twice_makes_one_batch_and_nothing_ticked_makes_none(
    two: list[Message], clerk: Staff, act: Act
) -> None:
    for _twice in range(2):
        assert act(clerk, "batches", message=keys(two)).status_code == 303
    assert act(clerk, "batches").status_code == 303
    assert count_batches() == 1


def test_a_letter_is_taken_out_of_a_batch(two: list[Message], clerk: Staff, act: Act) -> None:
    act(clerk, "batches", message=keys(two))
    assert act(clerk, "batches/1/removal", message=keys(two)[0]).status_code == 303
    assert fresh(two[0]).batch_id is None
    assert fresh(two[1]).batch_id == 1


def test_an_outsider_finds_nothing(two: list[Message], clerk: Staff, outsider: Staff, sign_in: Enter, act: Act) -> None:
    client = sign_in(outsider)
    assert act(outsider, "batches", message=keys(two)).status_code == 303
    assert count_batches() == 0
    act(clerk, "batches", message=keys(two))
    assert "Rut Åkesson" not in client.get("/staff/letters").get_data(as_text=True)
    for hidden in (f"{two[0].id}.pdf", f"{two[0].id}.png", "batches/1.pdf", "batches/1/manifest.csv"):
        assert client.get(f"/staff/letters/{hidden}").status_code == 404, hidden
    assert act(outsider, "batches/1/posting").status_code == 404
    assert act(outsider, "batches/1/removal", message=keys(two)[0]).status_code == 404
    assert fresh(two[0]).status == "accepted"


def test_only_who_posts_letters_sees_what_waits_and_who_reads_a_case_its_letters(
    two: list[Message], manager: Staff, sign_in: Enter
) -> None:
    client = sign_in(manager)
    assert client.get("/staff/letters").status_code == 403
    for page in (f"/{two[0].id}.pdf", f"/{two[0].id}.png"):
        assert client.get(f"/staff/letters{page}").status_code == 200


def test_a_number_beyond_all_numbers_is_not_found(clerk: Staff, sign_in: Enter, act: Act) -> None:
    beyond = "9" * 25
    for path in (f"{beyond}.pdf", f"{beyond}.png", f"batches/{beyond}.pdf"):
        assert sign_in(clerk).get(f"/staff/letters/{path}").status_code == 404, path
    assert act(clerk, f"batches/{beyond}/posting").status_code == 404
    assert act(clerk, "batches", message=[beyond]).status_code == 303


def test_a_letter_of_another_channel_is_none(resident_case: File, clerk: Staff, sign_in: Enter) -> None:
    call = reply(resident_case(reply_by="phone"), clerk, "phone")
    assert sign_in(clerk).get(f"/staff/letters/{call.id}.pdf").status_code == 404


@pytest.mark.parametrize("text", ["=1+1", "+46", "-1", "@SUM(A1)", "\t=1"])
@pytest.mark.no_app
def test_no_cell_of_the_list_is_a_formula(text: str) -> None:
    assert _cell(text) == f"'{text}"
    assert _cell(7) == 7
    assert _cell("2026-10001") == "2026-10001"


def test_a_clerk_prints_and_posts_in_the_browser(
    resident_case: File,
    clerk: Staff,
    sign_in: Enter,
    browser_page: Page,
    look: Any,
) -> None:
    names = ("Rut Åkesson", "Åke Öström", "Märta Öhrn", "Ali Haddad", "Siv Ek")
    texts = ("Lampan lagas på måndag.", LONG, "Tack!", LONG, "Ja.")
    for name, text in zip(names, texts, strict=True):
        reply(resident_case(reply_by="letter", name=name), clerk, "letter", text)
    enter(browser_page, sign_in(clerk), "/staff/letters")
    browser_page.wait_for_load_state("networkidle")
    assert browser_page.evaluate("[...document.images].every(picture => picture.naturalWidth > 200)")
    look(browser_page, "letters-pile")
    browser_page.get_by_label("Siv Ek", exact=True).uncheck()
    browser_page.locator(".pile-acts button").click()
    expect(browser_page.locator("#batch-1")).to_be_visible()
    expect(browser_page.locator(".pile .letter")).to_have_count(1)
    look(browser_page, "letters-batch")
    browser_page.locator("#batch-1 .batch-letters > summary").click()
    browser_page.locator("#batch-1 .act > summary").press("Enter")
    look(browser_page, "letters-open")
    browser_page.locator("#batch-1 .act button").click()
    expect(browser_page.locator(".posted > li")).to_have_count(1)
    look(browser_page, "letters-posted")


def test_nothing_to_print_is_said(clerk: Staff, sign_in: Enter, browser_page: Page, look: Any) -> None:
    enter(browser_page, sign_in(clerk), "/staff/letters")
    expect(browser_page.locator(".empty")).to_be_visible()
    look(browser_page, "letters-empty")
