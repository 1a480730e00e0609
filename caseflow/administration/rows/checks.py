"""What was typed, looked at before it goes into the file; each refusal is in the person's language."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

from flask_babel import gettext as _
from wtforms import Field, IntegerField, ValidationError
from wtforms.form import BaseForm

Check = Callable[[str], object]


class Number(IntegerField):
    """A whole number whose refusal is in the person's language."""

    def process_formdata(self, valuelist: list[str]) -> None:
        typed = valuelist[0].strip() if valuelist else ""
        if not typed:
            self.data = None
        elif re.fullmatch(r"[0-9]{1,6}", typed):
            self.data = int(typed)
        else:
            raise ValueError(_("Write a whole number in figures."))


class Within:
    def __init__(self, most: int, least: int = 0) -> None:
        self.least, self.most = least, most

    def __call__(self, form: BaseForm, typed: Field) -> None:
        if typed.data is not None and not self.least <= typed.data <= self.most:
            raise ValidationError(_("Write a number from %(least)d to %(most)d.", least=self.least, most=self.most))


class Sound:
    """Refuses in the words of whoever will use it."""

    def __init__(self, check: Check) -> None:
        self.check = check

    def __call__(self, form: BaseForm, typed: Field) -> None:
        try:
            self.check(typed.data or "")
        except (ValueError, LookupError) as error:
            raise ValidationError(str(error)) from error


class EachLine(Sound):
    def __call__(self, form: BaseForm, typed: Field) -> None:
        for line in lines_of(typed.data):
            try:
                self.check(line)
            except (ValueError, LookupError) as error:
                raise ValidationError(f"{line}: {error}") from error


def a_day(typed: str) -> None:
    try:
        date.fromisoformat(typed)
    except ValueError as error:
        raise ValueError(_("Write the date as year, month and day, for example 2026-12-02.")) from error


def a_time(typed: str) -> str:
    """The time of the day as 16:30, however it was separated."""
    found = re.fullmatch(r"([01]?\d|2[0-3])[:.]([0-5]\d)", typed)
    if not found:
        raise ValueError(_("Write the time as hours and minutes, for example 16:30."))
    return f"{int(found[1]):02}:{found[2]}"


def some_hours(typed: str) -> None:
    if not 1 / 60 <= a_number(typed) <= 720:
        raise ValueError(_("Write the hours as a number, at most 720."))


def a_number(typed: str) -> float:
    if not re.fullmatch(r"-?\d{1,4}([.,]\d{1,3})?", typed.strip()):
        raise ValueError(_("Write a number in figures."))
    value = float(typed.replace(",", "."))
    return int(value) if value == int(value) else value


def lines_of(typed: str | None) -> list[str]:
    return [line.strip() for line in (typed or "").splitlines() if line.strip()]
