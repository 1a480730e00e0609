"""The first line of the page, in every variant."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
from flask import Flask
from flask_babel import force_locale

from caseflow.statistics.figures import Figures
from caseflow.statistics.groups import Group, Promise
from caseflow.statistics.headline import remarks, sentences
from caseflow.statistics.periods import PRESETS, Period, between

TODAY = date(2026, 11, 23)
OCTOBER = between(date(2026, 10, 1), date(2026, 10, 31))
NOTHING = Promise()
NAMES = {"sb": "Streets and parks", "kf": "Culture"}


@pytest.fixture(autouse=True)
def english(app: Flask) -> Iterator[None]:
    with app.test_request_context(), force_locale("en"):
        yield


def said(now: Promise, earlier: Promise = NOTHING, period: Period = OCTOBER, **departments: Promise) -> str:
    by = {"department": {code: Group(promise=promise) for code, promise in departments.items()}}
    figures = Figures(period, period.slots(), Group(promise=now, earlier=earlier), by)
    return " ".join(sentences(figures, NAMES, TODAY))


def test_better_than_the_month_before() -> None:
    assert said(Promise(kept=87, late=13), Promise(kept=83, late=17)) == (
        "87% were answered in time in October, 4 percentage points better than in September."
    )


def test_one_point_worse_is_singular() -> None:
    assert said(Promise(kept=82, late=18), Promise(kept=83, unanswered=17)) == (
        "82% were answered in time in October, 1 percentage point worse than in September."
    )


def test_the_same_as_before() -> None:
    assert said(Promise(kept=83, late=17), Promise(kept=83, late=17)) == (
        "83% were answered in time in October, the same as in September."
    )


def test_alone_when_there_were_too_few_before() -> None:
    assert said(Promise(kept=9, late=1), Promise(kept=4)) == "90% were answered in time in October."


def test_too_few_to_say() -> None:
    assert said(Promise(kept=1)) == (
        "Only 1 case that wants a reply was answered or fell due in October: too few for a share."
    )
    assert said(Promise(kept=2, unanswered=2), Promise(kept=50)) == (
        "Only 4 cases that want a reply were answered or fell due in October: too few for a share."
    )


def test_no_data_at_all() -> None:
    assert said(Promise(pending=3)) == "No case that wants a reply was answered or fell due in October."


def test_the_department_that_pulls_down_is_named() -> None:
    parts = {"sb": Promise(kept=10, late=10), "kf": Promise(kept=10)}
    assert said(Promise(kept=20, late=10), **parts) == (
        "67% were answered in time in October. Streets and parks pulls the share down."
    )


def test_nobody_is_named_when_the_whole_is_too_small() -> None:
    assert "pulls" not in said(Promise(late=4), sb=Promise(late=4), kf=Promise())


@pytest.mark.parametrize(
    ("period", "when", "before"),
    [
        (PRESETS["weeks"](TODAY), "in the last 12 weeks", "in the 12 weeks before"),
        (PRESETS["month"](TODAY), "in November", "in October"),
        (PRESETS["quarter"](TODAY), "in quarter 4 of 2026", "in quarter 3 of 2026"),
        (PRESETS["year"](TODAY), "in 2026", "in 2025"),
        (between(date(2026, 1, 1), date(2026, 1, 31)), "in January", "in December 2025"),
        (between(date(2026, 10, 3), date(2026, 10, 9)), "from 3 October to 9 October", "in the 7 days before"),
        (between(date(2026, 10, 3), date(2026, 10, 3)), "from 3 October to 3 October", "on the day before"),
        (
            between(date(2025, 12, 3), date(2026, 1, 9)),
            "from 3 December 2025 to 9 January 2026",
            "in the 38 days before",
        ),
    ],
)
def test_every_period_has_its_words(period: Period, when: str, before: str) -> None:
    half = Promise(kept=5, late=5)
    assert said(half, half, period) == f"50% were answered in time {when}, the same as {before}."


def test_remarks_measure_against_the_target_and_say_what_is_left_out() -> None:
    assert remarks(Promise(kept=80, late=20, pending=1)) == [
        "The share is 10 percentage points below the target of 90%.",
        "1 case is not due yet and not counted.",
    ]
    assert remarks(Promise(kept=90, late=10)) == ["The target of 90% is reached."]
    assert remarks(Promise(pending=2)) == ["2 cases are not due yet and not counted."]
