"""Working time as a line: acts placed on it fall into office hours."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from caseflow.demo.office_hours import OfficeHours
from caseflow.workdays import national_calendar

pytestmark = pytest.mark.no_app

STOCKHOLM = ZoneInfo("Europe/Stockholm")
SWEDEN = national_calendar("SE", ("public", "de_facto"))
OFFICE = OfficeHours(STOCKHOLM, SWEDEN, date(2026, 1, 1), date(2027, 3, 1))


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=STOCKHOLM).timestamp()


def local(moment: float) -> str:
    return datetime.fromtimestamp(moment, STOCKHOLM).strftime("%Y-%m-%d %H:%M")


@pytest.mark.parametrize(
    ("moment", "days", "later"),
    [
        ("2026-11-23 10:00", 0, "2026-11-23 10:00"),
        ("2026-11-23 10:00", 1, "2026-11-24 10:00"),
        ("2026-11-23 08:00", 0.5, "2026-11-23 12:15"),
        ("2026-11-23 03:00", 0, "2026-11-23 08:00"),
        ("2026-11-23 20:00", 0, "2026-11-24 08:00"),
        ("2026-11-27 12:15", 1, "2026-11-30 12:15"),
        ("2026-11-28 12:00", 0, "2026-11-30 08:00"),
        ("2026-12-23 12:15", 1, "2026-12-28 12:15"),
        ("2026-03-27 10:00", 1, "2026-03-30 10:00"),
        ("2026-11-25 10:00", -2, "2026-11-23 10:00"),
    ],
)
def test_working_days_later(moment: str, days: float, later: str) -> None:
    assert local(OFFICE.later(at(moment), days)) == later


def test_never_after_the_last_day() -> None:
    assert local(OFFICE.later(at("2027-03-01 10:00"), 10_000)).startswith("2027-03-15")


def test_a_part_of_the_hours_between_two_moments() -> None:
    friday, monday = at("2026-11-27 15:30"), at("2026-11-30 09:00")
    assert local(OFFICE.between(friday, monday, 0.25)) == "2026-11-27 16:00"
    assert local(OFFICE.between(friday, monday, 0.75)) == "2026-11-30 08:30"


def test_a_day_so_many_working_days_away() -> None:
    assert OFFICE.working_day(at("2026-12-23 10:00"), 1) == date(2026, 12, 28)
    assert OFFICE.working_day(at("2026-11-28 10:00"), 1) == date(2026, 11, 30)


def test_the_office_is_open_on_working_days_only() -> None:
    assert OFFICE.is_open(at("2026-11-23 08:00")) and OFFICE.is_open(at("2026-11-23 16:29"))
    assert not OFFICE.is_open(at("2026-11-23 16:30")) and not OFFICE.is_open(at("2026-11-22 10:00"))
    assert (
        not OFFICE.is_open(at("2026-12-24 10:00")) and local(OFFICE.open_at(date(2026, 12, 24))) == "2026-12-28 08:00"
    )


@given(st.floats(at("2026-01-01 00:00"), at("2026-12-31 00:00")), st.floats(0, 30))
def test_what_is_placed_lies_in_office_hours_and_not_before(moment: float, days: float) -> None:
    later = OFFICE.later(moment, days)
    assert later >= moment - 1e-3
    placed = datetime.fromtimestamp(later, STOCKHOLM)
    assert SWEDEN(placed.date()) and 8 <= placed.hour + placed.minute / 60 <= 16.5
