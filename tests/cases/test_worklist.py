"""The list of what did not arrive or waits too long: what stands in it, for whom, in which order, at which price."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from caseflow import clock
from caseflow.accounts.models import Staff
from caseflow.cases.delivery import deliveries, worklist
from caseflow.cases.delivery.worklist import Filter
from caseflow.cases.triage import queue
from caseflow.database import db, unit_of_work
from caseflow.messages import fate
from caseflow.messages.channels.port import Delivered
from caseflow.messages.models import Message
from tests.cases.acting import statements
from tests.cases.replying import reply
from tests.cases.troubles import RELAYING, Troubles, become, troubles

__all__ = ["troubles"]


def listed(staff: Staff, chosen: Filter | None = None, after: str | None = None) -> list[tuple[str, str, int]]:
    found = worklist.page(staff, chosen or Filter(), clock.now(), after)
    return [(row.sort, row.what, row.id) for row in found.rows]


def test_each_sort_of_trouble_stands_under_what_is_to_be_done(troubles: Troubles, clerk: Staff) -> None:
    refused, bounced, returned = troubles.refused(), troubles.bounced(), troubles.returned()
    relaying, given_up = troubles.refused(RELAYING), troubles.tried(8)
    unknown, untaken, stuck = troubles.unknown(), troubles.untaken(), troubles.stuck()
    assert listed(clerk) == [
        ("decide", "message", unknown.id),
        ("elsewhere", "message", refused.id),
        ("elsewhere", "message", bounced.id),
        ("elsewhere", "message", returned.id),
        ("again", "message", relaying.id),
        ("again", "message", given_up.id),
        ("late", "message", untaken.id),
        ("late", "message", stuck.id),
    ]


def test_what_is_under_way_or_done_does_not_stand_there(troubles: Troubles, clerk: Staff) -> None:
    arrived = reply(troubles.case(), clerk, "email")
    for channel in ("phone", "letter"):
        assert reply(troubles.case(channel), clerk, channel).status == "accepted"
    troubles.batch()
    assert troubles.tried(4).status == "queued"
    settled, handled = troubles.unknown(), troubles.refused()
    assert deliveries.report(settled.id, Delivered())
    with unit_of_work() as session:
        fate.handle(session.get_one(Message, handled.id), by=clerk.id, now=clock.now())
    assert arrived.status == "accepted"
    assert listed(clerk) == []


def test_a_mail_that_is_tried_for_more_than_an_hour_stands_there(troubles: Troubles, clerk: Staff) -> None:
    message = troubles.tried(5)
    assert (message.status, message.attempts) == ("queued", 5)
    assert listed(clerk) == [("late", "message", message.id)]


def test_calls_letters_and_batches_stand_there_after_two_working_days(
    troubles: Troubles, clerk: Staff, clock_at: Callable[[datetime], object]
) -> None:
    friday = datetime(2026, 11, 20, 14, 0, tzinfo=UTC)
    clock_at(friday)
    call, letter = (reply(troubles.case(channel), clerk, channel) for channel in ("phone", "letter"))
    batch = troubles.batch()
    clock_at(friday + timedelta(days=3, hours=20))  # Tuesday morning: less than two working days
    assert listed(clerk) == []
    clock_at(friday + timedelta(days=4, hours=1))  # Tuesday afternoon
    assert listed(clerk) == [("late", "message", call.id), ("late", "message", letter.id), ("late", "batch", batch.id)]


def test_a_batch_that_could_not_be_handed_over_stands_there_at_once(troubles: Troubles, clerk: Staff) -> None:
    unknown, failed = (troubles.changed(troubles.batch(), handover=state) for state in ("unknown", "failed"))
    waits = troubles.changed(troubles.batch(), handover="waiting", handover_next_at=clock.now() - timedelta(hours=2))
    troubles.changed(troubles.batch(), handover="failed", posted_at=clock.now())
    assert listed(clerk) == [
        ("decide", "batch", unknown.id),
        ("again", "batch", failed.id),
        ("late", "batch", waits.id),
    ]


def test_nobody_sees_what_is_another_departments(troubles: Troubles, outsider: Staff) -> None:
    troubles.refused()
    troubles.stuck()
    troubles.changed(troubles.batch(), handover="failed")
    troubles.held(troubles.case())
    assert listed(outsider) == []
    assert queue.worklists(outsider, clock.now())["deliveries"] == 0
    assert worklist.to_send_again(outsider, Filter("elsewhere")) == []


def test_a_held_mail_of_no_case_is_for_who_sorts(troubles: Troubles, clerk: Staff, hire: Callable[..., Staff]) -> None:
    triage = db.session.scalars(sa.text("SELECT code FROM department WHERE triage")).one()
    sorter = hire("Sara Sorterare", "caseworker", triage)
    nobodys, with_case = troubles.held(), troubles.held(troubles.case())
    assert listed(sorter) == [("read", "mail", nobodys.id)]
    assert listed(clerk) == [("read", "mail", with_case.id)]


def test_filters_narrow_the_list_and_combine(troubles: Troubles, clerk: Staff, hire: Callable[..., Staff]) -> None:
    refused, letter = troubles.refused(), troubles.unprinted()
    batch = troubles.changed(troubles.batch(), handover="failed")
    mail = troubles.held(troubles.case())
    colleague = hire("Ali Hassan", "caseworker", "sb")
    assert listed(clerk, Filter(sort="late")) == [("late", "message", letter.id)]
    assert listed(clerk, Filter(channel="letter")) == [("again", "batch", batch.id), ("late", "message", letter.id)]
    assert listed(clerk, Filter(channel="email")) == [("elsewhere", "message", refused.id), ("read", "mail", mail.id)]
    assert listed(clerk, Filter(channel="email", sort="late")) == []
    assert len(listed(clerk, Filter(whose="mine"))) == 3
    assert listed(colleague, Filter(whose="mine")) == []
    assert Filter.of({"sort": "x", "channel": "fax", "whose": "y"}) == Filter()


def test_pages_follow_each_other_without_a_gap(
    troubles: Troubles, clerk: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worklist, "PAGE", 2)
    made = [troubles.refused().id for _time in range(3)] + [troubles.tried(8).id] + [troubles.untaken().id]
    seen, after = [], None
    while True:
        found = worklist.page(clerk, Filter(), clock.now(), after)
        seen += [row.id for row in found.rows]
        assert {row.total for row in found.rows if row.sort == "elsewhere"} <= {3}
        after = found.next_key
        if not after:
            break
    assert seen == made
    for mangled in ("x", "W10=", "WzksICIyMDI2IiwgMSwgMV0=", "é"):
        assert [row.id for row in worklist.page(clerk, Filter(), clock.now(), mangled).rows] == made[:2]


def test_a_page_is_one_statement_however_many_rows(troubles: Troubles, clerk: Staff) -> None:
    def price() -> int:
        with statements() as seen:
            rows = worklist.page(clerk, Filter(), clock.now()).rows
            assert all(row.Message.status and row.Case.subject for row in rows)
        return len([one for one in seen if "configuration_stamp" not in one])  # a page has read it at its beginning

    troubles.refused()
    worklist.page(clerk, Filter(), clock.now())
    assert price() == 1
    for _time in range(4):
        troubles.unknown()
    assert price() == 1


def test_the_header_counts_what_the_list_shows(troubles: Troubles, clerk: Staff) -> None:
    troubles.refused()
    troubles.uncalled()
    troubles.changed(troubles.batch(), handover="unknown")
    troubles.held(troubles.case())
    counted = queue.worklists(clerk, clock.now())
    listed_there = len(listed(clerk))
    assert (
        counted == {"calls": 1, "letters": 0, "deliveries": listed_there, "mentions": 0, "held_filings": 0}
        and listed_there == 4
    )


def test_when_it_was_lost_and_how_often_tried_is_told(troubles: Troubles, clerk: Staff) -> None:
    message = troubles.tried(8)
    before = clock.now()
    (row,) = worklist.page(clerk, Filter(), clock.now()).rows
    assert row.tried == 8 and before - timedelta(minutes=1) < row.lost_at <= before
    become(message, status="queued", attempts=0, next_attempt_at=clock.now() + timedelta(hours=1))
    assert listed(clerk) == []


def test_who_sends_a_group_again_takes_the_failed_ones_oldest_first(
    troubles: Troubles, clerk: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    relaying = [troubles.refused(RELAYING) for _time in range(3)]
    waits, refused = troubles.tried(5), troubles.refused()
    troubles.bounced()
    troubles.unknown()

    def again(chosen: Filter) -> list[int]:
        return [row.id for row in worklist.to_send_again(clerk, chosen)]

    assert again(Filter()) == [*[message.id for message in relaying], waits.id]
    assert again(Filter("late")) == [waits.id]
    assert again(Filter("elsewhere")) == [refused.id]
    assert again(Filter("decide")) == again(Filter("read")) == again(Filter("again", "letter")) == []
    monkeypatch.setattr(worklist, "AT_ONCE", 2)
    assert again(Filter("again")) == [message.id for message in relaying[:2]]
