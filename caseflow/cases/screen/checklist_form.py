"""The line in which a colleague writes one more step, and the question before a case is closed with steps left."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import Field, HiddenField, StringField, ValidationError
from wtforms.validators import DataRequired, Length

from caseflow.cases import typed
from caseflow.cases.screen.desk import Desk
from caseflow.cases.screen.form_parts import ActForm
from caseflow.cases.screen.step import LONGEST, MOST


class StepForm(ActForm):
    """It asks for no version: a step more is in nobody's way."""

    title, verb = _l("One more step"), "checklist"
    text = StringField(
        _l("One more step"),
        filters=[typed.line],
        validators=[
            DataRequired(_l("Write what is to be done.")),
            Length(max=LONGEST, message=_l("The step is too long: at most 200 characters.")),
        ],
    )

    def validate_version(self, field: Field) -> None:
        """Any page will do."""

    def validate_text(self, field: Field) -> None:
        if len(self.desk.steps) >= MOST:
            raise ValidationError(_("The checklist is full: at most %(limit)d steps.", limit=MOST))


class Unfinished:
    """Part of a form that closes a case. `despite` is set on the page that asks, so that the second press closes."""

    desk: Desk
    despite = HiddenField()

    def validate_despite(self, field: Field) -> None:
        left = [step.text for step in self.desk.steps if not step.done_at]
        if left and self.closing and not field.data:
            told = _("Not done yet: %(steps)s. Close the case all the same?", steps=" · ".join(left))
            raise ValidationError(told)

    @property
    def closing(self) -> bool:
        return True
