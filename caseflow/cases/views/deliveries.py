"""The list of what did not arrive or waits too long, and the acts that belong to it alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, abort, current_app, flash, redirect, render_template, request
from flask_babel import gettext as _
from werkzeug import Response as AnyResponse

from caseflow import clock, files
from caseflow.accounts.permissions import May, may, may_in, requires, signed_in
from caseflow.cases import lifecycle, scope
from caseflow.cases.delivery import delivery_forms, redelivery, worklist, worklist_words
from caseflow.cases.delivery.delivery_forms import HandlingForm
from caseflow.cases.screen import held_mail
from caseflow.cases.views.acting import today
from caseflow.cases.views.places import Place, came_from
from caseflow.database import unit_of_work

blueprint = Blueprint("deliveries", __name__, url_prefix="/staff")


@blueprint.get("/deliveries")
@requires(May.SEE_CASES)
def page() -> str:
    return shown(Place(worklist.Filter.of(request.args), request.args.get("after")))


def shown(place: Place, typed: Mapping[int, Any] | None = None) -> str:
    """The list; `typed` has the forms that came back with errors, by the message that they are for."""
    now, day = clock.now(), today()
    return render_template(
        "deliveries/page.html",
        place=place,
        page=worklist.page(signed_in(), place.chosen, now, place.after),
        handles=_handles,
        typed=typed or {},
        wording=worklist_words,
        another_way=lambda row: delivery_forms.another_way(row.Case, row.Message, day),
        handling=lambda row: _handling(row.id),
        in_vain=delivery_forms.warning,
        tries_again=lambda message: redelivery.waits_for_next_try(message, now),
        all_at_once=lambda sort, rows: any(map(_handles, rows)) and _all_at_once(sort, rows, place, now),
        at_once=worklist.AT_ONCE,
    )


@blueprint.post("/deliveries/messages/<int:message_id>/handling")
@requires(May.HANDLE_CASES)
def handling(message_id: int) -> AnyResponse | tuple[str, int]:
    """Seen to in some other way. Where it is not told how, nothing is done."""
    staff, place, form = signed_in(), came_from() or Place(worklist.Filter()), _handling(message_id, request.form)
    if not form.validate():
        return shown(place, {message_id: form}), 422
    try:
        with unit_of_work():
            case = scope.find_for_act(staff, _number_of(message_id), None) or abort(404)
            message = redelivery.locked(staff, case, message_id) or abort(404)
            redelivery.handle(case, message, note=str(form.note.data), by=staff.as_actor(), now=clock.now())
        flash(_("%(number)s is marked as dealt with.", number=case.number), "success")
    except redelivery.AlreadyDone:
        flash(_("That was done already."), "info")
    except redelivery.MovedOn:
        flash(_("That is no longer possible: the message has moved on. See how it stands now."), "error")
    return redirect(place.address, 303)


@blueprint.post("/deliveries/resends")
@requires(May.HANDLE_CASES)
def resends() -> str:
    """Send a whole group again, each for itself; pressed twice, the second time finds nothing left."""
    place = came_from() or Place(worklist.Filter())
    done = [(row.number, _sent_again(row.number, row.id)) for row in worklist.to_send_again(signed_in(), place.chosen)]
    return render_template("deliveries/sent_again.html", place=place, done=done)


@blueprint.get("/deliveries/mails/<int:mail_id>.eml")
@requires(May.SEE_CASES)
def mail(mail_id: int) -> Response:
    """The mail as it came, to be read in a mail program; never shown as a page of ours."""
    found = held_mail.find(signed_in(), mail_id, to_read=True) or abort(404)
    try:
        raw = files.read(found.digest, current_app.config)
    except (FileNotFoundError, ValueError):
        abort(404)
    response = Response(raw, mimetype="message/rfc822")
    response.headers["Content-Disposition"] = f'attachment; filename="mail-{mail_id}.eml"'
    return response


@blueprint.post("/deliveries/mails/<int:mail_id>/removal")
@requires(May.SORT_CASES)
def put_aside(mail_id: int) -> AnyResponse:
    staff, place = signed_in(), came_from() or Place(worklist.Filter())
    with unit_of_work():
        found = held_mail.find(staff, mail_id, for_act=True) or abort(404)
        changed = held_mail.put_aside(found, by=staff.as_actor(), now=clock.now())
    flash(*((_("The mail is put aside."), "success") if changed else (_("That was done already."), "info")))
    return redirect(place.address, 303)


def _handles(row: Any) -> bool:
    """Whether the person who is signed in may do something about this row."""
    staff = signed_in()
    if row.what == "batch":
        return may(staff, May.POST_LETTERS) and may_in(staff, row.LetterBatch.department_code, "handle")
    if row.what == "mail":
        return held_mail.decides(staff, row.Case)
    return may(staff, May.HANDLE_CASES) and scope.handles(staff, row.Case)


def _sent_again(number: str, message_id: int) -> bool:
    """Whether it is on its way again; False when somebody, or a worker, was there before. One unit of work."""
    staff = signed_in()
    try:
        with unit_of_work():
            case = scope.find_for_act(staff, number, None)
            message = redelivery.locked(staff, case, message_id) if case else None
            if case is None or message is None:
                return False
            redelivery.resend(case, message, by=staff.as_actor(), now=clock.now())
    except (redelivery.MovedOn, redelivery.AlreadyDone, lifecycle.Illegal):
        return False
    return True


def _all_at_once(sort: str, rows: Sequence[Any], place: Place, now: datetime) -> bool:
    """Whether it makes sense to offer the whole group: where the address is the reason only who asks just for those."""
    if sort == "late":
        return sum(bool(row.Message) and redelivery.waits_for_next_try(row.Message, now) for row in rows) > 1
    return rows[0].total > 1 and (sort == "again" or (sort == "elsewhere" and place.chosen.sort == sort))


def _number_of(message_id: int) -> str:
    return redelivery.number_of(signed_in(), message_id) or abort(404)


def _handling(message_id: int, data: Any = None) -> HandlingForm:
    form = HandlingForm(data)
    form.note.id = form.note.label.field_id = f"handled-{message_id}-note"
    return form
