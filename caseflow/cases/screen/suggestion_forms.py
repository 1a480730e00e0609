"""The press that accepts a suggestion."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict
from wtforms import Field, ValidationError

from caseflow.cases.models import Case
from caseflow.cases.screen.desk import Desk
from caseflow.cases.screen.form_parts import ActForm
from caseflow.cases.suggestions import suggesting


class AcceptanceForm(ActForm):
    """Its event is the last that accepting leaves behind."""

    title, verb = _l("Do as suggested"), "categorise"

    def __init__(self, formdata: MultiDict[str, str] | None, *, case: Case, desk: Desk) -> None:
        self.suggestion = suggesting.of_case(case)
        super().__init__(formdata, case=case, desk=desk)
        self.mark("suggestion")

    def validate_version(self, field: Field) -> None:
        super().validate_version(field)
        if self.suggestion is None:
            raise ValidationError(_("Nothing is suggested for this case any more."))

    @property
    def act(self) -> str:
        return "categorise" if self._told("category") else "transfer"

    def facts(self) -> Mapping[str, object]:
        what = "category" if self._told("category") else "department"
        return {what: self._told(what)}

    def _told(self, what: str) -> object:
        return (self.case.suggested or {}).get(what)
