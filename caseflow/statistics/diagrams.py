"""Where the marks of the heat map, the flow diagram and the forecast go; as in `charts.py`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import hypot
from typing import Any

from numpy.typing import NDArray

from caseflow.statistics.charts import LEFT, RIGHT, Dot, Scale, Tick, places, ticks
from caseflow.statistics.forecast import Forecast

# Where each status stands, on 360 units.
NODES: Mapping[str, tuple[int, int]] = {
    "new": (64, 36),
    "in_progress": (150, 140),
    "answered": (296, 36),
    "waiting": (64, 218),
    "planned": (180, 268),
    "closed": (296, 218),
}
HALF_WIDTH, HALF_HEIGHT = 62, 15
MOST_ARROWS, HEAD = 9, 6


@dataclass(frozen=True)
class Cell:
    x: float
    y: float
    number: int
    shade: float


@dataclass(frozen=True)
class HeatMap:
    """An hour of a weekday each; `shade` goes from 0 (none) to 1 (the most)."""

    cells: Sequence[Sequence[Cell]]
    width: float
    row: int
    hours: Sequence[Tick]
    busiest: tuple[int, int] | None
    most: int
    height: int = 196


@dataclass(frozen=True)
class Arrow:
    """From one status to another: a bent line with its head, and where its number stands."""

    steps: tuple[str, str]
    number: int
    path: str
    head: str
    thick: float
    x: float
    y: float


@dataclass(frozen=True)
class StepChart:
    arrows: Sequence[Arrow]
    left_out: int
    height: int = 296


@dataclass(frozen=True)
class ForecastChart:
    """The backlog of the past as a line, the expected one as another, and the interval as a shape between."""

    names: Sequence[float]
    ticks: Sequence[Tick]
    past: Sequence[Dot]
    expected: Sequence[Dot]
    interval: str
    height: int = 236


def heat_map(hours: NDArray[Any]) -> HeatMap:
    width, row, top = round((RIGHT + 34 - LEFT) / 24, 2), 20, 26
    most = int(hours.max(initial=0))
    cells = [
        [
            Cell(
                round(LEFT + hour * width, 1), top + day * row, int(number), round(int(number) / most, 2) if most else 0
            )
            for hour, number in enumerate(numbers)
        ]
        for day, numbers in enumerate(hours)
    ]
    numbered = [Tick(hour, round(LEFT + hour * width, 1)) for hour in range(0, 24, 6)]
    found = divmod(int(hours.argmax()), 24) if most else None
    return HeatMap(cells, round(width - 1, 1), row - 1, numbered, found, most)


def step_chart(steps: Mapping[tuple[str, str], int]) -> StepChart:
    """The most frequent steps, thick as they are frequent; the others are in the table."""
    frequent = sorted(((number, pair) for pair, number in steps.items() if number), reverse=True)
    most = frequent[0][0] if frequent else 1
    arrows = [_arrow(pair, number, most) for number, pair in frequent[:MOST_ARROWS]]
    return StepChart(arrows, sum(number for number, _pair in frequent[MOST_ARROWS:]))


def _arrow(pair: tuple[str, str], number: int, most: int) -> Arrow:
    (x1, y1), (x2, y2) = (NODES[status] for status in pair)
    length = hypot(x2 - x1, y2 - y1)
    # Bent to the left of its way, so that there and back again do not lie on each other, and the long ones more, so
    # that they go around what stands between.
    bend = 14 + max(0, length - 200) * 0.8
    middle = ((x1 + x2) / 2 + bend * (y2 - y1) / length, (y1 + y2) / 2 - bend * (x2 - x1) / length)
    start, end = _edge((x1, y1), middle, 0), _edge((x2, y2), middle, 4)
    # A little before the middle, so that the numbers of ways that cross there do not lie on each other.
    at = [0.36 * one + 0.48 * two + 0.16 * three for one, two, three in zip(start, middle, end, strict=True)]
    path = f"M{start[0]} {start[1]}Q{middle[0]:.1f} {middle[1]:.1f} {end[0]} {end[1]}"
    return Arrow(
        pair, number, path, _head(middle, end), round(1 + 5 * number / most, 1), round(at[0], 1), round(at[1], 1)
    )


def _edge(node: tuple[float, float], towards: tuple[float, float], gap: float) -> tuple[float, float]:
    """Where a line from the node's middle leaves its frame."""
    dx, dy = towards[0] - node[0], towards[1] - node[1]
    share = min((HALF_WIDTH + gap) / abs(dx) if dx else 9, (HALF_HEIGHT + gap) / abs(dy) if dy else 9)
    return round(node[0] + dx * share, 1), round(node[1] + dy * share, 1)


def _head(before: tuple[float, float], tip: tuple[float, float]) -> str:
    dx, dy = tip[0] - before[0], tip[1] - before[1]
    length = hypot(dx, dy) or 1
    ux, uy = HEAD * dx / length, HEAD * dy / length
    points = ((tip[0] + ux, tip[1] + uy), (tip[0] - uy, tip[1] + ux), (tip[0] + uy, tip[1] - ux))
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points) + "Z"


def forecast_chart(backlog: Sequence[int], forecast: Forecast) -> ForecastChart:
    """`backlog` ends with what is open now."""
    slots = places(len(backlog) + len(forecast.weeks))
    numbers = ticks(max([*backlog, *(week.high for week in forecast.weeks)]), 3)
    scale = Scale(numbers[-1], 200, 30)
    past = [Dot(n, value, slots[n].x, scale(value)) for n, value in enumerate(backlog)]
    coming = slots[len(backlog) :]
    expected = [
        Dot(n, week.expected, place.x, scale(week.expected))
        for n, (place, week) in enumerate(zip(coming, forecast.weeks, strict=True))
    ]
    now = f"{past[-1].x} {past[-1].y}"
    upper = [f"{place.x} {scale(week.high)}" for place, week in zip(coming, forecast.weeks, strict=True)]
    lower = [f"{place.x} {scale(week.low)}" for place, week in zip(coming, forecast.weeks, strict=True)]
    shape = "M" + "L".join([now, *upper, *lower[::-1]]) + "Z"
    return ForecastChart(
        [place.x for place in slots],
        [Tick(value, scale(value)) for value in numbers],
        past,
        [past[-1], *expected],
        shape,
    )
