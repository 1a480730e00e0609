"""Writing a standard text: a title and a text in each language that the municipality speaks, and where it fits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict
from wtforms import Field, SelectField, StringField, ValidationError
from wtforms.validators import Length

from caseflow.cases import typed
from caseflow.cases.models import LANGUAGES
from caseflow.cases.screen.form_parts import choice, text_field
from caseflow.cases.texts import macros, placeholders
from caseflow.cases.texts.shelf_form import ShelfForm, title
from caseflow.cases.texts.standard_texts import StandardText

WORDS_LENGTH = 500


class StandardTextForm(ShelfForm):
    """`places` are the departments that the person may share a text with, by code; `kinds`, `categories` likewise."""

    kind: SelectField = choice(_l("Kind"), _l("Choose one of the list."), or_nothing=True)
    category: SelectField = choice(_l("Category"), _l("Choose one of the list."), or_nothing=True)
    words = StringField(
        _l("Words in a case that call for it"),
        filters=[typed.text],
        validators=[Length(max=WORDS_LENGTH, message=_l("Write fewer words."))],
    )
    title_sv, title_en, title_fi = title(_l("Title")), title(_l("Title")), title(_l("Title"))
    text_sv, text_en, text_fi = text_field(_l("Text")), text_field(_l("Text")), text_field(_l("Text"))

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
        super().__init__(formdata, text, places, shares_with_all=shares_with_all)
        self.text = text
        self.kind.choices = [("", _("Every kind")), *kinds.items()]
        self.category.choices = [("", _("Every category")), *categories.items()]
        if formdata is None and text is not None:
            self._show(text)

    def _show(self, text: StandardText) -> None:
        self.kind.data, self.category.data = text.kind_code or "", text.category_code or ""
        self.words.data = ", ".join(text.words)
        for language in LANGUAGES:
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
        head, text = self.pair(language)
        if not head.data:
            head.errors = [_("Write a title for this language.")]
        if not text.data:
            text.errors = [_("Write the text for this language.")]
        return not head.errors and not text.errors

    def validate_whose(self, field: Field) -> None:
        if self.text is not None and not self.is_shared and (macro := macros.using(self.text, shared=True)):
            raise ValidationError(_("The macro “%(macro)s” says this text. Change the macro first.", macro=macro))

    def validate_text_sv(self, field: Field) -> None:
        _check(field)

    def validate_text_en(self, field: Field) -> None:
        _check(field)

    def validate_text_fi(self, field: Field) -> None:
        _check(field)

    def fill(self, text: StandardText, staff_id: int) -> None:
        """Put what a valid form says into the text."""
        self.fill_in(text, staff_id)
        text.kind_code, text.category_code = self.kind.data or None, self.category.data or None
        text.words = [word for typed in (self.words.data or "").split(",") if (word := typed.strip())]
        text.texts = {language: said for language in LANGUAGES if (said := self[f"text_{language}"].data)}


def _check(field: Field) -> None:
    try:
        placeholders.check(field.data or "")
    except placeholders.Unknown as error:
        raise ValidationError(str(error)) from error
