"""The figures against the count by hand in conftest.py."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from types import SimpleNamespace

import pytest
import sqlalchemy as sa

from caseflow.accounts.models import Staff
from caseflow.cases import lifecycle
from caseflow.cases.deadlines import Calendar
from caseflow.cases.models import Case
from caseflow.cases.municipality import directory
from caseflow.cases.relations import family, merging
from caseflow.database import unit_of_work
from caseflow.messages.models import Message
from caseflow.statistics import figures
from caseflow.statistics.figures import Figures, Filter
from caseflow.statistics.groups import Flow, Open, Promise
from caseflow.statistics.periods import Period, twelve_weeks
from tests.statistics.conftest import NOW, OCTOBER, Statements, at

Count = Callable[..., Figures]
pytestmark = pytest.mark.usefixtures("october")


def test_the_due_dates_are_those_of_the_table(october: SimpleNamespace) -> None:
    due = {name: case.due_on for name, case in vars(october).items() if name != "J"}
    assert due == {
        "A": date(2026, 10, 7),
        "B": date(2026, 10, 8),
        "C": date(2026, 10, 16),
        "D": date(2026, 10, 15),
        "E": date(2026, 10, 28),
        "F": date(2026, 11, 9),
        "G": date(2026, 11, 4),
        "H": date(2026, 11, 4),
        "I": date(2026, 10, 8),
        "K": date(2026, 10, 20),
        "L": date(2026, 10, 21),
        "M": date(2026, 10, 21),
        "N": date(2026, 10, 28),
        "O": date(2026, 9, 15),
        "P": date(2026, 10, 16),
    }


def test_the_flow_is_counted_by_local_week(manager: Staff, count: Count) -> None:
    whole = count(manager).whole
    assert whole.flow == [Flow(1, 0, 0, 1, 1), Flow(3, 0, 2), Flow(4, 1, 5), Flow(3, 1, 4), Flow(2, 0, 0)]
    assert whole.total == Flow(received=13, again=2, finished=11, moved_in=1, moved_out=1)
    assert whole.backlog == [2, 3, 3, 3, 5]


def test_what_is_open_now_is_counted_by_age(manager: Staff, count: Count) -> None:
    whole = count(manager).whole
    assert whole.ages == [Open(2, 0), Open(0, 0), Open(2, 1), Open(1, 1), Open(1, 1)]
    assert whole.open == Open(total=6, overdue=3)


def test_the_promise_counts_overdue_and_closed_without_answer_against_us(manager: Staff, count: Count) -> None:
    promise = count(manager).whole.promise
    assert promise == Promise(kept=4, late=1, unanswered=4, pending=2, median=2, ninety=9)
    assert (promise.share, promise.decided, promise.answered) == (44, 9, 5)


def test_each_department_is_counted_for_itself(manager: Staff, count: Count) -> None:
    by = count(manager).by["department"]
    assert {code: group.total for code, group in by.items()} == {
        "sb": Flow(received=9, again=1, finished=8, moved_out=1),
        "kf": Flow(received=4, again=0, finished=2, moved_in=1),
        "ls": Flow(received=0, again=1, finished=1),
    }
    assert {code: group.open for code, group in by.items()} == {"sb": Open(2, 0), "kf": Open(3, 2), "ls": Open(1, 1)}
    assert by["sb"].promise == Promise(kept=2, late=1, unanswered=2, pending=1, median=2, ninety=6)
    assert by["kf"].promise == Promise(kept=2, late=0, unanswered=2, pending=1, median=0, ninety=9)
    assert (by["sb"].promise.share, by["kf"].promise.share) == (40, None)
    assert by["ls"].backlog == [1, 1, 1, 1, 1]


def test_each_kind_and_channel_is_counted_for_itself(manager: Staff, count: Count) -> None:
    by = count(manager).by
    kinds = {
        code: (group.total.received, group.promise.kept, group.promise.decided) for code, group in by["kind"].items()
    }
    assert kinds == {
        "fraga": (7, 3, 6),
        "felanmalan": (3, 0, 2),
        "synpunkt": (1, 1, 1),
        "klagomal": (1, 0, 0),
        "berom": (1, 0, 0),
    }
    channels = {code: (group.total.received, group.promise.share) for code, group in by["channel"].items()}
    assert channels == {"email": (8, 50), "phone": (2, None), "letter": (2, None), "none": (1, None)}
    assert by["channel"]["none"].promise == Promise()


def test_a_merged_report_comes_in_and_ends_for_itself_and_is_promised_with_its_main_case(
    resident_case: Callable[..., Case], manager: Staff, clerk: Staff, count: Count
) -> None:
    """Q came in Mon 12 October 09:00 (due Wed 14), R Tue 13; R was merged into Q on Tue 13, Q answered on Wed 14.

    Two more came in and two more are finished in week 42, R by the merger. One more promise is kept, Q's, in 2 days.
    Taken out again in November, R is open and one of its own: what Q was answered was no answer to it.
    """
    q, r = (resident_case(now=at(10, day, 9), reply_by=way) for day, way in ((12, "email"), (13, "letter")))
    clerks = clerk.as_actor()
    with unit_of_work():
        both = family.locked(Case.id.in_([q.id, r.id]))
        merging.merge(both[1], both[0], by=clerks, now=at(10, 13, 15))
        lifecycle.reply(both[0], "Svar.", channel="email", close_after=True, by=clerks, now=at(10, 14, 10))
    whole = count(manager).whole
    assert whole.flow == [Flow(1, 0, 0, 1, 1), Flow(3, 0, 2), Flow(6, 1, 7), Flow(3, 1, 4), Flow(2, 0, 0)]
    assert whole.backlog == [2, 3, 3, 3, 5]
    assert whole.promise == Promise(kept=5, late=1, unanswered=4, pending=2, median=2, ninety=9)
    with unit_of_work():
        merging.unmerge(family.locked_whole(r.id), by=clerks, now=at(11, 2, 9))
    whole = count(manager).whole
    assert (whole.total, whole.open.total, whole.backlog) == (Flow(15, 2, 13, 1, 1), 7, [2, 3, 3, 3, 5])
    assert whole.promise == Promise(kept=5, late=1, unanswered=5, pending=2, median=2, ninety=9)


def test_the_groups_of_each_dimension_add_up_to_the_whole(manager: Staff, count: Count) -> None:
    found = count(manager)
    for groups in found.by.values():
        assert sum((group.total for group in groups.values()), Flow()) == found.whole.total
        assert sum(group.open.total for group in groups.values()) == found.whole.open.total
        added = sum((group.promise for group in groups.values()), Promise())
        assert added == replace(found.whole.promise, median=None, ninety=None)


def test_the_slots_add_up_to_the_period(manager: Staff, count: Count) -> None:
    whole = count(manager).whole
    assert sum(whole.promises, Promise()) == replace(whole.promise, median=None, ninety=None)
    assert [promise.decided for promise in whole.promises] == [1, 3, 2, 2, 1]


def test_the_period_before_is_counted_to_compare_with(manager: Staff, count: Count) -> None:
    earlier = count(manager).whole.earlier
    assert (earlier.kept, earlier.unanswered, earlier.share) == (1, 1, None)


def test_a_filter_narrows_every_number(manager: Staff, count: Count) -> None:
    found = count(manager, department="sb", kind="fraga", channel="phone").whole
    assert found.total == Flow(received=2, again=0, finished=2)
    assert found.promise == Promise(kept=1, unanswered=1, median=2, ninety=2)
    assert found.open == Open()


def test_a_manager_of_one_department_never_sees_another_in_any_number(
    hire: Callable[..., Staff], manager: Staff, count: Count
) -> None:
    own = count(hire("Kia Fritid", "manager", "kf"))
    assert replace(own.whole, promises=()) == count(manager).by["department"]["kf"]
    assert list(own.by["department"]) == ["kf"]
    assert sum(group.total.received for group in own.by["kind"].values()) == 4
    assert count(hire("Kia Fritid Två", "manager", "kf"), department="sb").whole.total == Flow()


def test_a_period_that_ended_long_ago_still_knows_its_backlog(manager: Staff, count: Count) -> None:
    september = Period(date(2026, 9, 1), date(2026, 9, 30), "month")
    whole = count(manager, period=september).whole
    assert whole.total == Flow(received=2, again=0, finished=1)
    assert whole.backlog == [1, 0, 0, 0, 1]


def test_an_answer_that_could_not_be_delivered_makes_work_again(
    october: SimpleNamespace, manager: Staff, count: Count
) -> None:
    before = count(manager).whole
    with unit_of_work() as session:
        message = session.scalars(sa.select(Message).filter_by(case_id=october.A.id, purpose="reply")).one()
        lifecycle.undelivered(message, at(10, 8, 9))
    after = count(manager).whole
    assert after.total == before.total + Flow(again=1)
    assert after.open.total == before.open.total + 1
    assert after.promise == before.promise


def test_the_default_period_holds_twelve_full_weeks_and_the_running_one(manager: Staff, count: Count) -> None:
    found = count(manager, period=twelve_weeks(NOW.date()))
    assert (found.period.first, found.period.last, len(found.slots)) == (date(2026, 8, 10), date(2026, 11, 4), 13)
    assert [slot.partial for slot in found.slots] == [False] * 12 + [True]
    assert found.whole.total == Flow(received=16, again=2, finished=12, moved_in=1, moved_out=1)


def test_counting_takes_three_statements_once_the_days_are_in_memory(
    manager: Staff, count: Count, statements: Statements
) -> None:
    municipality = directory.municipality()
    count(manager)
    with statements() as said:
        figures.read(manager, Filter(OCTOBER), Calendar.of(municipality), now=NOW)
    assert len(said) == 3, municipality
