"""What the administrators' forms are made of: each row shows a field of the municipality's file and takes it back.

A row knows where its field stands in the part (`path`), draws it, and turns what was typed into what the file would
say. So the forms end in the same file as everything else, and that is checked in one place.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    Field,
    IntegerField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.form import BaseForm
from wtforms.validators import DataRequired, InputRequired, Length, Optional

from caseflow.administration.labels import LABELS
from caseflow.cases.form_parts import OneOf, tidy
from caseflow.cases.models import LANGUAGES
from caseflow.language import LANGUAGES as LANGUAGE_NAMES

Part = dict[str, Any]
Path = tuple[str, ...]
Choices = list[tuple[str, Any]]
Check = Callable[[str], object]
Rows = Sequence["Row"]


@dataclass(frozen=True)
class Row:
    """One line of a form. `shape` tells the template how to draw it; `hint` is said under the label."""

    path: Path
    hint: str = ""
    label: str = ""
    needed: bool = False
    shape: str = "line"
    width: str = ""
    limit: int = 200
    check: Check | None = None
    choices: Callable[[], Choices] | None = None

    @property
    def name(self) -> str:
        return "-".join(self.path)

    @property
    def said(self) -> str:
        return self.label or LABELS.get(self.path[-1], self.path[-1])

    @property
    def names(self) -> list[str]:
        """Its fields in the form."""
        return [self.name]

    def fields(self) -> dict[str, Any]:
        return {self.name: StringField(self.said, filters=[tidy], validators=self.validators())}

    def validators(self) -> list[Any]:
        longest = Length(max=self.limit, message=_("Write at most %(limit)d characters here.", limit=self.limit))
        first = DataRequired(_l("Write something here.")) if self.needed else Optional()
        return [first, longest, *([_Sound(self.check)] if self.check else [])]

    def data(self, part: Part) -> dict[str, Any]:
        """What the fields hold when the form shows this part."""
        return {self.name: got(part, self.path)}

    def take(self, form: BaseForm, part: Part) -> None:
        """Write what was typed into the part."""
        put(part, self.path, self.value(form[self.name]))

    def value(self, typed: Field) -> Any:
        return typed.data or None


class Area(Row):
    """A text of several lines."""

    def fields(self) -> dict[str, Any]:
        return {self.name: TextAreaField(self.said, filters=[tidy], validators=self.validators())}


class Clock(Row):
    """A time of the day; one that means the same as before stays as it was written."""

    def validators(self) -> list[Any]:
        return [*super().validators(), _Sound(a_time)]

    def take(self, form: BaseForm, part: Part) -> None:
        typed = form[self.name].data
        if not typed:
            put(part, self.path, None)
        elif a_time(str(got(part, self.path) or "0:00")) != a_time(typed) or not got(part, self.path):
            put(part, self.path, a_time(typed))


class Texts(Row):
    """A text in the languages."""

    @property
    def names(self) -> list[str]:
        return [f"{self.name}-{language}" for language in LANGUAGES]

    def fields(self) -> dict[str, Any]:
        sort = TextAreaField if self.shape == "areas" else StringField
        first = [DataRequired(_l("Write it in Swedish at least."))] if self.needed else [Optional()]
        rest = self.validators()[1:]
        return {
            f"{self.name}-{language}": sort(
                LANGUAGE_NAMES[language],
                filters=[tidy],
                validators=[*(first if language == "sv" else [Optional()]), *rest],
                render_kw={"lang": language},
            )
            for language in LANGUAGES
        }

    def data(self, part: Part) -> dict[str, Any]:
        texts = got(part, self.path) or {}
        return {f"{self.name}-{language}": texts.get(language) for language in LANGUAGES}

    def take(self, form: BaseForm, part: Part) -> None:
        said = {language: form[f"{self.name}-{language}"].data for language in LANGUAGES}
        put(part, self.path, {language: text for language, text in said.items() if text} or None)


class Pick(Row):
    """One of a list, or of radios."""

    def fields(self) -> dict[str, Any]:
        offered = [] if self.needed else [("", _("None"))]
        offered += self.choices() if self.choices else []
        sound = [OneOf(_l("Choose one of the list."), or_nothing=not self.needed)]
        return {self.name: SelectField(self.said, choices=offered, validators=sound, validate_choice=False)}


class Several(Row):
    """Any number of a list."""

    def fields(self) -> dict[str, Any]:
        offered = self.choices() if self.choices else []
        checks = [InputRequired(_l("Choose one at least."))] if self.needed else []
        return {self.name: SelectMultipleField(self.said, choices=offered, validators=checks, validate_choice=False)}

    def value(self, typed: Field) -> Any:
        offered = self.choices() if self.choices else []
        return [value for value, _label in offered if value in typed.data]


class Flag(Row):
    """Yes or no. `width` "not" turns it round: the file says no where the form says yes."""

    def fields(self) -> dict[str, Any]:
        return {self.name: BooleanField(self.said)}

    def data(self, part: Part) -> dict[str, Any]:
        value = got(part, self.path)
        return {self.name: value is not False if self.width == "not" else bool(value)}

    def take(self, form: BaseForm, part: Part) -> None:
        """What goes without saying stays said where it is."""
        usual = self.width == "not"
        said = bool(form[self.name].data)
        if said != usual or got(part, self.path) is not None:
            put(part, self.path, said)


class Whole(Row):
    """A whole number up to `limit`."""

    def fields(self) -> dict[str, Any]:
        first = InputRequired(_l("Write a number here.")) if self.needed else Optional()
        return {self.name: _Number(self.said, validators=[first, _Within(self.limit, least=1 if self.needed else 0)])}

    def value(self, typed: Field) -> Any:
        return typed.data


class Millimetres(Row):
    """A length with its tenths, as it is read off a ruler; a Swedish comma is one too."""

    def fields(self) -> dict[str, Any]:
        return {self.name: StringField(self.said, filters=[tidy], validators=[_Sound(_number), *self.validators()[1:]])}

    def data(self, part: Part) -> dict[str, Any]:
        value = got(part, self.path)
        return {self.name: "" if value is None else f"{value:g}"}

    def value(self, typed: Field) -> Any:
        return _number(typed.data or "0")


class Lines(Row):
    """A list of texts, each on a line of its own."""

    def fields(self) -> dict[str, Any]:
        return {
            self.name: TextAreaField(self.said, filters=[tidy], validators=[*self.validators()[:-1], *self._each()])
        }

    def _each(self) -> list[Any]:
        return [_EachLine(self.check)] if self.check else []

    def validators(self) -> list[Any]:
        return [*Row.validators(self)[:2], None]

    def data(self, part: Part) -> dict[str, Any]:
        return {self.name: "\n".join(map(str, got(part, self.path) or []))}

    def value(self, typed: Field) -> Any:
        return _lines(typed.data) or None


class Picture(Row):
    """A file that is chosen takes the place of the present one; without one that stays, unless it is taken away."""

    @property
    def names(self) -> list[str]:
        return [self.name, f"{self.name}-away"]

    def fields(self) -> dict[str, Any]:
        return {**super().fields(), self.names[1]: BooleanField(_l("Take the picture away"))}

    def data(self, part: Part) -> dict[str, Any]:
        return {self.name: "", self.names[1]: False}

    def take(self, form: BaseForm, part: Part) -> None:
        if form[self.names[1]].data:
            put(part, self.path[:1], None)
        elif form[self.name].data:
            put(part, self.path, form[self.name].data)
        elif got(part, self.path) is None:
            put(part, self.path[:1], None)


class Hours(Lines):
    """Minutes in the file, hours on the page."""

    def data(self, part: Part) -> dict[str, Any]:
        return {self.name: "\n".join(f"{minutes / 60:g}" for minutes in got(part, self.path) or [])}

    def value(self, typed: Field) -> Any:
        return [round(_number(line) * 60) for line in _lines(typed.data)]


@dataclass(frozen=True)
class Promise(Row):
    """A number of working days or of months."""

    units: Choices = field(default_factory=list)

    @property
    def names(self) -> list[str]:
        return [self.name, f"{self.name}-unit"]

    def fields(self) -> dict[str, Any]:
        number = [InputRequired(_l("Write a number here.")), _Within(self.limit, least=1)]
        unit = SelectField(
            _l("Counted in"),
            choices=self.units,
            validate_choice=False,
            validators=[OneOf(_l("Choose one of the list."))],
        )
        return {self.name: _Number(self.said, validators=number), f"{self.name}-unit": unit}

    def data(self, part: Part) -> dict[str, Any]:
        unit, number = next(iter((part.get("promise") or {"working_days": 10}).items()))
        return {self.name: number, f"{self.name}-unit": unit}

    def take(self, form: BaseForm, part: Part) -> None:
        part["promise"] = {form[f"{self.name}-unit"].data: form[self.name].data}


class _Number(IntegerField):
    """A whole number whose refusal is in the person's language."""

    def process_formdata(self, valuelist: list[str]) -> None:
        typed = valuelist[0].strip() if valuelist else ""
        if not typed:
            self.data = None
        elif re.fullmatch(r"[0-9]{1,6}", typed):
            self.data = int(typed)
        else:
            raise ValueError(_("Write a whole number in figures."))


