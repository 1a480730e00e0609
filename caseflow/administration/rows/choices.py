"""Rows of choices: one of a list, several of it, yes or no."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, Field, SelectField, SelectMultipleField
from wtforms.form import BaseForm
from wtforms.validators import InputRequired

from caseflow.administration.rows.base import Part, Row, got, put
from caseflow.cases.screen.form_parts import OneOf


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
