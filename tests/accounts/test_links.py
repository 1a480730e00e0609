"""Invitation and recovery: a link that works once, for a while, and tells nobody who has an account."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from flask_security import verify_password
from playwright.sync_api import Page
from werkzeug.test import TestResponse

from caseflow import clock
from caseflow.accounts import invitations, links, passwords
from caseflow.accounts.links import AccountLink
from caseflow.accounts.models import Staff
from caseflow.audit import SYSTEM, Event
from caseflow.database import db, unit_of_work
from caseflow.language import COOKIE
from caseflow.messages.models import Message
from tests.cases.acting import statements
from tests.cast import PASSWORD
from tests.mailbox import Mailbox

WithToken = Callable[..., dict[str, object]]
NEW = "fyra ostar cyklar hem"


def verbs(staff: Staff) -> list[str]:
    told = sa.select(Event.verb).where(Event.subject == "staff", Event.subject_id == staff.id).order_by(Event.id)
    return list(db.session.scalars(told))


class Stranger:
    """A browser in which nobody is signed in."""

    def __init__(self, app: Flask, with_token: WithToken) -> None:
        self.client, self.with_token = app.test_client(), with_token
        self.client.set_cookie(COOKIE, "en")

    def forgets(self, email: str) -> TestResponse:
        sent = self.with_token(self.client, {"email": email}, "/forgot-password")
        answer = self.client.post("/forgot-password", data=sent)
        answer.close()
        return answer

    def chooses(self, path: str, new: str = NEW, again: str | None = None) -> TestResponse:
        sent = self.with_token(self.client, {"new": new, "again": new if again is None else again}, "/forgot-password")
        return self.client.post(path, data=sent)


@pytest.fixture
def stranger(app: Flask, with_token: WithToken) -> Stranger:
    return Stranger(app, with_token)


def sent(smtp: Mailbox) -> str:
    """The path of the link in the last mail."""
    part = smtp.mails[-1].get_body(("plain",))
    assert part is not None
    found = re.search(r"https?://[^/\s]+(/\S+/[\w-]{43})\s", part.get_content())
    assert found, part.get_content()
    return found[1]


def invite(staff: Staff) -> None:
    with unit_of_work():
        invitations.invite(staff, by=SYSTEM, now=clock.now())


def test_an_invitation_is_answered_once_and_ends_what_was_before(
    app: Flask,
    clerk: Staff,
    sign_in: Callable[[Staff], FlaskClient],
    stranger: Stranger,
    smtp: Mailbox,
    deliver_all: Callable[[], None],
) -> None:
    before = sign_in(clerk)
    invite(clerk)
    deliver_all()
    first = sent(smtp)
    invite(clerk)
    deliver_all()
    path = sent(smtp)
    assert stranger.client.get(first).status_code == 410, "a newer one takes its place"
    page = stranger.client.get(path)
    assert page.status_code == 200 and "Welcome, Karin Ek" in page.get_data(as_text=True)
    assert page.headers["Referrer-Policy"] == "same-origin" and page.headers["Cache-Control"] == "no-store"
    assert stranger.chooses(path, "kort").status_code == 422
    assert stranger.chooses(path, again="något annat helt").status_code == 422
    assert before.get("/staff/queue").status_code == 200, "looking and erring uses nothing up"
    assert stranger.chooses(path).location == "/login"
    assert (stranger.chooses(path).status_code, stranger.client.get(path).status_code) == (410, 410)
    assert before.get("/staff/queue").status_code == 302
    now = db.session.get_one(Staff, clerk.id, populate_existing=True)
    assert verify_password(passwords.normalised(NEW), now.password)
    assert verbs(clerk) == ["invited", "invited", "invitation_accepted"]
    assert invitations.pending(clerk, clock.now()) is None
    token = path.rpartition("/")[2]
    kept = [*db.session.scalars(sa.text("SELECT l::text FROM account_link l UNION ALL SELECT m::text FROM message m"))]
    assert len(kept) >= 4 and not any(token in row for row in kept), "a copy of the database opens nothing"


def test_the_same_answer_as_fast_for_every_address(
    hire: Callable[..., Staff], clerk: Staff, stranger: Stranger, smtp: Mailbox, deliver_all: Callable[[], None]
) -> None:
    demo, gone = hire("Demo Lind", "caseworker"), hire("Gone Away", "caseworker")
    with unit_of_work() as session:
        session.get_one(Staff, demo.id).demo, session.get_one(Staff, gone.id).active = True, False
    stranger.forgets("somebody.else@example.org")
    pages, costs = set(), set()
    for email in (clerk.email.upper(), "nobody@example.org", demo.email, gone.email):
        sent_data = stranger.with_token(stranger.client, {"email": email}, "/forgot-password")
        with statements() as said:
            answer = stranger.client.post("/forgot-password", data=sent_data, buffered=False)
            text = next(iter(answer.response)) if not answer.is_sequence else answer.get_data()
            costs.add(len(said))
        assert answer.status_code == 200
        answer.close()
        pages.add(re.sub(r'value="[^"]*"', "", bytes(text).decode()).replace(email, "EMAIL"))
    assert len(pages) == 1 and len(costs) == 1, (costs, said)
    assert db.session.scalars(sa.select(AccountLink.staff_id)).all() == [clerk.id]
    deliver_all()
    assert [mail["To"].addresses[0].addr_spec for mail in smtp.mails] == [clerk.email]
    assert verbs(clerk) == ["recovery_sent"] and not verbs(demo)


def test_a_link_ends_by_time_and_with_the_account(
    clerk: Staff,
    stranger: Stranger,
    smtp: Mailbox,
    deliver_all: Callable[[], None],
    clock_at: Callable[[datetime], object],
) -> None:
    began = clock.now()
    ways = (
        (lambda: stranger.forgets(clerk.email), timedelta(hours=1), links.PATHS["invitation"]),
        (lambda: invite(clerk), timedelta(days=7), links.PATHS["recovery"]),
    )
    for ask, good_for, elsewhere in ways:
        asked = clock.now()
        ask()
        deliver_all()
        path = sent(smtp)
        other = elsewhere + path.rpartition("/")[2]
        assert [stranger.client.get(one).status_code for one in (path, other, path + "x")] == [200, 410, 410]
        clock_at(asked + good_for - timedelta(seconds=30))
        assert stranger.client.get(path).status_code == 200
        clock_at(asked + good_for + timedelta(seconds=30))
        assert (stranger.client.get(path).status_code, stranger.chooses(path).status_code) == (410, 410)
    clock_at(began + timedelta(days=20))
    invite(clerk)
    deliver_all()
    with unit_of_work() as session:
        session.get_one(Staff, clerk.id).active = False
    assert stranger.client.get(sent(smtp)).status_code == 410
    with pytest.raises(invitations.NotInvited):
        invite(db.session.get_one(Staff, clerk.id, populate_existing=True))


def test_asking_again_and_again_waits(clerk: Staff, outsider: Staff, stranger: Stranger) -> None:
    for email in (clerk.email, "nobody@example.org"):
        answers = [stranger.forgets(email) for _ in range(5)]
        assert [answer.status_code for answer in answers] == [200] * 4 + [429]
        assert "Try again in 1 minute." in answers[-1].get_data(as_text=True)
    assert stranger.forgets(outsider.email).status_code == 200
    waiting = sa.select(sa.func.count()).where(Message.staff_id == clerk.id, Message.status == "queued")
    assert db.session.scalar(waiting) == 1, "older mails whose links have ended are not sent"
    assert [stranger.forgets(email).status_code for email in ("", "karin", "k\0@x", "å" * 400)] == [422] * 4


def test_who_changes_the_password_ends_the_links_and_is_told(
    clerk: Staff, sign_in: Callable[[Staff], FlaskClient], with_token: WithToken, stranger: Stranger
) -> None:
    stranger.forgets(clerk.email)
    client = sign_in(clerk)
    data = with_token(client, {"current": PASSWORD, "new": NEW, "again": NEW}, "/staff/account")
    assert client.post("/staff/account/password", data=data).status_code == 303
    assert db.session.scalars(sa.select(AccountLink.ended_at)).one() is not None
    told = db.session.execute(sa.select(Message.status, Message.subject).order_by(Message.id)).all()
    assert [row.status for row in told] == ["cancelled", "queued"] and "lösenord" in told[1].subject.lower()


def test_an_account_is_made_by_invitation(app: Flask, deliver_all: Callable[[], None], smtp: Mailbox) -> None:
    args = ["create-staff", "--email", "siv@example.org", "--name", "Siv Ny", "--role", "administrator", "--invite"]
    answer = app.test_cli_runner().invoke(args=args)
    assert answer.output == "Siv Ny (administrator) is invited.\n"
    deliver_all()
    assert sent(smtp).startswith(links.PATHS["invitation"])


def test_in_a_browser(
    clerk: Staff,
    browser_page: Page,
    look: Callable[[Page, str], None],
    live_url: str,
    smtp: Mailbox,
    deliver_all: Callable[[], None],
) -> None:
    page = browser_page
    page.context.add_cookies([{"name": COOKIE, "value": "sv", "url": live_url}])
    page.goto("/login")
    look(page, "login")
    page.get_by_role("link", name="Glömt lösenordet?").click()
    look(page, "forgotten")
    page.get_by_label("E-post").fill(clerk.email)
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Titta i din e-post").wait_for()
    look(page, "forgotten-asked")
    deliver_all()
    path = sent(smtp)
    page.goto(path)
    look(page, "choose")
    page.get_by_label("Nytt lösenord", exact=False).first.fill(NEW)
    page.keyboard.press("Tab")
    page.keyboard.type(NEW)
    page.keyboard.press("Enter")
    page.get_by_text("Ditt lösenord är valt.").wait_for()
    page.goto(path)
    look(page, "link-over")
    page.goto("/login")
    page.get_by_label("E-post").fill(clerk.email)
    page.get_by_label("Lösenord").fill(NEW)
    page.keyboard.press("Enter")
    page.wait_for_url("**/staff/queue*")