class _Within:
    def __init__(self, most: int, least: int = 0) -> None:
        self.least, self.most = least, most

    def __call__(self, form: BaseForm, typed: Field) -> None:
        if typed.data is not None and not self.least <= typed.data <= self.most:
            raise ValidationError(_("Write a number from %(least)d to %(most)d.", least=self.least, most=self.most))


class _Sound:
    """Refuses in the words of whoever will use it."""

    def __init__(self, check: Check) -> None:
        self.check = check

    def __call__(self, form: BaseForm, typed: Field) -> None:
        try:
            self.check(typed.data or "")
        except (ValueError, LookupError) as error:
            raise ValidationError(str(error)) from error


class _EachLine(_Sound):
    def __call__(self, form: BaseForm, typed: Field) -> None:
        for line in _lines(typed.data):
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
    if not 1 / 60 <= _number(typed) <= 720:
        raise ValueError(_("Write the hours as a number, at most 720."))


def _number(typed: str) -> float:
    if not re.fullmatch(r"-?\d{1,4}([.,]\d{1,3})?", typed.strip()):
        raise ValueError(_("Write a number in figures."))
    value = float(typed.replace(",", "."))
    return int(value) if value == int(value) else value


def _lines(typed: str | None) -> list[str]:
    return [line.strip() for line in (typed or "").splitlines() if line.strip()]


def got(part: Part, path: Path) -> Any:
    """What stands at a path; None where nothing does."""
    inner: Any = part
    for step in path:
        inner = inner.get(step) if isinstance(inner, dict) else None
    return inner


def put(part: Part, path: Path, value: Any) -> None:
    """Write a value at a path; None takes away what stands there, and what is left empty around it."""
    first, *rest = path
    if rest:
        found = part.get(first)
        inner: Part = found if isinstance(found, dict) else {}
        put(inner, tuple(rest), value)
        value = inner or None
    if value is None:
        part.pop(first, None)
    else:
        part[first] = value
