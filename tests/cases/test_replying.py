"""The reply: written on the case's page, sent by the channel that the resident wants, or by another with a reason."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from caseflow.accounts.models import Staff
from caseflow.cases.models import Case
from tests.cases.acting import Desk
from tests.mailbox import Mailbox

TEXT = "Lampan lagas på måndag.\n\nHör av dig om den slocknar igen."


def reply(desk: Desk, **data: object) -> object:
    return desk.act("replies", **{"text": TEXT, "channel": "email", "submission": "one", "close_after": "y", **data})


def test_a_reply_goes_by_the_wished_channel_and_closes_the_case(
    desk: Desk, clerk: Staff, smtp: Mailbox, deliver_all: Callable[[], None]
) -> None:
    answer = reply(desk)
    assert (answer.status_code, answer.location) == (303, desk.path)
    page = desk.read()
    assert "The e-mail is in the outbox. The case is closed." in page
    assert "in the outbox" in page
    deliver_all()
    assert TEXT.splitlines()[0] in str(smtp.mails[-1].get_body(("plain",)).get_content())
    assert "taken over by the mail server" in desk.read()
    case = desk.case()
    assert (case.status, case.resolution, case.assignee_id) == ("closed", "answered", clerk.id)


def test_without_the_tick_the_case_stays_answered(desk: Desk) -> None:
    filled = {"text": TEXT, "channel": "email", "submission": "one"}
    assert desk.act("replies", **filled).status_code == 303
    assert desk.case().status == "answered"


@pytest.mark.parametrize(
    ("channel", "said", "button"),
    [
        ("phone", "The call is on its way to the call list.", "Put in the call list"),
        ("letter", "The letter is in the outbox.", "Send as letter"),
        ("none", "The resident can read it on the own page.", "Publish on the own page"),
    ],
)
def test_each_channel_says_in_its_button_and_afterwards_what_happens(
    desk_with: Callable[..., Desk], channel: str, said: str, button: str
) -> None:
    desk = desk_with(reply_by=channel)
    assert button in desk.read()
    assert reply(desk, channel=channel).status_code == 303
    assert said in desk.read()
    assert [message.channel for message in desk.messages()] == ([] if channel == "none" else [channel])


def test_another_channel_than_wished_needs_a_reason_and_shows_it(desk: Desk) -> None:
    refused = reply(desk, channel="none")
    page = refused.get_data(as_text=True)
    assert refused.status_code == 422
    assert "Say why the reply goes another way than the resident asked for." in page
    assert "Hör av dig om den slocknar igen." in page
    assert desk.entries() == []
    assert reply(desk, channel="none", reason="Hon ringde och bad om det.").status_code == 303
    assert "Hon ringde och bad om det." in desk.read()
    assert desk.messages() == []


def test_only_channels_with_contact_details_are_offered_or_taken(desk: Desk) -> None:
    page = desk.read()
    assert 'value="email"' in page
    assert 'value="letter"' not in page
    assert reply(desk, channel="letter", reason="x").status_code == 422
    assert reply(desk, channel="fax", reason="x").status_code == 422
    assert desk.entries() == []


@pytest.mark.parametrize("gap", ["{{namn}}", "{{ datum }}", "__datum__", "__nästa_dag__", "____"])
def test_what_a_standard_text_left_open_must_be_filled_in(desk: Desk, gap: str) -> None:
    answer = reply(desk, text=f"Vi kommer {gap} och lagar den.")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert f"Fill in “{gap}” in the text first." in page
    assert f"Vi kommer {gap} och lagar den." in page
    assert desk.entries() == []


@pytest.mark.parametrize("text", ["Se a_b_c och {kommun}.", "snake_case_name är rätt", "Använd __ eller ___"])
def test_ordinary_underscores_and_braces_are_no_gap(desk: Desk, text: str) -> None:
    assert reply(desk, text=text).status_code == 303


def test_an_empty_or_endless_reply_is_refused(desk: Desk) -> None:
    assert "Write something first." in reply(desk, text=" \r\n ").get_data(as_text=True)
    assert "at most 20,000 characters" in reply(desk, text="x" * 20_001).get_data(as_text=True)
    assert desk.entries() == []


def test_a_double_click_sends_it_once(desk: Desk) -> None:
    version = str(desk.case().version)
    answers = [reply(desk, version=version) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert len(desk.messages()) == 1
    assert desk.verbs() == ["receive", "reply", "close"]


def test_line_ends_and_odd_signs_reach_the_resident_as_text(desk: Desk) -> None:
    reply(desk, text="Rad ett\r\nRad två <b>\x00&")
    assert desk.entries() == [("reply", "Rad ett\nRad två <b>&")]
    assert "Rad två &lt;b&gt;&amp;" in desk.read()


def test_sending_leads_to_the_most_urgent_of_the_same_view(
    desk: Desk, resident_case: Callable[..., Case], desk_with: Callable[..., Desk]
) -> None:
    calm = resident_case(kind="synpunkt")
    urgent = resident_case(kind="handling", department="sb")
    desk.client.get("/staff/queue?view=unassigned")
    reply(desk)
    page = desk.read()
    assert "Next case" in page
    assert f"/staff/cases/{calm.number}" in page or f"/staff/cases/{urgent.number}" in page


def test_a_closed_case_takes_no_reply(desk: Desk) -> None:
    reply(desk)
    refused = reply(desk, submission="two")
    assert refused.status_code == 409
    assert "That is not possible while the case is “Closed”." in refused.get_data(as_text=True)
    assert "write-replies" not in desk.read()


def test_an_outsider_cannot_reply_and_keeps_the_words(
    desk: Desk, desk_with: Callable[..., Desk], outsider: Staff
) -> None:
    stranger = desk_with(staff=outsider, at=desk.case())
    refused = reply(stranger)
    assert refused.status_code == 404
    assert "Hör av dig om den slocknar igen." in refused.get_data(as_text=True)
    assert desk.entries() == []


def test_a_secret_departments_mail_only_points_to_the_page(
    desk_with: Callable[..., Desk], hire: Callable[..., Staff]
) -> None:
    keeper = hire("Mirja Virtanen", "caseworker", "ifo")
    desk = desk_with(staff=keeper, department="ifo")
    assert "The e-mail only says that there is something to read on the own page." in desk.read()
    reply(desk)
    assert TEXT not in desk.messages()[0].body
