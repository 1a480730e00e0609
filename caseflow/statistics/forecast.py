"""What will be open in four weeks, and what it takes to clear it: a simple, stated method, and its interval.

The growth of each of the last twelve full weeks (in, taken up again and passed on to us, less finished and passed on)
is a week that can come again. The line adds the median of them each week; the interval holds eight of ten of a thousand
ways in which four weeks can be drawn from them. The draws are the same each time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from caseflow.statistics.groups import Flow

WEEKS, WAYS, FEWEST = 4, 1_000, 8


@dataclass(frozen=True)
class Week:
    """What is expected to be open at the end of a week to come, and between which numbers in eight cases of ten."""

    expected: int
    low: int
    high: int


@dataclass(frozen=True)
class Forecast:
    """`finished` is how many are finished a week now (the median), `needed` how many a week would leave none that is
    older than the last of the four weeks."""

    weeks: Sequence[Week]
    finished: int
    needed: int


def of(open_now: int, flow: Sequence[Flow]) -> Forecast | None:
    """The forecast from whole weeks; None when there are too few of them, or nothing ever happened."""
    if len(flow) < FEWEST or not any(week.received or week.finished for week in flow):
        return None
    growth = np.array([week.growth for week in flow])
    drawn = np.random.default_rng(1).choice(growth, (WAYS, WEEKS)).cumsum(axis=1) + open_now
    low, high = (np.quantile(drawn, share, axis=0, method="inverted_cdf") for share in (0.1, 0.9))
    step = float(np.median(growth))
    weeks = [
        Week(max(0, round(open_now + step * number)), max(0, int(low[number - 1])), max(0, int(high[number - 1])))
        for number in range(1, WEEKS + 1)
    ]
    left = [week.finished + week.moved_out for week in flow]
    finished = round(float(np.median(left)))
    return Forecast(weeks, finished, max(0, round(finished + step + open_now / WEEKS)))
