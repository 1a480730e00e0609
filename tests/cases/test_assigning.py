"""Who has a case: taking it, giving it to a colleague, putting it back."""

from __future__ import annotations

import re
from collections.abc import Callable

from caseflow.accounts.models import Staff
from tests.cases.acting import Desk


def test_taking_a_new_case_makes_it_mine_and_in_progress(desk: Desk, clerk: Staff) -> None:
    answer = desk.act("assignment", assignee=clerk.id)
    assert (answer.status_code, answer.location) == (303, desk.path)
    assert (desk.case().assignee_id, desk.case().status) == (clerk.id, "in_progress")
    assert "The case is yours." in desk.read()
    assert "Karin Ek took the case" in desk.read()


def test_giving_it_to_a_colleague_of_the_department(desk: Desk, hire: Callable[..., Staff]) -> None:
    colleague = hire("Ali Hassan", "caseworker", "sb")
    assert desk.act("assignment", assignee=colleague.id).status_code == 303
    assert desk.case().assignee_id == colleague.id
    page = desk.read()
    assert "Ali Hassan has the case now." in page
    assert "Karin Ek gave the case to Ali Hassan" in page


def test_an_empty_choice_puts_it_back_to_the_department(desk: Desk, clerk: Staff) -> None:
    desk.act("assignment", assignee=clerk.id)
    assert desk.act("assignment", assignee="").status_code == 303
    assert desk.case().assignee_id is None
    assert desk.verbs() == ["receive", "assign", "release"]


def test_nobody_outside_the_department_can_be_given_it(desk: Desk, outsider: Staff, manager: Staff) -> None:
    for stranger in (outsider.id, manager.id, "12345678", "x", "-1"):
        answer = desk.act("assignment", assignee=stranger)
        assert answer.status_code == 422
        assert "Choose somebody who works in the department." in answer.get_data(as_text=True)
    assert desk.verbs() == ["receive"]


def test_a_double_click_takes_it_once(desk: Desk, clerk: Staff) -> None:
    first = desk.act("assignment", assignee=clerk.id, version="1")
    second = desk.act("assignment", assignee=clerk.id, version="1")
    assert (first.status_code, second.status_code) == (303, 303)
    assert desk.verbs() == ["receive", "assign"]


def test_giving_it_to_who_has_it_already_does_nothing(desk: Desk, clerk: Staff) -> None:
    desk.act("assignment", assignee=clerk.id)
    assert desk.act("assignment", assignee=clerk.id).status_code == 303
    assert desk.verbs() == ["receive", "assign"]


def test_an_outsider_gets_the_same_404_as_for_no_case(
    desk: Desk, desk_with: Callable[..., Desk], outsider: Staff
) -> None:
    stranger = desk_with(staff=outsider, at=desk.case())
    refused = stranger.act("assignment", assignee=outsider.id)
    stranger.number, kept = "2020-1", stranger.number
    nothing = stranger.client.post("/staff/cases/2020-1/assignment", data=stranger.with_token(stranger.client, {}))
    assert (refused.status_code, nothing.status_code) == (404, 404)
    token = re.compile(r'csrf_token" value="[^"]*"')
    one, other = (token.sub("", page.get_data(as_text=True)) for page in (refused, nothing))
    assert one.replace(kept, "2020-1") == other
    assert desk.verbs() == ["receive"]


def test_a_manager_reads_and_does_not_act(desk: Desk, desk_with: Callable[..., Desk], manager: Staff) -> None:
    reader = desk_with(staff=manager, at=desk.case())
    page = reader.read()
    assert "Gatlampan" in page
    assert 'name="version"' not in page
    assert reader.act("assignment", assignee=manager.id).status_code == 403
