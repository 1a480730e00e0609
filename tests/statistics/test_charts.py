"""The charts' geometry: round ticks, zero baselines, one scale, names that do not touch."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from caseflow.statistics.charts import (
    LEFT,
    RIGHT,
    ROOM_FOR_A_LABEL,
    age_chart,
    flow_chart,
    places,
    share_chart,
    small_chart,
    ticks,
)
from caseflow.statistics.groups import Flow, Open

pytestmark = pytest.mark.no_app
numbers = st.integers(0, 1_000_000)
few = st.integers(0, 500)
flows = st.lists(st.builds(Flow, few, few, few), min_size=1, max_size=60)


@given(numbers, st.integers(1, 6))
def test_ticks_are_round_few_and_reach_over_the_top(top: int, most: int) -> None:
    found = ticks(top, most)
    steps = {new - old for old, new in pairwise(found)}
    assert found[0] == 0
    assert found[-1] >= top
    assert 1 <= len(found) - 1 <= most
    assert len(steps) == 1
    step = steps.pop()
    assert step / 10 ** math.floor(math.log10(step) + 1e-9) in (1, 2, 5)


@given(numbers, st.integers(1, 6))
def test_ticks_leave_no_step_empty(top: int, most: int) -> None:
    found = ticks(top, most)
    assert len(found) == 2 or found[-2] < top


@given(st.integers(1, 60))
def test_named_places_do_not_touch_and_the_last_is_named(slots: int) -> None:
    found = places(slots)
    named = [place.x for place in found if place.named]
    assert found[-1].named
    assert all(new - old >= ROOM_FOR_A_LABEL - 0.2 for old, new in pairwise(named))
    assert LEFT < found[0].x <= found[-1].x < RIGHT


@given(flows, st.data())
def test_bars_stand_on_the_zero_line_in_one_scale(flow: list[Flow], data: st.DataObject) -> None:
    chart = flow_chart(flow, data.draw(st.lists(few, min_size=len(flow), max_size=len(flow))))
    unit = (chart.bar_ticks[1].at - chart.bar_ticks[0].at) / (chart.bar_ticks[0].value - chart.bar_ticks[1].value)
    for slot, up, cap, down in zip(flow, chart.received, chart.again, chart.finished, strict=True):
        assert up.y + up.height == pytest.approx(chart.zero, abs=0.2)
        assert cap.y + cap.height == pytest.approx(up.y, abs=0.2)
        assert down.y == pytest.approx(chart.zero, abs=0.1)
        assert up.height == pytest.approx(slot.received * abs(unit), abs=0.3)
        assert cap.height == pytest.approx(slot.again * abs(unit), abs=0.3)
        assert down.height == pytest.approx(slot.finished * abs(unit), abs=0.3)
        assert cap.y >= 121
        assert down.y + down.height <= 253


@given(flows)
def test_bars_of_neighbouring_slots_do_not_touch(flow: list[Flow]) -> None:
    chart = flow_chart(flow, [0] * len(flow))
    assert all(old.x + old.width < new.x for old, new in pairwise(chart.received))


@given(st.lists(st.none() | st.integers(0, 100), min_size=1, max_size=40))
def test_a_share_line_has_gaps_where_there_are_too_few(shares: list[int | None]) -> None:
    chart = share_chart(shares, 90)
    assert [dot.index for dot in chart.dots] == [n for n, share in enumerate(shares) if share is not None]
    assert all(new.index - old.index == 1 for old, new in chart.lines)
    assert all(chart.ticks[-1].at <= dot.y <= chart.ticks[0].at for dot in chart.dots)
    told = sorted(dot.x for dot in chart.told)
    assert all(new - old >= ROOM_FOR_A_LABEL for old, new in pairwise(told))
    assert not chart.dots or chart.dots[-1] in chart.told


@given(st.lists(st.tuples(few, few), min_size=5, max_size=5))
def test_age_bars_start_at_zero_and_split_at_the_late(pairs: list[tuple[int, int]]) -> None:
    ages = [Open(total=a + b, overdue=b) for a, b in pairs]
    chart = age_chart(ages)
    for late, rest in zip(chart.overdue, chart.rest, strict=True):
        assert late.x == chart.ticks[0].at
        assert rest.x == pytest.approx(late.x + late.width, abs=0.1)
        assert rest.x + rest.width <= chart.ticks[-1].at + 0.2


@given(st.lists(few, min_size=1, max_size=30), st.lists(few, min_size=1, max_size=30))
def test_departments_share_one_scale(one: list[int], other: list[int]) -> None:
    top = max(*one, *other)
    charts = [small_chart(50, backlog, top, 90) for backlog in (one, other)]
    assert charts[0].ticks == charts[1].ticks
    height = {dot.value: dot.y for chart in charts for dot in chart.line}
    assert all(dot.y == height[dot.value] for chart in charts for dot in chart.line)
    assert charts[0].share is not None
    assert charts[0].target > charts[0].share.x + charts[0].share.width


def test_a_department_with_too_few_has_no_bar() -> None:
    assert small_chart(None, [1, 2], 10, 90).share is None
