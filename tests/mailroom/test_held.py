"""Held mail: a person reads it and says what it is; nothing is thrown away, and nothing is done twice."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from playwright.sync_api import Page, expect

from caseflow.accounts.models import Staff
from caseflow.cases.models import Case, Department, Entry
from caseflow.database import db
from caseflow.language import COOKIE
from caseflow.messages.models import IncomingMail, Message
from tests.cases.acting import WithToken
from tests.cases.entering import enter
from tests.mailroom.conftest import Post, counted
from tests.mailroom.mailprograms import fresh

WORDS = "Gungan i Bruksparken är trasig."


@pytest.fixture
def held(post: Post) -> IncomingMail:
    row = post.come_in(fresh("Gungan <b>igen</b>", WORDS, sender="noreply@example.net"))
    assert row.outcome == "held"
    return row


@pytest.fixture
def sorter(sign_in: Callable[[Staff], FlaskClient], hire: Callable[..., Staff]) -> FlaskClient:
    """Somebody of the triage department, and of the one that the first case lies in."""
    triage = db.session.scalars(sa.select(Department.code).where(Department.triage)).one()
    client = sign_in(hire("Siv Sortera", "caseworker", triage, "sb"))
    client.set_cookie(COOKIE, "en")
    return client


def outcome(row: IncomingMail) -> str:
    db.session.rollback()
    return db.session.get_one(IncomingMail, row.id, populate_existing=True).outcome


def test_its_words_are_read_as_text(held: IncomingMail, sorter: FlaskClient) -> None:
    page = sorter.get(f"/staff/mails/{held.id}").get_data(as_text=True)
    assert WORDS in page
    assert "Gungan &lt;b&gt;igen" in page
    assert "<b>igen" not in page


def test_it_becomes_a_case_once_and_no_mail_goes_out(
    held: IncomingMail, sorter: FlaskClient, with_token: WithToken
) -> None:
    cases, mails = counted(Case), counted(Message)
    for _press in range(2):
        assert sorter.post(f"/staff/mails/{held.id}/case", data=with_token(sorter, {})).status_code == 303
    assert (counted(Case), counted(Message)) == (cases + 1, mails)
    made = db.session.scalars(sa.select(Case).order_by(Case.id.desc()).limit(1)).one()
    assert (made.source, outcome(held)) == ("email", "filed")
    assert WORDS in made.description


def test_it_goes_to_the_case_that_it_belongs_to_once(
    post: Post, held: IncomingMail, sorter: FlaskClient, with_token: WithToken
) -> None:
    for _press in range(2):
        answer = sorter.post(f"/staff/mails/{held.id}/entry", data=with_token(sorter, {"number": post.case().number}))
        assert answer.status_code == 303
    assert counted(Entry) == 1 + len(post.said()) or post.said() == [WORDS]
    assert outcome(held) == "heard"
    assert "another_sender" in post.verbs()


def test_a_number_that_is_no_case_is_told_at_the_field(
    held: IncomingMail, sorter: FlaskClient, with_token: WithToken
) -> None:
    answer = sorter.post(f"/staff/mails/{held.id}/entry", data=with_token(sorter, {"number": "2026-77777"}))
    assert answer.status_code == 422
    page = answer.get_data(as_text=True)
    assert "No case of yours has that number." in page
    assert 'value="2026-77777"' in page
    assert outcome(held) == "held"


def test_who_does_not_sort_sees_nothing_of_it(
    held: IncomingMail, sign_in: Callable[[Staff], FlaskClient], outsider: Staff, with_token: WithToken
) -> None:
    client = sign_in(outsider)
    assert client.get(f"/staff/mails/{held.id}").status_code == 404
    assert client.post(f"/staff/mails/{held.id}/case", data=with_token(client, {})).status_code == 404
    assert outcome(held) == "held"


def test_in_the_browser(
    post: Post, held: IncomingMail, sorter: FlaskClient, browser_page: Page, look: Callable[[Page, str], None]
) -> None:
    enter(browser_page, sorter, f"/staff/mails/{held.id}")
    look(browser_page, "held-mail")
    browser_page.locator("#number").fill(post.case().number)
    browser_page.keyboard.press("Enter")
    expect(browser_page.get_by_text(WORDS)).to_be_visible()
