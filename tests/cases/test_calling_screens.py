"""/staff/calls as a caseworker meets it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from playwright.sync_api import Page, expect
from werkzeug.test import TestResponse

from caseflow import clock
from caseflow.accounts.models import Staff
from caseflow.cases import calls
from caseflow.cases.models import Case
from caseflow.database import db, unit_of_work
from caseflow.messages.models import Call, Message
from tests.cases.entering import enter
from tests.cases.replying import ask, fresh, reply

ENGLISH = {"Accept-Language": "en"}
File = Callable[..., Case]
Enter = Callable[[Staff], FlaskClient]
Act = Callable[..., TestResponse]


@pytest.fixture
def to_call(resident_case: File, clerk: Staff) -> Message:
    case = resident_case(reply_by="phone", best_time="efter 17", email="rut@example.org")
    return reply(case, clerk, "phone", "Lampan lagas på måndag.")


@pytest.fixture
def act(sign_in: Enter, with_token: Callable[..., dict[str, Any]]) -> Act:
    """act(staff, message, "outcomes", outcome="reached"): a form of the page, sent by that person."""

    def send(staff: Staff, message: Message, noun: str, **data: str) -> TestResponse:
        client = sign_in(staff)
        form = with_token(client, data, page="/staff/calls")
        return client.post(f"/staff/calls/{message.id}/{noun}", data=form, headers=ENGLISH)

    return send


def count_calls() -> int | None:
    return db.session.scalar(sa.select(sa.func.count()).select_from(Call))


def test_the_card_has_all_that_the_caller_needs(to_call: Message, clerk: Staff, sign_in: Enter) -> None:
    page = sign_in(clerk).get("/staff/calls", headers=ENGLISH).get_data(as_text=True)
    number = db.session.get_one(Case, to_call.case_id).number
    for needed in ('href="tel:+46701740605"', "070-174 06 05", "Rut Åkesson", "efter 17", "Lampan lagas på måndag."):
        assert needed in page
    assert f"/staff/cases/{number}" in page


def test_a_reply_is_called_and_delivered(to_call: Message, clerk: Staff, sign_in: Enter, act: Act) -> None:
    answer = act(clerk, to_call, "outcomes", outcome="reached", note="Nöjd", submission="s1")
    assert (answer.status_code, answer.location) == (303, "/staff/calls")
    assert fresh(to_call).status == "delivered"
    page = sign_in(clerk).get("/staff/calls", headers=ENGLISH).get_data(as_text=True)
    assert "Nobody to call." in page


def test_pressing_twice_logs_one_call(to_call: Message, clerk: Staff, act: Act) -> None:
    for _twice in range(2):
        assert act(clerk, to_call, "outcomes", outcome="no_answer", submission="s1").status_code == 303
    assert count_calls() == 1


def test_two_calls_without_an_answer_bring_other_ways(
    to_call: Message, clerk: Staff, sign_in: Enter, act: Act, deliver_all: Callable[[], None]
) -> None:
    act(clerk, to_call, "outcomes", outcome="no_answer", submission="s1")
    early = act(clerk, to_call, "redirection", channel="email", reason="Otålig")
    assert early.location == f"/staff/calls?message={to_call.id}"
    act(clerk, to_call, "outcomes", outcome="no_answer", submission="s2")
    page = sign_in(clerk).get("/staff/calls").get_data(as_text=True)
    assert 'value="email"' in page
    assert 'value="letter"' not in page
    assert act(clerk, to_call, "redirection", channel="email", reason="Ingen svarar").status_code == 303
    assert fresh(to_call).status == "cancelled"
    deliver_all()
    mail = db.session.scalars(sa.select(Message).where(Message.channel == "email")).one()
    assert (mail.status, mail.body) == ("accepted", "Lampan lagas på måndag.")


def test_a_wrong_number_gives_the_case_back(to_call: Message, clerk: Staff, act: Act) -> None:
    act(clerk, to_call, "outcomes", outcome="wrong_number", submission="s1")
    assert fresh(to_call).status == "failed"
    assert db.session.get_one(Case, to_call.case_id, populate_existing=True).status == "in_progress"


def test_a_call_that_somebody_else_has_made_is_said_in_words(
    to_call: Message, clerk: Staff, act: Act, sign_in: Enter
) -> None:
    act(clerk, to_call, "outcomes", outcome="reached", submission="s1")
    client = sign_in(clerk)
    gone = client.get(f"/staff/calls?message={to_call.id}", headers=ENGLISH)
    assert "That call is no longer in the list." in gone.get_data(as_text=True)
    late = act(clerk, to_call, "outcomes", outcome="no_answer", submission="s2")
    assert late.status_code == 303
    assert count_calls() == 1


def test_an_outsider_finds_nothing(to_call: Message, outsider: Staff, sign_in: Enter, act: Act) -> None:
    client = sign_in(outsider)
    assert "Rut Åkesson" not in client.get("/staff/calls").get_data(as_text=True)
    assert client.get(f"/staff/calls?message={to_call.id}").status_code == 404
    assert act(outsider, to_call, "outcomes", outcome="reached").status_code == 404
    assert act(outsider, to_call, "redirection", channel="email").status_code == 404
    assert fresh(to_call).status == "accepted"


def test_a_number_beyond_all_numbers_is_not_found(to_call: Message, clerk: Staff, sign_in: Enter) -> None:
    client = sign_in(clerk)
    assert client.get(f"/staff/calls?message={'9' * 25}").status_code == 404
    assert client.get("/staff/calls?message=-1").status_code == 404
    assert client.get("/staff/calls?message=somebody").status_code == 200


def test_only_who_handles_cases_may_call(to_call: Message, manager: Staff, sign_in: Enter, client: FlaskClient) -> None:
    assert sign_in(manager).get("/staff/calls").status_code == 403
    assert "/login" in (client.get("/staff/calls").location or "")


def test_what_is_no_outcome_and_what_has_no_token_is_refused(
    to_call: Message, clerk: Staff, sign_in: Enter, act: Act
) -> None:
    assert act(clerk, to_call, "outcomes", outcome="perhaps").status_code == 400
    without = sign_in(clerk).post(f"/staff/calls/{to_call.id}/outcomes", data={"outcome": "reached"})
    assert without.status_code == 400
    assert fresh(to_call).status == "accepted"


def test_a_clerk_calls_with_the_keyboard_alone(
    resident_case: File, clerk: Staff, sign_in: Enter, browser_page: Page, look: Any
) -> None:
    first = reply(resident_case(reply_by="phone", best_time="efter 17"), clerk, "phone")
    second = ask(resident_case(reply_by="phone", kind="synpunkt", name="Åke Öst"), clerk, "phone")
    enter(browser_page, sign_in(clerk), "/staff/calls")
    expect(browser_page.get_by_role("heading", name="Rut Åkesson")).to_be_visible()
    look(browser_page, "calls")
    browser_page.locator("textarea[name=note]").press("Tab")
    browser_page.keyboard.press("Enter")
    expect(browser_page.get_by_role("heading", name="Åke Öst")).to_be_visible()
    assert fresh(first).status == "delivered"
    browser_page.locator("textarea[name=note]").fill("Den vid grinden")
    browser_page.locator("button[value=reached]").press("Enter")
    expect(browser_page.locator(".empty")).to_be_visible()
    look(browser_page, "calls-empty")
    assert fresh(second).status == "delivered"


def test_the_offer_of_another_way_is_a_page_to_look_at(
    to_call: Message, clerk: Staff, sign_in: Enter, browser_page: Page, look: Any
) -> None:
    for note in ("Upptaget", None):
        with unit_of_work():
            card = calls.find(clerk, to_call.id, for_act=True)
            assert card is not None
            facts = {"note": note, "by": clerk.as_actor(), "now": clock.now(), "submission": None}
            calls.log_call(card, "no_answer", **facts)
    enter(browser_page, sign_in(clerk), "/staff/calls")
    look(browser_page, "calls-offer")
    browser_page.locator(".call-otherwise button").click()
    expect(browser_page.locator(".empty")).to_be_visible()
    assert fresh(to_call).status == "cancelled"
