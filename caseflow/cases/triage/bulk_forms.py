"""What is filled in once for many cases; the form of each one case then has the last word."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, Field, Form, HiddenField, StringField, ValidationError
from wtforms.validators import Length

from caseflow import language
from caseflow.cases import typed, words
from caseflow.cases.models import RESOLUTIONS
from caseflow.cases.screen.form_parts import (
    REASON_LENGTH,
    UNFILLED,
    choice,
    radio,
    reason_field,
    refuse_gap,
    text_field,
)
from caseflow.cases.screen.parking_form import ParkingFields
from caseflow.cases.texts import placeholders
from caseflow.cases.texts.macros import Macro
from caseflow.cases.triage.queue_choices import Choices
from caseflow.cases.watch import absence

Names = Mapping[str, str]


@dataclass(frozen=True)
class Offer:
    """What there is to choose from. `away` holds until when, for who is away; `texts` and `macros` are by id."""

    choices: Choices
    departments: Names
    today: date
    away: Mapping[int, date] = field(default_factory=dict)
    texts: Names = field(default_factory=dict)
    macros: Mapping[str, Macro] = field(default_factory=dict)


class Manifold(Form):
    """An act on many cases, with what there is to choose from."""

    def __init__(self, formdata: MultiDict[str, str] | None, offer: Offer) -> None:
        super().__init__(formdata)
        self.offered = offer
        self.offer(offer)

    def offer(self, offer: Offer) -> None:
        """Fill the lists."""

    @property
    def typed(self) -> dict[str, str]:
        """The fields as the form of one case takes them."""
        values = {field.short_name: field.data for field in self}
        return {name: ("y" if value is True else str(value)) for name, value in values.items() if value}


class Assignment(Manifold):
    assignee = choice(_l("Caseworker"), _l("Choose somebody who works in the department."), or_nothing=True)
    anyway = BooleanField(_l("Give it to them all the same"))

    def offer(self, offer: Offer) -> None:
        people = offer.choices.people.items()
        noted = [(key, absence.with_note(name, offer.away.get(int(key)))) for key, name in people]
        self.assignee.choices = [("", _("Nobody")), *noted]

    @property
    def is_away(self) -> bool:
        return self.assignee.data in {str(person) for person in self.offered.away}

    def validate_assignee(self, field: Field) -> None:
        """Nobody gives cases to somebody who is away without knowing it."""
        if field.data in self.offered.choices.people and self.is_away and not self.anyway.data:
            away = absence.in_words(self.offered.choices.people[field.data], self.offered.away[int(field.data)])
            raise ValidationError(_("%(away)s. Choose somebody else, or say that you mean it.", away=away))


class Transfer(Manifold):
    department = choice(_l("Department"), _l("Choose the department."))
    reason = reason_field(_l("Say why, so that the next department understands."))

    def offer(self, offer: Offer) -> None:
        self.department.choices = [("", _("Choose a department")), *offer.departments.items()]


class Priority(Manifold):
    priority = choice(_l("Priority"), _l("Choose the priority."), choices=list(words.PRIORITY.items()))


class Category(Manifold):
    category = choice(_l("Category"), _l("Choose one of the department's categories."), or_nothing=True)

    def offer(self, offer: Offer) -> None:
        self.category.choices = [("", _("None")), *offer.choices.categories.items()]


class Resumption(Manifold):
    """Nothing to fill in."""


class Closure(Manifold):
    resolution = choice(_l("How it ended"), _l("Choose how the case ended."))
    reason = StringField(
        _l("Reason, which the resident reads"),
        filters=[typed.text],
        validators=[Length(max=REASON_LENGTH, message=_l("Write a shorter reason."))],
    )

    def offer(self, offer: Offer) -> None:
        self.resolution.choices = [("", _("Choose")), *((code, words.RESOLUTION[code]) for code in RESOLUTIONS)]

    def validate_reason(self, field: Field) -> None:
        if self.resolution.data != "answered" and not field.data:
            raise ValidationError(_("Say why in words: the resident reads it."))


class Parking(Manifold, ParkingFields):
    def offer(self, offer: Offer) -> None:
        self.offer_days(offer.today)

    @property
    def typed(self) -> dict[str, str]:
        return {"until": self.day.isoformat(), "reason": str(self.reason.data)}


class Replies(Manifold):
    """`text` is for all whose language has none of its own. What the list of placeholders knows is filled in for each
    case; any other gap has to be filled in before."""

    standard = choice(_l("Standard text"), _l("Choose one of the list."), or_nothing=True)
    text = text_field(_l("Reply to all of them"), empty=_l("Write something first."))
    text_sv, text_en, text_fi = text_field("Svenska"), text_field("English"), text_field("Suomi")
    used = HiddenField(filters=[lambda typed: typed[:200] if typed else None])
    close_after = BooleanField(_l("Close the cases after sending"))

    def offer(self, offer: Offer) -> None:
        self.standard.choices = [("", _("Choose")), *offer.texts.items()]
        self.standard.data = self.standard.data or ""

    def validate_text(self, field: Field) -> None:
        refuse_gap(placeholders.without_known(field.data or ""))

    validate_text_sv = validate_text_en = validate_text_fi = validate_text


class Macros(Manifold):
    macro = radio(_l("Macro"), _l("Choose the macro."))

    def offer(self, offer: Offer) -> None:
        self.macro.choices = [(key, macro.title(language.current())) for key, macro in offer.macros.items()]

    @property
    def chosen(self) -> Macro | None:
        return self.offered.macros.get(self.macro.data or "")

    @property
    def speaks(self) -> bool:
        """Whether a resident reads anything of it, which is looked through first."""
        return self.chosen is not None and self.chosen.says in ("reply", "question")

    def validate_macro(self, field: Field) -> None:
        texts = self.chosen.text.texts.values() if self.chosen and self.chosen.text else ()
        gaps = (UNFILLED.search(placeholders.without_known(text)) for text in texts)
        if left := next(filter(None, gaps), None):
            told = _("Its text has “%(gap)s” to fill in for each case: run it on one case at a time.", gap=left.group())
            raise ValidationError(told)


FORMS: dict[str, type[Manifold]] = {
    "assignment": Assignment,
    "transfer": Transfer,
    "priority": Priority,
    "category": Category,
    "resumption": Resumption,
    "parking": Parking,
    "closure": Closure,
    "replies": Replies,
    "macros": Macros,
}
