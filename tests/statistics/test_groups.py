"""The arithmetic of one group, without a database."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from caseflow.cases.deadlines import Calendar, due_on
from caseflow.statistics.definitions import AGES, MIN_N
from caseflow.statistics.figures import age_edges
from caseflow.statistics.groups import Flow, Group, Open, Promise, backlog, cells, percent, pulls_down
from caseflow.statistics.reading import number
from caseflow.workdays import national_calendar, working_days_between

pytestmark = pytest.mark.no_app
STOCKHOLM = ZoneInfo("Europe/Stockholm")
CALENDAR = Calendar(STOCKHOLM, national_calendar("SE", ("public", "de_facto")), time(16, 30))
small = st.integers(0, 50)
days = st.dates(date(2026, 1, 1), date(2027, 12, 31))


@given(st.integers(1, 100_000), st.data())
def test_a_percentage_is_rounded_and_claims_all_or_none_only_when_true(whole: int, data: st.DataObject) -> None:
    part = data.draw(st.integers(0, whole))
    found = percent(part, whole)
    assert abs(found - 100 * part / whole) <= 1
    assert (found == 100) == (part == whole)
    assert (found == 0) == (part == 0)


@given(small, st.lists(st.builds(Flow, small, small, small), min_size=1), st.builds(Flow, small, small, small))
def test_the_backlog_moves_by_what_came_and_went_and_ends_at_now(now: int, flow: list[Flow], since: Flow) -> None:
    found = backlog(now, flow, since)
    assert len(found) == len(flow)
    assert found[-1] == now - since.growth
    assert all(new - old == slot.growth for old, new, slot in zip(found, found[1:], flow[1:], strict=False))


@given(days, st.integers(0, 300), st.times())
def test_a_case_is_of_the_age_that_the_promise_counts(today: date, ago: int, hour: time) -> None:
    came = datetime.combine(today - timedelta(days=ago), hour, STOCKHOLM)
    start = due_on(came, {"working_days": 0}, CALENDAR)
    age = max(0, working_days_between(start, today, CALENDAR.is_working_day))
    older_than = [edge for edge in age_edges(today, CALENDAR) if number(start) <= edge]
    assert len(older_than) == sum(age >= least for least in AGES[1:])


@given(days)
def test_the_age_groups_follow_each_other(today: date) -> None:
    edges = age_edges(today, CALENDAR)
    assert edges == sorted(edges)
    assert len(edges) == len(AGES) - 1
    assert number(today - timedelta(days=60)) < edges[0] < edges[-1] <= number(today)


def test_a_share_or_median_of_fewer_than_five_is_not_said() -> None:
    four = Promise(kept=3, unanswered=1, median=1, ninety=2)
    assert (four.share, four.median_days, four.ninety_days) == (None, None, None)
    five = Promise(kept=3, late=2, median=1, ninety=2)
    assert (five.share, five.median_days, five.ninety_days) == (60, 1, 2)
    assert MIN_N == 5


def test_the_unanswered_count_in_the_share_but_not_in_the_days() -> None:
    promise = Promise(kept=3, unanswered=3, median=1, ninety=1)
    assert (promise.decided, promise.share) == (6, 50)
    assert (promise.answered, promise.median_days) == (3, None)


def test_what_is_not_due_yet_is_in_no_share() -> None:
    assert Promise(kept=5, pending=100).share == 100


def test_the_change_is_said_only_between_two_shares() -> None:
    now, before = Promise(kept=8, late=2), Promise(kept=3, late=2)
    assert cells(Group(promise=now, earlier=before))["change"].value == 20
    assert cells(Group(promise=now, earlier=Promise(kept=1)))["change"].value is None


def test_the_department_without_which_the_rest_does_best_pulls_down() -> None:
    parts = {"sb": Promise(kept=10, late=10), "kf": Promise(kept=9, late=1), "ls": Promise(kept=2, late=3)}
    assert pulls_down(sum(parts.values(), Promise()), parts.items()) == "sb"


def test_nobody_pulls_down_when_all_do_alike_or_are_too_few() -> None:
    alike = {"sb": Promise(kept=9, late=1), "kf": Promise(kept=9, late=1)}
    assert pulls_down(sum(alike.values(), Promise()), alike.items()) is None
    few = {"sb": Promise(late=4), "kf": Promise(kept=96)}
    assert pulls_down(sum(few.values(), Promise()), few.items()) is None
    alone = {"sb": Promise(kept=1, late=9)}
    assert pulls_down(alone["sb"], alone.items()) is None
    assert pulls_down(Promise(), {"sb": Promise()}.items()) is None


def test_a_group_with_only_finished_cases_is_still_seen() -> None:
    assert Group(flow=[Flow(finished=1)]).seen
    assert Group(ages=[Open(1, 0)]).seen
    assert not Group().seen
