"""Planning a case for a later day, and taking it up again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime

from caseflow.accounts.models import Staff
from tests.cases.acting import Desk


def test_a_planned_case_says_until_when_and_why(desk: Desk) -> None:
    assert desk.act("parking", until="2099-04-15", reason="Asfalten läggs i april.").status_code == 303
    assert (desk.case().status, desk.case().planned_until) == ("planned", date(2099, 4, 15))
    page = desk.read()
    assert "Karin Ek planned the case for Wednesday 15 April" in page
    assert "Asfalten läggs i april." in page


def test_the_day_lies_ahead_in_the_municipalitys_time(
    desk_with: Callable[..., Desk], clock_at: Callable[[datetime], object]
) -> None:
    clock_at(datetime(2026, 11, 23, 23, 30, tzinfo=UTC))  # in Stockholm the 24th has begun
    desk = desk_with()
    refused = desk.act("parking", until="2026-11-24", reason="x")
    assert refused.status_code == 422
    assert "Choose a day after today." in refused.get_data(as_text=True)
    assert desk.act("parking", until="2026-11-25", reason="x").status_code == 303


def test_day_and_reason_are_needed(desk: Desk) -> None:
    for until in ("", "15/4", "2026-02-30", "x"):
        answer = desk.act("parking", until=until, reason="Våren.")
        assert answer.status_code == 422
        assert "Write the date as year, month and day, for example 2026-12-02." in answer.get_data(as_text=True)
        assert "Våren." in answer.get_data(as_text=True)
    assert "Say why: the resident reads it." in desk.act("parking", until="2099-01-01").get_data(as_text=True)
    assert desk.verbs() == ["receive"]


def test_taking_it_up_again_happens_once(desk: Desk) -> None:
    desk.act("parking", until="2099-04-15", reason="Våren.")
    for _click in range(2):
        assert desk.act("resumption", version="2").status_code == 303
    assert (desk.case().status, desk.case().planned_until) == ("in_progress", None)
    assert desk.verbs() == ["receive", "park", "resume"]


def test_a_new_case_cannot_be_taken_up_again(desk: Desk) -> None:
    assert desk.act("resumption").status_code == 409


def test_an_outsider_can_do_neither(desk: Desk, desk_with: Callable[..., Desk], outsider: Staff) -> None:
    stranger = desk_with(staff=outsider, at=desk.case())
    assert stranger.act("parking", until="2099-01-01", reason="x").status_code == 404
    assert stranger.act("resumption").status_code == 404
    assert desk.verbs() == ["receive"]
