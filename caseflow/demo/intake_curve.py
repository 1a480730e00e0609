"""When errands come in: by hour, weekday and season, with snow storms in the winter. Pure and seeded."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import accumulate
from zoneinfo import ZoneInfo

from caseflow.demo.chance import Rnd
from caseflow.workdays import IsWorkingDay

# Errands an hour, local time, in proportion: a peak before lunch, a second life in the evening, little at night.
WORKING_DAY = (3, 2, 1, 1, 2, 5, 15, 40, 78, 92, 88, 74, 62, 74, 74, 68, 58, 48, 44, 45, 40, 34, 22, 9)
FREE_DAY = (3, 2, 1, 1, 1, 2, 4, 8, 14, 20, 24, 24, 22, 22, 22, 21, 21, 20, 20, 20, 18, 14, 9, 5)
MONDAY_TO_SUNDAY = (1.15, 1.05, 1.0, 0.98, 0.85, 1.0, 1.0)
SEASONS = ("winter",) * 3 + ("spring",) * 2 + ("summer",) * 3 + ("autumn",) * 2 + ("winter",) * 2
SNOW_BY_MONTH = (1.3, 1.2, 0.6, 0, 0, 0, 0, 0, 0, 0, 0.5, 1.0)
# A storm day brings many times a calm day's snow errands (facts, section 5: 119 in one winter, 1,953 in another).
STORM_CHANCE, STORM, CALM = 0.04, 20.0, 0.3
AN_HOUR = 3600


@dataclass(frozen=True, slots=True)
class Hour:
    """An hour of the window, or a part of one at its edges; `snow` is the share of its errands that are about snow."""

    start: float
    seconds: float
    snow: float
    season: str
    day: date


class IntakeCurve:
    """How many errands each hour from `start` up to `end` (both aware) brings, in proportion.

    `snow_share` is the percent of a whole year's errands that are about snow; it comes on top of the rest. Raises
    ValueError when the window is empty.
    """

    def __init__(
        self, rnd: Rnd, zone: ZoneInfo, is_working_day: IsWorkingDay, start: datetime, end: datetime, snow_share: float
    ) -> None:
        usual_snow = sum(SNOW_BY_MONTH) / 12 * (STORM_CHANCE * STORM + (1 - STORM_CHANCE) * CALM)
        self._rnd, self._zone, self._is_working_day = rnd, zone, is_working_day
        self._snow_per_errand = snow_share / (100 - snow_share) / usual_snow
        weighted = [(hour, weight) for hour, weight in self._over(start.timestamp(), end.timestamp()) if weight > 0]
        if not weighted:
            raise ValueError("nothing to choose from: the window is empty")
        self._hours = [hour for hour, _ in weighted]
        self._sums = [0.0, *accumulate(weight for _, weight in weighted)]

    def moment(self, point: float) -> float:
        """When (POSIX time) the part `point` (from 0 up to 1) of all errands has come in; it never falls."""
        place = point * self._sums[-1]
        index = bisect(self._sums, place, 1, len(self._hours)) - 1
        hour, before = self._hours[index], self._sums[index]
        return hour.start + hour.seconds * (place - before) / (self._sums[index + 1] - before)

    def hour(self, moment: float) -> Hour:
        """The hour that a moment of the window lies in."""
        index = int(moment // AN_HOUR) - int(self._hours[0].start // AN_HOUR)
        return self._hours[min(max(index, 0), len(self._hours) - 1)]

    def _over(self, opens: float, closes: float) -> Iterator[tuple[Hour, float]]:
        storms: dict[date, float] = {}
        for number in range(int(opens // AN_HOUR), int(-(-closes // AN_HOUR))):
            local = datetime.fromtimestamp(number * AN_HOUR, self._zone)
            day, begin = local.date(), max(opens, number * AN_HOUR)
            seconds = min(closes, (number + 1) * AN_HOUR) - begin
            by_hour = WORKING_DAY if self._is_working_day(day) else FREE_DAY
            usual = by_hour[local.hour] * MONDAY_TO_SUNDAY[day.weekday()] * seconds
            if day not in storms:
                storms[day] = STORM if self._rnd() < STORM_CHANCE else CALM
            snow = self._snow_per_errand * SNOW_BY_MONTH[day.month - 1] * storms[day]
            yield Hour(begin, seconds, snow / (1 + snow), SEASONS[day.month - 1], day), usual * (1 + snow)
