"""What periods, slots and ages are called, in the reader's language."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from itertools import pairwise

from babel.numbers import format_percent
from flask_babel import format_date, ngettext
from flask_babel import gettext as _

from caseflow import language
from caseflow.cases import words
from caseflow.cases.models import OPEN
from caseflow.statistics import behind
from caseflow.statistics.definitions import AGES
from caseflow.statistics.periods import FULL_WEEKS, Period, Slot


def in_words(period: Period, today: date) -> str:
    """When, as an adverbial: "in October", "in the last 12 weeks", "from 3 to 9 August"."""
    first, year = period.first, period.first.year
    match period.unit:
        case "weeks":
            return ngettext("in the last %(num)d week", "in the last %(num)d weeks", FULL_WEEKS)
        case "month" if year == today.year:
            return _("in %(month)s", month=format_date(first, "LLLL"))
        case "month":
            return _("in %(month)s %(year)s", month=format_date(first, "LLLL"), year=str(year))
        case "quarter":
            return _("in quarter %(number)s of %(year)s", number=str((first.month + 2) // 3), year=str(year))
        case "year":
            return _("in %(year)s", year=str(year))
    shape = "d MMMM" if year == period.last.year == today.year else "d MMMM y"
    return _("from %(first)s to %(last)s", first=words.written(first, shape), last=words.written(period.last, shape))


def before_in_words(period: Period, today: date) -> str:
    """What a period is compared with, as an adverbial."""
    if period.unit == "weeks":
        return ngettext("in the %(num)d week before", "in the %(num)d weeks before", FULL_WEEKS)
    if period.unit == "days":
        return ngettext("on the day before", "in the %(num)d days before", period.days)
    return in_words(period.before(), today)


def percent_in_words(share: int) -> str:
    """87 as "87 %" or "87%", as the language writes it."""
    return _percent(share, language.current())


@lru_cache(maxsize=1024)
def _percent(share: int, code: str) -> str:
    return format_percent(share / 100, locale=code)


def dates_in_words(first: date, last: date) -> str:
    """ "31 Aug – 22 Nov 2026", with both years when they differ."""
    begin = words.written(first, "d MMM" if first.year == last.year else "d MMM y")
    return words.written(last, "d MMM y") if first == last else f"{begin} – {words.written(last, 'd MMM y')}"


def short_dates(first: date, last: date) -> str:
    """ "31 Aug – 6 Sep", where the year is plain from what stands around."""
    return " – ".join(words.written(day, "d MMM") for day in (first, last))


def slot_names(step: str, slots: Sequence[Slot]) -> list[str]:
    """What a week, month or year is called under a chart: "47", "Nov", "2026"."""
    if step == "week":
        return [str(slot.first.isocalendar().week) for slot in slots]
    return [format_date(slot.first, "LLL" if step == "month" else "y") for slot in slots]


def slot_titles(step: str, slots: Sequence[Slot]) -> list[str]:
    """The same in a table: "Week 47", "November 2026", "2026"."""
    if step == "week":
        return [_("Week %(number)s", number=str(slot.first.isocalendar().week)) for slot in slots]
    return [format_date(slot.first, "LLLL y" if step == "month" else "y") for slot in slots]


def weekdays() -> list[str]:
    """ "Mon" … "Sun"."""
    return [format_date(date(2024, 1, 1 + day), "ccc") for day in range(7)]


def part_in_words(figure: str, part: str) -> str:
    """Which part of a figure is meant; empty for the whole."""
    match figure:
        case "status":
            return str(words.STATUS[part])
        case "answers":
            return str(words.CHANNEL[part])
        case "in_time":
            return str(behind.PROMISES[part]) if part else ""
        case "backlog" if part:
            return str(words.STATUS[part]) if part in OPEN else _("%(days)s working days", days=age_names()[int(part)])
        case "age":
            return _("%(days)s working days", days=age_names()[int(part)])
        case "steps":
            return " → ".join(str(words.STATUS[status]) for status in part.split("-"))
        case "hours":
            weekday, hour = map(int, part.split("-"))
            return f"{weekdays()[weekday]} {hour:02}–{(hour + 1) % 24:02}"
    return ""


def age_names() -> list[str]:
    """ "0–2" … "over 20" (working days)."""
    names = [f"{least}–{most - 1}" for least, most in pairwise(AGES)]
    return [*names, _("over %(days)s", days=str(AGES[-1] - 1))]
