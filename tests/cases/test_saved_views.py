"""Saved views: made of what the queue shows, counted for who looks, kept from who may not."""

from __future__ import annotations

from collections.abc import Callable

import sqlalchemy as sa
from flask.testing import FlaskClient
from playwright.sync_api import Page
from werkzeug.test import TestResponse

from caseflow.accounts.models import Staff
from caseflow.audit.events import Event
from caseflow.cases.models import Case
from caseflow.cases.triage import saved_views
from caseflow.cases.triage.saved_view import SavedView
from caseflow.database import db
from caseflow.language import COOKIE
from tests.cases.acting import WithToken, statements
from tests.cases.entering import enter

Filing = Callable[..., Case]
LETTERS = "?reply_by=letter"


def keep(client: FlaskClient, with_token: WithToken, query: str, **fields: str) -> TestResponse:
    data = with_token(client, {"whose": "own", **fields}, "/staff/queue")
    return client.post(f"/staff/queue/views/new{query}", data=data)


def test_a_view_is_saved_of_what_is_shown_counted_renamed_moved_and_removed(
    browser_page: Page,
    look: Callable[[Page, str], None],
    sign_in: Callable[[Staff], FlaskClient],
    with_token: WithToken,
    clerk: Staff,
    resident_case: Filing,
) -> None:
    for way in ("letter", "letter", "email"):
        resident_case(reply_by=way)
    client = sign_in(clerk)
    client.set_cookie(COOKIE, "en")
    assert keep(client, with_token, "?text=lampan", name="Lamps").status_code == 303
    url = client.application.config["BASE_URL"]
    browser_page.context.add_cookies([{"name": COOKIE, "value": "en", "url": url}])
    enter(browser_page, client, f"/staff/queue{LETTERS}")
    browser_page.get_by_text("Save this view").click()
    browser_page.get_by_label("Name of the view").fill("To print")
    browser_page.locator(".save-view").get_by_role("button", name="Save").click()
    browser_page.get_by_text("The view is saved.").first.wait_for()
    link = browser_page.get_by_role("link", name="To print")
    assert link.get_attribute("aria-current") == "page" and link.locator(".number").inner_text() == "2"
    look(browser_page, "saved-views-rail")
    resident_case(reply_by="letter")
    browser_page.evaluate("document.dispatchEvent(new Event('queue:refresh'))")
    link.locator(".number", has_text="3").wait_for()
    assert browser_page.get_by_role("link", name="Lamps").locator(".number").count() == 0, "words are not counted"
    browser_page.goto(f"/staff/queue{LETTERS}&sort=-assignee")
    browser_page.get_by_text("Save this view").click()
    browser_page.get_by_role("button", name="To print").click()
    browser_page.get_by_text("“To print” shows this selection from now on.").first.wait_for()
    assert link.get_attribute("aria-current") == "page"
    browser_page.get_by_role("link", name="Name and order").click()
    assert browser_page.get_by_text("All open · reply by: Letter · Assignee ↓").count() == 1
    look(browser_page, "saved-views")
    browser_page.get_by_role("button", name="Up To print").click()
    browser_page.get_by_role("link", name="Change or remove Lamps").click()
    browser_page.get_by_label("Name of the view").fill("To print")
    browser_page.get_by_role("button", name="Save").click()
    browser_page.get_by_text("There is a view of this name already.").first.wait_for()
    look(browser_page, "saved-view-error")
    browser_page.get_by_role("button", name="Remove the view").click()
    browser_page.get_by_text("The view is removed.").first.wait_for()
    browser_page.goto(f"/staff/queue{LETTERS}")
    browser_page.get_by_role("link", name="Name and order").click()
    browser_page.get_by_role("link", name="Change or remove To print").click()
    browser_page.get_by_role("button", name="Show this from now on").click()
    browser_page.get_by_text("“To print” shows this selection from now on.").first.wait_for()
    db.session.rollback()
    kept = db.session.scalars(sa.select(SavedView)).one()
    assert (kept.name, kept.position, kept.filter) == ("To print", 1, {"reply_by": "letter"})


def test_shared_views_come_from_who_leads_and_show_each_their_own(
    sign_in: Callable[[Staff], FlaskClient],
    with_token: WithToken,
    hire: Callable[..., Staff],
    clerk: Staff,
    outsider: Staff,
    resident_case: Filing,
) -> None:
    resident_case(reply_by="letter")
    leader = sign_in(hire("Lena Ek", "coordinator", "sb"))
    assert keep(leader, with_token, LETTERS, name="Brev i huset", whose="sb").status_code == 303
    view = db.session.scalars(sa.select(SavedView)).one()
    assert db.session.scalars(sa.select(Event.verb).where(Event.subject == "saved_view")).all() == ["add"]
    member = sign_in(clerk)
    assert keep(member, with_token, "", name="Mitt", whose="sb").status_code == 422
    member.get("/staff/queue")
    with statements() as seen:
        page = member.get("/staff/queue").get_data(as_text=True)
    assert len(seen) <= 4, "\n".join(seen)
    assert "Brev i huset" in page and f'data-count="view-{view.id}">1<' in page
    assert member.get(f"/staff/queue/views/{view.id}").status_code == 404
    token = with_token(member, {}, "/staff/queue")
    assert member.post(f"/staff/queue/views/{view.id}/filter?view=mine", data=token).status_code == 404
    assert leader.post(f"/staff/queue/views/{view.id}/filter?view=mine", data=with_token(leader, {}, "/staff/queue"))
    db.session.rollback()
    assert db.session.scalars(sa.select(SavedView.filter)).one() == {"view": "mine"}
    assert db.session.scalars(sa.select(Event.verb).where(Event.subject == "saved_view")).all() == ["add", "change"]
    assert "Brev i huset" not in sign_in(outsider).get("/staff/queue").get_data(as_text=True)

    for name in ("", "x" * 41, "Brev i huset"):
        assert keep(leader, with_token, LETTERS, name=name, whose="sb").status_code == 422
    for place in range(saved_views.MOST - 1):
        keep(leader, with_token, LETTERS, name=f"Vy {place}", whose="sb")
    assert keep(leader, with_token, LETTERS, name="En till", whose="sb").status_code == 422
    with statements() as seen:
        assert leader.get("/staff/queue").status_code == 200
    assert len(seen) <= 4, "\n".join(seen)
