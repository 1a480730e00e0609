"""A mail that a person must look at: what it says, and what becomes of it."""

from __future__ import annotations

from flask import Blueprint, abort, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug import Response

from caseflow import clock, files, scanner
from caseflow.accounts.permissions import May, requires, signed_in
from caseflow.cases import scope
from caseflow.cases.delivery.worklist_words import HELD_BECAUSE
from caseflow.cases.screen import held_mail
from caseflow.cases.triage import queue
from caseflow.cases.views.acting import today
from caseflow.database import unit_of_work
from caseflow.mailroom import acting, reading
from caseflow.messages.models import IncomingMail

blueprint = Blueprint("mails", __name__, url_prefix="/staff/mails/<int:mail_id>")


@blueprint.get("")
@requires(May.SORT_CASES)
def page(mail_id: int) -> str:
    return _page(_found(mail_id))


@blueprint.post("/case")
@requires(May.SORT_CASES)
def file(mail_id: int) -> Response:
    """It becomes a case, as the form would have made it; no receipt, because it may be a robot's after all."""
    with unit_of_work():
        row = _found(mail_id, for_act=True)
        if row.outcome != "held":
            return _done_already()
        mail = acting.without_viruses(reading.read(files.read(row.digest, current_app.config)), current_app.config)
        kept = acting.keep_files(mail, current_app.config)
        number = acting.file(row, mail, kept, by=signed_in().as_actor(), now=clock.now()).number
    flash(_("The mail is case %(number)s now.", number=number), "success")
    return redirect(_case(number) or url_for("deliveries.page"), 303)


@blueprint.post("/entry")
@requires(May.SORT_CASES)
def put_on(mail_id: int) -> Response | tuple[str, int]:
    """It belongs to a case that there is."""
    staff, typed = signed_in(), request.form.get("number", "")[:40]
    number = queue.number_of(staff, typed, today())
    with unit_of_work():
        case = scope.find_for_act(staff, number, None) if number else None
        if number is None or case is None:
            return _page(_found(mail_id), typed=typed), 422
        row = _found(mail_id, for_act=True)
        if row.outcome != "held":
            return _done_already()
        mail = acting.without_viruses(reading.read(files.read(row.digest, current_app.config)), current_app.config)
        kept = acting.keep_files(mail, current_app.config)
        acting.put_on(row, mail, kept, case.id, by=staff.as_actor(), now=clock.now())
    flash(_("The mail is in case %(number)s now.", number=number), "success")
    return redirect(url_for("case.page", number=number), 303)


@blueprint.errorhandler(scanner.Away)
def _not_scanned(error: scanner.Away) -> Response:
    """Nothing has been done yet: the unit of work is undone by then."""
    flash(_("The virus scanner does not answer. Try again in a while."), "error")
    return redirect(url_for("deliveries.page"), 303)


def _found(mail_id: int, *, for_act: bool = False) -> IncomingMail:
    return held_mail.find(signed_in(), mail_id, for_act=for_act) or abort(404)


def _case(number: str) -> str | None:
    """Where routing put the case, when that is somewhere that this person may look."""
    return url_for("case.page", number=number) if scope.find(signed_in(), number) else None


def _done_already() -> Response:
    flash(_("Somebody has dealt with that mail already."), "info")
    return redirect(url_for("deliveries.page"), 303)


def _page(row: IncomingMail, typed: str | None = None) -> str:
    mail = reading.read(files.read(row.digest, current_app.config))
    why = HELD_BECAUSE.get(row.note or "")
    return render_template("mailroom/page.html", row=row, mail=mail, why=why, typed=typed)
