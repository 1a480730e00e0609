"""Rows of words: in the languages, line by line, as a file."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, Field, StringField, TextAreaField
from wtforms.form import BaseForm
from wtforms.validators import DataRequired, Optional

from caseflow.administration.rows.base import Part, Row, got, put
from caseflow.administration.rows.checks import EachLine, Sound, lines_of
from caseflow.cases import typed
from caseflow.cases.models import LANGUAGES
from caseflow.cases.questions import as_text, from_text
from caseflow.language import LANGUAGES as LANGUAGE_NAMES


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
                filters=[typed.text],
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


class Lines(Row):
    """A list of texts, each on a line of its own."""

    def fields(self) -> dict[str, Any]:
        return {
            self.name: TextAreaField(
                self.said, filters=[typed.text], validators=[*self.validators()[:-1], *self._each()]
            )
        }

    def _each(self) -> list[Any]:
        return [EachLine(self.check)] if self.check else []

    def validators(self) -> list[Any]:
        return [*Row.validators(self)[:2], None]

    def data(self, part: Part) -> dict[str, Any]:
        return {self.name: "\n".join(map(str, got(part, self.path) or []))}

    def value(self, typed: Field) -> Any:
        return lines_of(typed.data) or None


class Questions(Row):
    """What the form asks besides, in the words of the municipality's file: a list of questions."""

    def fields(self) -> dict[str, Any]:
        return {self.name: TextAreaField(self.said, filters=[_unindented], validators=[Optional(), Sound(from_text)])}

    def data(self, part: Part) -> dict[str, Any]:
        return {self.name: as_text(got(part, self.path) or [])}

    def value(self, typed: Field) -> Any:
        return from_text(typed.data) or None if typed.data else None


def _unindented(typed: str | None) -> str:
    """Nothing tidied away within: the list is read by how far its lines stand in."""
    return (typed or "").replace("\r\n", "\n").strip("\n")


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
