"""How a call went, as the card's form says it."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import Form, HiddenField, StringField, TextAreaField
from wtforms.validators import AnyOf, Length

from caseflow.cases import typed
from caseflow.messages.models import CALL_OUTCOMES

NOTE_LENGTH = 2000


class OutcomeForm(Form):
    """One of the outcomes; `submission` makes pressing twice one call."""

    outcome = StringField(validators=[AnyOf(CALL_OUTCOMES)])
    submission = HiddenField(filters=[lambda said: typed.text(said[:64]) or None if said else None])
    note = TextAreaField(
        _l("Note, if you want one"),
        filters=[typed.text],
        validators=[Length(max=NOTE_LENGTH, message=_l("Write a shorter note: at most 2,000 characters."))],
    )
