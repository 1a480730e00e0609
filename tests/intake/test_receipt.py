"""The receipt: number, code, promise, and how the answer will come."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from flask.testing import FlaskClient

from caseflow import clock
from caseflow.cases import codes
from caseflow.cases.models import Case
from tests.intake.conftest import Send, cases, said

MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=clock.STOCKHOLM)
File = Callable[..., Case]


def test_it_shows_the_number_and_the_code_in_groups_of_four(send: Send, resident: FlaskClient) -> None:
    page = resident.get(send().location)
    (case,) = cases()
    assert page.status_code == 200
    assert case.number in said(page)
    assert "".join(said(page).split()).count(codes.grouped(case.code)) == 1
    assert len(case.code) * 5 >= 128


def test_it_promises_a_day_and_a_channel_in_words(resident_case: File, resident: FlaskClient) -> None:
    promises = {
        "email": "Streets, parks and planning answers no later than Monday 30 November, by e-mail.",
        "phone": "Streets, parks and planning answers no later than Monday 30 November, by phone.",
        "letter": "Streets, parks and planning answers no later than Monday 30 November, by letter.",
        "none": "Streets, parks and planning deals with it no later than Monday 30 November.",
    }
    for channel, promise in promises.items():
        case = resident_case(reply_by=channel, kind="felanmalan", now=MONDAY)
        assert promise in said(resident.get(f"/case/{case.code}/receipt"))


def test_a_promise_into_another_year_says_which(resident_case: File, resident: FlaskClient) -> None:
    case = resident_case(kind="forslag", now=datetime(2026, 12, 21, 9, 0, tzinfo=clock.STOCKHOLM))
    assert "no later than Monday 11 January 2027" in said(resident.get(f"/case/{case.code}/receipt"))


def test_it_shows_where_the_answer_goes_so_that_a_slip_is_seen(resident_case: File, resident: FlaskClient) -> None:
    shown = {"email": "rut@example.org", "phone": "070-174 06 05", "letter": "Skolgatan 4 612 32 Finspång"}
    for channel, where in shown.items():
        case = resident_case(reply_by=channel)
        assert where in said(resident.get(f"/case/{case.code}/receipt"))


def test_it_says_that_a_receipt_was_mailed_only_when_it_was(
    resident_case: File, resident: FlaskClient, deliver_all: Callable[[], None]
) -> None:
    case = resident_case()
    page = f"/case/{case.code}/receipt"
    assert "A receipt is on its way to rut@example.org." in said(resident.get(page))
    deliver_all()
    assert "We have sent a receipt to rut@example.org." in said(resident.get(page))


def test_a_wrong_code_shows_the_page_that_every_wrong_code_shows(resident_case: File, resident: FlaskClient) -> None:
    case = resident_case()
    near = case.code[:-1] + ("0" if case.code[-1] != "0" else "1")
    answers = [resident.get(f"/case/{code}/receipt") for code in (near, codes.new(), case.number, "x")]
    assert {answer.status_code for answer in answers} == {404}
    assert len({said(answer) for answer in answers}) == 1
