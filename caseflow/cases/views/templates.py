"""The fixed texts of mails, SMS and letters as residents get them, in each language."""

from __future__ import annotations

from flask import Blueprint, Response, abort, current_app, render_template, request
from flask_babel import lazy_gettext as _l

from caseflow import clock, language
from caseflow.accounts.permissions import May, requires, signed_in
from caseflow.cases.models import Municipality
from caseflow.cases.texts import mail_texts, text_samples
from caseflow.database import db
from caseflow.messages.channels import email, letter
from caseflow.messages.models import Message
from caseflow.messages.sms import segments

blueprint = Blueprint("texts", __name__, url_prefix="/staff/texts")

# A mail has its styles in itself, as mail programs want it: so it is shown on a page that may do nothing besides.
MAIL_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; sandbox"
NAMES = {
    "receipt": _l("The receipt"),
    "reply": _l("An answer by e-mail"),
    "secret": _l("An answer from a department with secret matters"),
    "sms": _l("The SMS after a call in vain"),
    "letter": _l("The letter"),
}
TEXT_NAMES = {
    "greeting": _l("Greeting"),
    "greeting_nameless": _l("Greeting without a name"),
    "receipt_subject": _l("Subject of the receipt"),
    "receipt": _l("The receipt"),
    "notice": _l("That there is something to read"),
    "closing": _l("Closing words"),
    "footer": _l("Before the link to the own page"),
    "sms_notice": _l("The SMS after a call in vain"),
    "letter_note": _l("Before the address and the code in a letter"),
}


@blueprint.get("")
@requires(May.SEE_TEXTS)
def page() -> str:
    house = db.session.get_one(Municipality, 1)
    wanted = request.args.get("language", language.current())
    chosen = wanted if wanted in house.languages else house.languages[0]
    samples = {sort: _sample(sort, chosen) for sort in text_samples.SORTS}
    return render_template(
        "texts/page.html",
        chosen=chosen,
        spoken=house.languages,
        names=NAMES,
        mails={
            sort: (one, *email.words(one, current_app.config))
            for sort, one in samples.items()
            if one and one.channel == "email"
        },
        subject=email.subject,
        sms=samples["sms"],
        length=segments.measure(samples["sms"].body) if samples["sms"] else None,
        letter=samples["letter"],
        texts=[
            (name, mail_texts.template(code, chosen, house.mail_texts), code, _is_own(code, chosen, house))
            for code, name in TEXT_NAMES.items()
        ],
    )


@blueprint.get("/<language>/<sort>.html")
@requires(May.SEE_TEXTS)
def mail(language: str, sort: str) -> Response:
    """The HTML part of a mail, for the frame on the page."""
    found = _found(language, sort, "email")
    response = Response(email.words(found, current_app.config)[1], mimetype="text/html")
    response.headers["Content-Security-Policy"] = MAIL_POLICY
    return response


@blueprint.get("/<language>/letter.pdf")
@requires(May.SEE_TEXTS)
def sheet(language: str) -> Response:
    pdf = letter.draw(_found(language, "letter", "letter"), current_app.config)
    response = Response(pdf, mimetype="application/pdf")
    response.headers["Content-Disposition"] = 'inline; filename="letter.pdf"'
    return response


def _found(language: str, sort: str, channel: str) -> Message:
    if sort not in text_samples.SORTS or language not in db.session.get_one(Municipality, 1).languages:
        abort(404)
    found = _sample(sort, language)
    return found if found and found.channel == channel else abort(404)


def _sample(sort: str, language: str) -> Message | None:
    return text_samples.message(sort, language, by=signed_in(), now=clock.now())


def _is_own(code: str, language: str, house: Municipality) -> bool:
    return mail_texts.is_municipal(code, language, house.mail_texts)
