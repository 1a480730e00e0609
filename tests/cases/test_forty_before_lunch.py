"""Triage by the keyboard alone: twenty cases, and what the keys must never do."""

from __future__ import annotations

from collections.abc import Callable

import sqlalchemy as sa
from flask.testing import FlaskClient
from playwright.sync_api import Page

from caseflow import clock
from caseflow.accounts.models import Staff
from caseflow.cases.models import Case
from caseflow.cases.triage import pace
from caseflow.database import db, unit_of_work
from caseflow.language import COOKIE
from tests.cases.acting import WithToken
from tests.cases.entering import enter

Filing = Callable[..., Case]
HERE = "document.activeElement.closest('.row')?.dataset.number ?? null"


def at_the_queue(page: Page, client: FlaskClient, query: str = "") -> None:
    page.context.add_cookies([{"name": COOKIE, "value": "en", "url": client.application.config["BASE_URL"]}])
    client.get(f"/staff/queue{query}")
    enter(page, client, f"/staff/queue{query}")


def press(page: Page, *keys: str) -> None:
    page.wait_for_load_state()  # a page that has not heard of its keys yet hears none
    for key in keys:
        page.keyboard.press(key)


def tab_to(page: Page, place: str) -> None:
    """Onwards with Tab, as somebody without a mouse goes, until the focus is in it."""
    for _step in range(60):
        if page.evaluate("place => document.activeElement.matches(place)", place):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab does not come to {place}")


def go_to(page: Page, case: Case) -> None:
    press(page, "Escape", "/")
    page.keyboard.type(case.number)
    with page.expect_navigation(url=f"**/staff/cases/{case.number}"):  # which may be where the person is already
        press(page, "Enter")


def state(case: Case) -> tuple[str, int | None, str]:
    db.session.rollback()
    row = db.session.execute(
        sa.select(Case.status, Case.assignee_id, Case.department_code).where(Case.id == case.id)
    ).one()
    return row.status, row.assignee_id, row.department_code


def test_twenty_cases_are_triaged_by_the_keyboard_alone(
    browser_page: Page,
    sign_in: Callable[[Staff], FlaskClient],
    clerk: Staff,
    hire: Callable[..., Staff],
    resident_case: Filing,
) -> None:
    ali = hire("Ali Hassan", "caseworker", "sb")
    cases = [resident_case(description=f"Lampan vid port {place} är släckt sedan i går.") for place in range(20)]
    page = browser_page
    at_the_queue(page, sign_in(clerk), "?view=unassigned")

    press(page, "j", "j", "k")
    assert page.evaluate(HERE) == cases[0].number
    press(page, "?")
    page.get_by_role("dialog").wait_for()
    press(page, "Escape")
    assert page.evaluate(HERE) == cases[0].number, "the help gives the focus back"

    # Ten at once to a colleague.
    for _row in range(10):
        press(page, "x", "j")
    press(page, "a")
    page.get_by_label("Caseworker").wait_for()
    tab_to(page, "select[name=assignee]")
    press(page, "A", "Tab", "Enter")
    page.get_by_text("Done with 10 cases.").wait_for()
    assert {state(case) for case in cases[:10]} == {("in_progress", ali.id, "sb")}

    # The most urgent of what is nobody's, answered; then the next one by itself, from answer to answer.
    press(page, "g")
    page.get_by_role("heading", name="port 10").wait_for()
    for place in range(10, 13):
        press(page, "r")
        page.locator(".write-replies textarea:focus").wait_for()
        page.keyboard.type("Lampan lagas i morgon: tack.")
        if place == 10:
            tab_to(page, ".write-replies select[name=afterwards]")
            page.keyboard.type("to the next")
        tab_to(page, ".write-replies button.button")
        press(page, "Enter")
        page.get_by_text(f"Back to {cases[place].number}").wait_for()
    assert {state(case)[0] for case in cases[10:13]} == {"closed"}

    # Note, park, transfer, close; each key opens the act and puts the person into its first field.
    go_to(page, cases[13])
    press(page, "n")
    page.locator(".write-notes textarea:focus").wait_for()
    page.keyboard.type("jk? Ring vaktmästaren rxa")
    tab_to(page, ".write-notes button.button")
    press(page, "Enter")
    page.get_by_text("The note is saved.").wait_for()
    assert page.get_by_text("jk? Ring vaktmästaren rxa").count()
    press(page, "m")
    page.get_by_text("The case is yours.").wait_for()
    for place in (14, 15, 16):
        go_to(page, cases[place])
        press(page, "c", "F", "Tab")
        page.keyboard.type("Lagat i går.")
        press(page, "Enter")
        page.get_by_text("The case is closed.").first.wait_for()
    go_to(page, cases[17])
    press(page, "p", "Space")
    tab_to(page, "[name=reason]")
    page.keyboard.type("Lampan är beställd.")
    press(page, "Enter")
    page.get_by_text("The case is planned for").first.wait_for()
    go_to(page, cases[18])
    press(page, "t", "ArrowDown", "Tab")
    page.keyboard.type("Hör hemma hos er.")
    press(page, "Enter")
    page.get_by_text("The case is moved to").wait_for()
    assert state(cases[18])[2] != "sb"
    go_to(page, cases[19])
    press(page, "u")
    page.locator("#queue-list").wait_for()
    press(page, "/")
    assert page.evaluate("document.activeElement.id") == "go-to-number"
    press(page, "Escape")
    assert {state(case)[0] for case in cases[14:17]} == {"closed"}
    assert state(cases[17])[0] == "planned"
    assert state(cases[13]) == ("in_progress", clerk.id, "sb")


