"""What who manages accounts sees of mail to colleagues: what did not arrive, and the acts on it."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug import Response

from caseflow import clock
from caseflow.accounts.permissions import May, requires, signed_in
from caseflow.cases.delivery import delivery_words, refusals, staff_mails
from caseflow.cases.delivery.delivery_forms import HandlingForm
from caseflow.database import unit_of_work
from caseflow.messages.models import TROUBLE, Message

blueprint = Blueprint("staff_mails", __name__, url_prefix="/staff/staff-mails")
PURPOSE = {
    "account": _l("Mail about signing in"),
    "digest": _l("Daily summary"),
    "escalation": _l("Warning of a late case"),
    "mention": _l("Mail about a mention"),
    "withdrawal": _l("Mail about a case that was taken back"),
}


@blueprint.get("")
@requires(May.MANAGE_STAFF)
def page() -> str:
    return _page({})


@blueprint.post("/<int:message_id>/resend")
@requires(May.MANAGE_STAFF)
def resend(message_id: int) -> Response:
    with unit_of_work():
        mail = staff_mails.find(message_id) or abort(404)
        done = staff_mails.send_again(mail, by=signed_in(), now=clock.now())
    return _back(done, _("The mail is on its way again."))


@blueprint.post("/<int:message_id>/handling")
@requires(May.MANAGE_STAFF)
def handling(message_id: int) -> Response | tuple[str, int]:
    form = _handling(message_id, request.form)
    with unit_of_work():
        mail = staff_mails.find(message_id) or abort(404)
        valid = form.validate()
        done = valid and staff_mails.handle(mail, note=str(form.note.data), by=signed_in(), now=clock.now())
    if not valid:
        return _page({message_id: form}), 422
    return _back(done, _("The mail is marked as dealt with."))


def _page(typed: dict[int, HandlingForm]) -> str:
    now = clock.now()
    return render_template(
        "staff_mails/page.html",
        mails=staff_mails.waiting(now),
        purpose=PURPOSE,
        what=_what,
        said=lambda mail: refusals.said(mail.error),
        in_trouble=lambda mail: mail.status in TROUBLE,
        again=lambda mail: mail.status in TROUBLE or staff_mails.waits_for_next_try(mail, now),
        handling=lambda mail: typed.get(mail.id) or _handling(mail.id),
    )


def _what(mail: Message) -> str:
    if mail.status in TROUBLE:
        return delivery_words.what_went_wrong(mail.channel, mail.status, refusals.why(mail.error))
    if mail.status == "queued" and mail.attempts:
        return _("It could not be sent yet, and is tried again.")
    return _("No worker has taken it up. Tell whoever runs the system.")


def _handling(message_id: int, data: Any = None) -> HandlingForm:
    form = HandlingForm(data)
    form.note.id = form.note.label.field_id = f"handled-{message_id}-note"
    return form


def _back(done: bool, said: str) -> Response:
    flash(*((said, "success") if done else (_("That was done already."), "info")))
    return redirect(url_for("staff_mails.page"), 303)
