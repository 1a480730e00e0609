"""What a category or a kind says first and asks besides: data of the municipality, asked without JavaScript too."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from flask_babel import force_locale
from playwright.sync_api import Page, expect

from caseflow.accounts.models import Staff
from caseflow.cases import questions
from caseflow.cases.municipality import configuration
from caseflow.cases.municipality.configuration import Row, Unreadable
from tests.intake.conftest import Send, cases, said

VEHICLE = {"department": "sb", "category": "sb.fordon"}
ANSWERS = {"q_plate": " abc 123 ", "q_ground": "nature", "q_since": "2026-11-01", "q_days": "1 000,5"}


def test_without_javascript_the_page_asks_before_it_takes_in(send: Send, resident: FlaskClient) -> None:
    page = send(**VEHICLE)
    assert page.status_code == 422
    assert "read and answer this too" in said(page)
    assert "Where does it stand?" in said(page)
    assert 'name="asked" value="sb.fordon"' in page.text
    assert "error-summary" not in page.text
    page = send(**VEHICLE, asked="sb.fordon", q_since="i går", q_days="många")
    for field in ("q_ground", "q_since", "q_days"):
        assert f'href="#{field}"' in page.text
    assert 'value="i går"' in page.text
    assert cases() == []
    assert send(**VEHICLE, asked="sb.fordon", **ANSWERS).status_code == 303
    assert resident.get("/new/step?category=sb.fordon&language=sv").text.count('name="q_') == 4
    assert resident.get("/new/step?category=x").text.strip() == ""


def test_the_answers_stand_on_the_case_the_own_page_and_in_the_list_and_are_found(
    send: Send, resident: FlaskClient, clerk: Staff, sign_in: Callable[[Staff], FlaskClient]
) -> None:
    send(**VEHICLE, asked="sb.fordon", **ANSWERS)
    (case,) = cases()
    assert "Where does it stand? In a wood or field" in said(resident.get(f"/case/{case.code}"))
    staff = sign_in(clerk)
    staff.set_cookie("language", "sv")
    page = said(staff.get(f"/staff/cases/{case.number}"))
    assert "Var står det? I skog eller mark" in page
    assert "Hur många fordon är det? 1 000,5" in page.replace("\xa0", " ")
    assert case.number in staff.get("/staff/queue?text=abc").text


def test_a_worry_about_a_child_is_told_where_to_call_before_it_is_taken_in(send: Send, resident: FlaskClient) -> None:
    page = send(department="ifo", category="ifo.barnfamilj")
    assert (page.status_code, "Call social services instead" in said(page)) == (422, True)
    assert send(department="ifo", category="ifo.barnfamilj", asked="ifo.barnfamilj").status_code == 303
    assert "Do you want a decision changed?" in said(resident.get("/new"))
    others = resident.get("/elsewhere")
    assert 'href="tel:0771921921"' in others.text
    assert "Report power cuts to your electricity network company" in said(others)


@pytest.mark.parametrize(
    ("question", "told"),
    [
        ({"code": "Stor", "names": {"sv": "x"}}, "a code has small letters"),
        ({"code": "a", "names": {}}, "one of sv, en, fi is missing"),
        ({"code": "a", "names": {"sv": "x"}, "sort": "map"}, "it must be one of text, choice, date, number"),
        ({"code": "a", "names": {"sv": "x"}, "sort": "choice"}, "a choice needs two choices or more"),
        ({"code": "a", "names": {"sv": "x"}, "requred": True}, "nobody knows requred"),
    ],
)
def test_a_question_that_cannot_be_asked_is_refused_with_its_place(example: Row, question: Row, told: str) -> None:
    departments = [dict(one) for one in example["departments"]]
    departments[0]["categories"] = [{**departments[0]["categories"][0], "questions": [question]}]
    with force_locale("en"), pytest.raises(Unreadable, match=told):
        configuration.check({**example, "departments": departments})
    with force_locale("en"), pytest.raises(ValueError, match=told):
        questions.from_text(questions.as_text([question]))


def test_in_a_browser_the_questions_come_with_the_category(
    browser_page: Page, look: Callable[[Page, str], None]
) -> None:
    page = browser_page
    page.goto("/new?kind=klagomal&reply_by=none")
    expect(page.get_by_text("Då överklagar du det")).to_be_visible()
    page.select_option("#department", "sb")
    page.select_option("#category", "sb.fordon")
    page.select_option("#q_ground", "street")
    page.fill("#q_since", "2026-11-01")
    look(page, "new-asking")
    page.fill("#description", "En rostig bil.")
    page.click("#errand .button.send")
    page.wait_for_url("**/receipt")
    assert [one["value"] for one in cases()[0].answers] == ["street", "2026-11-01"]
    page.goto("/elsewhere")
    look(page, "elsewhere")
