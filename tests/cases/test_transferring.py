"""Moving a case to another department."""

from __future__ import annotations

from collections.abc import Callable

from flask.testing import FlaskClient

from caseflow.accounts.models import Staff
from tests.cases.acting import Desk


def test_a_case_given_away_leaves_the_queue_behind(desk: Desk) -> None:
    answer = desk.act("transfer", department="kf", reason="Det är simhallens lampa.")
    assert (answer.status_code, answer.location) == (303, "/staff/queue")
    page = desk.client.get(answer.location).get_data(as_text=True)
    assert "The case is moved to Culture and leisure." in page
    assert desk.client.get(desk.path).status_code == 404
    assert (desk.case().department_code, desk.case().status, desk.case().assignee_id) == ("kf", "new", None)


def test_the_next_department_reads_from_where_and_why(
    desk: Desk, desk_with: Callable[..., Desk], outsider: Staff
) -> None:
    desk.act("transfer", department="kf", reason="Det är simhallens lampa.")
    page = desk_with(staff=outsider, at=desk.case()).read()
    assert "Karin Ek moved the case from Streets, parks and planning to Culture and leisure" in page
    assert "Det är simhallens lampa." in page
    assert "A colleague moved it here." in page


def test_who_works_in_both_departments_stays_at_the_case(
    hire: Callable[..., Staff], desk_with: Callable[..., Desk]
) -> None:
    desk = desk_with(staff=hire("Anna Lind", "coordinator", "sb", "kf"))
    answer = desk.act("transfer", department="kf", reason="Simhallen.")
    assert answer.location == desk.path


def test_it_needs_a_department_and_a_reason(desk: Desk) -> None:
    for data, said in (
        ({"department": "", "reason": "x"}, "Choose the department."),
        ({"department": "sb", "reason": "x"}, "Choose the department."),
        ({"department": "atlantis", "reason": "x"}, "Choose the department."),
        ({"department": "kf", "reason": " "}, "Say why, so that the next department understands."),
        ({"department": "kf", "reason": "x" * 1001}, "Write a shorter reason."),
    ):
        answer = desk.act("transfer", **data)
        assert answer.status_code == 422
        assert said in answer.get_data(as_text=True)
    assert desk.verbs() == ["receive"]


def test_a_double_click_moves_it_once(hire: Callable[..., Staff], desk_with: Callable[..., Desk]) -> None:
    desk = desk_with(staff=hire("Anna Lind", "coordinator", "sb", "kf"))
    for _click in range(2):
        assert desk.act("transfer", department="kf", reason="Simhallen.", version="1").status_code == 303
    assert desk.verbs() == ["receive", "transfer"]


def test_an_outsider_cannot_fetch_a_case_to_the_own_department(
    desk: Desk, desk_with: Callable[..., Desk], outsider: Staff
) -> None:
    stranger = desk_with(staff=outsider, at=desk.case())
    assert stranger.act("transfer", department="kf", reason="Min.").status_code == 404
    assert desk.case().department_code == "sb"


def test_words_typed_on_a_case_that_left_meanwhile_are_not_lost(
    desk: Desk, sign_in: Callable[[Staff], FlaskClient]
) -> None:
    version = str(desk.case().version)
    desk.act("transfer", department="kf", reason="Simhallen.")
    late = desk.act("replies", text="Ett långt svar.", channel="email", submission="s", version=version)
    assert late.status_code == 404
    assert "Ett långt svar." in late.get_data(as_text=True)
