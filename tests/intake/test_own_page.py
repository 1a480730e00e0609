"""The resident's own page: the answer, the status, what has happened; never a word that was meant for colleagues."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
import time_machine
from flask.testing import FlaskClient

from caseflow import clock
from caseflow.accounts.models import Staff
from caseflow.cases import codes, lifecycle
from caseflow.cases.models import Case, Department
from caseflow.database import db
from tests.intake.acting import act
from tests.intake.conftest import said

CANARY = "zq-canary-zq"
MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=clock.STOCKHOLM)
File = Callable[..., Case]
Read = Callable[[Case], str]


@pytest.fixture
def read(resident: FlaskClient) -> Read:
    """The words of the case's own page."""
    return lambda case: said(resident.get(f"/case/{case.code}"))


def test_a_note_is_never_shown(resident_case: File, clerk: Staff, resident: FlaskClient) -> None:
    case = resident_case()
    act(lifecycle.note, case, clerk, CANARY)
    act(lifecycle.transfer, case, clerk, to=db.session.get_one(Department, "kf"), reason=CANARY)
    act(lifecycle.close, case, clerk, resolution="fixed", reason="Lagad.")
    act(lifecycle.reopen, case, clerk, reason=CANARY)
    act(lifecycle.reply, case, clerk, "Klart.", channel="none", reason=CANARY)
    for page in (f"/case/{case.code}", f"/case/{case.code}/receipt"):
        assert CANARY not in resident.get(page).text
    assert "Klart." in resident.get(f"/case/{case.code}").text


def test_the_answer_stands_first_signed_and_with_how_it_travels(
    resident_case: File, clerk: Staff, read: Read, deliver_all: Callable[[], None]
) -> None:
    case = resident_case(now=MONDAY)
    act(lifecycle.reply, case, clerk, "Lampan är lagad.", channel="email")
    words = read(case)
    places = [words.index(part) for part in ("Lampan är lagad.", "Karin Ek", "What has happened", "Add something")]
    assert places == sorted(places)
    assert "On its way to you by e-mail." in words
    deliver_all()
    assert f"Sent to you by e-mail on {_day(clock.today())}." in read(case)


def test_the_newest_answer_stands_before_the_earlier_ones(resident_case: File, clerk: Staff, read: Read) -> None:
    case = resident_case()
    for text in ("Första svaret.", "Andra svaret."):
        act(lifecycle.reply, case, clerk, text, channel="none")
    words = read(case)
    assert words.index("Andra svaret.") < words.index("What has happened") < words.index("Första svaret.")


def test_a_letter_waits_until_it_is_posted_and_a_call_until_it_is_made(
    resident_case: File, clerk: Staff, read: Read, deliver_all: Callable[[], None]
) -> None:
    by_letter, by_phone = resident_case(reply_by="letter"), resident_case(reply_by="phone")
    for case in (by_letter, by_phone):
        act(lifecycle.reply, case, clerk, "Hej!", channel=case.reply_by)
    deliver_all()
    assert "waits to be posted to you" in read(by_letter)
    assert "We will also call you about this." in read(by_phone)


def test_each_status_is_said_in_plain_words(resident_case: File, clerk: Staff, read: Read) -> None:
    case = resident_case()
    assert "We have received your case and will read it." in read(case)
    act(lifecycle.assign, case, clerk, to=clerk)
    assert "Somebody is working on your case." in read(case)
    act(lifecycle.ask, case, clerk, "Vilken lampa?", channel="none")
    assert "We have asked you something and wait for your answer." in read(case)
    assert "Our question to you Vilken lampa?" in read(case)
    act(lifecycle.reply, case, clerk, "Lagad.", channel="none")
    assert "Your case is answered." in read(case)


def test_a_planned_case_says_until_when_and_why(resident_case: File, clerk: Staff, read: Read) -> None:
    case = resident_case(now=MONDAY)
    act(lifecycle.park, case, clerk, until=date(2027, 4, 12), reason="Vi asfalterar till våren.")
    words = read(case)
    assert "We take up your case again on Monday 12 April 2027. Vi asfalterar till våren." in words
    assert words.count("Vi asfalterar till våren.") == 1
    assert "no later than" not in words


@pytest.mark.parametrize("resolution", lifecycle.RESOLUTIONS_WITHOUT_ANSWER)
def test_a_closed_case_says_how_it_ended_and_why(
    resident_case: File, clerk: Staff, read: Read, resolution: str
) -> None:
    case = resident_case()
    act(lifecycle.close, case, clerk, resolution=resolution, reason="Så här är det.")
    words = read(case)
    assert "Your case is closed." in words
    assert words.count("Så här är det.") == 1
    assert "We closed your case." in words


def test_the_timeline_tells_the_acts_that_concern_the_resident_in_their_order(
    resident_case: File, clerk: Staff, read: Read
) -> None:
    case = resident_case(reply_by="letter")
    act(lifecycle.assign, case, clerk, to=clerk)
    act(lifecycle.transfer, case, clerk, to=db.session.get_one(Department, "kf"), reason="x")
    act(lifecycle.ask, case, clerk, "Vilken?", channel="none")
    act(lifecycle.hear, case, clerk, "Den tredje.")
    act(lifecycle.reply, case, clerk, "Klart.", channel="letter")
    act(lifecycle.close, case, clerk, resolution="answered", reason=None)
    told = [
        "You sent your case to Streets, parks and planning.",
        "Culture and leisure took over your case.",
        "We asked you something.",
        "You added something.",
        "We answered you by letter.",
        "We closed your case.",
    ]
    timeline = read(case).partition("What has happened")[2]
    places = [timeline.index(line) for line in told]
    assert places == sorted(places)
    assert "Den tredje." in timeline


def test_what_the_resident_wrote_is_there_to_be_read_again(resident_case: File, read: Read) -> None:
    case = resident_case(description="Första raden.\n<b>Andra</b> raden.")
    assert "Första raden. <b>Andra</b> raden." in read(case)


def test_a_late_answer_is_owned_up_to(resident_case: File, read: Read) -> None:
    case = resident_case(now=MONDAY)
    with time_machine.travel(MONDAY + timedelta(days=9)):
        words = read(case)
    assert "We promised an answer by Wednesday 25 November and are late." in words
    assert "no later than" not in words


def test_a_case_registered_for_somebody_says_so(resident_case: File, read: Read) -> None:
    assert "We wrote down your case for" in read(resident_case(source="phone"))


def test_the_code_is_forgiving_about_how_it_is_typed(resident_case: File, resident: FlaskClient) -> None:
    case = resident_case()
    for typed in (case.code.lower(), codes.grouped(case.code), f" {case.code} "):
        assert resident.get(f"/case/{typed}").status_code == 200


def test_a_code_that_opens_nothing_is_not_found(resident_case: File, resident: FlaskClient) -> None:
    case = resident_case()
    for code in (codes.new(), case.number, case.number.replace("-", ""), case.code[:-1], "%00", "å"):
        assert resident.get(f"/case/{code}").status_code == 404


def test_the_address_of_the_page_is_kept_a_secret(resident_case: File, resident: FlaskClient) -> None:
    case = resident_case()
    for path in (f"/case/{case.code}", f"/case/{case.code}/receipt", f"/case/{codes.new()}"):
        headers = resident.get(path).headers
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["Cache-Control"] == "no-store"
        assert "noindex" in headers["X-Robots-Tag"]


def _day(day: date) -> str:
    return f"{day:%A} {day.day} {day:%B}"
