"""What is watched over by the clock: when the working day begins, who counts as gone, when a case is escalated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from caseflow.cases.deadlines import Calendar
from caseflow.cases.models import Municipality
from caseflow.workdays import add_working_days

DEFAULTS: dict[str, object] = {
    "morning": "07:00",
    "idle_days": 2,
    "idle_due_within": 0,
    "escalate_before": 1,
    "escalate_kinds": {},
}
MOST_DAYS = 60


@dataclass(frozen=True)
class WatchRules:
    """`morning`: from when, local time on working days, is looked for who is gone and what must be escalated.

    Who has done nothing in `idle_days` whole working days, while somebody waits for them or something of theirs is due
    within `idle_due_within` working days, counts as gone (0 days: nobody does). A case that nobody has answered
    `escalate_before` working days before it is due goes to the coordinator; `escalate_kinds` says other days by kind.
    """

    morning: time = time(7)
    idle_days: int = 2
    idle_due_within: int = 0
    escalate_before: int = 1
    escalate_kinds: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def from_dict(cls, given: Mapping[str, object]) -> WatchRules:
        """The rules of a municipality's `watch`; what it does not say is as in DEFAULTS. ValueError in words."""
        unknown = ", ".join(str(name) for name in given if name not in DEFAULTS)
        if unknown:
            raise ValueError(f"nobody knows {unknown}")
        rules = {**DEFAULTS, **given}
        morning, kinds = rules["morning"], rules["escalate_kinds"]
        if not isinstance(morning, str) or not isinstance(kinds, dict):
            raise ValueError('morning must be a time in quotes ("07:00") and escalate_kinds days by kind')
        days = {name: _days(name, rules[name]) for name in ("idle_days", "idle_due_within", "escalate_before")}
        by_kind = {str(kind): _days(f"escalate_kinds, {kind}", number) for kind, number in kinds.items()}
        return cls(time.fromisoformat(morning), **days, escalate_kinds=by_kind)

    @classmethod
    def of(cls, municipality: Municipality) -> WatchRules:
        return cls.from_dict(municipality.watch)

    def working_morning(self, now: datetime, calendar: Calendar) -> date | None:
        """Today, when it is a working day and its morning has come."""
        here = now.astimezone(calendar.zone)
        return here.date() if here.time() >= self.morning and calendar.is_working_day(here.date()) else None

    def idle_since(self, today: date, calendar: Calendar) -> date:
        """The first of the whole working days before today in which somebody must have done nothing."""
        day = today
        for _day in range(self.idle_days):
            day -= timedelta(days=1)
            while not calendar.is_working_day(day):
                day -= timedelta(days=1)
        return day

    def horizons(self, today: date, calendar: Calendar) -> tuple[date, dict[str, date]]:
        """The last due date that is escalated on a working day: for most kinds, and by kind for the others."""
        usual = add_working_days(today, self.escalate_before, calendar.is_working_day)
        others = {
            kind: add_working_days(today, days, calendar.is_working_day) for kind, days in self.escalate_kinds.items()
        }
        return usual, others


def _days(name: str, number: object) -> int:
    if not isinstance(number, int) or isinstance(number, bool) or not 0 <= number <= MOST_DAYS:
        raise ValueError(f"{name} must be a whole number of days from 0 to {MOST_DAYS}")
    return number
