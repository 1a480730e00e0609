"""Time away of a colleague, written down and ended by who manages accounts."""

from __future__ import annotations

from flask import abort
from flask_babel import gettext as _

from caseflow import clock
from caseflow.accounts.permissions import May, requires, signed_in
from caseflow.cases.watch import leave
from caseflow.database import unit_of_work
from caseflow.people import changes
from caseflow.people.views import Answer, back_to, blueprint, form_of, leave_form, page_of


@blueprint.post("/<int:staff_id>/away")
@requires(May.MANAGE_STAFF)
def plan_leave(staff_id: int) -> Answer:
    staff = changes.find(staff_id) or abort(404)
    form = leave_form(staff, filled_in=True)
    if not form.validate():
        return page_of(staff, form_of(staff), form), 422
    with unit_of_work():
        leave.plan(staff.id, form.first, form.last_day.data, by=signed_in().as_actor(), now=clock.now())
    return back_to(staff, _("It is written down. On the first day the open cases go back to the department."))


@blueprint.post("/<int:staff_id>/away/<int:absence_id>/end")
@requires(May.MANAGE_STAFF)
def end_leave(staff_id: int, absence_id: int) -> Answer:
    staff = changes.find(staff_id) or abort(404)
    with unit_of_work():
        away = leave.find(absence_id, [staff.id]) or abort(404)
        ended = leave.end(away, by=signed_in().as_actor(), now=clock.now())
    return back_to(staff, _("That time away has ended.") if ended else _("That was done already."))
