"""A person's own account: where they are signed in, signing out there, a new password."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from flask_security import verify_password
from playwright.sync_api import Page
from werkzeug.test import TestResponse

from caseflow import clock
from caseflow.accounts import devices, passwords, sessions
from caseflow.accounts.models import Staff, StaffSession
from caseflow.audit import Event
from caseflow.database import db, unit_of_work
from caseflow.language import COOKIE
from tests.cases.acting import statements
from tests.cases.entering import enter
from tests.cast import PASSWORD

WithToken = Callable[..., dict[str, object]]
NEW = "fyra ostar cyklar hem"
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Safari/604.1"
DESK = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0"


class Browser:
    """A browser of its own in which somebody has signed in with the password."""

    def __init__(self, app: Flask, with_token: WithToken, staff: Staff, agent: str = DESK) -> None:
        self.client, self.with_token, self.agent = app.test_client(), with_token, agent
        self.client.set_cookie(COOKIE, "en")
        data = with_token(self.client, {"email": staff.email, "password": PASSWORD})
        self.answer = self.client.post("/login", data=data, headers={"User-Agent": agent})

    def is_in(self) -> bool:
        return self.client.get("/staff/queue").status_code == 200

    def read(self) -> str:
        return self.client.get("/staff/account").get_data(as_text=True)

    def act(self, path: str, **data: object) -> TestResponse:
        sent = self.with_token(self.client, data, "/staff/account")
        return self.client.post(f"/staff/account/{path}", data=sent)

    def change(self, current: str = PASSWORD, new: str = NEW, again: str = NEW) -> TestResponse:
        return self.act("password", current=current, new=new, again=again)


@pytest.fixture
def browse(app: Flask, with_token: WithToken) -> Callable[..., Browser]:
    return lambda staff, agent=DESK: Browser(app, with_token, staff, agent)


def kept(staff: Staff) -> list[StaffSession]:
    db.session.rollback()
    mine = sa.select(StaffSession).where(StaffSession.staff_id == staff.id).order_by(StaffSession.id)
    return list(db.session.scalars(mine.execution_options(populate_existing=True)))


def verbs(staff: Staff) -> list[str]:
    told = sa.select(Event.verb).where(Event.subject == "staff", Event.subject_id == staff.id).order_by(Event.id)
    return list(db.session.scalars(told))


def test_the_page_lists_the_devices_in_words(clerk: Staff, outsider: Staff, browse: Callable[..., Browser]) -> None:
    desk, _phone, _other = browse(clerk), browse(clerk, PHONE), browse(outsider, "Lynx/2.9")
    page = desk.read()
    assert re.findall(r"<strong>(.*?)</strong>( · this browser)?", page) == [
        ("Safari, iPhone", ""),
        ("Edge, Windows", " · this browser"),
    ]


@pytest.mark.no_app
@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (PHONE, "Safari, iPhone"),
        (DESK, "Edge, Windows"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox, Linux"),
        ("Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36", "Chrome, Android"),
        ("curl/8.0", ""),
        ("", ""),
    ],
)
def test_what_a_device_is_called(agent: str, words: str) -> None:
    assert devices.in_words(agent) == words


def test_one_device_is_signed_out_and_the_others_stay(clerk: Staff, browse: Callable[..., Browser]) -> None:
    desk, phone = browse(clerk), browse(clerk, PHONE)
    answer = desk.act(f"sessions/{kept(clerk)[1].id}/end")
    assert answer.status_code == 303 and "That device is signed out." in desk.read()
    assert (desk.is_in(), phone.is_in()) == (True, False)
    assert verbs(clerk)[-1] == "session_ended"
    assert desk.act(f"sessions/{kept(clerk)[1].id}/end").status_code == 303, "twice is once"
    assert verbs(clerk).count("session_ended") == 1


def test_nobody_ends_somebody_elses_session(clerk: Staff, outsider: Staff, browse: Callable[..., Browser]) -> None:
    desk, other = browse(clerk), browse(outsider)
    assert desk.act(f"sessions/{kept(outsider)[0].id}/end").status_code == 404
    assert desk.act("sessions/987654321/end").status_code == 404
    assert other.is_in() and kept(outsider)[0].ended_at is None


def test_ending_the_session_of_this_browser_leads_to_the_sign_in(clerk: Staff, browse: Callable[..., Browser]) -> None:
    desk = browse(clerk)
    assert desk.act(f"sessions/{kept(clerk)[0].id}/end").location == "/login"
    assert not desk.is_in()


def test_signing_out_everywhere_is_everywhere(clerk: Staff, outsider: Staff, browse: Callable[..., Browser]) -> None:
    desk, phone, other = browse(clerk), browse(clerk, PHONE), browse(outsider)
    assert desk.act("sessions/end").location == "/login"
    assert (desk.is_in(), phone.is_in(), other.is_in()) == (False, False, True)
    assert "You are signed out everywhere." in desk.client.get("/login").get_data(as_text=True)
    assert verbs(clerk)[-1] == "signed_out_everywhere"
    assert browse(clerk).is_in()


def test_a_copied_cookie_ends_with_the_sign_out(
    app: Flask, clerk: Staff, browse: Callable[..., Browser], with_token: WithToken
) -> None:
    desk = browse(clerk)
    name = app.config["SESSION_COOKIE_NAME"]
    copy = desk.client.get_cookie(name)
    assert copy is not None
    desk.client.post("/logout", data=with_token(desk.client, {}, "/staff/account"))
    thief = app.test_client()
    thief.set_cookie(name, copy.value)
    assert thief.get("/staff/queue").status_code == 302
    assert kept(clerk)[0].ended_at is not None


def test_a_cookie_without_a_session_of_ours_opens_nothing(app: Flask, clerk: Staff, outsider: Staff) -> None:
    with unit_of_work():
        token = sessions.begin(outsider.id, "", "somewhere", clock.now())
    for foreign in (None, "", "guess", token):
        client = app.test_client()
        with client.session_transaction() as session:
            session.update({"_user_id": clerk.fs_uniquifier, "_fresh": True})
            if foreign is not None:
                session["staff_session"] = foreign
        assert client.get("/staff/queue").status_code == 302, foreign


@pytest.mark.parametrize("seen_every", [sessions.IDLE + timedelta(minutes=10), timedelta(hours=6)])
def test_a_session_ends_by_itself(
    clerk: Staff, browse: Callable[..., Browser], clock_at: Callable[[datetime], object], seen_every: timedelta
) -> None:
    desk, began, hours = browse(clerk), clock.now(), seen_every
    while hours < sessions.LONGEST and seen_every < sessions.IDLE:
        clock_at(began + hours)
        assert desk.is_in()
        hours += seen_every
    clock_at(began + hours)
    assert not desk.is_in()


def test_when_it_was_last_seen_is_written_every_five_minutes(
    clerk: Staff, browse: Callable[..., Browser], clock_at: Callable[[datetime], object]
) -> None:
    desk = browse(clerk)
    desk.is_in()
    with statements() as first:
        desk.is_in()
    (session,) = kept(clerk)
    assert session.seen_at == session.began_at
    assert not any("staff_session SET" in said for said in first)
    assert sum("staff_session" in said for said in first) == 1, "one statement finds the person and the session"
    clock_at(session.began_at + timedelta(minutes=6))
    desk.is_in()
    assert kept(clerk)[0].seen_at >= session.began_at + timedelta(minutes=6)


def test_a_new_password_signs_out_every_other_browser(clerk: Staff, browse: Callable[..., Browser]) -> None:
    desk, phone = browse(clerk), browse(clerk, PHONE)
    before = clerk.fs_uniquifier
    assert desk.change().location == "/staff/account"
    assert "You have a new password. You are signed out everywhere else." in desk.read()
    assert (desk.is_in(), phone.is_in()) == (True, False)
    db.session.refresh(clerk)
    assert verify_password(NEW, clerk.password) and clerk.fs_uniquifier != before
    assert verbs(clerk)[-1] == "password_changed"
    assert not browse(clerk).is_in(), "the old password is no longer right"


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"current": "another-long-password"}, "That is not your present password."),
        ({"current": ""}, "Write your present password."),
        ({"new": "", "again": ""}, "Write a new password."),
        ({"new": "ab cd ef gh", "again": "ab cd ef gh"}, "Use at least 12 characters."),
        ({"new": "ab" * 65, "again": "ab" * 65}, "Use at most 128 characters."),
        ({"new": "password1234", "again": "password1234"}, "That password is easy to guess."),
        ({"new": "karin.ek@example.org", "again": "karin.ek@example.org"}, "That password is easy to guess."),
        ({"new": "Sommaren2026", "again": "Sommaren2026"}, "That password is easy to guess."),
        ({"again": "something else here"}, "The two new passwords differ."),
    ],
)
def test_what_is_wrong_is_said_at_the_field_and_nothing_changes(
    clerk: Staff, browse: Callable[..., Browser], typed: dict[str, str], said: str
) -> None:
    desk, phone, before = browse(clerk), browse(clerk, PHONE), clerk.password
    answer = desk.change(**typed)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422 and re.search(rf'id="\w+-error">.*?{re.escape(said)}', page, re.DOTALL)
    assert not any(value in page for value in typed.values() if value and value != clerk.email)
    db.session.refresh(clerk)
    assert clerk.password == before and phone.is_in()


@pytest.mark.parametrize(
    "new", ["x7#Kq9" * 10 + "abcd", "åäö ÅÄÖ ☃ hej på dig", "\x00 four odd words here \x00", "  margins are kept  "]
)
def test_any_signs_and_sixty_four_of_them_will_do(clerk: Staff, browse: Callable[..., Browser], new: str) -> None:
    assert browse(clerk).change(new=new, again=new).status_code == 303
    db.session.refresh(clerk)
    assert verify_password(passwords.normalised(new), clerk.password)


def test_guessing_the_present_password_waits_like_a_sign_in(clerk: Staff, browse: Callable[..., Browser]) -> None:
    desk = browse(clerk)
    for _ in range(5):
        assert desk.change(current="another-long-password").status_code == 422
    answer = desk.change()
    assert answer.status_code == 429 and "Try again in 1 minute." in answer.get_data(as_text=True)
    assert desk.is_in()


def test_nobody_changes_the_password_of_a_demo_account(clerk: Staff, browse: Callable[..., Browser]) -> None:
    with unit_of_work() as session:
        session.get_one(Staff, clerk.id).demo = True
    desk = browse(clerk)
    assert "The password of a demonstration account stays as it is." in desk.read()
    assert desk.change().status_code == 404
    assert browse(clerk).is_in()


def test_old_sessions_are_forgotten(
    clerk: Staff, browse: Callable[..., Browser], clock_at: Callable[[datetime], object]
) -> None:
    browse(clerk)
    clock_at(clock.now() + sessions.KEPT + timedelta(days=1))
    browse(clerk)
    assert len(kept(clerk)) == 1


def test_in_a_browser_by_keyboard_alone(
    clerk: Staff, browser_page: Page, browse: Callable[..., Browser], look: Callable[[Page, str], None], live_url: str
) -> None:
    client, _phone = browse(clerk).client, browse(clerk, PHONE)
    browser_page.context.add_cookies([{"name": COOKIE, "value": "en", "url": live_url}])
    enter(browser_page, client, "/staff/account")
    look(browser_page, "account")
    browser_page.get_by_label("Present password").fill("another-long-password")
    browser_page.get_by_label("New password", exact=False).first.fill(NEW)
    browser_page.get_by_label("New password once more").fill(NEW)
    with browser_page.expect_navigation():
        browser_page.keyboard.press("Enter")
    assert browser_page.evaluate("document.activeElement.id") == "error-summary"
    look(browser_page, "account-wrong")
    browser_page.get_by_label("Present password").fill(PASSWORD)
    browser_page.keyboard.press("Tab")
    browser_page.keyboard.type(NEW)
    browser_page.keyboard.press("Tab")
    browser_page.keyboard.type(NEW)
    browser_page.keyboard.press("Tab")
    browser_page.keyboard.press("Enter")
    browser_page.get_by_text("You have a new password.").wait_for()
    assert browser_page.get_by_text("this browser").count() == 1
    browser_page.get_by_role("button", name="Sign out everywhere").press("Enter")
    browser_page.get_by_text("You are signed out everywhere.").wait_for()


def test_the_wait_in_a_browser(
    clerk: Staff, browser_page: Page, look: Callable[[Page, str], None], live_url: str
) -> None:
    browser_page.context.add_cookies([{"name": COOKIE, "value": "en", "url": live_url}])
    browser_page.goto("/login")
    for _ in range(6):
        browser_page.get_by_label("E-mail").fill(clerk.email)
        browser_page.get_by_label("Password").fill("another-long-password")
        with browser_page.expect_navigation():
            browser_page.keyboard.press("Enter")
    assert "Try again in 1 minute." in browser_page.locator("#error-summary").inner_text()
    look(browser_page, "login-wait")
