"""Whether one wants the day's work by mail, and when."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug import Response
from werkzeug.datastructures import MultiDict
from wtforms import Form

from caseflow import language
from caseflow.accounts.permissions import May, requires, signed_in
from caseflow.cases.screen.form_parts import choice
from caseflow.cases.watch import digest
from caseflow.cases.watch.morning_mail import HOURS
from caseflow.database import unit_of_work

blueprint = Blueprint("digest", __name__, url_prefix="/staff/account/digest")


class DigestForm(Form):
    """An hour of the day, or nothing for never."""

    hour = choice(_l("Send it"), _l("Choose an hour, or never."), or_nothing=True)

    def __init__(self, formdata: MultiDict[str, str] | None = None, *, chosen: int | None = None) -> None:
        super().__init__(formdata, hour="" if chosen is None else str(chosen))
        self.hour.choices = [("", _("Never"))]
        self.hour.choices += [(str(hour), _("on working days at %(hour)s", hour=f"{hour:02}:00")) for hour in HOURS]


@blueprint.get("")
@requires(May.SEE_CASES)
def page() -> str:
    return render_template("accounts/digest.html", form=DigestForm(chosen=digest.wish(signed_in())))


@blueprint.post("")
@requires(May.SEE_CASES)
def choose() -> Response | tuple[str, int]:
    form = DigestForm(request.form)
    if not form.validate():
        return render_template("accounts/digest.html", form=form), 422
    hour = int(form.hour.data) if form.hour.data else None
    with unit_of_work():
        digest.choose(signed_in(), hour, language.current())
    flash(_("You get no mail about your day.") if hour is None else _("Your day comes by mail."), "success")
    return redirect(url_for("digest.page"), 303)
