"""The municipality's days, on the nights when an hour is missing or comes twice as on all others."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from caseflow import clock

pytestmark = pytest.mark.no_app
SPRING, AUTUMN = date(2026, 3, 29), date(2026, 10, 25)
DAY = timedelta(days=1)
moments = st.datetimes(*map(datetime.fromisoformat, ("2020-01-01", "2045-01-01")), timezones=st.just(UTC))


@pytest.mark.parametrize(
    ("day", "begins"),
    [
        (date(2026, 7, 1), datetime(2026, 6, 30, 22, tzinfo=UTC)),
        (date(2026, 11, 23), datetime(2026, 11, 22, 23, tzinfo=UTC)),
        (SPRING, datetime(2026, 3, 28, 23, tzinfo=UTC)),
        (SPRING + DAY, datetime(2026, 3, 29, 22, tzinfo=UTC)),
        (AUTUMN, datetime(2026, 10, 24, 22, tzinfo=UTC)),
        (AUTUMN + DAY, datetime(2026, 10, 25, 23, tzinfo=UTC)),
        (date(2027, 1, 1), datetime(2026, 12, 31, 23, tzinfo=UTC)),
    ],
)
def test_a_day_begins_at_local_midnight(day: date, begins: datetime) -> None:
    assert clock.midnight(day) == begins


@pytest.mark.parametrize(("day", "hours"), [(SPRING, 23), (AUTUMN, 25), (date(2026, 11, 23), 24)])
def test_the_days_of_the_clock_change_are_shorter_and_longer(day: date, hours: int) -> None:
    assert clock.midnight(day + DAY) - clock.midnight(day) == timedelta(hours=hours)


@given(moments)
def test_every_moment_lies_in_its_own_day(moment: datetime) -> None:
    day = clock.today(moment)
    assert clock.midnight(day) <= moment < clock.midnight(day + DAY)


@given(moments)
def test_local_time_is_the_same_moment(moment: datetime) -> None:
    assert clock.local(moment) == moment
    assert clock.local(moment).utcoffset() in (timedelta(hours=1), timedelta(hours=2))


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (datetime(2026, 12, 31, 22, 59, 59, tzinfo=UTC), date(2026, 12, 31)),
        (datetime(2026, 12, 31, 23, 0, 0, tzinfo=UTC), date(2027, 1, 1)),
        (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), AUTUMN),  # 02:30 for the first time
        (datetime(2026, 10, 25, 1, 30, tzinfo=UTC), AUTUMN),  # 02:30 for the second
        (datetime(2026, 3, 29, 1, 0, tzinfo=UTC), SPRING),  # 03:00; there was no 02:30
    ],
)
def test_a_moment_belongs_to_the_municipalitys_day(moment: datetime, day: date) -> None:
    assert clock.today(moment) == day


def test_another_municipality_has_another_midnight() -> None:
    assert clock.midnight(date(2026, 11, 23), ZoneInfo("Europe/Helsinki")) == datetime(2026, 11, 22, 22, tzinfo=UTC)
    assert clock.today(datetime(2026, 11, 22, 22, 30, tzinfo=UTC), ZoneInfo("Europe/Helsinki")) == date(2026, 11, 23)


@given(st.dates(date(2020, 1, 1), date(2045, 1, 1)))
def test_a_week_begins_on_its_monday(day: date) -> None:
    monday = clock.monday(day)
    assert monday.isoweekday() == 1
    assert timedelta(0) <= day - monday < 7 * DAY


def test_now_is_aware_and_today_follows_the_wall(clock_at: Callable[..., Any]) -> None:
    clock_at(datetime(2026, 12, 31, 23, 30, tzinfo=UTC))
    assert clock.now().utcoffset() == timedelta(0)
    assert clock.today() == date(2027, 1, 1)
