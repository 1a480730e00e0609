"""Letters that come back: found by number or by the code's square, registered once, and the case works again."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Page, expect

from caseflow import clock
from caseflow.accounts.models import Staff
from caseflow.cases.models import Case
from caseflow.cases.post import letters
from caseflow.database import db, unit_of_work
from caseflow.messages.models import Message
from tests.cases.acting import Desk, WithToken
from tests.cases.entering import enter
from tests.cases.replying import fresh, reply


@pytest.fixture
def posted(app: Flask, resident_case: Callable[..., Case], clerk: Staff) -> tuple[Case, Message]:
    """A case whose letter is in the mail."""
    case = resident_case(reply_by="letter")
    message = reply(case, clerk, "letter")
    with unit_of_work():
        (batch,) = letters.make_batches(clerk, [message.id], config=app.config, now=clock.now())
        letters.post(batch, by=clerk.as_actor(), now=clock.now())
    return case, message


def search(client: FlaskClient, with_token: WithToken, typed: str) -> str:
    client.set_cookie("language", "en")
    answer = client.post("/staff/letters/returns/search", data=with_token(client, {"letter": typed}))
    return answer.get_data(as_text=True)


def test_it_is_found_by_number_and_by_what_a_scanner_reads(
    posted: tuple[Case, Message], clerk: Staff, sign_in: Callable[[Staff], FlaskClient], with_token: WithToken
) -> None:
    case, _message = posted
    client = sign_in(clerk)
    for typed in (case.number, case.number.partition("-")[2], f"http://localhost/case/{case.code}"):
        assert "Skolgatan 4" in search(client, with_token, typed), typed
    assert "Skolgatan 4" not in search(client, with_token, "2026-99999")


def test_registering_gives_the_case_back_once(
    posted: tuple[Case, Message], clerk: Staff, sign_in: Callable[[Staff], FlaskClient], with_token: WithToken
) -> None:
    case, message = posted
    client, path = sign_in(clerk), f"/staff/letters/returns/{message.id}"
    for _press in range(2):
        assert client.post(path, data=with_token(client, {"reason": "moved"})).status_code == 303
    assert (fresh(message).status, fresh(message).error) == ("returned", "moved")
    assert db.session.get_one(Case, case.id, populate_existing=True).status == "in_progress"
    desk = Desk(client, with_token, case)
    assert desk.verbs()[-2:] == ["returned", "undelivered"]
    assert "has moved" in desk.read()


def test_a_stranger_finds_nothing_and_registers_nothing(
    posted: tuple[Case, Message], outsider: Staff, sign_in: Callable[[Staff], FlaskClient], with_token: WithToken
) -> None:
    case, message = posted
    client = sign_in(outsider)
    assert "Skolgatan 4" not in search(client, with_token, case.number)
    assert "Skolgatan 4" not in search(client, with_token, case.code)
    client.post(f"/staff/letters/returns/{message.id}", data=with_token(client, {"reason": "moved"}))
    assert fresh(message).status == "delivered"


def test_a_reason_that_is_not_offered_is_refused(
    posted: tuple[Case, Message], clerk: Staff, sign_in: Callable[[Staff], FlaskClient], with_token: WithToken
) -> None:
    client = sign_in(clerk)
    answer = client.post(f"/staff/letters/returns/{posted[1].id}", data=with_token(client, {"reason": "<b>"}))
    assert answer.status_code == 400


def test_in_the_browser_by_keyboard(
    app: Flask,
    posted: tuple[Case, Message],
    clerk: Staff,
    sign_in: Callable[[Staff], FlaskClient],
    browser_page: Page,
    look: Callable[[Page, str], None],
) -> None:
    client = sign_in(clerk)
    client.set_cookie("language", "en")
    enter(browser_page, client, "/staff/letters/returns")
    box = browser_page.locator("#letter")
    expect(box).to_be_focused()
    browser_page.keyboard.type(posted[0].number)
    browser_page.keyboard.press("Enter")
    expect(browser_page.get_by_role("heading", name=posted[0].number)).to_be_visible()
    look(browser_page, "returns")
    browser_page.locator("input[value=unknown_here]").check()
    browser_page.locator("form.returned button").click()
    expect(browser_page.locator(".flash, .notice").first).to_be_visible()
    assert fresh(posted[1]).status == "returned"
