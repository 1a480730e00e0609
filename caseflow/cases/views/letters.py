"""The letter pile: look, make a batch, print it, mark it as posted."""

from __future__ import annotations

import csv
from io import StringIO

from flask import Blueprint, Response, abort, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug import Response as AnyResponse

from caseflow import clock
from caseflow.accounts.permissions import May, requires, signed_in
from caseflow.cases import letters
from caseflow.database import unit_of_work
from caseflow.messages.channels import letter
from caseflow.messages.models import LetterBatch, Message

blueprint = Blueprint("letters", __name__, url_prefix="/staff")

COLUMNS = ("case", "message", "first_page", "pages", "sha256")
# A spreadsheet runs a cell that begins so as a formula (OWASP, CSV injection).
FORMULA = ("=", "+", "-", "@", "\t", "\r")


@blueprint.get("/letters")
@requires(May.HANDLE_CASES)
def page() -> str:
    pile, total = letters.pile(signed_in(), current_app.config)
    batches = letters.batches(signed_in())
    return render_template(
        "letters/page.html",
        pile=pile,
        total=total,
        to_print=[batch for batch in batches if not batch.row.posted_at],
        posted=[batch for batch in batches if batch.row.posted_at],
    )


@blueprint.get("/letters/<int:message_id>.pdf")
@requires(May.HANDLE_CASES)
def pdf(message_id: int) -> Response:
    message = _letter(message_id)
    return _pdf(letter.fetch(message, current_app.config), f"{message.frame['case_number']}.pdf")


@blueprint.get("/letters/<int:message_id>.png")
@requires(May.HANDLE_CASES)
def thumbnail(message_id: int) -> Response:
    """The first page in small. The browser may keep it, and asks each time whether the person may still see it."""
    message = _letter(message_id)
    tag = message.provider_ref or ""
    known = bool(tag) and tag in request.if_none_match
    response = Response(status=304) if known else Response(letter.thumbnail(message), mimetype="image/png")
    response.headers["Cache-Control"] = "private, no-cache"
    response.set_etag(tag)
    return response


@blueprint.post("/letters/batches")
@requires(May.HANDLE_CASES)
def make_batch() -> AnyResponse:
    chosen = request.form.getlist("message", type=int)
    with unit_of_work():
        batch = letters.make_batch(signed_in(), chosen, config=current_app.config, now=clock.now())
    if batch:
        flash(_("Batch %(batch)s is ready to print.", batch=batch.id), "success")
        return _back(batch.id)
    flash(_("Choose letters first.") if not chosen else _("Those letters are already in a batch."), "info")
    return _back()


@blueprint.get("/letters/batches/<int:batch_id>.pdf")
@requires(May.HANDLE_CASES)
def batch_pdf(batch_id: int) -> AnyResponse:
    batch = letters.find_batch(signed_in(), batch_id) or abort(404)
    try:
        return _pdf(letters.printed(batch, current_app.config), f"letters-{batch_id}.pdf")
    except letters.Altered as error:
        flash(_("The letter of %(number)s no longer looks as it did. Take it out of the batch.", number=error), "error")
        return _back(batch_id)


@blueprint.get("/letters/batches/<int:batch_id>/manifest.csv")
@requires(May.HANDLE_CASES)
def manifest(batch_id: int) -> Response:
    """One line a letter in printing order; UTF-8 with a byte order mark, for spreadsheets."""
    batch = letters.find_batch(signed_in(), batch_id) or abort(404)
    text = StringIO()
    lines = csv.writer(text)
    lines.writerow(COLUMNS)
    lines.writerows([_cell(line[column]) for column in COLUMNS] for line in letters.lines_of(batch))
    response = Response("\ufeff" + text.getvalue(), mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="letters-{batch_id}.csv"'
    return response


@blueprint.post("/letters/batches/<int:batch_id>/posting")
@requires(May.HANDLE_CASES)
def post(batch_id: int) -> AnyResponse:
    with unit_of_work():
        batch = _batch_for_act(batch_id)
        letters.post(batch, by=signed_in().as_actor(), now=clock.now())
    count = len(letters.lines_of(batch))
    flash(ngettext("%(num)d letter is marked as posted.", "%(num)d letters are marked as posted.", count), "success")
    return _back()


@blueprint.post("/letters/batches/<int:batch_id>/removal")
@requires(May.HANDLE_CASES)
def take_out(batch_id: int) -> AnyResponse:
    try:
        with unit_of_work():
            batch = _batch_for_act(batch_id)
            letters.take_out(batch, request.form.get("message", 0, type=int), current_app.config)
    except letters.Posted:
        flash(_("That batch is already posted."), "info")
        return _back()
    flash(_("The letter waits in the pile again. Print the batch anew if it was printed before."), "success")
    return _back(batch_id)


def _letter(message_id: int) -> Message:
    return letters.find(signed_in(), message_id) or abort(404)


def _batch_for_act(batch_id: int) -> LetterBatch:
    return letters.find_batch(signed_in(), batch_id, for_act=True) or abort(404)


def _pdf(content: bytes, name: str) -> Response:
    response = Response(content, mimetype="application/pdf")
    response.headers["Content-Disposition"] = f'inline; filename="{name}"'
    return response


def _cell(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value


def _back(batch_id: int | None = None) -> AnyResponse:
    return redirect(url_for("letters.page", _anchor=f"batch-{batch_id}" if batch_id else None), 303)
