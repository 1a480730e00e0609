"""Robots are held, slowed or asked once more, and people come through; no client here has JavaScript."""

from __future__ import annotations

import hashlib
import socket
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Page, Route, expect

from caseflow import clock, limiting
from caseflow.accounts.models import Staff
from caseflow.cases.models import Municipality
from caseflow.cases.screen import held_filing
from caseflow.cases.screen.held_filing import HeldFiling
from caseflow.database import db, unit_of_work
from caseflow.intake import proof
from caseflow.messages.models import Message
from tests.intake.conftest import CONTACT, cases, filled, said, token_in
from tests.intake.robots import LEAST, patient, tally

Travel = Callable[[datetime], Any]
NUMBER = 84


@pytest.fixture(autouse=True)
def guarded(app: Flask) -> Iterator[None]:
    """The limits and the time trap as they are in the product."""
    before, app.config["FORM_PATIENCE"] = app.config["FORM_PATIENCE"], timedelta(seconds=3)
    limiting.limiter.enabled = True
    limiting.limiter.reset()
    yield
    limiting.limiter.reset()
    limiting.limiter.enabled = False
    app.config["FORM_PATIENCE"] = before


def held() -> list[HeldFiling]:
    db.session.rollback()
    return list(db.session.scalars(sa.select(HeldFiling).order_by(HeldFiling.id)))


def test_of_dozens_of_robots_no_more_pass_than_the_limits_allow_and_what_is_held_is_kept(
    resident: FlaskClient, clock_at: Travel
) -> None:
    answers = patient(resident, NUMBER)
    next(answers)
    clock_at(clock.now() + timedelta(seconds=5))
    fates = tally(answers)
    passed = sum(number for (_name, fate), number in fates.items() if fate == "passed")
    assert sum(fates.values()) == NUMBER and passed == LEAST == len(cases())
    kept = sum(number for (_name, fate), number in fates.items() if fate == "held")
    assert kept == len(held()) == NUMBER * 5 // 7 - LEAST
    assert {name for row in held() for name in row.why} == {"trap", "links", "again", "flood", "stamp"}
    assert db.session.scalars(sa.select(Message)).all() == []  # nobody is a robot's relay


def test_no_real_one_is_stopped_and_whoever_is_fast_presses_twice(resident: FlaskClient, clock_at: Travel) -> None:
    start = clock.now()
    people: list[tuple[str, dict[str, object]]] = [
        (f"198.51.100.{number}", filled(way, description=f"Fråga {number}: se https://example.org/{number}. Hej!"))
        for number, way in enumerate(CONTACT)
    ]
    # A library where everybody sits behind one address, and neighbours who report the same lamp.
    people += [("203.0.113.1", filled(description=f"Boken {number} saknas på hyllan.")) for number in range(8)]
    people += [(f"198.51.100.{200 + n}", filled(description="Lampan på Skolgatan är släckt.")) for n in range(2)]
    for number, (address, form) in enumerate(people):
        clock_at(start + timedelta(seconds=60 * number))
        page = resident.get("/new")
        form |= {"csrf_token": token_in(page), "stamp": stamp_in(page.text)}
        there = {"REMOTE_ADDR": address}
        if number % 4 == 0:
            again = resident.post("/new", data=form, environ_overrides=there)
            assert again.status_code == 422 and "Press send again" in said(again)
            assert str(form["description"]) in again.text and stamp_in(again.text) == form["stamp"]
        clock_at(start + timedelta(seconds=60 * number + 5))
        answer = resident.post("/new", data=form, environ_overrides=there)
        assert "/receipt" in answer.location, form
    assert (len(cases()), held()) == (len(people), [])


def stamp_in(text: str) -> str:
    return text.split('name="stamp" value="')[1].split('"')[0]


def press(client: FlaskClient, clock_at: Travel, **more: object) -> str:
    """A form that was looked at for five seconds; answers where it led."""
    page = client.get("/new")
    clock_at(clock.now() + timedelta(seconds=5))
    form = {**filled("email"), "csrf_token": token_in(page), "stamp": stamp_in(page.text), **more}
    return client.post("/new", data=form).location


