"""A second step after the password: an app, recovery codes, passkeys."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import sqlalchemy as sa
import zxingcpp
from flask import Flask
from passlib.totp import TOTP
from PIL import Image
from playwright.sync_api import Page
from werkzeug.test import TestResponse

from caseflow import clock
from caseflow.accounts import factors
from caseflow.accounts.factors import Passkey
from caseflow.accounts.models import ROLES, Staff
from caseflow.audit import Event
from caseflow.database import db, unit_of_work
from caseflow.language import COOKIE
from caseflow.messages.models import Message
from tests.cast import PASSWORD

WithToken = Callable[..., dict[str, object]]
KEPT = "SELECT a::text FROM authenticator_app a UNION ALL SELECT r::text FROM recovery_code r"


class Browser:
    """A browser of its own, in English."""

    def __init__(self, app: Flask, with_token: WithToken) -> None:
        self.client, self.with_token = app.test_client(), with_token
        self.client.set_cookie(COOKIE, "en")

    def post(self, path: str, page: str = "/forgot-password", **data: object) -> TestResponse:
        return self.client.post(path, data=self.with_token(self.client, data, page))

    def enter(self, staff: Staff, password: str = PASSWORD, **data: object) -> TestResponse:
        return self.post("/login", email=staff.email, password=password, **data)

    def code(self, typed: str, **data: object) -> TestResponse:
        return self.post("/login/second-step", code=typed, **data)

    def is_in(self) -> bool:
        return self.client.get("/staff/queue").status_code == 200

    def act(self, path: str, **data: object) -> TestResponse:
        return self.post(f"/staff/account/{path}", "/staff/account", **data)


@pytest.fixture
def browse(app: Flask, with_token: WithToken) -> Callable[[], Browser]:
    return lambda: Browser(app, with_token)


@pytest.fixture
def required(app: Flask) -> Iterator[None]:
    app.config["SECOND_FACTOR_ROLES"] = ROLES
    yield
    app.config["SECOND_FACTOR_ROLES"] = ()


def verbs(staff: Staff) -> list[str]:
    told = sa.select(Event.verb).where(Event.subject == "staff", Event.subject_id == staff.id).order_by(Event.id)
    return list(db.session.scalars(told))


def app_of(key: str, ahead: int = 0) -> str:
    """What an app with this key shows, so many half minutes ahead."""
    return str(TOTP(key=key).generate(time=clock.now() + timedelta(seconds=30 * ahead)).token)


def set_up(browser: Browser) -> tuple[str, list[str]]:
    """Set up an app; returns its key and the recovery codes."""
    assert browser.act("app").location == "/staff/account/app"
    page = browser.client.get("/staff/account/app").get_data(as_text=True)
    key = re.sub(r"[^A-Z0-9]", "", re.findall(r"<code>(.*?)</code>", page)[0])
    assert browser.act("app/confirmation", code="000000").status_code == 422
    done = browser.act("app/confirmation", code=app_of(key)).get_data(as_text=True)
    codes = re.findall(r"<code>(.*?)</code>", done)
    assert len(codes) == 10
    return key, codes


def test_with_an_app_the_password_alone_opens_nothing(clerk: Staff, browse: Callable[[], Browser]) -> None:
    desk = browse()
    assert desk.enter(clerk).location == "/staff/"
    key, codes = set_up(desk)
    kept = str(db.session.execute(sa.text(KEPT)).all())
    assert key not in kept and codes[0].replace("-", "").upper() not in kept
    assert db.session.scalars(sa.select(Message.purpose)).all() == ["account"], "the person is told"
    phone, mine = browse(), "/staff/queue?view=mine"
    assert phone.enter(clerk, next=mine).location == "/login/second-step?next=/staff/queue?view%3Dmine"
    assert phone.code(app_of(key)).status_code == 422, "the code that set it up is used"
    assert phone.code("12 34 56").status_code == 422 and not phone.is_in()
    following = app_of(key, 1)
    assert phone.code(f"{following[:3]} {following[3:]}", next=mine).location == mine
    assert phone.is_in()
    other = browse()
    other.enter(clerk)
    assert other.code(following).status_code == 422, "no code works twice"
    assert other.code(codes[3].upper(), next="//evil.example").location == "/staff/"
    again = browse()
    again.enter(clerk)
    assert again.code(codes[3]).status_code == 422
    assert factors.codes_left(clerk) == 9
    assert verbs(clerk).count("sign_in") == 3 and "recovery_code_used" in verbs(clerk)


def test_wrong_codes_wait_and_a_right_password_does_not_help(clerk: Staff, browse: Callable[[], Browser]) -> None:
    desk = browse()
    desk.enter(clerk)
    key, _codes = set_up(desk)
    guesser = browse()
    for _ in range(5):
        guesser.enter(clerk)
        assert guesser.code("123456").status_code == 422
    guesser.enter(clerk)
    answer = guesser.code(app_of(key, 1))
    assert answer.status_code == 429 and "Try again in 1 minute." in answer.get_data(as_text=True)
    assert not guesser.is_in() and desk.is_in()


def test_the_second_step_ends_with_time_and_with_a_new_password(
    clerk: Staff, browse: Callable[[], Browser], clock_at: Callable[..., object]
) -> None:
    desk, late, old = browse(), browse(), browse()
    desk.enter(clerk)
    _key, codes = set_up(desk)
    assert late.code(codes[0]).location == "/login", "nobody has given a password"
    old.enter(clerk)
    new = "fyra ostar cyklar hem"
    assert desk.act("password", current=PASSWORD, new=new, again=new).status_code == 303
    assert old.code(codes[0]).location == "/login" and not old.is_in()
    late.enter(clerk, new)
    clock_at(clock.now() + timedelta(minutes=11))
    assert late.code(codes[0]).location == "/login" and not late.is_in()


def test_second_steps_are_changed_only_by_who_shows_who_it_is(
    clerk: Staff, browse: Callable[[], Browser], clock_at: Callable[..., object]
) -> None:
    desk = browse()
    desk.enter(clerk)
    set_up(desk)
    clock_at(clock.now() + timedelta(minutes=11))
    assert desk.act("app/removal").status_code == 303 and factors.has_any(clerk)
    assert "write your password first" in desk.client.get("/staff/account").get_data(as_text=True)
    assert desk.act("proof", current="another-long-password").status_code == 422
    assert desk.act("proof", current=PASSWORD).status_code == 303
    assert desk.act("app/removal").status_code == 303 and not factors.has_any(clerk)
    assert factors.codes_left(clerk) == 0 and desk.act("app/removal").status_code == 303
    assert desk.act("passkeys/987654321/removal").status_code == 404
    assert verbs(clerk)[-1] == "app_removed" and browse().enter(clerk).location == "/staff/"


def test_a_role_that_must_have_one_comes_no_further_without(
    app: Flask, clerk: Staff, browse: Callable[[], Browser], required: None
) -> None:
    desk = browse()
    desk.enter(clerk)
    answer = desk.client.get("/staff/queue")
    assert answer.location == "/staff/account#second-step"
    assert "Your role needs a second step" in desk.client.get("/staff/account").get_data(as_text=True)
    set_up(desk)
    assert desk.is_in()
    desk.act("app/removal")
    assert factors.has_any(clerk), "the last one stays"
    args = ["reset-second-step", "--email", clerk.email]
    assert app.test_cli_runner().invoke(args=args).exit_code == 0
    assert not factors.has_any(clerk) and not desk.is_in() and verbs(clerk)[-1] == "second_step_reset"
    with unit_of_work() as session:
        session.get_one(Staff, clerk.id).demo = True
    demo = browse()
    demo.enter(clerk)
    assert demo.is_in() and demo.act("app").status_code == 404


def test_a_passkey_that_nobody_made_opens_nothing(clerk: Staff, browse: Callable[[], Browser]) -> None:
    browser, empty = browse(), '{"id": "eA", "rawId": "eA", "type": "public-key", "response": {}}'
    for credential in ("", "{}", "null", "[]", "\\u0000", empty):
        assert browser.post("/login/passkey/options").mimetype == "application/json"
        assert browser.post("/login/passkey", credential=credential).location == "/login"
    assert not browser.is_in()


def test_in_a_browser_with_a_virtual_authenticator(
    app: Flask, clerk: Staff, browser_page: Page, look: Callable[[Page, str], None], live_url: str, tmp_path: Path
) -> None:
    page, here = browser_page, f"http://localhost:{urlsplit(live_url).port}"
    app.config["BASE_URL"] = here
    page.context.add_cookies([{"name": COOKIE, "value": "sv", "url": here}])
    line = page.context.new_cdp_session(page)
    line.send("WebAuthn.enable")
    able = {"hasResidentKey": True, "hasUserVerification": True, "isUserVerified": True}
    sort = {"protocol": "ctap2", "transport": "internal", "automaticPresenceSimulation": True, **able}
    line.send("WebAuthn.addVirtualAuthenticator", {"options": sort})

    def enter() -> None:
        page.get_by_label("E-post").fill(clerk.email)
        page.get_by_label("Lösenord").fill(PASSWORD)
        page.keyboard.press("Enter")

    page.goto(f"{here}/login")
    enter()
    page.wait_for_url("**/staff/queue*")
    page.goto(f"{here}/staff/account")
    page.get_by_label("Vad du kallar den").fill("Min telefon")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Dina reservkoder").wait_for()
    look(page, "recovery-codes")
    page.get_by_role("link", name="Jag har sparat dem").click()
    page.get_by_role("button", name="Lägg till en kodapp").click()
    look(page, "new-app")
    picture = tmp_path / "qr.png"
    page.locator(".qr").screenshot(path=picture)
    uri = zxingcpp.read_barcodes(Image.open(picture))[0].text
    page.get_by_label("Koden som appen visar").fill(app_of(parse_qs(urlsplit(uri).query)["secret"][0]))
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Jag har sparat dem").click()
    look(page, "second-steps-there")
    page.get_by_role("button", name="Logga ut överallt").click()
    page.wait_for_url("**/login")
    enter()
    page.get_by_role("heading", name="Ett steg till").wait_for()
    look(page, "second-step")
    page.goto(f"{here}/login?next=/staff/account")
    page.get_by_role("button", name="Logga in med nyckel").press("Enter")
    page.get_by_role("heading", name="Mitt konto").wait_for()
    db.session.rollback()
    key = db.session.scalars(sa.select(Passkey)).one()
    assert key.name == "Min telefon" and key.used_at is not None and key.sign_count >= 1
    assert verbs(clerk).count("sign_in") == 2
