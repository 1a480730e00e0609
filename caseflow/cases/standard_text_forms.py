"""Writing a standard text: a title and a text in each language that the municipality speaks, and where it fits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict
from wtforms import Field, Form, SelectField, StringField, TextAreaField, ValidationError
from wtforms.validators import Length

from caseflow.cases import placeholders
from caseflow.cases.form_parts import TEXT_LENGTH, choice, tidy
from caseflow.cases.models import LANGUAGES
from caseflow.cases.standard_texts import StandardText

OWN, ALL = "own", "all"
TITLE_LENGTH, WORDS_LENGTH = 100, 500


def _title() -> StringField:
    short = Length(max=TITLE_LENGTH, message=_l("Write a shorter title."))
    return StringField(_l("Title"), filters=[tidy], validators=[short])


def _text() -> TextAreaField:
    long = Length(max=TEXT_LENGTH, message=_l("The text is too long: at most 20,000 characters."))
    return TextAreaField(_l("Text"), filters=[tidy], validators=[long])


class StandardTextForm(Form):
    """`places` are the departments that the person may share a text with, by code; `kinds`, `categories` likewise."""

    whose = choice(_l("For"), _l("Choose who may use it."))
    kind: SelectField = choice(_l("Kind"), _l("Choose one of the list."), or_nothing=True)
    category: SelectField = choice(_l("Category"), _l("Choose one of the list."), or_nothing=True)
    words = StringField(
        _l("Words in a case that call for it"),
        filters=[tidy],
        validators=[Length(max=WORDS_LENGTH, message=_l("Write fewer words."))],
    )
    title_sv, title_en, title_fi = _title(), _title(), _title()
    text_sv, text_en, text_fi = _text(), _text(), _text()

    def __init__(
        self,
        formdata: MultiDict[str, str] | None,
        *,
        text: StandardText | None,
        places: Mapping[str, str],
        kinds: Mapping[str, str],
        categories: Mapping[str, str],
        shares_with_all: bool,
    ) -> None:
        super().__init__(formdata)
        everybody = {ALL: _("All departments")} if shares_with_all else {}
        self.whose.choices = list({OWN: _("Only me"), **everybody, **places}.items())
        self.kind.choices = [("", _("Every kind")), *kinds.items()]
        self.category.choices = [("", _("Every category")), *categories.items()]
        if formdata is None:
            self._show(text)

    def _show(self, text: StandardText | None) -> None:
        if text is None:
            self.whose.data = OWN
            return
        self.whose.data = OWN if text.owner_id else text.department_code or ALL
        self.kind.data, self.category.data = text.kind_code or "", text.category_code or ""
        self.words.data = ", ".join(text.words)
        for language in LANGUAGES:
            self[f"title_{language}"].data = text.titles.get(language)
            self[f"text_{language}"].data = text.texts.get(language)

    def pair(self, language: str) -> tuple[Field, Field]:
        return self[f"title_{language}"], self[f"text_{language}"]

    def validate(self, extra_validators: Any = None) -> bool:
        sound = super().validate(extra_validators)
        written = [language for language in LANGUAGES if any(field.data for field in self.pair(language))]
        if not written:
            self.title_sv.errors = [_("Write a title and a text in at least one language.")]
            return False
        complete = [self._complete(language) for language in written]
        return all(complete) and sound

    def _complete(self, language: str) -> bool:
        title, text = self.pair(language)
        if not title.data:
            title.errors = [_("Write a title for this language.")]
        if not text.data:
            text.errors = [_("Write the text for this language.")]
        return not title.errors and not text.errors

    def validate_text_sv(self, field: Field) -> None:
        _check(field)

    def validate_text_en(self, field: Field) -> None:
        _check(field)

    def validate_text_fi(self, field: Field) -> None:
        _check(field)

    def fill(self, text: StandardText, staff_id: int) -> None:
        """Put what a valid form says into the text."""
        whose = self.whose.data
        text.owner_id = staff_id if whose == OWN else None
        text.department_code = whose if whose not in (OWN, ALL) else None
        text.code = None if whose == OWN else text.code
        text.kind_code, text.category_code = self.kind.data or None, self.category.data or None
        text.words = [word for typed in (self.words.data or "").split(",") if (word := typed.strip())]
        pairs = {language: self.pair(language) for language in LANGUAGES}
        text.titles = {language: title.data for language, (title, _text) in pairs.items() if title.data}
        text.texts = {language: said.data for language, (_title, said) in pairs.items() if said.data}


def _check(field: Field) -> None:
    try:
        placeholders.check(field.data or "")
    except placeholders.Unknown as error:
        raise ValidationError(str(error)) from error
