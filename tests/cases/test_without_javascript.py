"""A caseworker's day in a browser with JavaScript off: pick, take, keep a view, answer all the same, merge."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from caseflow.cases.models import Case
from tests.cases.acting import Desk


def test_a_day_without_javascript(
    scriptless: Page, desk_with: Callable[..., Desk], resident_case: Callable[..., Case]
) -> None:
    page, desk = scriptless, desk_with()
    second, third = (
        resident_case(description="Hålet i Skolgatan växer."),
        resident_case(description="Lampan är släckt."),
    )
    desk.open_in(page)

    # Two of three are picked in the queue and taken; the list is narrowed to them and kept as a view.
    page.goto("/staff/queue")
    expect(page.get_by_role("button", name="Take", exact=True)).to_be_hidden()
    for case in (second, third):
        page.get_by_label(f"Pick {case.number}").check()
    page.get_by_role("button", name="Take", exact=True).click()
    expect(page.get_by_text("Done with 2 cases.")).to_be_visible()
    page.get_by_role("link", name="Mine").first.click()
    expect(page.locator("#queue-list .row")).to_have_count(2)
    page.get_by_text("Save this view").click()
    page.get_by_label("Name of the view").fill("På mitt bord")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("link", name="På mitt bord")).to_be_visible()

    # A colleague's act between reading and sending: nothing that was written is lost.
    desk.open_in(page)
    desk.act("priority", priority="high")
    page.locator("#reply-text").fill("Vi lagar den på måndag.")
    page.locator(".write-replies button.button").click()
    expect(page.get_by_role("heading", name="The case has changed since you opened it")).to_be_visible()
    expect(page.get_by_label("Your text")).to_have_value("Vi lagar den på måndag.")
    page.get_by_role("button", name="Do it all the same").click()
    expect(page.locator(".flash").first).to_be_visible()
    assert [message.channel for message in desk.messages()] == ["email"]

    page.goto(f"/staff/cases/{second.number}")
    page.get_by_text("Merge, link or split").first.click()
    merger = page.locator("details", has=page.locator("form[action$='/merger']")).last
    merger.locator("summary").click()
    merger.locator("[name=other]").fill(third.number)
    merger.get_by_role("button", name="Merge", exact=True).click()
    expect(page.get_by_text("Merged into this case")).to_be_visible()
    assert "merge" in desk_with(at=third).verbs()
