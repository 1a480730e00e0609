"""Signing in and out: one answer to everybody who may not, whatever the reason."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from urllib.parse import urljoin, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from caseflow.accounts.models import Staff
from caseflow.database import unit_of_work
from caseflow.language import COOKIE
from tests.cast import PASSWORD

WithToken = Callable[..., dict[str, object]]
SignIn = Callable[..., TestResponse]
REFUSAL = "The e-mail address or the password is wrong."


@pytest.fixture
def enter(client: FlaskClient, with_token: WithToken) -> SignIn:
    """Send the form as the page gives it: enter("anna@example.org", "password", client=…, next=…)."""

    def send(email: str, password: str = PASSWORD, **data: object) -> TestResponse:
        client.set_cookie(COOKIE, "en")
        page = f"/login?next={data['next']}" if "next" in data else "/login"
        return client.post("/login", data=with_token(client, {"email": email, "password": password, **data}, page))

    return send


@pytest.fixture
def production(app: Flask) -> Iterator[None]:
    app.config["DEMO"] = False
    yield
    app.config["DEMO"] = True


def alike(answer: TestResponse) -> str:
    """The page without what is this visit's own."""
    text = re.sub(r'value="[^"]*"', "", answer.get_data(as_text=True))
    return re.sub(
        r'<section class="panel sheet" aria-labelledby="demo-logins">.*?</section>', "", text, flags=re.DOTALL
    )


def change(staff: Staff, **values: object) -> None:
    with unit_of_work() as session:
        for name, value in values.items():
            setattr(session.get_one(Staff, staff.id), name, value)


def test_the_right_password_leads_to_the_cases(clerk: Staff, client: FlaskClient, enter: SignIn) -> None:
    answer = enter(clerk.email)
    assert answer.status_code == 302 and answer.location == "/staff/"
    page = client.get("/staff/queue")
    assert page.status_code == 200 and clerk.name in page.get_data(as_text=True)


@pytest.mark.parametrize("email", ["Karin.Ek@Example.org", "  karin.ek@example.org ", "KARIN.EK@EXAMPLE.ORG"])
def test_capitals_and_spaces_in_the_address_do_not_matter(clerk: Staff, enter: SignIn, email: str) -> None:
    assert enter(email).location == "/staff/"


def test_nobody_learns_why_somebody_may_not_enter(
    clerk: Staff, hire: Callable[..., Staff], enter: SignIn, production: None
) -> None:
    gone, demo = hire("Gone Away", "caseworker", "sb"), hire("Demo Lind", "caseworker", "sb")
    change(gone, active=False)
    change(demo, demo=True)
    refused = {
        "wrong password": enter(clerk.email, "another-long-password"),
        "unknown address": enter("nobody@example.org"),
        "account closed": enter(gone.email),
        "demo account outside demo mode": enter(demo.email),
        "both wrong": enter("nobody@example.org", "another-long-password"),
    }
    pages = {name: alike(answer) for name, answer in refused.items()}
    assert {answer.status_code for answer in refused.values()} == {200}
    assert len(set(pages.values())) == 1
    assert REFUSAL in pages["wrong password"]


def test_what_was_typed_is_kept_except_the_password(clerk: Staff, enter: SignIn) -> None:
    page = enter(clerk.email, "another-long-password").get_data(as_text=True)
    assert f'value="{clerk.email}"' in page and "another-long-password" not in page


def test_missing_and_mangled_values_are_told_in_words(enter: SignIn) -> None:
    assert "Write your e-mail address." in enter("", PASSWORD).get_data(as_text=True)
    assert "Write your password." in enter("karin.ek@example.org", "").get_data(as_text=True)
    for email in ("karin", "karin@@example.org", "x" * 400):
        page = enter(email)
        assert page.status_code == 200 and "Internal" not in page.get_data(as_text=True)


def test_a_demo_account_enters_in_demo_mode_and_is_shown_out_when_that_ends(
    app: Flask, clerk: Staff, client: FlaskClient, enter: SignIn
) -> None:
    change(clerk, demo=True)
    assert enter(clerk.email).location == "/staff/"
    assert client.get("/staff/queue").status_code == 200
    app.config["DEMO"] = False
    try:
        answer = client.get("/staff/queue")
        assert answer.status_code == 302 and "/login" in answer.location
        assert "Demo" not in client.get("/login").get_data(as_text=True)
    finally:
        app.config["DEMO"] = True


def test_the_demo_logins_are_shown_in_demo_mode(client: FlaskClient) -> None:
    client.set_cookie(COOKIE, "en")
    assert "anna.lind@example.org" in client.get("/login").get_data(as_text=True)


def test_who_was_sent_to_the_sign_in_comes_back_to_the_page(clerk: Staff, client: FlaskClient, enter: SignIn) -> None:
    asked = client.get("/staff/queue?view=mine")
    assert asked.status_code == 302 and asked.location.startswith("/login?next=")
    assert enter(clerk.email, next="/staff/queue?view=mine").location == "/staff/queue?view=mine"


@pytest.mark.parametrize("foreign", ["https://evil.example", "//evil.example/staff", "/\\evil.example", "javascript:1"])
def test_nobody_is_led_to_another_site(clerk: Staff, enter: SignIn, foreign: str) -> None:
    answer = enter(clerk.email, next=foreign)
    assert answer.status_code in (200, 302)
    where = urlsplit(urljoin("http://localhost/login", answer.location or ""))
    assert (where.scheme, where.netloc) == ("http", "localhost")


def test_a_session_goes_on_over_requests_and_ends_with_the_account(
    clerk: Staff, client: FlaskClient, enter: SignIn
) -> None:
    enter(clerk.email)
    assert [client.get("/staff/queue").status_code for _ in range(3)] == [200, 200, 200]
    change(clerk, active=False)
    assert client.get("/staff/queue").status_code == 302
    change(clerk, active=True, fs_uniquifier="another")
    assert client.get("/staff/queue").status_code == 302


def test_the_cookie_is_for_this_site_and_not_for_scripts(clerk: Staff, enter: SignIn) -> None:
    cookies = enter(clerk.email).headers.getlist("Set-Cookie")
    (session,) = [cookie for cookie in cookies if cookie.startswith("caseflow=")]
    assert "HttpOnly" in session and "SameSite=Lax" in session and "Expires" not in session
    assert not any("remember_token=" in cookie for cookie in cookies)


def test_signing_out_is_a_post_with_a_token(
    clerk: Staff, client: FlaskClient, enter: SignIn, with_token: WithToken
) -> None:
    enter(clerk.email)
    assert client.get("/logout").status_code == 405
    assert client.post("/logout").status_code == 400
    assert client.get("/staff/queue").status_code == 200
    data = with_token(client, {}, page="/staff/queue")
    answer = client.post("/logout", data=data)
    assert answer.status_code == 302 and answer.location == "/login"
    assert client.get("/staff/queue").status_code == 302


def test_a_sign_in_without_a_token_is_refused(clerk: Staff, client: FlaskClient) -> None:
    assert client.post("/login", data={"email": clerk.email, "password": PASSWORD}).status_code == 400


def test_the_library_opens_no_other_door(app: Flask) -> None:
    doors = {rule.rule for rule in app.url_map.iter_rules() if rule.endpoint.startswith("security.")}
    assert doors == {"/login", "/logout"}
