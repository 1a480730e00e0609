"""Due dates: the kind's promise counted in working days from the day of receipt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext as _

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
        return cls(
            zone=municipality.zone,
            is_working_day=working_days_of(municipality.holidays),
            day_ends=time.fromisoformat(municipality.day_ends),
        )


def working_days_of(holidays: Mapping[str, Any]) -> IsWorkingDay:
    """The country's working days without the municipality's own days off, and with the days on which it works anyway.

    LookupError, ValueError or NotImplementedError: no such country, category or day.
    """
    country = national_calendar(str(holidays["country"]), tuple(map(str, holidays["categories"])))
    free, working = (frozenset(map(date.fromisoformat, holidays.get(name, ()))) for name in ("free", "working"))
    if both := free & working:
        raise ValueError(_("%(day)s cannot be both a day off and a working day", day=min(both)))
    return (lambda day: day in working or (day not in free and country(day))) if free or working else country


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
