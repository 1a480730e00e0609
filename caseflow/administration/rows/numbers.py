"""Rows of numbers: times and lengths, percent, days."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import Field, SelectField, StringField
from wtforms.form import BaseForm
from wtforms.validators import InputRequired, Optional

from caseflow.administration.rows.base import Choices, Part, Row, got, put
from caseflow.administration.rows.checks import Number, Sound, Within, a_number, a_time, lines_of
from caseflow.administration.rows.words import Lines
from caseflow.cases import typed
from caseflow.cases.screen.form_parts import OneOf


class Clock(Row):
    """A time of the day; one that means the same as before stays as it was written."""

    def validators(self) -> list[Any]:
        return [*super().validators(), Sound(a_time)]

    def take(self, form: BaseForm, part: Part) -> None:
        typed = form[self.name].data
        if not typed:
            put(part, self.path, None)
        elif a_time(str(got(part, self.path) or "0:00")) != a_time(typed) or not got(part, self.path):
            put(part, self.path, a_time(typed))


class Whole(Row):
    """A whole number up to `limit`."""

    def fields(self) -> dict[str, Any]:
        first = InputRequired(_l("Write a number here.")) if self.needed else Optional()
        return {self.name: Number(self.said, validators=[first, Within(self.limit, least=1 if self.needed else 0)])}

    def value(self, typed: Field) -> Any:
        return typed.data


class Millimetres(Row):
    """A length with its tenths, as it is read off a ruler; a Swedish comma is one too."""

    def fields(self) -> dict[str, Any]:
        return {
            self.name: StringField(
                self.said, filters=[typed.text], validators=[Sound(a_number), *self.validators()[1:]]
            )
        }

    def data(self, part: Part) -> dict[str, Any]:
        value = got(part, self.path)
        return {self.name: "" if value is None else f"{value:g}"}

    def value(self, typed: Field) -> Any:
        return a_number(typed.data or "0")


class Hours(Lines):
    """Minutes in the file, hours on the page."""

    def data(self, part: Part) -> dict[str, Any]:
        return {self.name: "\n".join(f"{minutes / 60:g}" for minutes in got(part, self.path) or [])}

    def value(self, typed: Field) -> Any:
        return [round(a_number(line) * 60) for line in lines_of(typed.data)]


@dataclass(frozen=True)
class Promise(Row):
    """A number of working days or of months."""

    units: Choices = field(default_factory=list)

    @property
    def names(self) -> list[str]:
        return [self.name, f"{self.name}-unit"]

    def fields(self) -> dict[str, Any]:
        number = [InputRequired(_l("Write a number here.")), Within(self.limit, least=1)]
        unit = SelectField(
            _l("Counted in"),
            choices=self.units,
            validate_choice=False,
            validators=[OneOf(_l("Choose one of the list."))],
        )
        return {self.name: Number(_l("How many"), validators=number), f"{self.name}-unit": unit}

    def data(self, part: Part) -> dict[str, Any]:
        unit, number = next(iter((part.get("promise") or {"working_days": 10}).items()))
        return {self.name: number, f"{self.name}-unit": unit}

    def take(self, form: BaseForm, part: Part) -> None:
        part["promise"] = {form[f"{self.name}-unit"].data: form[self.name].data}


class Percent(Row):
    """A share in the file, of a hundred on the page; empty for none. `check` looks at the share."""

    def fields(self) -> dict[str, Any]:
        sound = [Optional(), Sound(self._share)]
        return {self.name: StringField(self.said, filters=[typed.text], validators=sound)}

    def data(self, part: Part) -> dict[str, Any]:
        share = got(part, self.path)
        return {self.name: "" if share is None else f"{share * 100:.6g}"}

    def value(self, typed: Field) -> Any:
        return self._share(typed.data) if typed.data else None

    def _share(self, typed: str) -> float:
        share = round(a_number(typed) / 100, 6)
        if self.check:
            self.check(f"{share}")
        return share


@dataclass(frozen=True)
class DaysBy(Row):
    """A number of days for some of the `offered`; an empty field says nothing about its own."""

    offered: Choices = field(default_factory=list)

    @property
    def names(self) -> list[str]:
        return [f"{self.name}-{code}" for code, _label in self.offered]

    def fields(self) -> dict[str, Any]:
        checks = [Optional(), Within(self.limit)]
        return {f"{self.name}-{code}": Number(label, validators=checks) for code, label in self.offered}

    def data(self, part: Part) -> dict[str, Any]:
        days = got(part, self.path) or {}
        return {f"{self.name}-{code}": days.get(code) for code, _label in self.offered}

    def take(self, form: BaseForm, part: Part) -> None:
        said = {code: form[f"{self.name}-{code}"].data for code, _label in self.offered}
        put(part, self.path, {code: days for code, days in said.items() if days is not None} or None)
