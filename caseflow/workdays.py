"""Working-day arithmetic: pure, the holiday rule is passed in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from functools import lru_cache

from holidays import country_holidays

IsWorkingDay = Callable[[date], bool]
ONE_DAY = timedelta(days=1)


def add_working_days(start: date, days: int, is_working_day: IsWorkingDay) -> date:
    """The `days`-th working day after `start`; what starts on a free day counts as started on the next working day."""
    day = start
    while not is_working_day(day):
        day += ONE_DAY
    for _ in range(days):
        day += ONE_DAY
        while not is_working_day(day):
            day += ONE_DAY
    return day


def working_days_between(start: date, end: date, is_working_day: IsWorkingDay) -> int:
    """How many working days lie after `start`, up to and including `end`; negative when `end` comes first."""
    if end < start:
        return -working_days_between(end, start, is_working_day)
    return sum(is_working_day(start + timedelta(days=n)) for n in range(1, (end - start).days + 1))


def add_months(start: date, months: int) -> date:
    """The same day `months` later, or that month's last day (EU regulation 1182/71, article 3.2 c)."""
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    for day in range(start.day, 27, -1):
        try:
            return date(year, month + 1, day)
        except ValueError:
            continue
    return date(year, month + 1, start.day)


@lru_cache(maxsize=32)
def national_calendar(country: str, categories: tuple[str, ...]) -> IsWorkingDay:
    """Monday to Friday without the country's holidays of these categories (the `holidays` package's names).

    In Sweden `public` and `de_facto` together: the eves of midsummer, Christmas and New Year are free, a bridge day
    (klämdag) is a working day (lag 1930:173; JK's criticism of Finspång 2013).
    """
    free = country_holidays(country, categories=categories)
    return lambda day: day.weekday() < 5 and day not in free