def test_a_person_lets_in_what_was_held_with_its_day_and_code_or_puts_it_aside(
    resident: FlaskClient, clock_at: Travel, clerk: Staff, outsider: Staff, sign_in: Callable[[Staff], FlaskClient]
) -> None:
    start = datetime(2026, 11, 23, 9, 0, tzinfo=clock.STOCKHOLM)
    clock_at(start)
    led = press(resident, clock_at, homepage="min.sida.example")
    page = resident.get(led)
    assert "/waiting/" in led and "A person looks at it" in said(page) and cases() == []
    press(resident, clock_at, homepage="x", description="Köp däck.")
    clock_at(start + timedelta(days=2))
    staff = sign_in(clerk)
    staff.set_cookie("language", "en")
    assert "Held 2" in said(staff.get("/staff/deliveries"))
    listed = said(staff.get("/staff/held"))
    assert "Rut Åkesson" in listed and "A field was filled in that people do not see." in listed
    assert "Rut Åkesson" not in said(sign_in(outsider).get("/staff/held"))
    first, second = held()
    token = token_in(staff.get("/staff/held"))
    for _time in range(2):
        staff.post(f"/staff/held/{first.id}/case", data={"csrf_token": token})
    staff.post(f"/staff/held/{second.id}/dismissal", data={"csrf_token": token})
    (case,) = cases()
    assert case.received_at == first.at and case.code == first.code and case.name == "Rut Åkesson"
    assert resident.get(led).location == f"/case/{case.code}"
    assert [message.purpose for message in db.session.scalars(sa.select(Message))] == ["receipt"]
    assert "let the case in" in said(staff.get(f"/staff/cases/{case.number}"))
    with unit_of_work():
        held_filing.forget(clock.now() + timedelta(days=31))
    assert held() == []


def test_where_work_is_asked_for_a_browser_proves_it_once_and_who_cannot_is_held(
    resident: FlaskClient, clock_at: Travel
) -> None:
    with unit_of_work():
        db.session.get_one(Municipality, 1).residents = {"proof_bits": 8}
    page = resident.get("/new")
    assert 'data-bits="8"' in page.text and "proof.js" in page.text
    stamp = stamp_in(page.text)
    found = next(n for n in count() if hashlib.sha256(f"{stamp}:{n}".encode()).digest()[0] == 0)
    clock_at(clock.now() + timedelta(seconds=5))
    form = {"csrf_token": token_in(page), "stamp": stamp}
    first = resident.post("/new", data={**filled(), **form, "proof": str(found)})
    again = resident.post("/new", data={**filled(), **form, "proof": str(found), "description": "En annan fråga."})
    without = press(resident, clock_at, description="Och en till.")
    assert ["/receipt" in first.location, "/waiting/" in again.location, "/waiting/" in without] == [True] * 3
    assert not proof.holds(stamp, "-1", 8) and not proof.holds(stamp, "9" * 13, 8)


def test_a_browser_does_the_work_while_the_person_writes_and_who_has_no_script_is_held_and_not_lost(
    app: Flask, browser_page: Page, scriptless: Page
) -> None:
    app.config["FORM_PATIENCE"] = None
    with unit_of_work():
        db.session.get_one(Municipality, 1).residents = {"proof_bits": 12}
    slow: list[Route] = []

    def hold(route: Route) -> None:
        slow.append(route)

    browser_page.route("**/proof_worker.js*", hold)
    for page in (browser_page, scriptless):
        page.goto("/new?kind=fraga")
        page.select_option("#department", "sb")
        page.fill("#description", "När plogar ni Skolgatan?")
        page.check("[name=reply_by][value=none]")
        page.click("#errand .button.send")
    expect(browser_page.locator("#errand .button.send")).to_have_text("Skickar …")  # it is sent when the work is done
    assert cases() == []
    slow[0].continue_()
    browser_page.wait_for_url("**/receipt")
    expect(scriptless.locator("main")).to_contain_text("Spara den här sidan")
    assert (len(cases()), [one.why for one in held()]) == (1, [["proof"]])


def test_too_much_from_one_place_is_slowed_down_in_words(resident: FlaskClient) -> None:
    form = {"email": "a@example.org", "csrf_token": token_in(resident.get("/case/link"))}
    answers = [resident.post("/case/link", data=form).status_code for _time in range(62)]
    assert answers[:60] == [200] * 60 and set(answers[60:]) == {429}
    assert resident.get("/case/link").status_code == 200
    assert "wait" in said(resident.post("/case/link", data=form)).lower()


@pytest.mark.parametrize("silent", [True, False])
def test_with_the_broker_away_limits_go_on_in_memory_and_nobody_waits(silent: bool) -> None:
    with socket.socket() as hole:
        hole.bind(("127.0.0.1", 0))
        hole.listen()
        port = hole.getsockname()[1] if silent else 1
        app, limiter = Flask("alone"), limiting.made()
        app.config["SECRET_KEY"] = "x"
        limiter.init_app(limiting.with_store(app, f"redis://127.0.0.1:{port}/0"))
        app.add_url_rule("/", view_func=limiter.limit("3/hour")(lambda: "yes"))
        client, begun = app.test_client(), time.perf_counter()
        answers = [client.get("/").status_code for _time in range(6)]
        assert answers == [200] * 3 + [429] * 3
        assert time.perf_counter() - begun < 2
