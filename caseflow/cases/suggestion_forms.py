"""The press that accepts a suggestion, and the choice when one is carried out by itself."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict
from wtforms import DecimalField, Field, Form, ValidationError
from wtforms.validators import Optional

from caseflow.cases.desk import Desk
from caseflow.cases.form_parts import ActForm
from caseflow.cases.models import Case, Municipality
from caseflow.cases.suggestions import suggesting, threshold


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


class ThresholdForm(Form):
    """In percent; empty means never."""

    percent = DecimalField(
        _l("Carry out suggestions that were right in at least so many of 100 cases"), [Optional()], places=None
    )

    def __init__(self, formdata: MultiDict[str, str] | None = None, *, house: Municipality) -> None:
        share = threshold.check(house.suggestions)
        super().__init__(formdata, percent=Decimal(f"{share * 100:.4g}") if share else None)

    def validate_percent(self, field: DecimalField) -> None:
        if field.data is not None and not threshold.LOWEST * 100 <= field.data <= 100:
            lowest = round(threshold.LOWEST * 100)
            raise ValidationError(_("Write a number from %(lowest)d to 100, or leave it empty.", lowest=lowest))

    @property
    def share(self) -> float | None:
        return float(self.percent.data) / 100 if self.percent.data is not None else None
