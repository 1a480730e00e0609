"""What a resident does on the own page: objects, takes back, changes how to be reached, says how it went, is told."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from caseflow import clock
from caseflow.accounts.models import Staff
from caseflow.audit import Event
from caseflow.cases import lifecycle
from caseflow.cases.former_contact import FormerContact
from caseflow.cases.models import Case, Department
from caseflow.cases.relations import family, merging
from caseflow.cases.survey import SurveyAnswer
from caseflow.database import db, unit_of_work
from caseflow.intake import lost_links
from caseflow.intake.lost_links import LinkRequest
from caseflow.messages.models import Message
from tests.intake.acting import act
from tests.intake.conftest import cases, said, token_in

File = Callable[..., Case]
Press = Callable[..., TestResponse]
Travel = Callable[[datetime], Any]


@pytest.fixture
def press(resident: FlaskClient) -> Press:
    """press(case, "objection", …): send one of the forms of the own page."""

    def send(case: Case, noun: str, **fields: object) -> TestResponse:
        page = f"/case/{case.code}"
        token = token_in(resident.get(page))
        return resident.post(f"{page}/{noun}", data={**fields, "csrf_token": token})

    return send


def messages(purpose: str) -> list[Message]:
    db.session.rollback()
    query = sa.select(Message).where(Message.purpose == purpose).order_by(Message.id)
    return list(db.session.scalars(query.execution_options(populate_existing=True)))


def last_event(case: Case) -> Event:
    return db.session.scalars(sa.select(Event).where(Event.subject_id == case.id).order_by(Event.id.desc())).first()  # type: ignore[return-value]


def objection(text: str = "Lampan är släckt igen.") -> dict[str, object]:
    return {"objection-text": text, "objection-submission": uuid.uuid4().hex}


def test_what_is_not_solved_comes_back_to_the_same_caseworker_with_the_reason_once(
    resident_case: File, press: Press, clerk: Staff, resident: FlaskClient, sign_in: Callable[[Staff], FlaskClient]
) -> None:
    case = resident_case()
    act(lifecycle.reply, case, clerk, "Lampan är lagad.", channel="none", close_after=True)
    assert "It is not solved" in said(resident.get(f"/case/{case.code}"))
    form = objection()
    assert [press(case, "objection", **form).status_code for _time in range(2)] == [303, 303]
    again = cases()[0]
    assert (again.status, again.assignee_id, again.resolution) == ("in_progress", clerk.id, None)
    assert [event.verb for event in db.session.scalars(sa.select(Event).where(Event.actor == "resident"))] == [
        "receive",
        "not_solved",
    ]
    page = said(resident.get(f"/case/{case.code}"))
    assert "You said that it is not solved, and we took up your case again." in page
    assert "Lampan är släckt igen." in page and "It is not solved" not in page
    staff = said(sign_in(clerk).get(f"/staff/cases/{case.number}"))
    assert "Lampan är släckt igen." in staff and "Invånaren säger att det inte är löst" in staff


def test_after_the_days_that_the_municipality_gives_it_is_heard_and_not_counted_as_an_objection(
    resident_case: File, press: Press, clerk: Staff, clock_at: Travel, resident: FlaskClient
) -> None:
    case = resident_case()
    act(lifecycle.reply, case, clerk, "Lampan är lagad.", channel="none", close_after=True)
    clock_at(clock.now() + timedelta(days=31))
    assert "It is not solved" not in said(resident.get(f"/case/{case.code}"))
    assert press(case, "objection", **objection()).status_code == 303
    assert (cases()[0].status, last_event(case).verb) == ("in_progress", "hear")
    empty = press(case, "objection", **objection(" "))
    assert (empty.status_code, 'href="#objection-text"' in empty.text) == (422, True)


def test_a_case_that_is_taken_back_ends_and_nobody_calls_or_goes_out_in_vain(
    resident_case: File, press: Press, clerk: Staff, resident: FlaskClient, deliver_all: Callable[[], None]
) -> None:
    case = resident_case(reply_by="phone")
    act(lifecycle.ask, case, clerk, "Vilken lampa är det?", channel="phone")
    deliver_all()
    assert press(case, "withdrawal", reason="Den tändes av sig själv.").status_code == 303
    ended = cases()[0]
    assert (ended.status, ended.resolution, last_event(case).actor) == ("closed", "withdrawn", "resident")
    assert [message.status for message in messages("question")] == ["cancelled"]
    (mail,) = messages("withdrawal")
    assert mail.staff_id == clerk.id and case.number in mail.subject and "tändes" not in mail.body
    page = said(resident.get(f"/case/{case.code}"))
    assert "You took it back. Den tändes av sig själv." in page and "You took your case back." in page
    assert "Take the case back" not in page and "How did it go?" not in page and "It is not solved" not in page
    assert press(case, "withdrawal").status_code == 303
    assert len(messages("withdrawal")) == 1


def test_a_case_that_others_wait_for_goes_on_without_who_takes_it_back(
    resident_case: File, press: Press, clerk: Staff, resident: FlaskClient
) -> None:
    main, other = resident_case(), resident_case()
    with unit_of_work():
        both = [family.locked_whole(case.id) for case in (main, other)]
        lifecycle.assign(both[0], to=clerk, by=clerk.as_actor(), now=clock.now())
        merging.merge(both[1], both[0], by=clerk.as_actor(), now=clock.now())
    answer = press(main, "withdrawal", reason="Jag har flyttat.")
    assert "for them we go on" in said(resident.get(answer.location))
    assert cases()[0].status == "in_progress" and last_event(main).verb == "hear"


def reach(**changes: object) -> dict[str, object]:
    empty = dict.fromkeys(("best_time", "care_of", "street", "postcode", "town", "phone"), "")
    return (
        {"reply_by": "email", "notify_by": "none", "name": "Rut Åkesson", "email": "rut@example.org"} | empty | changes
    )


def test_a_resident_puts_right_how_to_be_reached_and_what_stood_there_is_kept_beside_the_event(
    resident_case: File, press: Press, clerk: Staff, resident: FlaskClient, sign_in: Callable[[Staff], FlaskClient]
) -> None:
    case = resident_case()
    page = resident.get(f"/case/{case.code}/contact")
    shown = page.text.split('name="shown"')[1].split('value="')[1].split('"')[0]
    assert 'value="rut@example.org"' in page.text
    letter = reach(reply_by="letter", email="", street="Storgatan 1", postcode="61231", town="Finspång")
    wrong = press(case, "contact", **{**letter, "street": "", "shown": shown})
    assert wrong.status_code == 422 and 'href="#street"' in wrong.text and 'value="61231"' in wrong.text
    assert press(case, "contact", **{**letter, "shown": shown}).status_code == 303
    now = cases()[0]
    assert (now.reply_by, now.email, now.street, now.postcode) == ("letter", None, "Storgatan 1", "61231")
    (former,) = db.session.scalars(sa.select(FormerContact))
    assert former.details["email"] == "rut@example.org" and former.details["reply_by"] == "email"
    assert "rut@" not in str(last_event(case).data)
    (told,) = messages("update")
    assert told.recipient["email"] == "rut@example.org"
    assert "rut@example.org" in said(sign_in(clerk).get(f"/staff/cases/{case.number}"))
    overtaken = press(case, "contact", **{**letter, "town": "Lotorp", "shown": shown})
    assert (overtaken.status_code, 'value="Lotorp"' in overtaken.text) == (409, True)


def test_who_asked_for_it_is_told_what_happens_by_the_way_chosen_and_never_what_it_is_about(
    resident_case: File, press: Press, clerk: Staff, resident: FlaskClient
) -> None:
    case = resident_case(reply_by="letter", department="ifo")
    act(lifecycle.correct, case, clerk, {"email": "rut@example.org", "notify_by": "email"})
    act(lifecycle.assign, case, clerk, to=clerk)
    act(lifecycle.transfer, case, clerk, to=db.session.get_one(Department, "sb"), reason="Hemligt.")
    act(lifecycle.park, case, clerk, until=clock.today() + timedelta(days=9), reason="Hemligt.")
    act(lifecycle.reply, case, clerk, "Hemligt svar.", channel="letter", close_after=True)
    told = messages("update")
    assert [message.status for message in told] == ["cancelled"] * 3 + ["queued"]
    assert {message.channel for message in told} == {"email"}
    words = " ".join(message.subject + message.body + str(message.frame) for message in told)
    assert "Hemligt" not in words and "Individ" not in words and "Samhällsbyggnad" not in words
    assert "Vi har svarat dig." in told[-1].body
    # By e-mail itself there is no second mail that there is a mail.
    other = resident_case()
    act(lifecycle.correct, other, clerk, {"notify_by": "email"})
    act(lifecycle.reply, other, clerk, "Klart.", channel="email", close_after=True)
    assert len(messages("update")) == len(told)


def test_two_marks_are_kept_without_whose_they_are_and_the_last_answer_counts(
    resident_case: File, press: Press, clerk: Staff, resident: FlaskClient
) -> None:
    case = resident_case(reply_by="phone")
    act(lifecycle.reply, case, clerk, "Klart.", channel="none", close_after=True)
    page = said(resident.get(f"/case/{case.code}"))
    assert "How well were you treated?" in page and "How well did you understand" not in page
    bad = press(case, "rating", **{"rating-ease": "4", "rating-second": "9"})
    assert bad.status_code == 422 and "Choose one of the answers." in said(bad)
    for ease in ("4", "2"):
        assert press(case, "rating", **{"rating-ease": ease, "rating-second": "5"}).status_code == 303
    (kept,) = db.session.scalars(sa.select(SurveyAnswer))
    assert (kept.ease, kept.treatment, kept.clarity, kept.department_code) == (2, 5, None, "sb")
    assert case.code not in kept.seal and case.number not in kept.seal
    assert "You have told us how it went." in said(resident.get(f"/case/{case.code}"))


def test_the_link_is_sent_again_to_the_address_of_the_case_and_the_page_says_the_same_to_everybody(
    resident_case: File, resident: FlaskClient
) -> None:
    case = resident_case()
    answers = []
    for address in ("rut@example.org", "nobody@example.org"):
        token = token_in(resident.get("/case/link"))
        answers.append(resident.post("/case/link", data={"email": address, "csrf_token": token}))
        db.session.rollback()
    assert {answer.status_code for answer in answers} == {200}
    assert len({said(answer).replace("rut@", "").replace("nobody@", "") for answer in answers}) == 1
    assert len(db.session.scalars(sa.select(LinkRequest)).all()) == 2
    assert messages("link") == []
    lost_links.send(clock.now())
    (mail,) = messages("link")
    assert (mail.case_id, mail.recipient["email"]) == (case.id, "rut@example.org")
    assert case.code in str(mail.frame["link"])
    assert db.session.scalars(sa.select(LinkRequest)).all() == []
    for _time in range(9):
        resident.post("/case/link", data={"email": "rut@example.org", "csrf_token": token})
    lost_links.send(clock.now())
    assert 1 < len(messages("link")) < 6
    assert resident.post("/case/link", data={"email": "rut", "csrf_token": token}).status_code == 422


@pytest.mark.parametrize("noun", ["contact", "withdrawal", "objection", "rating"])
def test_a_lost_session_loses_nothing_and_a_code_that_opens_nothing_is_not_found(
    resident_case: File, resident: FlaskClient, clerk: Staff, noun: str
) -> None:
    case = resident_case()
    if noun in ("objection", "rating"):
        act(lifecycle.reply, case, clerk, "Klart.", channel="none", close_after=True)
    typed = {"name": "Mina ord", "reason": "Mina ord", "objection-text": "Mina ord", "rating-ease": "2"}
    page = resident.post(f"/case/{case.code}/{noun}", data=typed)
    assert page.status_code == 400 and "Press send again" in said(page)
    assert "Mina ord" in page.text or 'value="2" checked' in page.text
    token = token_in(resident.get("/new"))
    assert resident.post(f"/case/{'0' * 28}/{noun}", data={**typed, "csrf_token": token}).status_code == 404
