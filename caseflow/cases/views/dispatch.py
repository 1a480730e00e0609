"""The acts on one message of a case: another channel, what a person knows of it, sending it again."""

from __future__ import annotations

from flask import Blueprint, abort
from flask_babel import gettext as _
from werkzeug import Response

from caseflow.accounts.permissions import May, requires, signed_in
from caseflow.cases import delivery_words, forms, redelivery
from caseflow.cases.views.acting import act, done

blueprint = Blueprint("dispatch", __name__, url_prefix="/cases/<number>/messages/<int:message_id>")


@blueprint.post("/redirection")
@requires(May.HANDLE_CASES)
def redirection(number: str, message_id: int) -> Response:
    with act(number, forms.RedirectionForm) as doing:
        message = redelivery.locked(signed_in(), doing.case, message_id) or abort(404)
        channel = doing.form.channel.data
        redelivery.redirect(doing.case, message, channel=channel, reason=doing.form.because, **doing.told)
    return done(doing.case, str(delivery_words.SENT[channel]))


@blueprint.post("/settlement")
@requires(May.HANDLE_CASES)
def settlement(number: str, message_id: int) -> Response:
    with act(number, forms.SettlementForm) as doing:
        message, arrived = redelivery.locked(signed_in(), doing.case, message_id), doing.form.arrived.data == "yes"
        redelivery.settle(doing.case, message or abort(404), arrived=arrived, **doing.told)
    return done(doing.case, _("It is noted as arrived.") if arrived else _("It is sent again."))


@blueprint.post("/resend")
@requires(May.HANDLE_CASES)
def resend(number: str, message_id: int) -> Response:
    with act(number, forms.ResendForm) as doing:
        message = redelivery.locked(signed_in(), doing.case, message_id)
        redelivery.resend(doing.case, message or abort(404), **doing.told)
    return done(doing.case, _("It is sent again."))
