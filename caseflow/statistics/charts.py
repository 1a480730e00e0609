"""Where the marks of a chart go: plain numbers for SVG. Words, colours and numbers' formats are the template's.

Every chart is drawn 360 units wide (a department's 270), about the width that it has both in one column of a wide
screen and across a narrow one, so that its text is as large as the text around it in both.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count, pairwise

from caseflow.statistics.groups import Flow, Open

LEFT, RIGHT = 36, 320  # where the slots begin and end; numbers stand in the margins
ROOM_FOR_A_LABEL = 26
WIDEST_BAR = 32


@dataclass(frozen=True)
class Scale:
    """Values from 0 to `top` on a line from `start` to `end`."""

    top: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        return round(self.start + (self.end - self.start) * value / self.top, 1)


@dataclass(frozen=True)
class Tick:
    """A number on an axis, and where."""

    value: int
    at: float


@dataclass(frozen=True)
class Bar:
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Place:
    """A slot on the horizontal axis: its middle, and whether there is room for its name."""

    x: float
    named: bool


@dataclass(frozen=True)
class Dot:
    """A value on a line: the slot's index, the value, and where."""

    index: int
    value: int
    x: float
    y: float


@dataclass(frozen=True)
class FlowChart:
    """Open cases as a line; under it bars up for what came in (with a cap for what was taken up again), and down for
    what was finished, all on the same slots."""

    places: Sequence[Place]
    open_ticks: Sequence[Tick]
    open_line: Sequence[Dot]
    bar_ticks: Sequence[Tick]
    zero: float
    received: Sequence[Bar]
    again: Sequence[Bar]
    finished: Sequence[Bar]
    height: int = 296


@dataclass(frozen=True)
class ShareChart:
    """Shares as dots joined where neighbours have one; `told` are the dots that carry their number."""

    places: Sequence[Place]
    ticks: Sequence[Tick]
    target: float
    dots: Sequence[Dot]
    lines: Sequence[tuple[Dot, Dot]]
    told: Sequence[Dot]
    height: int = 296


@dataclass(frozen=True)
class AgeChart:
    """A horizontal bar per age: the part past its date first, then the rest."""

    ticks: Sequence[Tick]
    overdue: Sequence[Bar]
    rest: Sequence[Bar]
    height: int = 296


@dataclass(frozen=True)
class SmallChart:
    """One department: its share as a bar on 0–100, and its open cases as a line, on the scale that all share."""

    share: Bar | None
    target: float
    ticks: Sequence[Tick]
    line: Sequence[Dot]
    height: int = 96


def ticks(top: float, most: int) -> list[int]:
    """0 and up by a round step (1, 2 or 5 times a power of ten) to at least `top`, in at most `most` steps."""
    step = next(step for step in _round_steps() if step * most >= top)
    steps = max(1, -(-int(top) // step))
    return [step * number for number in range(steps + 1)]


def _round_steps() -> Iterator[int]:
    return (factor * 10**power for power in count() for factor in (1, 2, 5))


def places(slots: int, left: float = LEFT, right: float = RIGHT) -> list[Place]:
    """The slots side by side; where names would touch, only some are named, the last always."""
    pitch = (right - left) / slots
    every = max(1, -int(-ROOM_FOR_A_LABEL // pitch))
    return [Place(round(left + pitch * (index + 0.5), 1), (slots - 1 - index) % every == 0) for index in range(slots)]


def flow_chart(flow: Sequence[Flow], backlog: Sequence[int]) -> FlowChart:
    """The chart of what came in, what was finished, and what stayed open."""
    slots = places(len(flow))
    open_scale = Scale(ticks(max(backlog, default=0), 2)[-1], 88, 24)
    most_in = max((slot.received + slot.again for slot in flow), default=0)
    most_out = max((slot.finished for slot in flow), default=0)
    step = ticks(max(most_in, most_out), 3)[1]
    up, down = (max(step, -(-most // step) * step) for most in (most_in, most_out))
    unit = Scale(up + down, 0, 130)
    zero = 122 + unit(up)
    width = round(min((RIGHT - LEFT) / len(flow) * 0.62, WIDEST_BAR), 1)

    def bar(place: Place, low: int, high: int) -> Bar:
        return Bar(round(place.x - width / 2, 1), round(zero - unit(high), 1), width, round(unit(high - low), 1))

    numbered = range(-down, up + 1, step)
    return FlowChart(
        places=slots,
        open_ticks=[Tick(value, open_scale(value)) for value in ticks(open_scale.top, 2)],
        open_line=[
            Dot(n, value, place.x, open_scale(value))
            for n, (place, value) in enumerate(zip(slots, backlog, strict=True))
        ],
        bar_ticks=[Tick(abs(value), round(zero - unit(value), 1)) for value in numbered],
        zero=zero,
        received=[bar(place, 0, slot.received) for place, slot in zip(slots, flow, strict=True)],
        again=[bar(place, slot.received, slot.received + slot.again) for place, slot in zip(slots, flow, strict=True)],
        finished=[bar(place, -slot.finished, 0) for place, slot in zip(slots, flow, strict=True)],
    )


def share_chart(shares: Sequence[int | None], target: int) -> ShareChart:
    """The chart of per cent answered in time; a slot with too few cases has no dot."""
    slots, scale = places(len(shares)), Scale(100, 262, 28)
    dots = [Dot(n, value, slots[n].x, scale(value)) for n, value in enumerate(shares) if value is not None]
    return ShareChart(
        places=slots,
        ticks=[Tick(value, scale(value)) for value in (0, 50, 100)],
        target=scale(target),
        dots=dots,
        lines=[(old, new) for old, new in pairwise(dots) if new.index == old.index + 1],
        told=_told(dots),
    )


def _told(dots: Sequence[Dot]) -> list[Dot]:
    """The last, the lowest and the highest say what they are, where their numbers do not touch."""
    told: list[Dot] = []
    for wanted in (
        dots[-1:],
        sorted(dots, key=lambda dot: dot.value)[:1],
        sorted(dots, key=lambda dot: -dot.value)[:1],
    ):
        told += [dot for dot in wanted if all(abs(dot.x - other.x) >= ROOM_FOR_A_LABEL for other in told)]
    return told


def age_chart(ages: Sequence[Open]) -> AgeChart:
    """The chart of what is open by age, the youngest on top."""
    numbers = ticks(max((age.total for age in ages), default=0), 3)
    scale, top, pitch, thick = Scale(numbers[-1], 0, 196), 32, 46, 26
    rows = [top + pitch * row for row in range(len(ages))]
    return AgeChart(
        ticks=[Tick(value, 60 + scale(value)) for value in numbers],
        overdue=[Bar(60, y, scale(age.overdue), thick) for y, age in zip(rows, ages, strict=True)],
        rest=[
            Bar(60 + scale(age.overdue), y, round(scale(age.total) - scale(age.overdue), 1), thick)
            for y, age in zip(rows, ages, strict=True)
        ],
    )


def small_chart(share: int | None, backlog: Sequence[int], top: int, target: int) -> SmallChart:
    """A department's chart; `top` is the largest backlog of all departments."""
    left, right = 66, 222
    percent, numbers = Scale(100, left, right), ticks(top, 2)
    scale = Scale(numbers[-1], 88, 38)
    slots = places(len(backlog), left, right)
    return SmallChart(
        share=None if share is None else Bar(left, 4, round(percent(share) - left, 1), 14),
        target=percent(target),
        ticks=[Tick(value, scale(value)) for value in numbers],
        line=[Dot(n, value, slots[n].x, scale(value)) for n, value in enumerate(backlog)],
    )
