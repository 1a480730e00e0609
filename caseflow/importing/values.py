"""A cell's text as what it stands for. ValueError: it does not, in words for who reads the list of bad rows."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from caseflow.cases import typed
from caseflow.importing.mapping import ISO
from caseflow.importing.recipe import Recipe

EARLIEST = datetime(1900, 1, 2, tzinfo=UTC)
EXAMPLE = datetime(2018, 6, 26, 10, 58, tzinfo=UTC)
YES, NO = ("yes", "ja", "true", "1", "x", "kyllä"), ("no", "nej", "false", "0", "", "ei")


def moment(text: str, recipe: Recipe, zone: ZoneInfo, now: datetime) -> datetime:
    """In UTC; a time without an offset is local. The hour that comes twice in autumn is taken as the first."""
    form = recipe.form or ISO
    try:
        read = _read(text, form)
        found = (read if read.tzinfo else read.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        shown = "2018-06-26 10:58" if form == ISO else f"{EXAMPLE.strftime(form)} ({form})"
        raise ValueError(f"{text!r} is not a time such as {shown}") from None
    if found < EARLIEST:
        raise ValueError(f"{text!r} lies before the year 1900")
    if found > now:
        raise ValueError(f"{text!r} lies in the future")
    return found


def day(text: str, recipe: Recipe) -> date:
    """A day, also of a time whose hour does not matter."""
    form = recipe.form or ISO
    try:
        return _read(text, form).date()
    except ValueError:
        shown = "2018-06-26" if form == ISO else f"{EXAMPLE.strftime(form)} ({form})"
        raise ValueError(f"{text!r} is not a day such as {shown}") from None


def _read(text: str, form: str) -> datetime:
    """Local where it has no offset: whoever asks knows the zone."""
    return datetime.fromisoformat(text) if form == ISO else datetime.strptime(text, form)  # noqa: DTZ007


def one_of(text: str, allowed: Collection[str]) -> str:
    if text not in allowed:
        shown = ", ".join(sorted(allowed)[:20])
        raise ValueError(f"{text!r} is none of {shown}{' …' if len(allowed) > 20 else ''}")
    return text


def yes_or_no(text: str) -> bool:
    if text.casefold() not in (*YES, *NO):
        raise ValueError(f"{text!r} is neither yes nor no")
    return text.casefold() in YES


def degrees(text: str, most: int) -> str:
    """A latitude or longitude, as places are written."""
    try:
        found = float(text.replace(",", "."))
    except ValueError:
        raise ValueError(f"{text!r} is not a number of degrees") from None
    if not -most <= found <= most:
        raise ValueError(f"{text!r} is not between -{most} and {most} degrees")
    return f"{found:.5f}"


def line(text: str, longest: int) -> str:
    """On one line, and not longer than the forms allow."""
    found = typed.line(text)
    if len(found) > longest:
        raise ValueError(f"it has {len(found)} characters, and at most {longest} can be kept")
    return found


def said(text: str) -> str:
    """A text of several lines."""
    return text.replace("\r\n", "\n").strip()
