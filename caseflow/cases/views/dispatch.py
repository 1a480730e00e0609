"""The acts on one message of a case: another channel, what a person knows of it, sending it again.

They are done on the case's page and in the list of deliveries, and lead back to where they were done.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from flask import Blueprint, abort, flash, redirect
from flask_babel import gettext as _
from werkzeug import Response

from caseflow.accounts.permissions import May, requires, signed_in
from caseflow.cases import lifecycle, scope
from caseflow.cases.delivery import delivery_words, redelivery
from caseflow.cases.screen import forms
from caseflow.cases.views import deliveries
from caseflow.cases.views.acting import Invalid, Repeated, act, done
from caseflow.cases.views.places import came_from

blueprint = Blueprint("dispatch", __name__, url_prefix="/cases/<number>/messages/<int:message_id>")

Answer = Response | tuple[str, int]


def comes_back(view: Callable[[str, int], Response]) -> Callable[[str, int], Answer]:
    """Who acts in the list of deliveries gets back to it, also when it could not be done; others get to the case."""

    @wraps(view)
    def acted(number: str, message_id: int) -> Answer:
        place = came_from()
        if place is None:
            return view(number, message_id)
        try:
            view(number, message_id)
        except Invalid as error:
            return deliveries.shown(place, {message_id: error.form}), 422
        except (Repeated, redelivery.AlreadyDone):
            flash(_("That was done already."), "info")
        except (scope.Stale, redelivery.MovedOn, lifecycle.Illegal):
            flash(_("Nothing was done: %(number)s has moved on. See how it stands now.", number=number), "error")
        return redirect(place.address, 303)

    return acted


@blueprint.post("/redirection")
@requires(May.HANDLE_CASES)
@comes_back
def redirection(number: str, message_id: int) -> Response:
    with act(number, forms.RedirectionForm) as doing:
        message = redelivery.locked(signed_in(), doing.case, message_id) or abort(404)
        channel = doing.form.channel.data
        redelivery.redirect(doing.case, message, channel=channel, reason=doing.form.because, **doing.told)
    return done(doing.case, str(delivery_words.SENT[channel]))


@blueprint.post("/settlement")
@requires(May.HANDLE_CASES)
@comes_back
def settlement(number: str, message_id: int) -> Response:
    with act(number, forms.SettlementForm) as doing:
        message, arrived = redelivery.locked(signed_in(), doing.case, message_id), doing.form.arrived.data == "yes"
        redelivery.settle(doing.case, message or abort(404), arrived=arrived, **doing.told)
    return done(doing.case, _("It is noted as arrived.") if arrived else _("It is sent again."))


@blueprint.post("/resend")
@requires(May.HANDLE_CASES)
@comes_back
def resend(number: str, message_id: int) -> Response:
    with act(number, forms.ResendForm) as doing:
        message = redelivery.locked(signed_in(), doing.case, message_id)
        redelivery.resend(doing.case, message or abort(404), **doing.told)
    return done(doing.case, _("It is sent again."))
