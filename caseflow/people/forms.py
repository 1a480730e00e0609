"""The form of an account: who it is, which role, and how far in each department."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from email_validator import EmailNotValidError, validate_email
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict
from wtforms import (
    BooleanField,
    EmailField,
    Field,
    Form,
    HiddenField,
    RadioField,
    SelectField,
    StringField,
    ValidationError,
)
from wtforms.validators import InputRequired, Length

from caseflow.accounts.models import LEVELS, ROLES
from caseflow.accounts.permissions import NEEDS, PERMISSIONS
from caseflow.cases.models import Department
from caseflow.language import LANGUAGES
from caseflow.people.changes import Facts
from caseflow.people.wording import LEVEL, ROLE

NAME_LENGTH = 100


def _tidy(typed: str | None) -> str:
    return " ".join((typed or "").replace("\x00", "").split())


class PersonForm(Form):
    """`levels` are the fields of the departments, by code; `every` fills those that are left at nothing."""

    seen = HiddenField(default="0")
    name = StringField(
        _l("Name"),
        filters=[_tidy],
        validators=[
            InputRequired(_l("Write first name and family name.")),
            Length(max=NAME_LENGTH, message=_l("Write a shorter name: at most 100 characters.")),
        ],
    )
    email = EmailField(_l("E-mail"), filters=[_tidy], validators=[InputRequired(_l("Write the e-mail address."))])
    role = RadioField(
        _l("Role"), choices=list(ROLE.items()), validators=[InputRequired(_l("Choose a role."))], validate_choice=False
    )
    language = SelectField(_l("Language of mails"), validate_choice=False)
    protected = BooleanField(_l("Reaches cases of residents with protected personal data"))
    every = SelectField(_l("All departments below that are left at “Nothing”"), default="", validate_choice=False)

    def __init__(self, formdata: MultiDict[str, str] | None, places: Sequence[Department], **values: Any) -> None:
        self.places = places
        super().__init__(formdata, **values)
        self.language.choices = [("", _("The municipality’s")), *LANGUAGES.items()]
        self.every.choices = list(LEVEL.items())

    @classmethod
    def of(
        cls, formdata: MultiDict[str, str] | None, places: Sequence[Department], language: str, facts: Facts | None
    ) -> PersonForm:
        """The form with a field for each department; filled in with what the account is, or with what was typed."""
        fields = {
            f"level_{number}": SelectField(place.name(language), choices=list(LEVEL.items()), validate_choice=False)
            for number, place in enumerate(places)
        }
        made: PersonForm = type("PersonForm", (cls,), fields)(formdata, places)
        if formdata is None and facts is not None:
            made.name.data, made.email.data, made.role.data = facts.name, facts.email, facts.role
            made.language.data, made.protected.data = facts.language or "", facts.protected
            for place, field in made.levels():
                field.data = facts.levels.get(place.code, "")
        return made

    def levels(self, *, secret: bool | None = None) -> Iterator[tuple[Department, Field]]:
        """The departments with their fields: all, or those that are secret, or not."""
        for number, place in enumerate(self.places):
            if secret is None or place.secret is secret:
                yield place, self[f"level_{number}"]

    def validate_email(self, field: Field) -> None:
        try:
            field.data = validate_email(field.data, check_deliverability=False).normalized.lower()
        except EmailNotValidError as error:
            raise ValidationError(_("Write the whole e-mail address, for example name@example.org.")) from error

    def validate_role(self, field: Field) -> None:
        if field.data not in ROLES:
            raise ValidationError(_("Choose a role."))

    def validate_language(self, field: Field) -> None:
        if field.data and field.data not in LANGUAGES:
            raise ValidationError(_("Choose one of the list."))

    def validate(self, extra_validators: Any = None) -> bool:
        sound = super().validate(extra_validators)
        places = {self.every: _("All departments"), **{field: field.label.text for _place, field in self.levels()}}
        for field, place in places.items():
            if why := self._objection(str(place), field.data or ""):
                field.errors = [why]
                sound = False
        return sound

    def facts(self) -> Facts:
        """What a valid form says."""
        levels = {
            place.code: field.data or ("" if place.secret else self.every.data or "") for place, field in self.levels()
        }
        told = (str(self.name.data), str(self.email.data), str(self.role.data), self.language.data or None)
        return Facts(*told, {code: level for code, level in levels.items() if level}, bool(self.protected.data))

    def _objection(self, place: str, level: str) -> str | None:
        """Why the level will not do with the role: what the role cannot use would promise what nobody gets."""
        role = self.role.data
        if not level or role not in ROLES:
            return None
        if level not in LEVELS:
            return _("Choose one of the list.")
        if NEEDS[level] in PERMISSIONS[role]:
            return None
        if role == "administrator":
            return _("%(place)s: an administrator reads no case, so choose “Nothing”.", place=place)
        best = next(one for one in reversed(LEVELS) if NEEDS[one] in PERMISSIONS[role])
        return _("%(place)s: with this role choose “%(level)s” at most.", place=place, level=LEVEL[best])
