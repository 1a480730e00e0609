"""Working days as Swedish municipalities count them, against the calendar and against what must always hold."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from caseflow.workdays import add_months, add_working_days, national_calendar, working_days_between

pytestmark = pytest.mark.no_app
SWEDEN = national_calendar("SE", ("public", "de_facto"))
DAY = timedelta(days=1)
days = st.dates(date(2020, 1, 1), date(2045, 12, 31))
counts = st.integers(0, 60)

FREE = [
    (date(2026, 1, 1), "New Year's Day"),
    (date(2026, 1, 6), "Epiphany"),
    (date(2026, 4, 3), "Good Friday"),
    (date(2026, 4, 6), "Easter Monday"),
    (date(2026, 5, 1), "May Day"),
    (date(2026, 5, 14), "Ascension Day"),
    (date(2025, 6, 6), "National Day on a Friday"),
    (date(2026, 6, 19), "Midsummer's Eve"),
    (date(2027, 6, 25), "Midsummer's Eve of the next year"),
    (date(2026, 12, 24), "Christmas Eve"),
    (date(2026, 12, 25), "Christmas Day"),
    (date(2025, 12, 26), "Boxing Day on a Friday"),
    (date(2026, 12, 31), "New Year's Eve"),
]
WORKING = [
    (date(2026, 5, 15), "the Friday after Ascension Day, a bridge day"),
    (date(2026, 1, 2), "the Friday after New Year's Day, a bridge day"),
    (date(2026, 1, 5), "the Monday before Epiphany, a bridge day"),
    (date(2026, 10, 30), "the eve of All Saints"),
    (date(2026, 4, 2), "Maundy Thursday"),
    (date(2026, 4, 30), "Walpurgis Night"),
    (date(2026, 12, 23), "the day before Christmas Eve"),
    (date(2026, 12, 28), "a Monday between Christmas and New Year"),
    (date(2028, 2, 29), "a leap day"),
]


@pytest.mark.parametrize(("day", "name"), FREE, ids=[name for _, name in FREE])
def test_a_holiday_or_eve_is_free(day: date, name: str) -> None:
    assert day.weekday() < 5
    assert not SWEDEN(day)


@pytest.mark.parametrize(("day", "name"), WORKING, ids=[name for _, name in WORKING])
def test_an_ordinary_or_bridge_day_is_a_working_day(day: date, name: str) -> None:
    assert SWEDEN(day)


@pytest.mark.parametrize(("year", "count"), [(2025, 249), (2026, 251), (2027, 253)])
def test_a_year_has_the_working_days_of_the_almanac(year: int, count: int) -> None:
    """Monday to Friday without public holidays and the three eves (the facts' own count)."""
    assert sum(SWEDEN(date(year, 1, 1) + n * DAY) for n in range(365)) == count


def test_without_the_eves_three_days_more_would_count() -> None:
    public = national_calendar("SE", ("public",))
    year = [date(2026, 1, 1) + n * DAY for n in range(365)]
    eves = [date(2026, 6, 19), date(2026, 12, 24), date(2026, 12, 31)]
    assert [day for day in year if public(day) and not SWEDEN(day)] == eves


PROMISES = [
    (date(2026, 11, 23), 2, date(2026, 11, 25), "an ordinary Monday"),
    (date(2026, 11, 23), 7, date(2026, 12, 2), "over a weekend"),
    (date(2026, 11, 27), 1, date(2026, 11, 30), "Friday to Monday"),
    (date(2026, 11, 28), 1, date(2026, 12, 1), "a Saturday counts as Monday"),
    (date(2026, 5, 13), 2, date(2026, 5, 18), "over Ascension Day, with the bridge day worked"),
    (date(2026, 6, 18), 1, date(2026, 6, 22), "over midsummer"),
    (date(2026, 12, 23), 2, date(2026, 12, 29), "over Christmas"),
    (date(2026, 12, 30), 2, date(2027, 1, 5), "over New Year"),
    (date(2026, 12, 24), 0, date(2026, 12, 28), "no days, from a free day"),
]


@pytest.mark.parametrize(("start", "count", "end", "name"), PROMISES, ids=[row[3] for row in PROMISES])
def test_a_promise_ends_on_the_day_that_a_person_would_count_to(start: date, count: int, end: date, name: str) -> None:
    assert add_working_days(start, count, SWEDEN) == end


@given(days, counts)
def test_a_promise_ends_on_a_working_day_and_never_before_it_began(start: date, count: int) -> None:
    end = add_working_days(start, count, SWEDEN)
    assert SWEDEN(end)
    assert end >= start + count * DAY


@given(days, counts)
def test_one_more_day_is_the_next_working_day(start: date, count: int) -> None:
    end, next_end = (add_working_days(start, n, SWEDEN) for n in (count, count + 1))
    assert end < next_end
    assert not any(SWEDEN(end + n * DAY) for n in range(1, (next_end - end).days))


@given(days, counts)
def test_who_begins_later_ends_no_earlier(start: date, count: int) -> None:
    assert add_working_days(start, count, SWEDEN) <= add_working_days(start + DAY, count, SWEDEN)


@given(days, counts)
def test_counting_undoes_adding(start: date, count: int) -> None:
    first = add_working_days(start, 0, SWEDEN)
    assert working_days_between(first, add_working_days(start, count, SWEDEN), SWEDEN) == count


@given(days, days)
def test_counting_back_is_counting_with_the_other_sign(one: date, other: date) -> None:
    assert working_days_between(one, other, SWEDEN) == -working_days_between(other, one, SWEDEN)


@given(days, days, days)
def test_a_stretch_is_the_sum_of_its_parts(one: date, two: date, three: date) -> None:
    a, b, c = sorted((one, two, three))
    assert working_days_between(a, c, SWEDEN) == sum(working_days_between(*ends, SWEDEN) for ends in ((a, b), (b, c)))


def test_the_day_before_is_overdue_by_one_working_day() -> None:
    assert working_days_between(date(2026, 11, 25), date(2026, 11, 23), SWEDEN) == -2
    assert working_days_between(date(2026, 11, 30), date(2026, 11, 27), SWEDEN) == -1
    assert working_days_between(date(2026, 11, 27), date(2026, 11, 29), SWEDEN) == 0


MONTHS = [
    (date(2026, 11, 23), 1, date(2026, 12, 23)),
    (date(2026, 1, 31), 1, date(2026, 2, 28)),
    (date(2028, 1, 31), 1, date(2028, 2, 29)),
    (date(2026, 8, 31), 6, date(2027, 2, 28)),
    (date(2026, 12, 15), 1, date(2027, 1, 15)),
    (date(2026, 11, 30), 3, date(2027, 2, 28)),
    (date(2028, 2, 29), 12, date(2029, 2, 28)),
    (date(2026, 5, 31), 1, date(2026, 6, 30)),
    (date(2026, 11, 23), 0, date(2026, 11, 23)),
]


@pytest.mark.parametrize(("start", "months", "end"), MONTHS, ids=str)
def test_months_end_on_the_same_day_or_the_months_last(start: date, months: int, end: date) -> None:
    assert add_months(start, months) == end


@given(days, st.integers(0, 48))
def test_months_later_is_so_many_months_later(start: date, months: int) -> None:
    end = add_months(start, months)
    assert (end.year * 12 + end.month) - (start.year * 12 + start.month) == months
    assert end.day == start.day or (end + DAY).day == 1
    assert end.day <= start.day
