"""Planning, being away and being warned, in a browser."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from playwright.sync_api import Page

from caseflow import clock
from caseflow.accounts.models import Staff
from caseflow.cases import lifecycle
from caseflow.cases.models import Case
from caseflow.cases.watch import leave
from caseflow.database import unit_of_work
from tests.cases.acting import Desk


def test_a_coordinator_plans_a_case_writes_down_leave_and_is_warned_of_who_is_away(
    browser_page: Page,
    hire: Callable[..., Staff],
    desk_with: Callable[..., Desk],
    resident_case: Callable[..., Case],
    look: Callable[[Page, str], None],
) -> None:
    lead, anna, page = hire("Sam Ordnare", "coordinator", "sb"), hire("Anna Berg", "caseworker", "sb"), browser_page
    today, case = clock.today(), resident_case()
    with unit_of_work():
        leave.plan(anna.id, today, today + timedelta(days=9), by=lead.as_actor(), now=clock.now())
    desk = desk_with(staff=lead, at=case)
    desk.open_in(page)
    page.get_by_text("Give to somebody").click()
    page.locator("#assign-assignee").select_option(str(anna.id))
    page.locator("details[open] .button:not(summary)").click()
    page.get_by_text("Give it to them all the same").check()
    page.get_by_text("Plan for later").click()
    page.get_by_label("In a week").check()
    page.get_by_label("Reason, which the resident reads").first.fill("Asfalten läggs nästa vecka.")
    look(page, "planning")
    page.get_by_role("button", name="Plan", exact=True).click()
    page.get_by_text("The case is planned for").wait_for()
    assert desk.case().planned_until and desk.case().planned_until > today + timedelta(days=6)
    with unit_of_work() as session:
        planned = session.get_one(Case, case.id)
        planned.planned_until = today
        lifecycle.wake(planned, by=lead.as_actor(), now=clock.now())
        lifecycle.escalate(planned, by=lead.as_actor(), now=clock.now())
    page.goto("/staff/queue?view=escalated")
    page.get_by_role("link", name="Gatlampan").click()
    page.locator(".side").get_by_text("Planned for today").wait_for()
    page.locator(".side").get_by_text("Escalated").wait_for()
    page.locator(".side").get_by_text("Waiting since").wait_for()
    page.goto("/staff/account")
    page.get_by_text("Say when you are away").click()
    page.get_by_label("First day away").fill(date(today.year + 1, 1, 8).isoformat())
    page.get_by_role("button", name="Save").click()
    page.get_by_text("8 Jan").first.wait_for()
    look(page, "away")
