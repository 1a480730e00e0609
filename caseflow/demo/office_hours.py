"""Working time as one long line, so that acts can be placed on it by adding. Pure."""

from __future__ import annotations

from bisect import bisect
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from caseflow.workdays import IsWorkingDay

OPENS = time(8)
LENGTH = 8.5 * 3600  # seconds of a working day; no clock change falls into them
MARGIN = timedelta(days=14)


class OfficeHours:
    """The office hours from `start` on to `end`, with a margin so that both may be free days.

    Moments are POSIX times. A place on the line counts working days, of 8.5 hours each; outside the hours it stands
    still.
    """

    def __init__(self, zone: ZoneInfo, is_working_day: IsWorkingDay, start: date, end: date) -> None:
        self._zone = zone
        first = start - MARGIN
        days = (first + timedelta(days=n) for n in range((end + MARGIN - first).days + 1))
        self._opens = [datetime.combine(day, OPENS, zone).timestamp() for day in days if is_working_day(day)]

    def later(self, moment: float, days: float) -> float:
        """The moment that lies so many working days later; never after the last day."""
        return self._moment(self._place(moment) + days)

    def between(self, start: float, end: float, part: float) -> float:
        """The moment at a part, from 0 to 1, of the office hours between two moments."""
        begin = self._place(start)
        return self._moment(begin + (self._place(end) - begin) * part)

    def working_day(self, moment: float, days: int) -> date:
        """The day that lies so many working days after the moment's own; a free day counts as the one before it."""
        opens = self._opens[min(self._day(moment) + days, len(self._opens) - 1)]
        return datetime.fromtimestamp(opens, self._zone).date()

    def is_open(self, moment: float) -> bool:
        """Whether somebody is at work."""
        return moment - self._opens[self._day(moment)] < LENGTH

    def open_at(self, day: date) -> float:
        """When a day begins to work, or the next working day after it."""
        return self.later(datetime.combine(day, OPENS, self._zone).timestamp(), 0.0)

    def _day(self, moment: float) -> int:
        return bisect(self._opens, moment) - 1

    def _place(self, moment: float) -> float:
        day = self._day(moment)
        return day + min((moment - self._opens[day]) / LENGTH, 1.0)

    def _moment(self, place: float) -> float:
        day = int(place)
        return self._opens[min(day, len(self._opens) - 1)] + (place - day) * LENGTH
