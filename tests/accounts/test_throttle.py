"""Guessing passwords: it gets slower and slower, for accounts that there are and for those there are not."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from caseflow import clock
from caseflow.accounts import throttle
from caseflow.accounts.models import SignInFailure, Staff, StaffSession
from caseflow.audit import Event
from caseflow.database import db
from caseflow.language import COOKIE
from tests.cast import PASSWORD

WRONG = "another-long-password"
OFFICE, HOME, STRANGER = "192.0.2.10", "198.51.100.7", "203.0.113.66"
Guess = Callable[..., TestResponse]


@pytest.fixture
def guess(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Guess:
    """Each guess from a browser of its own: guess("anna@example.org", "password", place=…). Its token is not fetched
    each time: house rules prove for every address that one is wanted."""
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", False)

    def send(email: str, password: str = WRONG, place: str = OFFICE) -> TestResponse:
        browser = app.test_client()
        browser.set_cookie(COOKIE, "en")
        data = {"email": email, "password": password}
        return browser.post("/login", data=data, environ_base={"REMOTE_ADDR": place})

    return send


@pytest.fixture
def later() -> Iterator[Callable[[timedelta], None]]:
    """Let time pass."""
    with time_machine.travel(clock.now(), tick=False) as traveller:
        yield traveller.shift


def waits(answer: TestResponse) -> int:
    """Minutes that the page says; 0 when the password was looked at."""
    said = re.search(r"Try again in (\d+) minute", answer.get_data(as_text=True))
    assert (answer.status_code == 429) == bool(said), answer.status_code
    assert not said or answer.headers["Retry-After"] == str(int(said[1]) * 60)
    return int(said[1]) if said else 0


def events() -> list[tuple[str, int]]:
    read = sa.select(Event.verb, Event.subject_id).where(Event.subject == "staff").order_by(Event.id)
    return [(verb, whose) for verb, whose in db.session.execute(read)]


def test_after_five_failures_even_the_right_password_waits_a_minute(
    clerk: Staff, guess: Guess, later: Callable[[timedelta], None]
) -> None:
    assert [waits(guess(clerk.email)) for _ in range(5)] == [0] * 5
    assert waits(guess(clerk.email, PASSWORD)) == 1
    later(timedelta(seconds=59))
    assert waits(guess(clerk.email, PASSWORD)) == 1
    later(timedelta(seconds=2))
    assert guess(clerk.email, PASSWORD).location == "/staff/"


def test_each_wait_is_longer_until_a_quarter_of_an_hour(
    clerk: Staff, guess: Guess, later: Callable[[timedelta], None]
) -> None:
    seen = []
    for _ in range(4):
        guess(clerk.email)
    for _ in range(5):
        assert waits(guess(clerk.email)) == 0
        seen.append(waits(guess(clerk.email)))
        later(timedelta(minutes=seen[-1], seconds=1))
    assert seen == [1, 2, 5, 15, 15]


def test_failures_far_apart_do_not_add_up(clerk: Staff, guess: Guess, later: Callable[[timedelta], None]) -> None:
    for _ in range(12):
        assert waits(guess(clerk.email)) == 0
        later(throttle.WINDOW + timedelta(seconds=1))


def test_nobody_learns_from_the_waiting_whether_there_is_an_account(clerk: Staff, guess: Guess) -> None:
    def pages(email: str) -> list[str]:
        answers = [guess(email) for _ in range(7)]
        return [re.sub(r'value="[^"]*"', "", answer.get_data(as_text=True)) for answer in answers]

    assert pages(clerk.email) == pages("nobody@example.org")


@pytest.mark.parametrize("email", ["KARIN.EK@example.org", " karin.ek@example.org ", "karin.ek@ＥＸＡＭＰＬＥ.org"])
def test_the_same_account_in_other_letters_has_the_same_counter(clerk: Staff, guess: Guess, email: str) -> None:
    for _ in range(5):
        guess(clerk.email)
    assert waits(guess(email, PASSWORD)) == 1


def test_right_passwords_are_never_counted_and_clear_what_was(clerk: Staff, guess: Guess) -> None:
    for _ in range(3):
        assert [waits(guess(clerk.email)) for _ in range(4)] == [0] * 4
        assert guess(clerk.email, PASSWORD).location == "/staff/"
        assert db.session.scalar(sa.select(sa.func.count()).select_from(SignInFailure)) == 0
    assert {guess(clerk.email, PASSWORD).location for _ in range(8)} == {"/staff/"}


def test_a_stranger_makes_nobody_wait_at_a_known_place(clerk: Staff, guess: Guess) -> None:
    assert guess(clerk.email, PASSWORD, OFFICE).location == "/staff/"
    for _ in range(5):
        guess(clerk.email, place=STRANGER)
    assert waits(guess(clerk.email, place=STRANGER)) == 1
    assert guess(clerk.email, PASSWORD, OFFICE).location == "/staff/"
    assert waits(guess(clerk.email, PASSWORD, HOME)) == 1, "at a new place the owner waits, for a bounded time"
    assert waits(guess(clerk.email, place=STRANGER)) == 1, "the owner's success is not the stranger's"


def test_guessing_at_a_known_place_waits_too(clerk: Staff, guess: Guess) -> None:
    guess(clerk.email, PASSWORD, OFFICE)
    for _ in range(5):
        guess(clerk.email, place=OFFICE)
    assert waits(guess(clerk.email, PASSWORD, OFFICE)) == 1


def test_one_password_on_many_accounts_makes_the_place_wait(clerk: Staff, guess: Guess) -> None:
    for number in range(20):
        assert waits(guess(f"person{number}@example.org", place="2001:db8:1:2::a")) == 0
    assert waits(guess(clerk.email, PASSWORD, "2001:db8:1:2:ffff::b")) == 1
    assert guess(clerk.email, PASSWORD, OFFICE).location == "/staff/"
    assert waits(guess(clerk.email, PASSWORD, "2001:db8:1:3::a")) == 0


def crowd(app: Flask, send: Guess, emails: list[str], password: str) -> Counter[int]:
    """The statuses of these sign-ins, eight at a time, each on a thread and a database connection of its own."""

    def one(email: str) -> int:
        with app.app_context():
            return send(email, password).status_code

    with ThreadPoolExecutor(8) as pool:
        return Counter(pool.map(one, emails))


def test_two_dozen_guesses_at_once_are_no_more_than_five(app: Flask, clerk: Staff, guess: Guess) -> None:
    assert crowd(app, guess, [clerk.email] * 24, WRONG) == {200: 5, 429: 19}
    assert Counter(verb for verb, _whose in events()) == {"sign_in_failed": 5, "locked": 1}


def test_any_number_of_right_passwords_at_once_are_right(
    app: Flask, hire: Callable[..., Staff], clerk: Staff, guess: Guess
) -> None:
    others = [hire(f"Person Nr{number}", "caseworker", "sb").email for number in range(4)]
    assert crowd(app, guess, [clerk.email, clerk.email, clerk.email, *others] * 3, PASSWORD) == {302: 21}


def test_the_audit_tells_what_happened_and_no_typed_address_is_kept(clerk: Staff, guess: Guess) -> None:
    typed = "my-secret-in-the-wrong-field@example.org"
    guess(typed)
    for _ in range(6):
        guess(clerk.email, place=STRANGER)
    guess(clerk.email, PASSWORD, HOME)
    guess("olle@example.org", "x" * 4000)
    assert events() == [
        ("sign_in_failed", 0),
        *[("sign_in_failed", clerk.id)] * 5,
        ("locked", clerk.id),
        ("sign_in_failed", 0),
    ]
    for model in (Event, SignInFailure, StaffSession):
        rows = db.session.execute(sa.select(sa.func.json_agg(sa.text(f"{model.__tablename__}"))).select_from(model))
        kept = json.dumps(rows.scalar())
        assert not any(secret in kept for secret in (typed, clerk.email, STRANGER, HOME, OFFICE, "xxxx"))


def test_who_signs_in_is_in_the_audit(clerk: Staff, guess: Guess) -> None:
    guess(clerk.email, PASSWORD)
    read = sa.select(Event.verb, Event.actor, Event.staff_id).where(Event.subject == "staff")
    assert list(db.session.execute(read)) == [("sign_in", "staff", clerk.id)]


def test_what_no_longer_counts_is_forgotten(clerk: Staff, guess: Guess, later: Callable[[timedelta], None]) -> None:
    for number in range(5):
        guess(f"person{number}@example.org")
    later(throttle.WINDOW + throttle.DELAYS[-1] + timedelta(minutes=1))
    guess(clerk.email)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(SignInFailure)) == 2


def test_who_waits_leaves_nothing_behind(guess: Guess) -> None:
    told = [waits(guess(f"person{number}@example.org", place=STRANGER)) for number in range(25)]
    assert told == [0] * 20 + [1] * 5
    assert db.session.scalar(sa.select(sa.func.count()).select_from(SignInFailure)) == 21


def test_the_page_in_words_keeps_the_address(clerk: Staff, guess: Guess) -> None:
    for _ in range(5):
        guess(clerk.email)
    page = guess(clerk.email).get_data(as_text=True)
    assert "Too many attempts have failed. Try again in 1 minute." in page and f'value="{clerk.email}"' in page


MANGLED = ["karin\x00ek@example.org", "\ud800@example.org", "@" * 300, "%_@example.org", 7, [], {}]


@pytest.mark.parametrize("email", MANGLED)
def test_a_mangled_address_is_no_error(
    client: FlaskClient, with_token: Callable[..., dict[str, object]], email: object
) -> None:
    token = str(with_token(client, {})["csrf_token"])
    sent = {"email": email, "password": WRONG}
    answer = client.post("/login", json=sent, headers={"X-CSRFToken": token, "Accept": "text/html"})
    assert answer.status_code in (200, 400), answer.get_data(as_text=True)
    if isinstance(email, str) and "\ud800" not in email:
        assert client.post("/login", data={**sent, "csrf_token": token}).status_code == 200


@pytest.mark.parametrize("password", ["\x00" * 20, "\ud800", 7, ["x"]])
def test_a_mangled_password_is_no_error(
    clerk: Staff, client: FlaskClient, with_token: Callable[..., dict[str, object]], password: object
) -> None:
    token = str(with_token(client, {})["csrf_token"])
    answer = client.post("/login", json={"email": clerk.email, "password": password}, headers={"X-CSRFToken": token})
    assert answer.status_code in (200, 400), answer.get_data(as_text=True)
