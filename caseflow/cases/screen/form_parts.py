"""What the staff's forms are made of: clean text, choices that refuse in words, and the act on a case as a form."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from typing import Any, ClassVar

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from markupsafe import Markup
from werkzeug.datastructures import MultiDict
from wtforms import (
    DateField,
    Field,
    Form,
    HiddenField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
    ValidationError,
    widgets,
)
from wtforms.meta import DefaultMeta
from wtforms.validators import DataRequired, Length

from caseflow.cases import typed
from caseflow.cases.models import Case
from caseflow.cases.screen.desk import Desk

TEXT_LENGTH = 20_000
REASON_LENGTH = 1_000
# What a standard text leaves for its writer to fill in: {{name}}, __date__ or a line of underscores.
UNFILLED = re.compile(r"\{\{[^{}\n]*\}\}|(?<!\w)__[^\W_](?:(?!__).)*__|_{4,}")
DAY_HINT = _l("Write the date as year, month and day, for example 2026-12-02.")


class OneOf:
    """The choice must be one of the field's; says so in words instead of WTForms' own."""

    def __init__(self, message: str, *, or_nothing: bool = False) -> None:
        self.message, self.or_nothing = message, or_nothing

    def __call__(self, form: Form, field: SelectField) -> None:
        offered = {str(value) for value, *_label in field.iter_choices() if value or self.or_nothing}
        if field.data not in offered:
            raise ValidationError(self.message)


def choice(label: str, message: str, *, or_nothing: bool = False, **extra: Any) -> SelectField:
    """A list to choose one of; what is not in it is refused with this message. `or_nothing` allows an empty value."""
    return SelectField(label, validators=[OneOf(message, or_nothing=or_nothing)], validate_choice=False, **extra)


def radio(label: str, message: str) -> RadioField:
    """The same as buttons to press."""
    return RadioField(label, validators=[OneOf(message)], validate_choice=False)


def reason_field(message: str, label: str = _l("Reason")) -> StringField:
    longest = Length(max=REASON_LENGTH, message=_l("Write a shorter reason."))
    return StringField(label, filters=[typed.text], validators=[DataRequired(message), longest])


def text_field(label: str | None = None, *, empty: str | None = None) -> TextAreaField:
    """A long text; `empty` is what is said where something must be written and nothing is."""
    longest = Length(max=TEXT_LENGTH, message=_l("The text is too long: at most 20,000 characters."))
    return TextAreaField(label, filters=[typed.text], validators=[*([DataRequired(empty)] if empty else []), longest])


def submission_field() -> HiddenField:
    """Makes sending the form twice (a double click) one act."""
    return HiddenField(default=lambda: uuid.uuid4().hex, filters=[lambda typed: typed[:64] if typed else None])


def refuse_gap(text: str) -> None:
    """Raises ValidationError with the first thing that is still to be filled in."""
    if left := UNFILLED.search(text):
        raise ValidationError(_("Fill in “%(gap)s” in the text first.", gap=left.group()))


class _Select(widgets.Select):
    """WTForms' own writes options that are nothing but a value as if they had more: a tenth of a case's page."""

    @classmethod
    def render_option(cls, choice: Any, **kwargs: Any) -> Markup:  # type: ignore[override]  # the stubs are of WTForms 3.2
        if kwargs or choice.render_kw or isinstance(choice.value, bool):
            usual: Any = super().render_option
            return Markup(usual(choice, **kwargs))  # noqa: S704  # it is one already
        chosen = Markup(" selected") if choice.selected else ""
        return _OPTION % (chosen, choice.value, choice.label or choice.value)


_OPTION = Markup('<option%s value="%s">%s</option>')
_SELECT = _Select()


class ActForm(Form):
    """An act on a case as its page showed it: `version` is the case's when the page was made.

    `verb` and `facts` tell which event the act leaves behind, so that a double click can be recognised.
    """

    title: ClassVar[str] = ""
    verb: ClassVar[str] = ""
    version = HiddenField()

    class Meta(DefaultMeta):
        def render_field(self, field: Any, render_kw: Any) -> Any:
            if type(field.widget) is widgets.Select and not field.widget.multiple:
                field.widget = _SELECT
            return super().render_field(field, render_kw)

    def __init__(self, formdata: MultiDict[str, str] | None, *, case: Case, desk: Desk) -> None:
        self.case, self.desk = case, desk
        super().__init__(formdata, version=str(case.version))
        self.mark(self.verb)

    def mark(self, name: str) -> None:
        """Give the fields ids of their own, because one page holds many forms with fields of the same name."""
        for field in self:
            field.id = f"{name}-{field.short_name}"
            field.label.field_id = field.id

    def validate_version(self, field: Field) -> None:
        if self.read_at is None:
            raise ValidationError(_("The page was incomplete. Nothing is saved yet: try again."))

    @property
    def read_at(self) -> int | None:
        """The version of the case that the person has seen; None when the form did not say."""
        typed = str(self.version.data or "")
        return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else None

    @property
    def act(self) -> str:
        """The verb that the form as filled in stands for."""
        return self.verb

    @property
    def reason_given(self) -> str | None:
        """What was typed as the reason, where the form asks for one."""
        return (self["reason"].data or None) if "reason" in self else None

    @property
    def because(self) -> str:
        """The reason of a valid form that demands one."""
        return str(self["reason"].data)

    def facts(self) -> Mapping[str, object]:
        """What the act's event will hold in its data."""
        return {}


class TextForm(ActForm):
    """Something to say. `submission` makes saying it twice (a double click) one entry."""

    submission = submission_field()
    used = HiddenField(filters=[lambda typed: typed[:200] if typed else None])  # ids of the standard texts in it
    draft = HiddenField(filters=[lambda typed: typed[:64] if typed else None])  # the draft's revision as it was shown
    text = text_field(empty=_l("Write something first."))

    @property
    def said(self) -> str:
        """The text of a valid form."""
        return str(self.text.data)


class DayField(DateField):
    """A date whose refusal is in the person's language; nothing typed is no date, and no mistake by itself."""

    def process_formdata(self, valuelist: list[str]) -> None:
        if not "".join(valuelist).strip():
            self.data = None
            return
        try:
            super().process_formdata(valuelist)
        except ValueError as error:
            raise ValueError(str(DAY_HINT)) from error
