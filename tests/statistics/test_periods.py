"""Periods: their days, their slots, what they are compared with."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from caseflow.statistics.periods import PRESETS, Period, between

pytestmark = pytest.mark.no_app
days = st.dates(date(2000, 1, 1), date(2040, 12, 31))
STOCKHOLM = ZoneInfo("Europe/Stockholm")


@given(days, st.integers(0, 4000))
def test_slots_cover_the_period_without_gap_or_overlap(first: date, length: int) -> None:
    period = Period(first, first + timedelta(days=length))
    slots = period.slots()
    assert (slots[0].first, slots[-1].last) == (period.first, period.last)
    assert all(new.first - old.last == timedelta(days=1) for old, new in pairwise(slots))
    assert len(slots) <= 38  # three years of months, and a part of one at either end


@given(days, st.sampled_from(sorted(PRESETS)))
def test_every_preset_ends_by_today_and_follows_the_one_before(today: date, name: str) -> None:
    period = PRESETS[name](today)
    assert period.first <= period.last <= today
    before = period.before()
    assert before == period.just_before() if name == "weeks" else before.last == period.first - timedelta(days=1)
    assert before.last < period.first


def test_presets_on_a_monday_in_november() -> None:
    today = date(2026, 11, 23)
    assert {name: (str(make(today).first), str(make(today).last)) for name, make in PRESETS.items()} == {
        "weeks": ("2026-08-31", "2026-11-23"),
        "month": ("2026-11-01", "2026-11-23"),
        "last-month": ("2026-10-01", "2026-10-31"),
        "quarter": ("2026-10-01", "2026-11-23"),
        "year": ("2026-01-01", "2026-11-23"),
    }


@pytest.mark.parametrize(
    ("first", "last", "unit", "before"),
    [
        (date(2026, 2, 1), date(2026, 2, 28), "month", (date(2026, 1, 1), date(2026, 1, 31))),
        (date(2026, 1, 1), date(2026, 3, 31), "quarter", (date(2025, 10, 1), date(2025, 12, 31))),
        (date(2026, 2, 1), date(2026, 4, 30), "days", (date(2025, 11, 4), date(2026, 1, 31))),
        (date(2028, 1, 1), date(2028, 12, 31), "year", (date(2027, 1, 1), date(2027, 12, 31))),
        (date(2026, 10, 3), date(2026, 10, 9), "days", (date(2026, 9, 26), date(2026, 10, 2))),
    ],
)
def test_chosen_days_are_recognised(first: date, last: date, unit: str, before: tuple[date, date]) -> None:
    period = between(first, last)
    assert period.unit == unit
    assert (period.before().first, period.before().last) == before


def test_the_edges_follow_the_local_midnight_over_the_change_of_clocks() -> None:
    edges = Period(date(2026, 10, 19), date(2026, 11, 1)).edges(STOCKHOLM)
    assert edges == [
        datetime(2026, 10, 18, 22, tzinfo=UTC),
        datetime(2026, 10, 25, 23, tzinfo=UTC),
        datetime(2026, 11, 1, 23, tzinfo=UTC),
    ]
    assert edges[1] - edges[0] == timedelta(days=7, hours=1)


def test_long_periods_are_cut_into_months_and_years() -> None:
    assert Period(date(2026, 1, 1), date(2026, 6, 30)).step == "week"
    assert Period(date(2026, 1, 1), date(2026, 12, 31)).step == "month"
    assert Period(date(2020, 1, 1), date(2026, 12, 31)).step == "year"
