"""Number and code together open a case; either alone opens nothing and tells nothing."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from caseflow.cases import codes
from caseflow.cases.models import Case
from tests.intake.conftest import said, token_in

File = Callable[..., Case]
Look = Callable[[str, str], TestResponse]


@pytest.fixture
def look_up(resident: FlaskClient) -> Look:
    def press(number: str, code: str) -> TestResponse:
        form = {"number": number, "code": code, "csrf_token": token_in(resident.get("/case/"))}
        return resident.post("/case/", data=form)

    return press


def test_number_and_code_open_the_case_however_they_are_typed(resident_case: File, look_up: Look) -> None:
    case = resident_case()
    for number in (case.number, case.number.replace("-", " "), f" {case.number.replace('-', '–')}"):
        for code in (case.code, codes.grouped(case.code).lower(), " ".join(case.code)):
            answer = look_up(number, code)
            assert (answer.status_code, answer.location) == (303, f"/case/{case.code}")


def test_a_wrong_pair_says_the_same_whatever_was_wrong(resident_case: File, look_up: Look) -> None:
    case, other = resident_case(), resident_case()
    wrong = [
        (case.number, codes.new()),
        ("2026-99999", case.code),
        (other.number, case.code),
        (case.number, case.code[:-1]),
        (case.code, case.number),
    ]
    answers = [look_up(number, code) for number, code in wrong]
    assert {answer.status_code for answer in answers} == {422}
    assert len({said(answer) for answer in answers}) == 1
    assert "do not belong together" in said(answers[0])
    for (number, code), answer in zip(wrong, answers, strict=True):
        assert f'value="{number}"' in answer.text
        assert f'value="{code}"' in answer.text


def test_an_empty_field_says_what_to_write_there(look_up: Look) -> None:
    page = look_up(" ", "")
    assert page.status_code == 422
    assert 'href="#number"' in page.text
    assert 'href="#code"' in page.text


def test_the_number_alone_opens_nothing(resident_case: File, resident: FlaskClient, look_up: Look) -> None:
    case = resident_case()
    assert look_up(case.number, "").status_code == 422
    assert resident.get(f"/case/{case.number}").status_code == 404


def test_a_lost_session_loses_nothing(resident: FlaskClient) -> None:
    page = resident.post("/case/", data={"number": "2026-10001", "code": "ABCD"})
    assert page.status_code == 400
    assert 'value="2026-10001"' in page.text
    assert 'value="ABCD"' in page.text


def test_the_start_page_has_the_way_to_a_case(resident_case: File, resident: FlaskClient) -> None:
    case = resident_case()
    form = {"number": case.number, "code": case.code, "csrf_token": token_in(resident.get("/"))}
    assert resident.post("/case/", data=form).location == f"/case/{case.code}"
