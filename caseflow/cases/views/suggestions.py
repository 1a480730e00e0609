"""Accepting what closed cases suggest for a new one."""

from __future__ import annotations

from flask import Blueprint
from flask_babel import gettext as _
from werkzeug import Response

from caseflow.accounts.permissions import May, requires
from caseflow.cases.screen import suggestion_forms
from caseflow.cases.suggestions import suggesting
from caseflow.cases.views.acting import act, done

acceptance = Blueprint("suggestion", __name__, url_prefix="/cases/<number>")


@acceptance.post("/suggestion")
@requires(May.SORT_CASES)
def suggestion(number: str) -> Response:
    with act(number, suggestion_forms.AcceptanceForm) as doing:
        offered = doing.form.suggestion
        assert offered  # as a valid form has it
        suggesting.accept(doing.case, offered, reason=suggesting.reason(offered), **doing.told)
    return done(doing.case, _("The suggestion is carried out."), leads_on=bool(offered.department))
