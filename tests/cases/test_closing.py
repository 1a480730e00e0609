"""Closing a case without sending a reply, and opening it again."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from caseflow.accounts.models import Staff
from caseflow.cases.models import RESOLUTIONS
from tests.cases.acting import Desk


@pytest.mark.parametrize("resolution", [code for code in RESOLUTIONS if code != "answered"])
def test_every_ending_without_an_answer_says_why(desk: Desk, resolution: str) -> None:
    answer = desk.act("closure", resolution=resolution, reason="Det är redan anmält.")
    assert answer.status_code == 303
    assert (desk.case().status, desk.case().resolution) == ("closed", resolution)
    assert "Det är redan anmält." in desk.read()


def test_without_a_reason_it_stays_open(desk: Desk) -> None:
    answer = desk.act("closure", resolution="no_action", reason="")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "Say why in words: the resident reads it." in page
    assert '<option selected value="no_action"' in page or 'value="no_action" selected' in page
    assert desk.case().status == "new"


def test_answered_is_no_ending_before_an_answer(desk: Desk) -> None:
    assert desk.act("closure", resolution="answered", reason="x").status_code == 422
    assert desk.act("closure", resolution="", reason="x").status_code == 422
    desk.act("replies", text="Klart.", channel="email", submission="s")
    assert desk.act("closure", resolution="answered", reason="").status_code == 303
    assert desk.case().resolution == "answered"


def test_a_double_click_closes_once_and_another_ending_is_a_conflict(desk: Desk) -> None:
    for _click in range(2):
        assert desk.act("closure", resolution="duplicate", reason="Dubblett.", version="1").status_code == 303
    assert desk.verbs() == ["receive", "close"]
    assert desk.act("closure", resolution="fixed", reason="Lagat.", version="1").status_code == 409
    assert desk.case().resolution == "duplicate"


def test_opening_again_needs_a_reason(desk: Desk) -> None:
    desk.act("closure", resolution="duplicate", reason="Dubblett.")
    assert desk.act("reopening", reason="").status_code == 422
    assert desk.act("reopening", reason="Det var en annan lampa.").status_code == 303
    assert (desk.case().status, desk.case().resolution) == ("in_progress", None)
    assert "Det var en annan lampa." in desk.read()


def test_what_is_open_cannot_be_opened_again(desk: Desk) -> None:
    refused = desk.act("reopening", reason="x")
    assert refused.status_code == 409
    assert "That is not possible while the case is “New”." in refused.get_data(as_text=True)


def test_only_legal_acts_are_offered(desk: Desk) -> None:
    def offered() -> set[str]:
        page = desk.read()
        nouns = ("assignment", "transfer", "parking", "resumption", "closure", "reopening", "replies", "notes")
        return {noun for noun in nouns if f'action="{desk.path}/{noun}"' in page}

    assert offered() == {"assignment", "transfer", "parking", "closure", "replies", "notes"}
    desk.act("parking", until="2099-01-01", reason="Väntar på våren.")
    assert offered() == {"assignment", "transfer", "parking", "resumption", "closure", "replies", "notes"}
    desk.act("closure", resolution="fixed", reason="Lagat.")
    assert offered() == {"reopening", "notes"}


def test_an_outsider_can_neither_close_nor_open(desk: Desk, desk_with: Callable[..., Desk], outsider: Staff) -> None:
    stranger = desk_with(staff=outsider, at=desk.case())
    assert stranger.act("closure", resolution="fixed", reason="x").status_code == 404
    assert stranger.act("reopening", reason="x").status_code == 404
    assert desk.verbs() == ["receive"]
