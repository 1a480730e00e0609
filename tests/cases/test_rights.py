"""What a case's page offers: nothing to who may only read there, and to a registrar what puts a case in its place."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from caseflow.accounts.models import Staff
from caseflow.cases.models import Case
from tests.cases.acting import Desk
from tests.cases.replying import reply
from tests.cases.troubles import become

ACTS = re.compile(r'action="/staff/cases/[^/]+/([a-z]+)"')


def offered(page: str) -> set[str]:
    """The nouns of the acts that the page has a form for."""
    return set(ACTS.findall(page))


def test_who_may_only_read_sees_the_case_without_acts_and_finds_none_to_act_on(
    hire: Callable[..., Staff], desk_with: Callable[..., Desk], resident_case: Callable[..., Case], clerk: Staff
) -> None:
    case = resident_case(phone="+46701740605")
    message = become(reply(case, clerk, "phone"), status="failed")
    reader = hire("Lars Läsare", "caseworker", "sb", level="read")
    desk = desk_with(staff=reader, at=case)
    page = desk.read()
    assert case.subject in page and "Lampan lagas" in page and offered(page) == set()
    assert offered(desk_with(at=case).read()) >= {"replies", "notes", "assignment", "closure", "contact"}
    for noun in ("notes", "replies", "assignment", "transfer", f"messages/{message.id}/resend"):
        answer = desk.act(noun, text="Jag vill ändå", submission="x")
        assert answer.status_code == 404, noun
    assert "Jag vill ändå" in desk.act("notes", text="Jag vill ändå").get_data(as_text=True)  # the words come back
    listed = desk.client.get("/staff/deliveries").get_data(as_text=True)
    assert case.number in listed and "/resend" not in listed and "/handling" not in listed
    assert case.number in desk.client.get("/staff/queue?status=all").get_data(as_text=True)
    assert case.number not in desk.client.get("/staff/calls").get_data(as_text=True)
    assert desk.case().version == case.version


@pytest.mark.parametrize("resolution", ["no_action", "answered", "referred"])
def test_a_registrar_sorts_and_ends_a_case_only_as_registered_elsewhere(
    hire: Callable[..., Staff], desk_with: Callable[..., Desk], resident_case: Callable[..., Case], resolution: str
) -> None:
    desk = desk_with(staff=hire("Rolf Dahl", "registrar", "sb"), at=resident_case())
    page = desk.read()
    assert offered(page) >= {"notes", "transfer", "contact", "closure"}
    assert offered(page).isdisjoint({"replies", "questions", "assignment", "parking", "merger", "messages"})
    assert 'value="registered"' in page and f'value="{resolution}"' not in page
    assert desk.act("closure", resolution=resolution, reason="Nej.").status_code == 422
    assert desk.act("replies", text="Hej", channel="email", submission="x").status_code == 403
    assert desk.act("notes", text="Till diariet.", submission="y").status_code == 303
    assert desk.act("closure", resolution="registered", reason="Diarienummer KS 2026/12.").status_code == 303
    assert (desk.case().status, desk.case().resolution) == ("closed", "registered")
