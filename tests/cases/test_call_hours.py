"""The municipality's calling hours, and when the turn of a call comes within them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from flask import Flask
from flask_babel import force_locale
from hypothesis import given, settings
from hypothesis import strategies as st

from caseflow import clock
from caseflow.cases.deadlines import Calendar
from caseflow.cases.municipality import configuration
from caseflow.cases.municipality.configuration import Row, Unreadable
from caseflow.cases.telephone.call_hours import CallHours, CallRules
from caseflow.cases.telephone.call_windows import Window
from caseflow.workdays import national_calendar

IS_WORKING_DAY = national_calendar("SE", ("public", "de_facto"))
CALENDAR = Calendar(zone=clock.STOCKHOLM, is_working_day=IS_WORKING_DAY, day_ends=time(16, 30))
OFFICE = CallHours(CallRules.from_dict({}), CALENDAR)
# Clocks were set forward on 29 March 2026 and back on 25 October; both are Sundays, so a house that works then is made.
NO_DAY_OFF = Calendar(zone=clock.STOCKHOLM, is_working_day=lambda day: True, day_ends=time(16, 30))


@pytest.fixture(autouse=True)
def _in_english(app: Flask) -> Iterator[None]:
    """The words of the file and of the command are English."""
    with force_locale("en"):
        yield


def at(day: int, hour: int, minute: int = 0, month: int = 11, **more: int) -> datetime:
    """A moment on the wall, in November 2026 unless told; the 23rd is a Monday."""
    return datetime(2026, month, day, hour, minute, tzinfo=clock.STOCKHOLM, **more)  # type: ignore[arg-type]


def hours(opens: time, closes: time, calendar: Calendar = CALENDAR) -> CallHours:
    return CallHours(CallRules(opens, closes, (), "worklist", 0), calendar)


@pytest.mark.no_app
@pytest.mark.parametrize(
    ("after", "window", "turn"),
    [
        (at(23, 9), None, at(23, 9)),
        (at(23, 7), None, at(23, 8)),
        (at(23, 17), None, at(24, 8)),
        (at(27, 18), None, at(30, 8)),  # over the weekend
        (at(23, 9), Window(start=time(15)), at(23, 15)),
        (at(23, 16), Window(end=time(10)), at(24, 8)),
        (at(23, 9), Window(days=frozenset({2}), start=time(9)), at(25, 9)),
        (at(23, 9), Window(start=time(17)), at(23, 16)),  # nobody calls then: the last hour
        (at(23, 12), Window(end=time(7)), at(24, 8)),  # … or the first
        (at(24, 9), Window(end=time(7)), at(25, 8)),
        (at(23, 9), Window(days=frozenset({5, 6})), at(23, 9)),  # nobody works then: any day
        (at(5, 12, month=1), None, at(5, 12, month=1)),  # the eve of Epiphany is a working day …
        (at(6, 12, month=1), None, at(7, 8, month=1)),  # … the day itself is none
        (at(24, 9, month=12), None, at(28, 8, month=12)),  # Christmas
    ],
)
def test_the_turn_comes_within_hours_days_and_wish(after: datetime, window: Window | None, turn: datetime) -> None:
    assert OFFICE.next_turn(after, window) == turn


moments = st.integers(0, 3 * 365 * 24 * 60).map(lambda minutes: at(1, 0, month=1) + timedelta(minutes=minutes))
times = st.builds(time, st.integers(0, 23), st.sampled_from((0, 15, 30, 45)))
pairs = st.tuples(times, times).filter(lambda pair: pair[0] < pair[1])
windows = st.none() | st.builds(
    lambda days, pair: Window(days, *pair), st.frozensets(st.integers(0, 6), min_size=1), pairs
)


@pytest.mark.no_app
@settings(max_examples=80, deadline=None)
@given(moments, pairs, windows)
def test_never_before_its_time_nor_outside_hours_and_working_days(
    after: datetime, opening: tuple[time, time], window: Window | None
) -> None:
    turn = hours(*opening).next_turn(after, window)
    wall = clock.local(turn)
    assert turn >= after
    assert opening[0] <= wall.time() < opening[1]
    assert IS_WORKING_DAY(wall.date())


@pytest.mark.no_app
@settings(max_examples=80, deadline=None)
@given(moments, windows.filter(bool))
def test_a_wish_that_the_hours_allow_is_kept(after: datetime, window: Window) -> None:
    wall = clock.local(OFFICE.next_turn(after, window))
    if window.days & {0, 1, 2, 3, 4}:
        assert wall.weekday() in window.days
    if window.start < time(17) and window.end > time(8):
        assert window.start <= wall.time() < window.end


@pytest.mark.no_app
@settings(max_examples=50, deadline=None)
@given(moments, windows, st.integers(1, 10_000))
def test_no_earlier_moment_would_have_done(after: datetime, window: Window | None, minutes: int) -> None:
    turn = OFFICE.next_turn(after, window)
    earlier = turn - timedelta(minutes=minutes)
    if earlier >= after:
        assert OFFICE.next_turn(earlier, window) == turn


@pytest.mark.no_app
@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from((date(2026, 3, 29), date(2026, 10, 25))),
    st.integers(-26 * 60, 30 * 60),
    pairs.filter(lambda pair: pair[0] < time(4)),
)
def test_on_the_nights_of_the_clock_change(day: date, minutes: int, opening: tuple[time, time]) -> None:
    after = clock.midnight(day) + timedelta(minutes=minutes)
    turn = hours(*opening, NO_DAY_OFF).next_turn(after, None)
    assert turn >= after
    assert opening[0] <= clock.local(turn).time() < opening[1]
    assert turn - after < timedelta(hours=50)


@pytest.mark.no_app
def test_hours_that_a_night_does_not_have_are_left_out() -> None:
    night = hours(time(2), time(2, 45), NO_DAY_OFF)
    assert night.next_turn(at(28, 12, month=3), None) == at(30, 2, month=3)


@pytest.mark.no_app
def test_in_the_hour_that_comes_twice_both_count() -> None:
    night = hours(time(2), time(3), NO_DAY_OFF)
    second = at(25, 2, 30, month=10, fold=1)
    assert night.next_turn(second, None) == second.astimezone(UTC)
    assert night.next_turn(at(25, 3, month=10), None) == at(26, 2, month=10)


@pytest.mark.no_app
def test_what_is_not_said_is_as_it_mostly_is() -> None:
    rules = CallRules.from_dict({"then": "letter"})
    assert (rules.opens, rules.closes, rules.then) == (time(8), time(17), "letter")
    assert [step.total_seconds() / 60 for step in rules.ladder] == [120, 1440, 2880]


def test_the_file_is_loaded(example: Row) -> None:
    assert example["municipality"]["calls"]["then"] == "letter"


def set_to(value: object, *path: str) -> Callable[[Row], None]:
    def change(found: Row) -> None:
        place = found["municipality"].setdefault("calls", {})
        for name in path[:-1]:
            place = place[name]
        place[path[-1]] = value

    return change


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (set_to(1020, "hours", "to"), "1020 is no time of the day"),
        (set_to("25:00", "hours", "to"), "is no time of the day"),
        (set_to("7:30", "hours", "to"), "must begin before they end"),
        (set_to({"from": "8:00"}, "hours"), "hours must look like"),
        (set_to([0], "ladder"), "ladder must be a list"),
        (set_to([60] * 11, "ladder"), "ladder must be a list"),
        (set_to("120", "ladder"), "ladder must be a list"),
        (set_to("fax", "then"), "then is 'fax'"),
        (set_to(True, "notice_after"), "notice_after must be"),
        (set_to(1, "notice"), "nobody knows notice"),
    ],
)
def test_a_mistake_in_the_file_is_told_in_words(example: Row, change: Callable[[Row], Any], told: str) -> None:
    found = deepcopy(example)
    change(found)
    with pytest.raises(Unreadable, match=f"municipality: calls cannot be used: .*{told}"):
        configuration.load(found)
