"""The one place that reads the wall clock, and the municipality's local time."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

STOCKHOLM = ZoneInfo("Europe/Stockholm")


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return datetime.now(UTC)


def local(moment: datetime, zone: ZoneInfo = STOCKHOLM) -> datetime:
    """The same moment on the municipality's wall."""
    return moment.astimezone(zone)


def today(moment: datetime | None = None, zone: ZoneInfo = STOCKHOLM) -> date:
    """The municipality's calendar day of a moment (now, when none is given)."""
    return local(moment or now(), zone).date()


def midnight(day: date, zone: ZoneInfo = STOCKHOLM) -> datetime:
    """When a local day begins, in UTC; on the nights of the clock change the day is 23 or 25 hours long."""
    return datetime.combine(day, time.min, zone).astimezone(UTC)


def monday(day: date) -> date:
    """The Monday of a day's week (ISO 8601)."""
    return day - timedelta(days=day.weekday())
