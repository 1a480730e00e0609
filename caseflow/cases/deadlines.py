"""Due dates: the kind's promise counted in working days from the day of receipt."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from caseflow import clock
from caseflow.cases.models import Kind, Municipality
from caseflow.workdays import IsWorkingDay, add_months, add_working_days, national_calendar


@dataclass(frozen=True)
class Calendar:
    """When the municipality works."""

    zone: ZoneInfo
    is_working_day: IsWorkingDay
    day_ends: time

    @classmethod
    def of(cls, municipality: Municipality) -> Calendar:
        rule = municipality.holidays
        categories = tuple(str(name) for name in rule["categories"])  # type: ignore[attr-defined]  # JSON list
        return cls(
            zone=municipality.zone,
            is_working_day=national_calendar(str(rule["country"]), categories),
            day_ends=time.fromisoformat(municipality.day_ends),
        )


def promise_of(kind: Kind) -> dict[str, object]:
    """The promise to freeze on a case: {"working_days": n} or {"months": n}."""
    if kind.promise_months is not None:
        return {"months": kind.promise_months}
    return {"working_days": kind.promise_days}


def due_on(received_at: datetime, promise: dict[str, object], calendar: Calendar) -> date:
    """The last day to answer.

    What comes in after the working day's end counts from the next working day; the date of receipt stays what it
    was (FL 2017:900, 22 §). A promise in months that ends on a free day ends on the next working day
    (lag 1930:173, 2 §).
    """
    moment = clock.local(received_at, calendar.zone)
    start = moment.date()
    if "months" in promise:
        return add_working_days(add_months(start, int(str(promise["months"]))), 0, calendar.is_working_day)
    if moment.time() >= calendar.day_ends:
        start += timedelta(days=1)
    return add_working_days(start, int(str(promise["working_days"])), calendar.is_working_day)
