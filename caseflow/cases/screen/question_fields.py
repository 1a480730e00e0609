"""What a category asks besides, as fields of a form. What is answered comes to the form's `answers`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from wtforms import Field, SelectField, StringField, ValidationError

from caseflow.cases.questions import Question

_KEYBOARD = {"number": {"inputmode": "decimal"}, "date": {"type": "date"}}


class Asking(Protocol):
    """What is asked of the form: whether its page has shown the questions, and where the answers go."""

    answers: list[dict[str, Any]]

    @property
    def was_asked(self) -> bool: ...


def field(question: Question, language: str, clean: Callable[[str | None], str], *, needed: bool = True) -> Field:
    """One question; where it is not `needed`, who is asked may leave out what is not known."""
    name, hint = question.name(language), question.hint(language)
    common: dict[str, Any] = {"description": hint, "filters": [clean], "validators": [_Answered(question, needed)]}
    if question.sort == "choice":
        return SelectField(name, choices=[("", "–"), *question.options(language)], validate_choice=False, **common)
    return StringField(name, render_kw=_KEYBOARD.get(question.sort, {}), **common)


class _Answered:
    """Nobody is blamed for a question that their page did not show."""

    def __init__(self, question: Question, needed: bool) -> None:
        self.question, self.needed = question, needed

    def __call__(self, form: Asking, field: Field) -> None:
        if not form.was_asked or not (self.needed or field.data):
            return
        try:
            answer = self.question.answer(field.data or "")
        except ValueError as error:
            raise ValidationError(str(error)) from error
        if answer:
            form.answers.append(answer)
