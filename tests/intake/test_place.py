"""The place that an errand is about: in words or coordinates, never needed, seen, found and routed by."""

from __future__ import annotations

from collections.abc import Callable

from flask.testing import FlaskClient
from playwright.sync_api import Page, expect

from caseflow import clock
from caseflow.accounts.models import Staff
from caseflow.cases import words
from caseflow.cases.models import Case, RoutingRule
from caseflow.cases.triage import queue
from caseflow.cases.triage.queue_filter import Filter
from caseflow.database import db, unit_of_work
from tests.intake.conftest import Send, cases, said


def test_the_place_is_kept_shown_found_exported_and_routed_by(
    send: Send, resident: FlaskClient, clerk: Staff, sign_in: Callable[[Staff], FlaskClient]
) -> None:
    with unit_of_work() as session:
        rule = RoutingRule(position=-1, words=["badplats"], to_department="kf", reasons={"sv": "Bad"})
        session.add(rule)
    assert send(place=" Vid  badbryggan\tpå Örnudden ").status_code == 303
    send(place="58.70512, 15.76843", description="Här är det mörkt.")
    send(department="", category="", description="Det är trasigt.", place="Badplatsen")
    by_words, by_numbers, routed = cases()
    assert (by_words.place, by_numbers.place) == ("Vid badbryggan på Örnudden", "58.70512, 15.76843")
    assert routed.department_code == "kf"
    found = db.session.scalars(
        queue.query(clerk, Filter(place="badbryggan"), clock.today(clock.now())).with_only_columns(Case.number)
    )
    assert found.all() == [by_words.number]
    assert "Place: Vid badbryggan på Örnudden" in said(resident.get(f"/case/{by_words.code}"))
    staff = sign_in(clerk)
    assert "Vid badbryggan på Örnudden" in staff.get(f"/staff/cases/{by_words.number}").text
    assert 'href="geo:58.70512,15.76843"' in staff.get(f"/staff/cases/{by_numbers.number}").text
    page = send(place="x" * 201)
    assert "Write at most 200 characters here." in said(page)


def test_only_what_can_be_coordinates_is_taken_for_them() -> None:
    told = {"58.70512, 15.76843": "geo:58.70512,15.76843", "vid 158.70512, 15.76843": None, "Skolgatan 4": None}
    told |= {"91.70512, 15.76843": None, "-33.8688;151.2093 (hamnen)": "geo:-33.8688,151.2093"}
    assert {place: words.geo_address(place) for place in told} == told


def test_the_browser_is_asked_where_one_is_only_when_the_button_is_pressed(browser_page: Page) -> None:
    page = browser_page
    page.context.grant_permissions(["geolocation"])
    page.context.set_geolocation({"latitude": 58.70512, "longitude": 15.76843, "accuracy": 12})
    page.goto("/new")
    expect(page.locator("#place")).to_have_value("")
    page.get_by_role("button", name="Använd platsen där jag är").click()
    expect(page.locator("#place")).to_have_value("58.70512, 15.76843")
    expect(page.locator(".place [role=status]")).to_contain_text("12")
