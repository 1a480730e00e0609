"""The resident adds something to a case."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from werkzeug.test import TestResponse

from caseflow import clock
from caseflow.accounts.models import Staff
from caseflow.cases import codes, lifecycle
from caseflow.cases.models import Case, Entry
from caseflow.cases.relations import merging
from caseflow.database import db, unit_of_work
from tests.intake.acting import act
from tests.intake.conftest import cases, said, token_in

File = Callable[..., Case]
Add = Callable[..., TestResponse]


@pytest.fixture
def add(resident: FlaskClient) -> Add:
    """add(case, "words"): write into the form of the own page and send it."""

    def press(case: Case, text: str, submission: str = "") -> TestResponse:
        token = token_in(resident.get(f"/case/{case.code}"))
        form = {"text": text, "submission": submission or uuid.uuid4().hex, "csrf_token": token}
        return resident.post(f"/case/{case.code}/entries", data=form)

    return press


def entries() -> list[str]:
    db.session.rollback()
    return list(db.session.scalars(sa.select(Entry.text).order_by(Entry.id)))


def test_what_is_added_stands_in_the_case_and_on_the_page(resident_case: File, add: Add, resident: FlaskClient) -> None:
    case = resident_case()
    answer = add(case, "Nu är det två lampor.\r\nHej!")
    assert (answer.status_code, answer.location) == (303, f"/case/{case.code}")
    assert entries() == ["Nu är det två lampor.\nHej!"]
    page = said(resident.get(answer.location))
    assert "What you wrote has been added to your case." in page
    assert "Nu är det två lampor. Hej!" in page


@pytest.mark.parametrize("ended", ["answered", "closed"])
def test_adding_to_a_finished_case_takes_it_up_again(resident_case: File, add: Add, clerk: Staff, ended: str) -> None:
    case = resident_case()
    act(lifecycle.reply, case, clerk, "Klart.", channel="none", close_after=ended == "closed")
    assert cases()[0].status == ended
    add(case, "Det är fortfarande mörkt.")
    assert cases()[0].status == "in_progress"


def test_adding_twice_adds_once(resident_case: File, add: Add) -> None:
    case, mark = resident_case(), uuid.uuid4().hex
    assert [add(case, "Hej", mark).status_code for _time in range(3)] == [303] * 3
    add(case, "Hej igen", mark)
    assert entries() == ["Hej", "Hej igen"]


def test_adding_twice_at_the_same_moment_adds_once(whole_app: Flask, live_url: str, resident_case: File) -> None:
    page = f"/case/{resident_case().code}"
    client = whole_app.test_client()
    form = {"text": "Hej", "submission": uuid.uuid4().hex, "csrf_token": token_in(client.get(page))}
    cookie = client.get_cookie(whole_app.config["SESSION_COOKIE_NAME"])
    assert cookie

    def press(_time: int) -> int:
        other = whole_app.test_client()
        other.set_cookie(cookie.key, cookie.value)
        return other.post(f"{page}/entries", data=form).status_code

    with ThreadPoolExecutor(6) as pool:
        assert set(pool.map(press, range(12))) == {303}
    assert entries() == ["Hej"]


@pytest.mark.parametrize("text", ["", " \n ", "\x00", "x" * 20_001])
def test_what_cannot_be_added_is_asked_for_again(resident_case: File, add: Add, text: str) -> None:
    page = add(resident_case(), text)
    assert page.status_code == 422
    assert 'href="#text"' in page.text
    assert text.strip(" \n\x00") in page.text
    assert entries() == []


def test_a_lost_session_loses_nothing(resident_case: File, resident: FlaskClient) -> None:
    case = resident_case()
    form = {"text": "Mina ord & dina", "submission": uuid.uuid4().hex}
    page = resident.post(f"/case/{case.code}/entries", data=form)
    assert page.status_code == 400
    assert "Mina ord &amp; dina" in page.text
    again = resident.post(f"/case/{case.code}/entries", data={**form, "csrf_token": token_in(page)})
    assert again.status_code == 303
    assert entries() == ["Mina ord & dina"]


def test_a_database_that_is_away_is_said_in_words(
    resident_case: File, resident: FlaskClient, database_away: Callable[[], None]
) -> None:
    own_page = f"/case/{resident_case().code}"
    token = token_in(resident.get(own_page))
    database_away()
    page = resident.post(f"{own_page}/entries", data={"text": "Mina ord", "csrf_token": token})
    assert page.status_code == 503
    assert "08-465 004 00" in said(page)
    assert "Mina ord" in page.text


def test_nothing_is_added_with_a_code_that_opens_nothing(resident_case: File, resident: FlaskClient) -> None:
    resident_case()
    token = token_in(resident.get("/new"))
    for code in (codes.new(), "x"):
        path = f"/case/{code}/entries"
        assert resident.post(path, data={"text": "Hej", "csrf_token": token}).status_code == 404
        assert resident.post(path, data={"text": "Hej"}).status_code == 400
    assert entries() == []


def test_a_file_may_come_without_words_and_stands_in_the_main_case_too(
    resident_case: File, resident: FlaskClient, clerk: Staff, sign_in: Callable[[Staff], FlaskClient]
) -> None:
    case, main = resident_case(reply_by="none"), resident_case(reply_by="none")
    number, main_number = case.number, main.number
    with unit_of_work() as session:
        one, other = session.get_one(Case, case.id), session.get_one(Case, main.id)
        merging.merge(one, other, by=clerk.as_actor(), now=clock.now())
    page = f"/case/{case.code}"
    form = {"text": "", "submission": uuid.uuid4().hex, "csrf_token": token_in(resident.get(page))}
    assert resident.post(f"{page}/entries", data=form).status_code == 422
    picture = BytesIO()
    Image.new("RGB", (40, 30), "green").save(picture, "JPEG")
    picture.seek(0)
    assert resident.post(f"{page}/entries", data={**form, "files": (picture, "lampa.jpg")}).status_code == 303
    assert entries() == ["(Only files, no text.)"]
    (own,) = re.findall(r'href="([^"]+)" download>lampa.jpg', resident.get(page).text)
    assert resident.get(own).status_code == 200
    of_the_other = f"/case/{main.code}"
    assert "lampa.jpg" not in resident.get(of_the_other).text
    assert resident.get(own.replace(page, of_the_other)).status_code == 404
    client = sign_in(clerk)
    shown = client.get(f"/staff/cases/{main_number}").text
    (link,) = re.findall(r'href="([^"]+)" download>lampa.jpg', shown)
    assert f"/{number}/" in link and client.get(link).status_code == 200
