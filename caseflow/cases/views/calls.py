"""The call list: take a call, make it, say how it went; and another channel when nobody answers."""

from __future__ import annotations

from uuid import uuid4

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug import Response

from caseflow import clock
from caseflow.accounts.permissions import May, requires, signed_in
from caseflow.cases.delivery import delivery_words
from caseflow.cases.municipality import directory
from caseflow.cases.telephone import call_list, call_page, call_words, calls
from caseflow.cases.telephone.call_form import NOTE_LENGTH, OutcomeForm
from caseflow.database import unit_of_work
from caseflow.messages.models import CALL_OUTCOMES

blueprint = Blueprint("calls", __name__, url_prefix="/staff")

# Seconds between renewals of a claim while its card is open: some may fail and the claim still stands.
RENEWED_EVERY = call_list.CLAIM.total_seconds() / 5


@blueprint.get("/calls")
@requires(May.HANDLE_CASES)
def page() -> str:
    return _page(request.args.get("message", type=int), OutcomeForm(submission=uuid4().hex))


@blueprint.post("/calls/claims")
@requires(May.HANDLE_CASES)
def take_next() -> Response:
    with unit_of_work():
        taken = call_list.take_next(signed_in(), clock.now())
    if taken is None:
        flash(_("No call is to be made just now. You can still choose one from the list."), "info")
    return redirect(url_for("calls.page"), 303)


@blueprint.post("/calls/<int:message_id>/claim")
@requires(May.HANDLE_CASES)
def take(message_id: int) -> Response:
    staff = signed_in()
    with unit_of_work():
        calls.find(staff, message_id) or abort(404)
        taken = call_list.take(staff, message_id, clock.now())
    return redirect(url_for("calls.page", message=None if taken else message_id), 303)


@blueprint.post("/calls/<int:message_id>/claim/renewal")
@requires(May.HANDLE_CASES)
def renew(message_id: int) -> tuple[str, int]:
    """204 while the call is the person's own; 409 when it no longer is."""
    staff = signed_in()
    with unit_of_work():
        calls.find(staff, message_id) or abort(404)
        renewed = call_list.renew(staff, message_id, clock.now())
    return "", 204 if renewed else 409


@blueprint.post("/calls/<int:message_id>/release")
@requires(May.HANDLE_CASES)
def leave(message_id: int) -> Response:
    staff = signed_in()
    with unit_of_work():
        calls.find(staff, message_id) or abort(404)
        call_list.release(staff, message_id)
    return redirect(url_for("calls.page"), 303)


@blueprint.post("/calls/<int:message_id>/outcomes")
@requires(May.HANDLE_CASES)
def log(message_id: int) -> Response | tuple[str, int]:
    staff, form, now = signed_in(), OutcomeForm(request.form), clock.now()
    if not form.validate():
        return (_page(message_id, form), 422) if form.outcome.data in CALL_OUTCOMES else abort(400)
    outcome, facts = str(form.outcome.data), {"note": form.note.data or None, "submission": form.submission.data}
    try:
        with unit_of_work():
            card = calls.find(staff, message_id, for_act=True) or abort(404)
            step = calls.log_call(card, outcome, by=staff.as_actor(), now=now, **facts)
    except (calls.Gone, calls.Taken) as refusal:
        return _page(message_id, form, refused=_why(refusal)), 409
    today = clock.today(now, directory.municipality().zone)
    flash(call_words.followed(card.case.number, outcome, step, today), "success")
    return redirect(url_for("calls.page"), 303)


@blueprint.post("/calls/<int:message_id>/redirection")
@requires(May.HANDLE_CASES)
def send_otherwise(message_id: int) -> Response:
    staff, channel = signed_in(), request.form.get("channel", "")
    reason = request.form.get("reason", "").replace("\x00", "").strip()[:NOTE_LENGTH] or _("Nobody answered the phone.")
    try:
        with unit_of_work():
            card = calls.find(staff, message_id, for_act=True) or abort(404)
            calls.redirect(card, channel=channel, reason=reason, by=staff.as_actor(), now=clock.now())
    except (calls.Gone, calls.Taken) as refusal:
        flash(_why(refusal), "info")
        return redirect(url_for("calls.page"), 303)
    except calls.NotOffered:
        flash(_("Choose one of the ways that are offered."), "error")
        return redirect(url_for("calls.page", message=message_id), 303)
    flash(_("%(number)s no longer waits for a call.", number=card.case.number), "success")
    return redirect(url_for("calls.page"), 303)


def _page(chosen: int | None, form: OutcomeForm, *, refused: str | None = None) -> str:
    """The page; `refused` says why the call as it was typed in could not be written down."""
    page = call_page.build(signed_in(), chosen, clock.now()) or abort(404)
    return render_template(
        "calls/page.html",
        page=page,
        form=form,
        refused=refused,
        renewed_every=RENEWED_EVERY,
        call_words=call_words,
        delivery_words=delivery_words,
    )


def _why(refusal: calls.Gone | calls.Taken) -> str:
    if isinstance(refusal, calls.Taken):
        return _("%(name)s is calling just now.", name=refusal)
    return _("That call is no longer in the list: somebody has made it, or sent the words another way.")
