"""The list of deliveries on the screen: what its rows say, what can be done in them, and where one is afterwards."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from playwright.sync_api import Page
from werkzeug.test import TestResponse

from caseflow.accounts.models import Staff
from caseflow.audit import Event
from caseflow.cases.delivery import deliveries
from caseflow.cases.models import Case
from caseflow.database import db
from caseflow.language import COOKIE
from caseflow.messages.models import IncomingMail, Message
from tests.cases.acting import WithToken, statements
from tests.cases.entering import enter
from tests.cases.replying import fresh, reply
from tests.cases.troubles import RELAYING, Troubles, troubles

__all__ = ["troubles"]
LIST = "/staff/deliveries"


class Worklist:
    """A signed-in person at the list."""

    def __init__(self, client: FlaskClient, with_token: WithToken) -> None:
        self.client, self._with_token = client, with_token
        client.set_cookie(COOKIE, "en")

    def read(self, query: str = "") -> str:
        return self.client.get(LIST + query).get_data(as_text=True)

    def row(self, what: Message, query: str = "") -> str:
        return self.read(query).split(f'id="message-{what.id}"')[1].split("</li>")[0]

    def send(self, path: str, back: str = LIST, **data: object) -> TestResponse:
        filled = self._with_token(self.client, {"back": back, **data})
        return self.client.post(f"/staff/{path}", data=filled)

    def act(self, message: Message, noun: str, back: str = LIST, **data: object) -> TestResponse:
        case = db.session.get_one(Case, message.case_id, populate_existing=True)
        return self.send(f"cases/{case.number}/messages/{message.id}/{noun}", back, version=case.version, **data)

    def handle(self, message: Message, note: str = "Jag ringde henne.") -> TestResponse:
        return self.send(f"deliveries/messages/{message.id}/handling", note=note)


@pytest.fixture
def at_list(sign_in: Callable[[Staff], FlaskClient], with_token: WithToken, clerk: Staff) -> Worklist:
    return Worklist(sign_in(clerk), with_token)


@pytest.fixture
def list_of(sign_in: Callable[[Staff], FlaskClient], with_token: WithToken) -> Callable[[Staff], Worklist]:
    return lambda staff: Worklist(sign_in(staff), with_token)


def events(message: Message, verb: str) -> list[Event]:
    query = sa.select(Event).where(Event.subject_id == message.case_id, Event.verb == verb)
    return list(db.session.scalars(query))


def test_a_row_tells_to_whom_what_happened_and_what_it_means(at_list: Worklist, troubles: Troubles) -> None:
    message = troubles.refused()
    case = troubles.in_scope(message)
    row = at_list.row(message)
    for words in (
        "The e-mail did not get through: the address does not exist.",
        "The resident has not got the reply.",
        "550 5.1.1 No such user here",
        "Rut Åkesson",
        str(case.email),
        f'href="/staff/cases/{case.number}"',
        case.subject,
        "Karin Ek",
    ):
        assert words in row, words
    page = at_list.read()
    assert "Correct the address, or tell the resident another way" in page
    assert re.search(r'aria-current="page">Deliveries <span class="count">1<', page)


def test_each_sort_speaks_for_itself(at_list: Worklist, troubles: Troubles) -> None:
    said = {
        troubles.bounced().id: "The e-mail came back: the mailbox is full.",
        troubles.returned().id: "The letter came back: the resident has moved.",
        troubles.unknown().id: "Nobody knows whether the e-mail went out.",
        troubles.tried(8).id: "tried 8 times",
        troubles.tried(5).id: "5 attempts failed, next attempt",
        troubles.untaken().id: "No worker has taken it up.",
        troubles.stuck().id: "A worker took it and never came back.",
        troubles.uncalled().id: "Nobody has made the call that was due.",
        troubles.unprinted().id: "It lies in the pile and is not printed.",
    }
    batch = troubles.changed(troubles.batch(), handover="failed", handover_error="the printer is out of paper")
    page = at_list.read()
    for key, words in said.items():
        assert words in page.split(f'id="message-{key}"')[1].split("</li>")[0], words
    row = page.split(f'id="batch-{batch.id}"')[1].split("</li>")[0]
    assert "It could not be handed over to the printer." in row and "the printer is out of paper" in row
    assert f'href="/staff/letters#batch-{batch.id}"' in row and "1 resident waits for a letter." in row


def test_an_empty_list_says_what_would_be_here(at_list: Worklist) -> None:
    page = at_list.read()
    assert "Everything is on its way or has arrived." in page
    assert "lies here until somebody has seen to it" in page
    assert "Nothing is waiting for you here." in at_list.read("?channel=sms")


def test_sending_again_leads_back_to_the_list_as_it_was(at_list: Worklist, troubles: Troubles) -> None:
    message = troubles.refused(RELAYING)
    troubles.smtp.refuse.clear()
    back = f"{LIST}?sort=again&whose=mine"
    answer = at_list.act(message, "resend", back)
    assert (answer.status_code, answer.location) == (303, back)
    deliveries.deliver(message.id)
    assert fresh(message).status == "accepted"
    assert "It is sent again." in at_list.read()
    assert at_list.act(message, "resend", back).location == back
    assert "That was done already." in at_list.read()
    assert len(events(message, "resend")) == 1


@pytest.mark.parametrize(
    "back", ["https://evil.example/staff/deliveries/../x", "//evil.example", "/staff/letters", "x"]
)
def test_nobody_is_led_to_an_address_that_is_not_the_list(at_list: Worklist, troubles: Troubles, back: str) -> None:
    message = troubles.refused(RELAYING)
    location = at_list.act(message, "resend", back).location
    assert location == f"/staff/cases/{troubles.in_scope(message).number}"


def test_a_foreign_host_in_the_way_back_is_left_out(at_list: Worklist, troubles: Troubles) -> None:
    location = at_list.act(troubles.refused(RELAYING), "resend", f"https://evil.example{LIST}?sort=again&x=y").location
    assert location == f"{LIST}?sort=again"


def test_what_will_fail_again_is_sent_only_after_a_warning(at_list: Worklist, troubles: Troubles) -> None:
    warned = "will most likely fail again"
    assert warned in at_list.row(troubles.refused())
    assert warned in at_list.row(troubles.returned())
    assert warned not in at_list.row(troubles.refused(RELAYING))
    assert warned not in at_list.row(troubles.tried(8))
    assert warned not in at_list.row(troubles.bounced())


def test_a_letter_that_came_back_is_printed_anew_when_it_is_sent_again(at_list: Worklist, troubles: Troubles) -> None:
    message = troubles.returned()
    at_list.act(message, "resend")
    deliveries.deliver(message.id)
    again = fresh(message)
    assert (again.status, again.batch_id) == ("accepted", None)


def test_a_mail_that_waits_for_its_next_try_is_tried_now(at_list: Worklist, troubles: Troubles) -> None:
    message = troubles.tried(5)
    assert "Try now" in at_list.row(message)
    troubles.smtp.refuse.clear()
    for _click in range(2):
        at_list.act(message, "resend")
    deliveries.deliver(message.id)
    assert fresh(message).status == "accepted"
    assert len(events(message, "resend")) == 1


def test_another_way_offers_what_is_reachable_with_its_address(at_list: Worklist, troubles: Troubles) -> None:
    message = troubles.refused()
    row = at_list.row(message)
    assert "Letter: Rut Åkesson, Skolgatan 4, 612 32 Finspång" in row
    assert "Phone: 070-174 06 05" in row
    assert '<option value="email"' not in row.replace("selected ", "")
    answer = at_list.act(message, "redirection", channel="letter", reason="Adressen finns inte.")
    assert answer.location == LIST
    sent = db.session.scalars(sa.select(Message).where(Message.case_id == message.case_id).order_by(Message.id)).all()
    assert [(one.channel, one.status) for one in sent if one.entry_id] == [("email", "cancelled"), ("letter", "queued")]


def test_a_corrected_address_is_offered_first(at_list: Worklist, troubles: Troubles) -> None:
    message = troubles.refused()
    case = troubles.in_scope(message)
    contact = {"name": "Rut", "email": "ny@example.org", "phone": case.phone, "version": case.version}
    at_list.send(f"cases/{case.number}/contact", "", **contact)
    assert '<option selected value="email">E-mail: ny@example.org</option>' in at_list.row(message)


def test_another_way_without_a_reason_keeps_what_was_chosen(at_list: Worklist, troubles: Troubles) -> None:
    message = troubles.refused()
    answer = at_list.act(message, "redirection", f"{LIST}?channel=email", channel="phone", reason="")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "Say why it goes another way." in page and '<option selected value="phone">' in page
    assert '<option value="email" selected>e-mail</option>' in page
    assert fresh(message).status == "failed"


@pytest.mark.parametrize(("arrived", "status"), [("yes", "accepted"), ("no", "queued")])
def test_an_unknown_one_is_settled_in_its_row(at_list: Worklist, troubles: Troubles, arrived: str, status: str) -> None:
    message = troubles.unknown()
    assert at_list.act(message, "settlement", arrived=arrived).location == LIST
    assert fresh(message).status == status
    assert f'id="message-{message.id}"' not in at_list.read()


def test_what_is_dealt_with_leaves_the_list_and_is_written_down(at_list: Worklist, troubles: Troubles) -> None:
    message = troubles.refused()
    assert at_list.handle(message, "").status_code == 422
    assert "Say what was done" in at_list.handle(message, "  ").get_data(as_text=True)
    for _click in range(2):
        assert at_list.handle(message).status_code == 303
    assert f'id="message-{message.id}"' not in at_list.read()
    (event,) = events(message, "handled")
    assert event.reason == "Jag ringde henne."
    case = at_list.client.get(f"/staff/cases/{troubles.in_scope(message).number}").get_data(as_text=True)
    assert "Karin Ek dealt with what had not arrived" in case and "Jag ringde henne." in case
    assert "Dealt with " in case and "See what you can do" not in case


def test_a_colleague_was_there_before(
    at_list: Worklist, troubles: Troubles, hire: Callable[..., Staff], list_of: Callable[[Staff], Worklist]
) -> None:
    colleague = list_of(hire("Ali Hassan", "caseworker", "sb"))
    message = troubles.refused()
    colleague.handle(message)
    assert at_list.handle(message).location == LIST
    assert "the message has moved on" in at_list.read()
    assert len(events(message, "handled")) == 1
    other = troubles.unknown()
    version = troubles.in_scope(other).version
    colleague.act(other, "settlement", arrived="yes")
    path = f"cases/{troubles.in_scope(other).number}/messages/{other.id}/settlement"
    assert at_list.send(path, version=version, arrived="no").location == LIST
    assert "has moved on. See how it stands now." in at_list.read()
    assert fresh(other).status == "accepted"


def test_an_outsider_sees_nothing_and_can_do_nothing(
    troubles: Troubles, outsider: Staff, list_of: Callable[[Staff], Worklist]
) -> None:
    stranger, message = list_of(outsider), troubles.refused()
    mail = troubles.held(troubles.case())
    assert "Everything is on its way" in stranger.read()
    assert stranger.act(message, "resend").status_code == 404
    assert stranger.handle(message).status_code == 404
    assert stranger.client.get(f"{LIST}/mails/{mail.id}.eml").status_code == 404
    assert stranger.send(f"deliveries/mails/{mail.id}/removal").status_code == 404
    assert "Nothing is left" in stranger.send("deliveries/resends", f"{LIST}?sort=elsewhere").get_data(as_text=True)
    assert (fresh(message).status, fresh(message).handled_at) == ("failed", None)


def test_a_manager_reads_and_does_nothing(
    troubles: Troubles, manager: Staff, list_of: Callable[[Staff], Worklist]
) -> None:
    message = troubles.refused()
    reader = list_of(manager)
    assert "the address does not exist" in reader.row(message)
    assert "Send again" not in reader.read() and "dealt with" not in reader.row(message)
    assert reader.handle(message).status_code == 403
    assert reader.send("deliveries/resends").status_code == 403


def test_a_whole_group_is_sent_again_each_for_itself(at_list: Worklist, troubles: Troubles) -> None:
    relaying = [troubles.refused(RELAYING) for _time in range(3)]
    refused = troubles.refused()
    assert "Send all again" in at_list.read()
    troubles.smtp.refuse.clear()
    with db.engine.connect() as worker:
        worker.execute(sa.select(Message.id).where(Message.id == relaying[1].id).with_for_update())
        page = at_list.send("deliveries/resends", f"{LIST}?sort=again").get_data(as_text=True)
    assert "2 messages are sent again" in page
    assert page.count("on its way") == 2 and page.count("had moved on") == 2  # in the sentence and at the one
    assert [fresh(message).status for message in relaying] == ["queued", "failed", "queued"]
    assert [len(events(message, "resend")) for message in relaying] == [1, 0, 1]
    assert fresh(refused).status == "failed"
    at_list.send("deliveries/resends", f"{LIST}?sort=again")
    page = at_list.send("deliveries/resends", f"{LIST}?sort=again").get_data(as_text=True)
    assert "Nothing is left to send again" in page
    assert [len(events(message, "resend")) for message in relaying] == [1, 1, 1]


def test_a_held_mail_can_be_read_and_put_aside(at_list: Worklist, troubles: Troubles) -> None:
    mail = troubles.held(troubles.case(), subject="<b>Lampan</b>")
    page = at_list.read()
    assert "&lt;b&gt;Lampan" in page and "A program may have sent it." in page
    raw = at_list.client.get(f"{LIST}/mails/{mail.id}.eml")
    assert raw.data.startswith(b"From: rut@example.org")
    assert raw.headers["Content-Disposition"].startswith("attachment")
    for _click in range(2):
        assert at_list.send(f"deliveries/mails/{mail.id}/removal").location == LIST
    assert db.session.get_one(IncomingMail, mail.id, populate_existing=True).outcome == "ignored"
    assert "Everything is on its way" in at_list.read()
    assert at_list.client.get(f"{LIST}/mails/999999999999999999999.eml").status_code == 404


def test_a_page_of_fifty_costs_as_much_as_a_page_of_one(at_list: Worklist, troubles: Troubles) -> None:
    def price() -> int:
        with statements() as seen:
            at_list.read()
        return len(seen)

    troubles.refused()
    at_list.read()
    one = price()
    for _time in range(5):
        troubles.unknown()
        troubles.tried(5)
    assert price() == one


def test_the_queue_marks_a_case_of_which_something_did_not_arrive(at_list: Worklist, troubles: Troubles) -> None:
    bad, good = troubles.refused(), reply(troubles.case(), troubles.staff, "phone")
    page = at_list.client.get("/staff/queue").get_data(as_text=True)
    rows = {row.split('"')[0]: row for row in page.split('data-number="')[1:]}
    assert "Not delivered" in rows[troubles.in_scope(bad).number]
    assert troubles.in_scope(good).number not in rows or "Not delivered" not in rows[troubles.in_scope(good).number]
    at_list.handle(bad)
    page = at_list.client.get("/staff/queue").get_data(as_text=True)
    assert not any("Not delivered" in row.split('role="row"')[0] for row in page.split('data-number="')[1:])


def test_the_list_looks_well_and_works_from_the_keyboard(
    at_list: Worklist,
    troubles: Troubles,
    browser_page: Page,
    look: Callable[[Page, str], None],
) -> None:
    names = iter(("Anders Lindqvist", "Maj-Britt Öberg", "Fatima Al-Sayed", "Rut Åkesson", "Jörgen Väisänen"))
    troubles.about(troubles.unknown(name=next(names)), "Vattenläcka på Östermalmsvägen vid busshållplatsen.")
    refused = troubles.about(troubles.refused(name=next(names)), "När öppnar badhuset efter renoveringen?")
    troubles.bounced(name=next(names))
    troubles.returned(name=next(names))
    for _time in range(2):
        troubles.refused(RELAYING)
    troubles.about(troubles.tried(8, name=next(names)), "Snöröjningen på Bruksgatan glömdes igen, för tredje gången.")
    troubles.tried(5)
    troubles.stuck()
    troubles.uncalled()
    troubles.changed(troubles.batch(), handover="failed", handover_error="the printer is out of paper")
    troubles.held(troubles.case())
    at_list.read()
    enter(browser_page, at_list.client, LIST)
    row = browser_page.locator(f"#message-{refused.id}")
    row.locator("summary").nth(1).focus()
    browser_page.keyboard.press("Enter")
    look(browser_page, "deliveries-another-way")
    browser_page.keyboard.press("Tab")
    browser_page.keyboard.press("Tab")
    browser_page.keyboard.type("Adressen finns inte.")
    with browser_page.expect_navigation():
        browser_page.keyboard.press("Enter")
    assert browser_page.url.endswith(LIST)
    assert not browser_page.locator(f"#message-{refused.id}").count()
    browser_page.get_by_text("Send all again").or_(browser_page.get_by_text("Skicka alla igen")).first.click()
    with browser_page.expect_navigation():
        browser_page.locator(".deliveries-group .bar form .button").first.click()
    look(browser_page, "deliveries-sent-again")
    browser_page.goto("/staff/queue")
    look(browser_page, "queue-not-delivered")
