"""Due dates, each counted by hand on an almanac of 2026 and 2027."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from caseflow.cases.deadlines import Calendar, due_on, promise_of
from caseflow.cases.models import Kind, Municipality

pytestmark = pytest.mark.no_app

STOCKHOLM = ZoneInfo("Europe/Stockholm")


def calendar(**overrides: Any) -> Calendar:
    facts = {
        "timezone": "Europe/Stockholm",
        "holidays": {"country": "SE", "categories": ["public", "de_facto"]},
        "day_ends": "16:30",
        **overrides,
    }
    return Calendar.of(Municipality(**facts))


def local(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=STOCKHOLM)


@pytest.mark.parametrize(
    ("received", "days", "due", "why"),
    [
        ("2026-11-23 10:00:00", 10, "2026-12-07", "Monday and ten working days is the Monday after next"),
        ("2026-11-23 10:00:00", 1, "2026-11-24", "the day after"),
        ("2026-11-23 00:00:00", 2, "2026-11-25", "the night before work is the same day"),
        ("2026-11-23 16:29:59", 10, "2026-12-07", "a second before the day ends"),
        ("2026-11-23 16:30:00", 10, "2026-12-08", "what comes after the day's end counts from the next day"),
        ("2026-11-23 23:59:59", 2, "2026-11-26", "late in the evening as well"),
        ("2026-11-27 15:00:00", 2, "2026-12-01", "Friday afternoon"),
        ("2026-11-27 18:00:00", 2, "2026-12-02", "Friday evening counts from Monday"),
        ("2026-11-28 11:00:00", 2, "2026-12-02", "Saturday counts from Monday"),
        ("2026-11-29 23:30:00", 2, "2026-12-02", "Sunday night too"),
        ("2026-12-22 10:00:00", 2, "2026-12-28", "Christmas eve, both holidays and a Sunday lie between"),
        ("2026-12-22 10:00:00", 5, "2027-01-04", "New Year's eve and day are free as well"),
        ("2026-12-21 10:00:00", 10, "2027-01-11", "and Epiphany, but not the day before it"),
        ("2026-12-23 17:00:00", 1, "2026-12-29", "the evening before Christmas eve counts from the 28th"),
        ("2026-12-24 09:00:00", 1, "2026-12-29", "so does Christmas eve itself"),
        ("2026-04-02 09:00:00", 1, "2026-04-07", "Good Friday to Easter Monday"),
        ("2026-05-13 09:00:00", 1, "2026-05-15", "the bridge day after Ascension is a working day"),
        ("2026-06-18 09:00:00", 1, "2026-06-22", "Midsummer eve is free"),
        ("2026-03-27 10:00:00", 2, "2026-03-31", "over the night when the clocks go forward"),
        ("2026-10-23 10:00:00", 2, "2026-10-27", "and back"),
    ],
)
def test_working_days(received: str, days: int, due: str, why: str) -> None:
    assert due_on(local(received), {"working_days": days}, calendar()) == date.fromisoformat(due), why


@pytest.mark.parametrize(
    ("received", "months", "due", "why"),
    [
        ("2026-11-23 10:00:00", 1, "2026-12-23", "the same day a month later"),
        ("2026-11-23 22:00:00", 1, "2026-12-23", "months do not know the hour"),
        ("2026-11-24 10:00:00", 1, "2026-12-28", "Christmas eve: the next working day"),
        ("2027-01-31 10:00:00", 1, "2027-03-01", "February's last day is a Sunday"),
        ("2027-10-31 10:00:00", 1, "2027-11-30", "November has no 31st"),
        ("2026-12-23 10:00:00", 3, "2027-03-23", "over the new year"),
    ],
)
def test_months(received: str, months: int, due: str, why: str) -> None:
    assert due_on(local(received), {"months": months}, calendar()) == date.fromisoformat(due), why


def test_the_day_is_the_municipalitys_and_not_greenwichs() -> None:
    sunday_night_in_utc = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)
    assert due_on(sunday_night_in_utc, {"working_days": 1}, calendar()) == date(2026, 11, 24)
    assert due_on(sunday_night_in_utc, {"working_days": 1}, calendar(timezone="UTC")) == date(2026, 11, 24)
    monday_afternoon = datetime(2026, 11, 23, 15, 45, tzinfo=UTC)
    assert due_on(monday_afternoon, {"working_days": 1}, calendar()) == date(2026, 11, 25)
    assert due_on(monday_afternoon, {"working_days": 1}, calendar(timezone="UTC")) == date(2026, 11, 24)


def test_a_municipality_that_closes_at_noon_counts_from_noon() -> None:
    noon, before = local("2026-11-23 12:00:00"), local("2026-11-23 11:59:00")
    assert due_on(noon, {"working_days": 1}, calendar(day_ends="12:00")) == date(2026, 11, 25)
    assert due_on(before, {"working_days": 1}, calendar(day_ends="12:00")) == date(2026, 11, 24)


def test_without_the_eves_christmas_eve_is_a_working_day() -> None:
    public_only = calendar(holidays={"country": "SE", "categories": ["public"]})
    assert due_on(local("2026-12-23 09:00:00"), {"working_days": 1}, public_only) == date(2026, 12, 24)


def test_a_kind_promises_days_or_months() -> None:
    assert promise_of(Kind(promise_days=2, promise_months=None)) == {"working_days": 2}
    assert promise_of(Kind(promise_days=None, promise_months=1)) == {"months": 1}
