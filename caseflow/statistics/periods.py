"""The stretches of local days that figures are counted over, and how each is cut into weeks, months or years."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from caseflow import clock
from caseflow.workdays import add_months

ONE_DAY = timedelta(days=1)
WEEK = timedelta(weeks=1)
FULL_WEEKS = 12
# How far a chart can be cut and still be read at 390 px: half a year of weeks, three years of months.
MOST_WEEKS, MOST_MONTHS = 26, 36


@dataclass(frozen=True)
class Slot:
    """One week, month or year of a period; `partial` when the period or today cuts it short."""

    first: date
    last: date
    partial: bool = False


@dataclass(frozen=True)
class Period:
    """Local days from `first` to `last`, both included. `unit` (weeks, month, quarter, year, days) says what it is
    called, and which period comes before it."""

    first: date
    last: date
    unit: str = "days"

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def step(self) -> str:
        """What a chart of the period counts by: `week`, `month` or `year`."""
        if self.days <= MOST_WEEKS * 7 + 7:
            return "week"
        return "month" if self.days <= MOST_MONTHS * 31 else "year"

    def slots(self) -> tuple[Slot, ...]:
        """The period cut at Mondays, firsts of months or New Year's days."""
        return tuple(self._cut())

    def _cut(self) -> Iterator[Slot]:
        start = begin_of(self.step, self.first)
        while start <= self.last:
            after = next_of(self.step, start)
            whole = self.first <= start and after - ONE_DAY <= self.last
            yield Slot(max(start, self.first), min(after - ONE_DAY, self.last), not whole)
            start = after

    def edges(self, zone: ZoneInfo) -> list[datetime]:
        """Where each slot begins, and last where the period ends, in UTC."""
        return [clock.midnight(slot.first, zone) for slot in self.slots()] + [clock.midnight(self.last + ONE_DAY, zone)]

    def before(self) -> Period:
        """What this period is compared with: the whole one before it, or as many days; of the weeks the same weekdays,
        because the last week still runs.
        """
        if self.unit in MONTHS_OF:
            start = self.first.replace(day=1)
            return Period(add_months(start, -MONTHS_OF[self.unit]), start - ONE_DAY, self.unit)
        return self.just_before()

    def just_before(self) -> Period:
        """As many days as these, before them: as much of the month before as has passed of a month that runs, and the
        same weekdays for the weeks."""
        if self.unit in MONTHS_OF:
            return self._months_ago(MONTHS_OF[self.unit])
        return self._days_ago((FULL_WEEKS + 1) * 7 if self.unit == "weeks" else self.days)

    def year_before(self) -> Period:
        """The same days of the year before; of the weeks the same weekdays."""
        return self._days_ago(52 * 7) if self.unit == "weeks" else self._months_ago(12)

    def overlaps(self, other: Period) -> bool:
        return self.first <= other.last and other.first <= self.last

    def _months_ago(self, months: int) -> Period:
        first, last = add_months(self.first, -months), add_months(self.last, -months)
        if (self.last + ONE_DAY).day == 1:  # whole months stay whole
            last = add_months(self.last + ONE_DAY, -months) - ONE_DAY
        return Period(first, last, self.unit)

    def _days_ago(self, days: int) -> Period:
        return Period(self.first - timedelta(days), self.last - timedelta(days))


MONTHS_OF = {"month": 1, "quarter": 3, "year": 12}


def begin_of(step: str, day: date) -> date:
    """The first day of a day's week, month or year."""
    if step == "week":
        return clock.monday(day)
    return day.replace(day=1) if step == "month" else date(day.year, 1, 1)


def next_of(step: str, day: date) -> date:
    """The first day of the week, month or year after the one that begins on this day."""
    return day + WEEK if step == "week" else add_months(day, 1 if step == "month" else 12)


def twelve_weeks(today: date) -> Period:
    """The last twelve full weeks and the running one."""
    return Period(clock.monday(today) - FULL_WEEKS * WEEK, today, "weeks")


def this_month(today: date) -> Period:
    return Period(today.replace(day=1), today, "month")


def last_month(today: date) -> Period:
    return this_month(today).before()


def this_quarter(today: date) -> Period:
    return Period(date(today.year, (today.month - 1) // 3 * 3 + 1, 1), today, "quarter")


def this_year(today: date) -> Period:
    return Period(date(today.year, 1, 1), today, "year")


def between(first: date, last: date) -> Period:
    """The days that a person chose, recognised when they are a whole month, quarter or year."""
    for unit, months in MONTHS_OF.items():
        starts = first.day == 1 and (first.month - 1) % months == 0
        if starts and add_months(first, months) - ONE_DAY == last:
            return Period(first, last, unit)
    return Period(first, last)


PRESETS: dict[str, Callable[[date], Period]] = {
    "weeks": twelve_weeks,
    "month": this_month,
    "last-month": last_month,
    "quarter": this_quarter,
    "year": this_year,
}
DEFAULT = "weeks"
