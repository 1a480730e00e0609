"""Having back what was just sent, and taking back what waits to leave the house."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, url_for
from flask_babel import gettext as _
from werkzeug import Response

from caseflow import clock
from caseflow.accounts.permissions import May, requires, signed_in
from caseflow.cases import scope, undoing
from caseflow.cases.delivery import redelivery
from caseflow.cases.screen import drafts, forms
from caseflow.cases.views.acting import act, done
from caseflow.database import unit_of_work

blueprint = Blueprint("undo", __name__, url_prefix="/cases/<number>")


@blueprint.post("/entries/<int:entry_id>/retraction")
@requires(May.HANDLE_CASES)
def retraction(number: str, entry_id: int) -> Response:
    """Whatever page it was pressed on: there are seconds to do it in, so no version is asked for."""
    staff, now = signed_in(), clock.now()
    try:
        with unit_of_work():
            case = scope.find_for_act(staff, number, None) or abort(404)
            entry = undoing.own(case, entry_id, staff) or abort(404)
            undoing.undo(case, entry, by=staff.as_actor(), now=now)
            drafts.restore(entry, now)
    except undoing.TooLate:
        flash(_("It was too late to undo: it has left. You can still write again."), "error")
        return redirect(url_for("case.page", number=number), 303)
    flash(_("Nothing was sent. Your text is back."), "success")
    return redirect(url_for("case.page", number=number, again=entry_id, _anchor="composer"), 303)


@blueprint.post("/messages/<int:message_id>/recall")
@requires(May.HANDLE_CASES)
def recall(number: str, message_id: int) -> Response:
    with act(number, forms.RecallForm) as doing:
        message = redelivery.locked(signed_in(), doing.case, message_id) or abort(404)
        redelivery.recall(doing.case, message, reason=doing.form.because, **doing.told)
    return done(doing.case, _("It is taken back and will not be sent."))
