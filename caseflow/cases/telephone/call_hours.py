"""When the municipality calls: its hours and working days, how often it tries, and when a call's turn comes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from itertools import count

from caseflow import clock
from caseflow.cases.deadlines import Calendar
from caseflow.cases.models import Municipality
from caseflow.cases.telephone.call_windows import WEEK, Window

# What is done after the last unanswered call: another channel, or a person decides.
THEN = ("letter", "email", "sms", "worklist")
DEFAULTS: dict[str, object] = {
    "hours": {"from": "8:00", "to": "17:00"},
    "ladder": [120, 1440, 2880],
    "then": "worklist",
    "notice_after": 1,
}
LONGEST_STEP = 30 * 24 * 60  # minutes
MOST_STEPS, MOST_TRIES = 10, 11
# Who wants a call when nobody calls gets it in the nearest part of the hours.
NEAREST = timedelta(hours=1)
ANY_TIME = Window()
WORKING_WEEK = frozenset(range(5))
_CLOCK = re.compile(r"([01]?\d|2[0-3])[:.]([0-5]\d)")


@dataclass(frozen=True)
class CallRules:
    """Calls are made from `opens` until before `closes` on working days. After the n-th unanswered call the next comes
    `ladder[n-1]` later, after the last `then`; after the `notice_after`-th an SMS says that we tried (0: never)."""

    opens: time
    closes: time
    ladder: tuple[timedelta, ...]
    then: str
    notice_after: int

    @classmethod
    def from_dict(cls, given: Mapping[str, object]) -> CallRules:
        """The rules of a municipality's `calls`; what it does not say is as in DEFAULTS. ValueError in words."""
        unknown = ", ".join(str(name) for name in given if name not in DEFAULTS)
        if unknown:
            raise ValueError(f"nobody knows {unknown}")
        rules = {**DEFAULTS, **given}
        hours, ladder, then, notice = (rules[name] for name in DEFAULTS)
        if not isinstance(hours, dict) or hours.keys() != {"from", "to"}:
            raise ValueError('hours must look like {from: "8:00", to: "17:00"}')
        opens, closes = _clock(hours["from"]), _clock(hours["to"])
        if opens >= closes:
            raise ValueError("the hours must begin before they end")
        if then not in THEN:
            raise ValueError(f"then is {then!r}, but it must be one of {', '.join(THEN)}")
        if not _whole(notice, 0, MOST_TRIES):
            raise ValueError(f"notice_after must be a whole number from 0 (never) to {MOST_TRIES}")
        return cls(opens, closes, _steps(ladder), str(then), int(str(notice)))

    @classmethod
    def of(cls, municipality: Municipality) -> CallRules:
        return cls.from_dict(municipality.calls)


@dataclass(frozen=True)
class CallHours:
    """The rules on the municipality's wall and in its calendar."""

    rules: CallRules
    calendar: Calendar

    @classmethod
    def of(cls, municipality: Municipality) -> CallHours:
        return cls(CallRules.of(municipality), Calendar.of(municipality))

    def next_turn(self, after: datetime, window: Window | None) -> datetime:
        """The first moment, `after` or later, at which a call to somebody with this window may be made.

        Never outside the hours: of a window beside them only the weekdays count, and the nearest hour.
        """
        wish, zone = self._possible(window or ANY_TIME), self.calendar.zone
        # In UTC, because two moments of one zone compare by their wall's hands, also on the night of the 25th hour.
        after, first = after.astimezone(UTC), clock.today(after, zone)
        for days in count():
            day = first + timedelta(days=days)
            if day.weekday() not in wish.days or not self.calendar.is_working_day(day):
                continue
            turn = max(after, datetime.combine(day, wish.start, zone).astimezone(UTC))
            on_the_wall = clock.local(turn, zone)
            # On the night when clocks are set forward, some hours are not there.
            if on_the_wall.date() == day and wish.start <= on_the_wall.time() < wish.end:
                return turn
        raise AssertionError("days do not end")

    def _possible(self, window: Window) -> Window:
        """The window within the hours."""
        opens, closes = self.rules.opens, self.rules.closes
        days = window.days if window.days & WORKING_WEEK else WEEK
        if window.start >= closes:
            return Window(days, max(opens, _moved(closes, -NEAREST)), closes)
        if window.end <= opens:
            return Window(days, opens, min(closes, _moved(opens, NEAREST)))
        return Window(days, max(opens, window.start), min(closes, window.end))


def _clock(typed: object) -> time:
    found = _CLOCK.fullmatch(typed.strip()) if isinstance(typed, str) else None
    if found is None:
        raise ValueError(f'{typed!r} is no time of the day; write it in quotes, like "8:00"')
    return time(int(found[1]), int(found[2]))


def _steps(ladder: object) -> tuple[timedelta, ...]:
    if not isinstance(ladder, list) or len(ladder) > MOST_STEPS or not all(_whole(n, 1, LONGEST_STEP) for n in ladder):
        raise ValueError(f"ladder must be a list of at most {MOST_STEPS} whole minutes, each from 1 to {LONGEST_STEP}")
    return tuple(timedelta(minutes=minutes) for minutes in ladder)


def _whole(value: object, low: int, high: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and low <= value <= high


def _moved(at: time, by: timedelta) -> time:
    """The time of the day moved, but not over midnight."""
    minute = at.hour * 60 + at.minute + int(by.total_seconds() // 60)
    return time.min if minute < 0 else time.max if minute >= 24 * 60 else time(*divmod(minute, 60))
