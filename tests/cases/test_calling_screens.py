"""/staff/calls as a caseworker meets it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from playwright.sync_api import Browser, BrowserContext, Page, expect
from werkzeug.test import TestResponse

from caseflow import clock
from caseflow.accounts.models import Staff
from caseflow.cases import lifecycle
from caseflow.cases.models import Case
from caseflow.cases.telephone import calls
from caseflow.database import db, unit_of_work
from caseflow.messages.models import Call, Message
from tests.cases.entering import enter
from tests.cases.replying import ask, fresh, reply

ENGLISH = {"Accept-Language": "en"}
File = Callable[..., Case]
Enter = Callable[[Staff], FlaskClient]
Act = Callable[..., TestResponse]


@pytest.fixture(autouse=True)
def monday_morning(clock_at: Callable[[datetime], object]) -> None:
    clock_at(datetime(2026, 11, 23, 9, 0, tzinfo=clock.STOCKHOLM))


@pytest.fixture
def colleague(hire: Callable[..., Staff]) -> Staff:
    return hire("Anna Lind", "caseworker", "sb")


@pytest.fixture
def to_call(resident_case: File, clerk: Staff) -> Message:
    case = resident_case(reply_by="phone", best_time="helst på förmiddagen", email="rut@example.org")
    return reply(case, clerk, "phone", "Lampan lagas på måndag.")


@pytest.fixture
def act(sign_in: Enter, with_token: Callable[..., dict[str, Any]]) -> Act:
    """act(staff, message, "outcomes", outcome="reached"): a form of the page, sent by that person."""

    def send(staff: Staff, message: Message | None, noun: str, **data: str) -> TestResponse:
        client = sign_in(staff)
        form = with_token(client, data, page="/staff/calls")
        place = f"/{message.id}" if message else ""
        return client.post(f"/staff/calls{place}/{noun}", data=form, headers=ENGLISH)

    return send


def press(act: Act, staff: Staff, noun: str) -> TestResponse:
    """A button that is about no particular call."""
    return act(staff, None, noun)


def count_calls() -> int | None:
    return db.session.scalar(sa.select(sa.func.count()).select_from(Call))


def test_the_list_gives_out_one_call_at_a_press(to_call: Message, clerk: Staff, sign_in: Enter, act: Act) -> None:
    page = sign_in(clerk).get("/staff/calls", headers=ENGLISH).get_data(as_text=True)
    assert "Take the next call" in page
    assert "070-174 06 05" not in page
    assert press(act, clerk, "claims").location == "/staff/calls"
    assert fresh(to_call).taken_by == clerk.id


def test_looking_at_a_call_claims_nothing_and_dials_nothing(to_call: Message, clerk: Staff, sign_in: Enter) -> None:
    page = sign_in(clerk).get(f"/staff/calls?message={to_call.id}", headers=ENGLISH).get_data(as_text=True)
    assert "070-174 06 05" in page
    assert "tel:" not in page
    assert "Call now" in page
    assert 'name="outcome"' not in page
    assert fresh(to_call).taken_by is None


def test_the_card_has_all_that_the_caller_needs(to_call: Message, clerk: Staff, sign_in: Enter, act: Act) -> None:
    with unit_of_work() as session:
        case = session.get_one(Case, to_call.case_id)
        lifecycle.note(case, "Ring helst efter lunch.", by=clerk.as_actor(), now=clock.now())
    act(clerk, to_call, "claim")
    page = sign_in(clerk).get("/staff/calls", headers=ENGLISH).get_data(as_text=True)
    number = db.session.get_one(Case, to_call.case_id).number
    assert "Gatlampan utanför Skolgatan 4" in page
    assert "Ring helst efter lunch." in page
    assert "If nobody answers, the call comes back today 11:0" in page
    assert "An SMS says that we tried." in page
    for needed in (
        'href="tel:+46701740605"',
        "070-174 06 05",
        "Rut Åkesson",
        "helst på förmiddagen",
        "Lampan lagas på måndag.",
    ):
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
    act(clerk, to_call, "claim")
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
    late = act(clerk, to_call, "outcomes", outcome="no_answer", submission="s2", note="Hon ringer själv")
    assert late.status_code == 409
    kept = late.get_data(as_text=True)
    assert "That call is no longer in the list: somebody has made it" in kept
    assert "Hon ringer själv" in kept
    assert count_calls() == 1


def test_a_call_in_other_hands_can_be_read_and_not_made(
    to_call: Message, clerk: Staff, colleague: Staff, act: Act, sign_in: Enter
) -> None:
    act(colleague, to_call, "claim")
    assert act(clerk, to_call, "claim").location == f"/staff/calls?message={to_call.id}"
    page = sign_in(clerk).get(f"/staff/calls?message={to_call.id}", headers=ENGLISH).get_data(as_text=True)
    assert "Anna Lind is calling just now." in page
    assert "tel:" not in page
    late = act(clerk, to_call, "outcomes", outcome="reached", note="Nöjd", submission="s1")
    assert late.status_code == 409
    assert "Anna Lind is calling just now." in late.get_data(as_text=True)
    assert "Nöjd" in late.get_data(as_text=True)
    assert act(clerk, to_call, "redirection", channel="none").status_code == 303
    assert press(act, clerk, "claims").status_code == 303
    assert fresh(to_call).taken_by == colleague.id
    assert count_calls() == 0


def test_a_call_is_left_to_others_and_renewed_by_its_caller_alone(
    to_call: Message, clerk: Staff, colleague: Staff, act: Act
) -> None:
    act(clerk, to_call, "claim")
    assert act(colleague, to_call, "claim/renewal").status_code == 409
    assert act(clerk, to_call, "claim/renewal").status_code == 204
    assert act(clerk, to_call, "release").location == "/staff/calls"
    assert act(clerk, to_call, "claim/renewal").status_code == 409
    assert fresh(to_call).taken_by is None


def test_a_note_that_is_too_long_is_kept_and_told(to_call: Message, clerk: Staff, act: Act) -> None:
    act(clerk, to_call, "claim")
    answer = act(clerk, to_call, "outcomes", outcome="reached", note="å" * 2001, submission="s1")
    assert answer.status_code == 422
    assert "Write a shorter note" in answer.get_data(as_text=True)
    assert "å" * 2001 in answer.get_data(as_text=True)
    assert count_calls() == 0


@pytest.mark.parametrize("note", ["", "\x00", "Hej\x00då\r\n😀", "<script>alert(1)</script>"])
def test_any_note_can_be_written_down(to_call: Message, clerk: Staff, act: Act, note: str) -> None:
    assert act(clerk, to_call, "outcomes", outcome="busy", note=note, submission="s\x001").status_code == 303
    assert count_calls() == 1


def test_what_follows_is_told(to_call: Message, clerk: Staff, act: Act, sign_in: Enter) -> None:
    client = sign_in(clerk)
    assert act(clerk, to_call, "outcomes", outcome="busy", submission="s1").status_code == 303
    page = sign_in(clerk).get("/staff/calls", headers=ENGLISH).get_data(as_text=True)
    assert "comes back today 11:0" in page
    case = db.session.get_one(Case, to_call.case_id)
    conversation = client.get(f"/staff/cases/{case.number}", headers=ENGLISH).get_data(as_text=True)
    assert "called 1 time" in conversation
    assert "An SMS told the resident that we had tried to call" in conversation
    assert "We tried to call · SMS" in conversation.replace("</strong>", "")


def test_an_outsider_finds_nothing(to_call: Message, outsider: Staff, sign_in: Enter, act: Act) -> None:
    client = sign_in(outsider)
    assert "Rut Åkesson" not in client.get("/staff/calls").get_data(as_text=True)
    assert client.get(f"/staff/calls?message={to_call.id}").status_code == 404
    assert act(outsider, to_call, "outcomes", outcome="reached").status_code == 404
    assert act(outsider, to_call, "redirection", channel="email").status_code == 404
    for noun in ("claim", "claim/renewal", "release"):
        assert act(outsider, to_call, noun).status_code == 404
    press(act, outsider, "claims")
    assert fresh(to_call).taken_by is None
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
    first = reply(resident_case(reply_by="phone", best_time="förmiddagar"), clerk, "phone")
    reply(resident_case(reply_by="phone", best_time="efter 15", name="Ali Berg"), clerk, "phone")
    second = ask(resident_case(reply_by="phone", kind="synpunkt", name="Åke Öst"), clerk, "phone")
    enter(browser_page, sign_in(clerk), "/staff/calls")
    expect(browser_page.locator(".call-start button")).to_be_focused()
    look(browser_page, "calls-start")
    browser_page.keyboard.press("Enter")
    expect(browser_page.get_by_role("heading", name="Rut Åkesson")).to_be_visible()
    look(browser_page, "calls")
    browser_page.locator("textarea[name=note]").press("Tab")
    browser_page.keyboard.press("Enter")
    expect(browser_page.locator(".call-start button")).to_be_focused()
    browser_page.keyboard.press("Enter")
    expect(browser_page.get_by_role("heading", name="Åke Öst")).to_be_visible()
    assert fresh(first).status == "delivered"
    browser_page.locator("textarea[name=note]").fill("Den vid grinden")
    browser_page.locator("button[value=reached]").press("Enter")
    expect(browser_page.locator(".call-start")).to_be_visible()
    look(browser_page, "calls-later")
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
    browser_page.locator(".call-list a").click()
    look(browser_page, "calls-to-read")
    browser_page.locator("form[action$='/claim'] button").click()
    look(browser_page, "calls-offer")
    browser_page.locator(".call-otherwise button").click()
    expect(browser_page.locator(".empty")).to_be_visible()
    look(browser_page, "calls-empty")
    assert fresh(to_call).status == "cancelled"


def test_two_browsers_never_take_the_same_call(
    resident_case: File,
    clerk: Staff,
    colleague: Staff,
    sign_in: Enter,
    browser_page: Page,
    chromium: Browser,
    live_url: str,
    look: Any,
) -> None:
    for name in ("Rut Åkesson", "Åke Öst", "Ali Berg"):
        reply(resident_case(reply_by="phone", name=name), clerk, "phone")
    other: BrowserContext = chromium.new_context(base_url=live_url, locale="en", java_script_enabled=False)
    pages = [browser_page, other.new_page()]
    for page, staff in zip(pages, (clerk, colleague), strict=True):
        enter(page, sign_in(staff), "/staff/calls")
    for page in pages:  # pressed, and not waited for
        page.locator(".call-start button").click(no_wait_after=True)
    for page in pages:
        page.locator(".call-outcome").wait_for()
    names = [page.locator("#call-name").inner_text() for page in pages]
    assert len(set(names)) == 2
    expect(pages[1].locator(".call-list .call-busy")).to_contain_text(["Karin Ek is calling", "You are calling"])
    browser_page.locator(".call-list li", has_text=names[1]).locator("a").click()
    expect(browser_page.locator(".call-taken")).to_contain_text("Anna Lind")
    look(browser_page, "calls-taken")
    # Without JavaScript the claim lasts its time, and a button gives it back.
    pages[1].locator("button[form=leave-call]").click()
    browser_page.reload()
    expect(browser_page.locator("form[action$='/claim'] button")).to_be_visible()
    other.close()


def test_an_open_card_keeps_its_call_and_says_when_it_has_lost_it(
    to_call: Message, clerk: Staff, colleague: Staff, sign_in: Enter, clock_page: Page
) -> None:
    clock_page.clock.install()
    enter(clock_page, sign_in(clerk), "/staff/calls")
    clock_page.locator(".call-start button").click()
    with clock_page.expect_response("**/claim/renewal") as renewed:
        clock_page.clock.fast_forward("03:01")
    assert renewed.value.status == 204
    expect(clock_page.locator(".call-lost")).to_be_hidden()
    with unit_of_work() as session:
        session.execute(sa.update(Message).values(taken_by=colleague.id))
    with clock_page.expect_response("**/claim/renewal"):
        clock_page.clock.fast_forward("03:01")
    expect(clock_page.locator(".call-lost")).to_be_visible()
