"""The form with what its category asks besides. The questions are fields like the others once a category is chosen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from werkzeug.datastructures import MultiDict
from wtforms import Field, SelectField, StringField, ValidationError

from caseflow.cases.questions import Question
from caseflow.intake import contact
from caseflow.intake.forms import ErrandForm
from caseflow.intake.offer import Offer


def form_of(
    formdata: MultiDict[str, Any] | None, *, offer: Offer, language: str, chosen: Mapping[str, str] | None = None
) -> ErrandForm:
    """Made anew for each request: the category that was chosen says which fields there are."""
    category = offer.category((formdata or chosen or {}).get("category") or "")
    fields = {f"q_{one.code}": _field(one, language) for one in (category.questions if category else ())}
    made: type[ErrandForm] = type("AskingForm", (ErrandForm,), fields)
    return made(formdata, offer=offer, language=language, chosen=chosen)


def _field(question: Question, language: str) -> Field:
    name, hint = question.name(language), question.hint(language)
    common: dict[str, Any] = {"description": hint, "filters": [contact.line], "validators": [_Answered(question)]}
    if question.sort == "choice":
        return SelectField(name, choices=[("", "–"), *question.options(language)], validate_choice=False, **common)
    return StringField(name, render_kw=_KEYBOARD.get(question.sort, {}), **common)


_KEYBOARD = {"number": {"inputmode": "decimal"}, "date": {"type": "date"}}


class _Answered:
    """Nobody is blamed for a question that their page did not show."""

    def __init__(self, question: Question) -> None:
        self.question = question

    def __call__(self, form: ErrandForm, field: Field) -> None:
        if not form.was_asked:
            return
        try:
            answer = self.question.answer(field.data or "")
        except ValueError as error:
            raise ValidationError(str(error)) from error
        if answer:
            form.answers.append(answer)
