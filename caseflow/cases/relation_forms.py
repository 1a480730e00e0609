"""The forms that join cases and part them."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import StringField
from wtforms.validators import DataRequired

from caseflow.cases.form_parts import ActForm, radio, tidy

HINDRANCES = {
    "itself": _l("That is this case. Write the number of the other one."),
    "merged": _l("One of the cases is merged already. Open its main case and merge that one."),
    "status": _l("The case is closed already: open it again first, or merge the other way round."),
    "secret": _l("The cases cannot be merged: one of the departments keeps its cases secret."),
    "unknown": _l("There is no such case that you may handle."),
    "busy": _l("Somebody is doing something with that case just now. Try again."),
}


class OtherForm(ActForm):
    """An act on this case and another one, which is named by its number."""

    other = StringField(
        _l("Number of the other case"), filters=[tidy], validators=[DataRequired(_l("Write the number of the case."))]
    )

    def refuse(self, why: str) -> None:
        """Say at the field why the other case will not do."""
        self.other.errors = [str(HINDRANCES[why])]


class MergerForm(OtherForm):
    title, verb = _l("Merge with another case"), "take_in"
    keep = radio(_l("Which case is to be the main one?"), _l("Choose the main case."))

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.keep.choices = [("this", _("This one")), ("other", _("The other one"))]
        self.keep.data = self.keep.data or "this"

    @property
    def act(self) -> str:
        return "merge" if self.keep.data == "other" else "take_in"

    def facts(self) -> Mapping[str, object]:
        return {"main" if self.keep.data == "other" else "merged": self.other.data}


class SeparationForm(ActForm):
    title, verb = _l("Take it out again"), "unmerge"


FORMS: dict[str, type[ActForm]] = {"merger": MergerForm, "separation": SeparationForm}
