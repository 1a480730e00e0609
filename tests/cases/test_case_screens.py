"""The case's page: what it tells, to whom, at which price; and how it looks and behaves in a browser."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page

from caseflow import clock
from caseflow.accounts.models import Staff
from caseflow.audit import RESIDENT
from caseflow.cases import lifecycle
from caseflow.cases.models import Case
from caseflow.database import unit_of_work
from tests.cases.acting import Desk, statements
from tests.mailbox import Mailbox

BOTH = {"name": "Rut Åkesson", "email": "rut@example.org", "street": "Skolgatan 4", "postcode": "61232"}


def add(desk: Desk, text: str) -> None:
    with unit_of_work() as session:
        lifecycle.hear(session.get_one(Case, desk.case().id), text, by=RESIDENT, now=clock.now())


def test_it_tells_what_was_written_by_whom_and_how_to_reach_them(desk_with: Callable[..., Desk]) -> None:
    desk = desk_with(reply_by="phone", best_time="efter 16", kind="felanmalan", category="sb.snow", department="sb")
    page = desk.read()
    for words in (
        "Gatlampan utanför Skolgatan 4 är släckt. Kan ni laga den?",
        desk.number,
        "Fault report",
        "Rut Åkesson",
        "070-174 06 05",
        "efter 16",
        "The case came in through the web form",
        "Web form",
        "Language: Svenska",
    ):
        assert words in page
    assert '<p class="words" lang="sv">' in page


def test_it_says_why_the_case_came_here(desk_with: Callable[..., Desk], hire: Callable[..., Staff]) -> None:
    reader = hire("Anna Lind", "coordinator", "sb", "ls", "vet")
    for overrides, why in (
        ({"department": "sb"}, "The resident chose the department."),
        ({"department": "sb", "category": "sb.snow"}, "The resident chose “Snow clearing and ice”."),
        ({"department": None, "description": "Det är halt och oplogat."}, "The text mentions snow or ice"),
        ({"department": None, "description": "Hej."}, "Nothing told whose it is, so it waits here to be sorted."),
    ):
        assert why in desk_with(staff=reader, **overrides).read(), why


def test_the_conversation_stands_in_the_order_of_time(desk: Desk) -> None:
    desk.act("notes", text="Första noteringen.", submission="1")
    add(desk, "Nu blinkar den.")
    desk.act("questions", text="Vilken lampa?", channel="email", submission="2")
    add(desk, "Den vid porten.")
    desk.act("replies", text="Den lagas.", channel="email", submission="3", close_after="y")
    page = desk.read()
    spoken = [
        "Gatlampan utanför",
        "Första noteringen.",
        "Nu blinkar den.",
        "Vilken lampa?",
        "Den vid porten.",
        "Den lagas.",
        "closed the case: Answered",
    ]
    body = page.split('class="talk"')[1]
    assert [body.index(words) for words in spoken] == sorted(body.index(words) for words in spoken)
    assert body.count('class="said ') == 6


def test_earlier_cases_of_the_same_resident_are_shown_inside_the_scope_only(
    desk: Desk, resident_case: Callable[..., Case]
) -> None:
    same = [resident_case(description=f"Ärende nummer {place}.") for place in range(7)]
    hidden = resident_case(department="kf", description="Simhallens hemliga fråga.")
    other = resident_case(email="annan@example.org", description="Någon annans fråga.")
    page = desk.read().split("Other cases of the same resident")[1]
    assert [case.number in page for case in same] == [False, False, True, True, True, True, True]
    assert hidden.number not in page
    assert other.number not in page


def test_one_phone_number_makes_one_resident(
    desk_with: Callable[..., Desk], resident_case: Callable[..., Case]
) -> None:
    desk = desk_with(reply_by="phone")
    earlier = resident_case(reply_by="phone", description="Ringde om vägen.")
    assert earlier.number in desk.read()


def test_anonymous_cases_have_no_history(desk_with: Callable[..., Desk], resident_case: Callable[..., Case]) -> None:
    resident_case(reply_by="none")
    assert "Other cases of the same resident" not in desk_with(reply_by="none").read()


def test_outsiders_and_strange_numbers_get_the_same_page(
    desk: Desk, desk_with: Callable[..., Desk], outsider: Staff
) -> None:
    client = desk_with(staff=outsider, at=desk.case()).client
    answers = [client.get(path) for path in (desk.path, "/staff/cases/2020-10001", "/staff/cases/x%00y")]
    assert [answer.status_code for answer in answers] == [404, 404, 404]
    assert "Gatlampan" not in answers[0].get_data(as_text=True)


def test_reloading_the_address_of_an_act_leads_back_to_the_case(desk: Desk) -> None:
    for noun in ("replies", "closure", "messages/1/resend"):
        assert desk.client.get(f"{desk.path}/{noun}").location == desk.path


def test_html_in_what_people_write_stays_text(desk_with: Callable[..., Desk]) -> None:
    desk = desk_with(description="<script>alert(1)</script> & <b>fet</b>", name="<i>Rut</i>")
    desk.act("notes", text="<img src=x onerror=alert(2)>", submission="n")
    page = desk.read()
    assert "<script>alert" not in page
    assert "<b>fet" not in page
    assert "<i>Rut" not in page
    assert "<img src=x" not in page


def test_a_long_case_costs_no_more_statements_than_a_short_one(desk: Desk, clerk: Staff) -> None:
    desk.act("assignment", assignee=clerk.id)
    desk.act("replies", text="Svar.", channel="email", submission="first")
    desk.read()
    with statements() as short:
        desk.read()
    for place in range(6):
        add(desk, f"Mer {place}.")
        desk.act("questions", text=f"Fråga {place}?", channel="email", submission=f"q{place}")
        desk.act("notes", text=f"Notering {place}.", submission=f"n{place}")
    desk.read()
    with statements() as long:
        desk.read()
    assert len(long) == len(short)
    assert len(long) <= 8, "\n".join(long)


def test_another_channel_is_named_on_the_button_and_asks_for_its_reason(
    browser_page: Page, desk_with: Callable[..., Desk], smtp: Mailbox
) -> None:
    desk = desk_with(**BOTH, town="Finspång", phone="+46701740605")
    desk.open_in(browser_page)
    button = browser_page.locator(".write-replies button.button")
    assert button.inner_text() == "Send as e-mail"
    assert browser_page.locator("#reply-reason").is_hidden()
    browser_page.locator("#reply-text").fill("Lampan lagas.")
    browser_page.get_by_label("Letter").first.check()
    assert button.inner_text() == "Send as letter"
    assert button.evaluate("e => e.innerText") == "Send as letter"
    browser_page.locator("#reply-reason").fill("Hon bad om ett brev.")
    button.click()
    browser_page.wait_for_selector(".flash")
    assert [message.channel for message in desk.messages()] == ["letter"]
    assert desk.case().status == "closed"


def test_the_tabs_show_one_form_at_a_time_and_nothing_half_written_is_lost(browser_page: Page, desk: Desk) -> None:
    desk.open_in(browser_page)
    browser_page.locator("#write-replies").focus()
    browser_page.keyboard.press("ArrowRight")
    assert browser_page.locator("#note-text").is_visible()
    assert browser_page.locator("#reply-text").is_hidden()
    browser_page.locator("#note-text").fill("Ringde.")
    browser_page.get_by_role("button", name="Save the note").click()
    browser_page.wait_for_selector(".said-note")
    # An error brings back the tab and the text.
    browser_page.get_by_text("Ask the resident").first.click()
    browser_page.locator("#ask-text").fill("Hej {{namn}}, vilken lampa?")
    browser_page.locator(".write-questions button.button").click()
    browser_page.wait_for_selector(".error-summary")
    assert browser_page.locator("#ask-text").input_value() == "Hej {{namn}}, vilken lampa?"
    assert browser_page.locator("#ask-text").is_visible()
    assert browser_page.locator("#reply-text").is_hidden()


def test_leaving_with_a_text_half_written_asks_first(browser_page: Page, desk: Desk) -> None:
    desk.open_in(browser_page)
    browser_page.locator("#reply-text").fill("Ett halvt svar")
    asked: list[str] = []
    browser_page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    browser_page.evaluate("location.assign('/staff/queue')")
    browser_page.wait_for_timeout(500)
    assert asked == ["beforeunload"]
    assert browser_page.locator("#reply-text").input_value() == "Ett halvt svar"


def test_the_case_looks_right(
    browser_page: Page,
    look: Callable[[Page, str], None],
    desk_with: Callable[..., Desk],
    resident_case: Callable[..., Case],
) -> None:
    resident_case(description="Förra lampan.")
    desk = desk_with(**BOTH, town="Finspång", phone="+46701740605")
    desk.act("notes", text="Ringde entreprenören, de åker ut i morgon.", submission="n")
    desk.act("questions", text="Vilken av lamporna är det?", channel="email", submission="q")
    add(desk, "Den vänstra, sett från gatan.")
    desk.open_in(browser_page)
    look(browser_page, "case")
    for label in ("Move to another department", "Close without a reply"):
        browser_page.get_by_text(label).click()
        look(browser_page, f"case-{label.split()[0].lower()}")


def test_the_other_pages_of_a_case_look_right(
    browser_page: Page, look: Callable[[Page, str], None], desk: Desk, clerk: Staff
) -> None:
    desk.open_in(browser_page)
    browser_page.locator("#reply-text").fill("Lampan lagas på måndag.")
    desk.act("assignment", assignee=clerk.id)
    browser_page.locator(".write-replies button.button").click()
    browser_page.wait_for_selector(".versions")
    look(browser_page, "case-conflict")
    browser_page.goto("/staff/cases/2020-1")
    look(browser_page, "case-none")
