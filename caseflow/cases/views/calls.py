"""The call list: one card at a time, three outcomes, and another channel when nobody answers."""

from __future__ import annotations

from uuid import uuid4

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug import Response

from caseflow import clock
from caseflow.accounts.models import Staff
from caseflow.accounts.permissions import May, requires, signed_in
from caseflow.cases import calls, delivery_words, directory
from caseflow.database import unit_of_work

blueprint = Blueprint("calls", __name__, url_prefix="/staff")

NOTE_LENGTH = 2000


@blueprint.get("/calls")
@requires(May.HANDLE_CASES)
def page() -> str:
    staff, chosen = signed_in(), request.args.get("message", type=int)
    zone = directory.municipality().zone
    today = clock.today(zone=zone)
    waiting = calls.waiting(staff, clock.midnight(today, zone))
    card = _card(staff, chosen or (waiting[0].id if waiting else None))
    return render_template(
        "calls/page.html",
        waiting=waiting,
        card=card,
        gone=bool(chosen and not card),
        script=calls.script(card, staff.name) if card else [],
        today=today,
        submission=uuid4().hex,
        note_length=NOTE_LENGTH,
        outcomes=delivery_words.CALL_OUTCOME,
        ways=delivery_words.WAY,
        address_of=delivery_words.address_of,
    )


@blueprint.post("/calls/<int:message_id>/outcomes")
@requires(May.HANDLE_CASES)
def log(message_id: int) -> Response:
    staff, outcome = signed_in(), request.form.get("outcome", "")
    if outcome not in calls.OUTCOMES:
        abort(400)
    facts = {"note": _typed("note"), "submission": _typed("submission")}
    try:
        with unit_of_work():
            card = calls.find(staff, message_id, for_act=True) or abort(404)
            calls.log_call(card, outcome, by=staff.as_actor(), now=clock.now(), **facts)
    except calls.Gone:
        return _gone()
    flash(_said(outcome, card), "success")
    return redirect(url_for("calls.page"), 303)


@blueprint.post("/calls/<int:message_id>/redirection")
@requires(May.HANDLE_CASES)
def send_otherwise(message_id: int) -> Response:
    staff, channel = signed_in(), request.form.get("channel", "")
    reason = _typed("reason") or _("Nobody answered the phone.")
    try:
        with unit_of_work():
            card = calls.find(staff, message_id, for_act=True) or abort(404)
            calls.redirect(card, channel=channel, reason=reason, by=staff.as_actor(), now=clock.now())
    except calls.Gone:
        return _gone()
    except calls.NotOffered:
        flash(_("Choose one of the ways that are offered."), "error")
        return redirect(url_for("calls.page", message=message_id), 303)
    flash(_("%(number)s no longer waits for a call.", number=card.case.number), "success")
    return redirect(url_for("calls.page"), 303)


def _card(staff: Staff, message_id: int | None) -> calls.Card | None:
    """The card of a call that is still to be made; 404 when the person may not know of it."""
    if message_id is None:
        return None
    card = calls.find(staff, message_id) or abort(404)
    return card if card.message.status == "accepted" else None


def _typed(field: str) -> str | None:
    return request.form.get(field, "").strip()[:NOTE_LENGTH] or None


def _gone() -> Response:
    flash(_("That call is no longer in the list: somebody has made it, or sent the words another way."), "info")
    return redirect(url_for("calls.page"), 303)


def _said(outcome: str, card: calls.Card) -> str:
    """What the caller is told about the next step."""
    match outcome:
        case "reached":
            return _("%(number)s: reached by phone.", number=card.case.number)
        case "no_answer":
            return _("%(number)s: no answer. The call comes back at the end of the list.", number=card.case.number)
        case _other:
            return _("%(number)s: wrong number. The case is back with its caseworker.", number=card.case.number)