def test_keys_leave_fields_modifiers_and_who_does_not_want_them_alone(
    browser_page: Page, sign_in: Callable[[Staff], FlaskClient], clerk: Staff, resident_case: Filing
) -> None:
    case = resident_case()
    page = browser_page
    at_the_queue(page, sign_in(clerk))
    page.locator("#go-to-number").focus()
    page.keyboard.type("jox?")
    assert page.evaluate(HERE) is None and page.get_by_role("dialog").count() == 0
    page.locator("main").focus()
    press(page, "Control+j", "Alt+j")
    assert page.evaluate(HERE) is None
    press(page, "j")
    assert page.evaluate(HERE) == case.number

    with page.expect_navigation(url=f"**/staff/cases/{case.number}"):
        press(page, "o")
    page.get_by_role("link", name="Keys").click()
    page.get_by_role("button", name="Switch the keys off").click()
    page.get_by_text("The keys are switched off.").first.wait_for()
    page.locator("main").focus()
    press(page, "j", "g")
    assert page.evaluate(HERE) is None
    db.session.rollback()
    assert db.session.scalar(sa.select(Staff.shortcuts).where(Staff.id == clerk.id)) is False


def test_two_who_ask_for_the_most_urgent_at_once_get_two_cases(
    clerk: Staff, hire: Callable[..., Staff], resident_case: Filing
) -> None:
    colleague = hire("Ali Hassan", "caseworker", "sb")
    first, second = resident_case(), resident_case()
    with db.engine.connect() as other, other.begin():
        other.execute(sa.select(Case.id).where(Case.id == first.id).with_for_update())
        with unit_of_work():
            got = pace.take_most_urgent(clerk, besides=None, by=clerk.as_actor(), now=clock.now())
    assert got == second.number
    with unit_of_work():
        assert pace.take_most_urgent(colleague, besides=None, by=colleague.as_actor(), now=clock.now()) == first.number
    with unit_of_work():
        assert pace.take_most_urgent(colleague, besides=first.number, by=colleague.as_actor(), now=clock.now()) is None


def test_next_in_the_list_follows_its_order_and_without_scripts_there_are_pages(
    sign_in: Callable[[Staff], FlaskClient], with_token: WithToken, clerk: Staff, resident_case: Filing
) -> None:
    first, second, third = (resident_case() for _case in range(3))
    client = sign_in(clerk)
    client.set_cookie(COOKIE, "en")
    for sort, ways in (("due", [(first, second), (second, third)]), ("-number", [(third, second), (second, first)])):
        client.get(f"/staff/queue?sort={sort}")
        for here, there in ways:
            assert client.get(f"/staff/cases/{here.number}/next").location == f"/staff/cases/{there.number}"
        assert client.get(f"/staff/cases/{ways[1][1].number}/next").location.startswith("/staff/queue")
    client.get("/staff/queue?sort=waiting")
    assert client.get(f"/staff/cases/{first.number}/next").location == f"/staff/cases/{second.number}"
    assert "Give me the most urgent" in client.get("/staff/keys").get_data(as_text=True)
    answer = client.post("/staff/queue/most-urgent", data=with_token(client, {}, "/staff/queue"))
    assert answer.location == f"/staff/cases/{first.number}"
