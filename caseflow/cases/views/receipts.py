"""Where SMS providers tell what became of an SMS. No person comes here: the address itself is the credential."""

from __future__ import annotations

from flask import Blueprint, current_app, request
from flask.blueprints import BlueprintSetupState

from caseflow.accounts.permissions import public
from caseflow.cases.delivery import deliveries
from caseflow.database import db
from caseflow.messages.channels import sms
from caseflow.messages.models import Message
from caseflow.messages.sms import receipts

blueprint = Blueprint("receipts", __name__)


@blueprint.record_once
def _without_token(state: BlueprintSetupState) -> None:
    """No browser posts here with somebody's cookie, so no CSRF token is wanted; each address carries an HMAC."""
    state.app.extensions["csrf"].exempt(blueprint)


@blueprint.post(f"{receipts.PATH}/<token>")
@public
def take(token: str) -> tuple[str, int]:
    """204: taken in, or nothing new. 503: our own record of the call is not written yet, the provider comes again."""
    message_id = receipts.read(token, current_app.config["SECRET_KEY"])
    if message_id is None:
        return "", 403
    try:
        receipt = sms.PROVIDER.receipt(request.form)
    except ValueError:
        return "", 400
    message = db.session.get(Message, message_id, populate_existing=True)
    news = sms.news_of(receipt, message) if message else None
    db.session.rollback()
    return ("", 204) if news is None or deliveries.report(message_id, news) else ("", 503)
