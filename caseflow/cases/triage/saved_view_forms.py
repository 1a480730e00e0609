"""Naming a saved view, and whose it is."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict
from wtforms import Form, StringField
from wtforms.validators import DataRequired, Length

from caseflow.cases import typed
from caseflow.cases.screen.form_parts import choice
from caseflow.cases.triage import saved_views
from caseflow.cases.triage.saved_view import SavedView

OWN, NAME_LENGTH = "own", 40


class NameForm(Form):
    name = StringField(
        _l("Name of the view"),
        filters=[typed.text],
        validators=[
            DataRequired(_l("Give the view a name.")),
            Length(max=NAME_LENGTH, message=_l("Write a shorter name: at most 40 characters.")),
        ],
    )

    def fits(self, view: SavedView) -> bool:
        """Whether the view has room in its home under this name; locks the home's views."""
        others = [other for other in saved_views.siblings(view) if other is not view]
        if any(other.name == self.name.data for other in others):
            self.name.errors = [_("There is a view of this name already.")]
        elif not view.id and len(others) >= saved_views.MOST:
            self.name.errors = [_("There are 12 views already. Remove one first.")]
        return not self.name.errors


class SaveForm(NameForm):
    whose = choice(_l("For"), _l("Choose who may use it."))

    def __init__(self, formdata: MultiDict[str, str] | None, led: Mapping[str, str]) -> None:
        super().__init__(formdata)
        self.whose.choices = [(OWN, _("Only me")), *led.items()]
        self.whose.data = self.whose.data or OWN
