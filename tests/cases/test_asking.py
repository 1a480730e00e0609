"""Asking the resident, and writing notes for colleagues."""

from __future__ import annotations

from collections.abc import Callable

from caseflow.accounts.models import Staff
from tests.cases.acting import Desk


def test_a_question_goes_out_and_the_case_waits(desk: Desk) -> None:
    answer = desk.act("questions", text="Vilken lampa är det?", channel="email", submission="q")
    assert answer.status_code == 303
    assert desk.case().status == "waiting"
    page = desk.read()
    assert "The e-mail is in the outbox. The case waits for an answer." in page
    assert "Karin Ek asked" in page
    assert [message.purpose for message in desk.messages()] == ["question"]


def test_a_question_that_still_has_gaps_is_not_sent(desk: Desk) -> None:
    assert desk.act("questions", text="Hej {{namn}}", channel="email", submission="q").status_code == 422
    assert desk.messages() == []


def test_a_note_is_for_colleagues_only(desk: Desk) -> None:
    assert desk.act("notes", text="Ringde entreprenören.", submission="n").status_code == 303
    assert desk.entries() == [("note", "Ringde entreprenören.")]
    assert desk.messages() == []
    page = desk.read()
    assert "said-note" in page
    assert "Internal" in page
    assert "Ringde entreprenören." not in desk.client.get(f"/case/{desk.case().code}").get_data(as_text=True)


def test_a_note_may_have_gaps_and_can_be_written_when_the_case_is_closed(desk: Desk) -> None:
    desk.act("closure", resolution="duplicate", reason="Anmäldes i går.")
    assert desk.act("notes", text="Se {{annat ärende}}.", submission="n").status_code == 303
    assert desk.case().status == "closed"


def test_a_double_click_notes_once_even_from_an_old_page(desk: Desk, clerk: Staff) -> None:
    desk.act("notes", text="En gång.", submission="n", version="1")
    desk.act("assignment", assignee=clerk.id)
    assert desk.act("notes", text="En gång.", submission="n", version="1").status_code == 303
    assert desk.entries() == [("note", "En gång.")]


def test_the_same_submission_on_another_case_is_no_repetition(desk: Desk, desk_with: Callable[..., Desk]) -> None:
    other = desk_with()
    desk.act("notes", text="Här.", submission="n")
    assert other.act("notes", text="Där.", submission="m").status_code == 303
    assert other.entries() == [("note", "Där.")]


def test_an_outsider_cannot_note_or_ask(desk: Desk, desk_with: Callable[..., Desk], outsider: Staff) -> None:
    stranger = desk_with(staff=outsider, at=desk.case())
    assert stranger.act("notes", text="Hej", submission="n").status_code == 404
    assert stranger.act("questions", text="Hej", channel="email", submission="q").status_code == 404
    assert desk.entries() == []
