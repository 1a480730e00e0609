"""Undo after sending: nothing leaves before its time, and what is undone was never said."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from threading import Thread

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Page, expect

from caseflow import clock
from caseflow.accounts.models import Staff
from caseflow.cases import undoing
from caseflow.cases.deadlines import Calendar
from caseflow.cases.delivery import deliveries
from caseflow.cases.models import Case, Entry
from caseflow.cases.municipality import directory
from caseflow.database import db, unit_of_work
from caseflow.messages.models import Message
from caseflow.statistics import figures, rollup
from caseflow.statistics.groups import Group
from caseflow.statistics.periods import Period
from tests.cases.acting import Desk
from tests.mailbox import Mailbox

TEXT = "Lampan lagas på måndag."
HOLD = timedelta(seconds=15)
AFTER = HOLD + timedelta(seconds=1)
NOW = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=1)  # whoever is signed in is so no earlier


@pytest.fixture(autouse=True)
def hold(app: Flask) -> Iterator[None]:
    app.config["OUTBOX_HOLD"] = HOLD
    yield
    app.config["OUTBOX_HOLD"] = timedelta(0)


def said(desk: Desk, noun: str = "replies", **data: object) -> Entry:
    assert desk.act(noun, **{"text": TEXT, "channel": "email", "submission": "one", **data}).status_code == 303
    return db.session.scalars(sa.select(Entry).order_by(Entry.id.desc()).limit(1)).one()


def undo(desk: Desk, entry: Entry) -> str:
    answer = desk.act(f"entries/{entry.id}/retraction")
    assert answer.status_code == 303
    return desk.client.get(answer.location).get_data(as_text=True)


def test_nothing_leaves_before_its_time_however_often_it_is_rung_for(
    desk: Desk, smtp: Mailbox, clock_at: Callable[[datetime], object]
) -> None:
    clock_at(NOW)
    said(desk)
    (message,) = desk.messages()
    for _ring in range(50):
        deliveries.deliver(message.id)
    assert smtp.mails == []
    clock_at(NOW + AFTER)
    deliveries.deliver(message.id)
    assert len(smtp.mails) == 1


@pytest.mark.parametrize("close_after", ["", "y"])
def test_undoing_a_reply_gives_the_text_back_and_the_case_to_its_work(
    desk: Desk, close_after: str, deliver_all: Callable[[], None], smtp: Mailbox, clock_at: Callable[[datetime], object]
) -> None:
    clock_at(NOW)
    entry = said(desk, close_after=close_after)
    page = undo(desk, entry)
    assert "Nothing was sent. Your text is back." in page
    assert f">\n{TEXT}</textarea>" in page
    case = desk.case()
    assert (case.status, case.answered_at, case.resolution, case.closed_at) == ("in_progress", None, None, None)
    clock_at(NOW + timedelta(minutes=5))
    deliver_all()
    assert [mail["Auto-Submitted"] for mail in smtp.mails] == ["auto-replied"]  # the receipt alone
    assert [message.status for message in desk.messages()] == ["cancelled"]


def test_a_question_that_is_undone_leaves_nobody_waiting(desk: Desk) -> None:
    entry = said(desk, "questions")
    assert desk.case().status == "waiting"
    assert f">\n{TEXT}</textarea>" in undo(desk, entry)
    assert desk.case().status == "in_progress"


def test_an_earlier_answer_still_stands_when_a_later_one_is_undone(
    desk: Desk, clock_at: Callable[[datetime], object]
) -> None:
    clock_at(NOW)
    said(desk, text="Det första svaret.")
    clock_at(NOW + timedelta(minutes=1))
    undo(desk, said(desk, submission="two"))
    assert (desk.case().status, desk.case().answered_at.replace(microsecond=0)) == ("answered", NOW)


def test_after_its_time_it_is_too_late(desk: Desk, clock_at: Callable[[datetime], object]) -> None:
    clock_at(NOW)
    entry = said(desk)
    clock_at(NOW + AFTER)
    assert "It was too late to undo" in undo(desk, entry)
    assert desk.case().status == "answered"
    assert "unsend" not in desk.verbs()


def test_a_second_press_changes_nothing(desk: Desk) -> None:
    entry = said(desk)
    undo(desk, entry)
    undo(desk, entry)
    assert desk.verbs().count("unsend") == 1


def test_only_its_writer_can_undo_it(desk: Desk, desk_with: Callable[..., Desk], hire: Callable[..., Staff]) -> None:
    entry = said(desk)
    colleague = desk_with(staff=hire("Kollegan Bo", "caseworker", "sb"), at=desk.case())
    assert colleague.act(f"entries/{entry.id}/retraction").status_code == 404
    assert desk.case().status == "answered"


def test_the_own_page_shows_an_answer_when_it_can_no_longer_be_undone(
    desk: Desk, client: FlaskClient, clock_at: Callable[[datetime], object]
) -> None:
    clock_at(NOW)
    address = f"/case/{desk.case().code}"
    said(desk, close_after="y")
    before = client.get(address).get_data(as_text=True)
    assert TEXT not in before
    assert "Vi har svarat dig" not in before
    clock_at(NOW + AFTER)
    assert TEXT in client.get(address).get_data(as_text=True)


def test_the_own_page_never_shows_what_was_undone(
    desk: Desk, client: FlaskClient, clock_at: Callable[[datetime], object]
) -> None:
    clock_at(NOW)
    undo(desk, said(desk, channel="none", reason="Bara där.", close_after="y"))
    clock_at(NOW + timedelta(hours=1))
    page = client.get(f"/case/{desk.case().code}").get_data(as_text=True)
    assert TEXT not in page
    assert "avslutade" not in page


def test_an_undone_reply_counts_in_no_figure(desk: Desk, manager: Staff) -> None:
    undo(desk, said(desk, close_after="y"))
    counted = _whole(manager)
    assert sum(flow.finished for flow in counted.flow) == sum(flow.again for flow in counted.flow) == 0
    assert counted.promise.answered == 0


def _whole(manager: Staff) -> Group:
    town = directory.municipality()
    today = clock.today(clock.now(), town.zone)
    chosen = figures.Filter(Period(today.replace(day=1), today, "month"))
    with unit_of_work():
        rollup.update(clock.now())
    return figures.read(manager, chosen, Calendar.of(town), now=clock.now()).whole


def test_a_worker_that_is_just_taking_it_and_its_writer_never_both_have_it(
    app: Flask, desk: Desk, smtp: Mailbox, clerk: Staff
) -> None:
    """At the last moment of the hold the clocks of two machines may differ."""
    outcomes = []
    for turn in range(10):
        entry = said(desk, submission=f"turn-{turn}")
        message_id = desk.messages()[-1].id
        with unit_of_work() as session:
            session.execute(sa.update(Message).where(Message.id == message_id).values(next_attempt_at=clock.now()))

        def work(message_id: int = message_id) -> None:
            with app.app_context():
                deliveries.deliver(message_id)

        worker = Thread(target=work)
        worker.start()
        undo(desk, entry)
        worker.join()
        db.session.rollback()
        message = db.session.get_one(Message, message_id, populate_existing=True)
        undone = db.session.get_one(Entry, entry.id, populate_existing=True).retracted_at is not None
        outcomes.append((message.status, undone))
    assert set(outcomes) <= {("accepted", False), ("cancelled", True)}
    assert len(smtp.mails) == sum(status == "accepted" for status, _undone in outcomes)


def test_a_letter_in_the_pile_is_taken_back_with_a_reason(
    desk_with: Callable[..., Desk], deliver_all: Callable[[], None], clock_at: Callable[[datetime], object]
) -> None:
    clock_at(NOW)
    desk = desk_with(reply_by="letter", now=NOW)
    said(desk, channel="letter", close_after="y")
    clock_at(NOW + timedelta(minutes=1))
    deliver_all()
    (message,) = desk.messages()
    assert desk.act(f"messages/{message.id}/recall", reason="").status_code == 422
    assert desk.act(f"messages/{message.id}/recall", reason="Fel bilaga.").status_code == 303
    assert desk.messages()[0].status == "cancelled"
    assert (desk.case().status, desk.verbs()[-1]) == ("in_progress", "recall")
    assert desk.act(f"messages/{message.id}/recall", reason="Fel bilaga.").status_code in (303, 409)


def test_in_the_browser_the_seconds_run_down_and_undo_brings_the_text_back(
    desk: Desk, browser_page: Page, look: Callable[[Page, str], None]
) -> None:
    desk.open_in(browser_page)
    browser_page.get_by_role("textbox", name="Reply").fill(TEXT)
    browser_page.get_by_role("button", name="Send as e-mail").click()
    expect(browser_page.get_by_text("It leaves in")).to_be_visible()
    look(browser_page, "undo")
    browser_page.get_by_role("button", name="Undo").click()
    expect(browser_page.get_by_role("textbox", name="Reply")).to_have_value(TEXT)
    assert undoing.channel_of(db.session.scalars(sa.select(Entry)).one()) == "email"
    assert isinstance(desk.case(), Case)
