"""How a figure has changed, in words: by how much, and whether that is for the better. Never by colour alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import format_decimal, ngettext
from flask_babel import gettext as _

from caseflow.statistics import behind, wording
from caseflow.statistics.definitions import FIGURES
from caseflow.statistics.groups import Cell

DAYS = ("median", "ninety")
HOURS = ("in_new", "in_in_progress", "in_waiting", "in_planned")
INDEXES = ("ease", "clarity", "treatment")
SHARES = (
    *("in_time", "within_1", "within_2", "within_5", "within_10"),
    *("at_first", "reopened", "passed", "passed_twice", "callbacks"),
)
# What is better when there is less of it; of the others with a direction, more. What only is so has none.
LESS_IS_BETTER = ("median", "ninety", "reopened", "passed", "passed_twice", "in_new", "in_in_progress", "backlog")
NEITHER = ("received", "again", "finished", "moved_in", "moved_out", "in_waiting", "in_planned")
# Months are of 28 to 31 days; what differs more is told by week.
EQUALLY_LONG = 3


@dataclass(frozen=True)
class Difference:
    """`number` in the figure's unit (of counts over unequal periods, tenths a week); None where one side says nothing.
    `better` is None where there is no better, or no change."""

    number: int | None
    words: str
    better: bool | None = None

    @property
    def mark(self) -> str:
        """Up, down or level."""
        return "" if self.number is None else "↑" if self.number > 0 else "↓" if self.number < 0 else "="


def difference(code: str, now: Cell, then: Cell, days: tuple[int, int]) -> Difference:
    """`days` are how many each period has."""
    if now.value is None or then.value is None:
        return Difference(None, _("cannot be compared"))
    weekly = not FIGURES[code].least and code != "backlog" and abs(days[0] - days[1]) > EQUALLY_LONG
    number = now.value - then.value
    if weekly:
        number = round(70 * now.value / days[0]) - round(70 * then.value / days[1])
    if not number:
        return Difference(0, _("the same"))
    better = None if code in NEITHER else (number < 0) == (code in LESS_IS_BETTER)
    words = _by_week(number) if weekly else _in_words(code, number, then.value)
    return Difference(number, _judged(words, better), better)


def value_in_words(code: str, value: int) -> str:
    """A figure with its unit, as short as can be."""
    if code in SHARES:
        return wording.percent_in_words(value)
    if code in DAYS:
        return ngettext("%(num)d working day", "%(num)d working days", value)
    return behind.hours_in_words(value) if code in HOURS else format_decimal(value)


def apart(code: str, values: Sequence[tuple[str, int]]) -> str:
    """The highest and the lowest of several sides, by name; empty where there are not two."""
    if len(values) < 2:
        return ""
    (low_name, low), (high_name, high) = min(values, key=_value), max(values, key=_value)
    if low == high:
        return ""
    return _(
        "Highest %(high)s (%(most)s), lowest %(low)s (%(least)s).",
        high=high_name,
        most=value_in_words(code, high),
        low=low_name,
        least=value_in_words(code, low),
    )


def _value(pair: tuple[str, int]) -> int:
    return pair[1]


def _in_words(code: str, number: int, then: int) -> str:
    size = abs(number)
    if code in SHARES:
        size_in_words = ngettext("%(num)d percentage point", "%(num)d percentage points", size)
    elif code in INDEXES:
        size_in_words = ngettext("%(num)d point", "%(num)d points", size)
    elif code in DAYS or code in HOURS:
        told = value_in_words(code, size)
        return _("%(time)s longer", time=told) if number > 0 else _("%(time)s shorter", time=told)
    else:
        return _more_or_fewer(number, then)
    return _("%(size)s more", size=size_in_words) if number > 0 else _("%(size)s less", size=size_in_words)


def _more_or_fewer(number: int, then: int) -> str:
    told = format_decimal(abs(number))
    words = _("%(number)s more", number=told) if number > 0 else _("%(number)s fewer", number=told)
    share = round(100 * abs(number) / then) if then else 0
    return f"{words} ({wording.percent_in_words(share)})" if share else words


def _by_week(tenths: int) -> str:
    told = format_decimal(abs(tenths) / 10)
    if tenths > 0:
        return _("%(number)s more a week", number=told)
    return _("%(number)s fewer a week", number=told)


def _judged(words: str, better: bool | None) -> str:
    if better is None:
        return words
    return _("better: %(how)s", how=words) if better else _("worse: %(how)s", how=words)
