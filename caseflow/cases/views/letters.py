"""The letter pile: look, make a batch, print it, mark it as posted."""

from __future__ import annotations

import csv
from io import StringIO

from flask import Blueprint, Response, abort, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug import Response as AnyResponse

from caseflow import clock, language
from caseflow.accounts.permissions import May, requires, signed_in
from caseflow.cases.municipality import directory
from caseflow.cases.post import calibrating, handing_over, letters
from caseflow.cases.screen import desk
from caseflow.database import unit_of_work
from caseflow.messages.channels import letter
from caseflow.messages.envelopes import PROFILES, choose, profiles
from caseflow.messages.models import LetterBatch, Message

blueprint = Blueprint("letters", __name__, url_prefix="/staff")

COLUMNS = ("case", "message", "first_page", "pages", "sha256")
# A spreadsheet runs a cell that begins so as a formula (OWASP, CSV injection).
FORMULA = ("=", "+", "-", "@", "\t", "\r")


@blueprint.get("/letters")
@requires(May.POST_LETTERS)
def page() -> str:
    pile, total = letters.pile(signed_in(), current_app.config)
    batches = letters.batches(signed_in())
    return render_template(
        "letters/page.html",
        pile=pile,
        total=total,
        to_print=[batch for batch in batches if not batch.row.posted_at],
        posted=[batch for batch in batches if batch.row.posted_at],
        envelopes=[*{**PROFILES, **profiles(directory.municipality().envelopes)}],
        handed_over=bool(current_app.config["LETTERS_URL"]),
        departments=desk.department_names(language.current()),
    )


@blueprint.get("/letters/<int:message_id>.pdf")
@requires(May.SEE_CASES)
def pdf(message_id: int) -> Response:
    message = _letter(message_id)
    return _pdf(letter.fetch(message, current_app.config), f"{message.frame['case_number']}.pdf")


@blueprint.get("/letters/<int:message_id>.png")
@requires(May.SEE_CASES)
def thumbnail(message_id: int) -> Response:
    """The first page in small. The browser may keep it, and asks each time whether the person may still see it."""
    message = _letter(message_id)
    tag = message.provider_ref or ""
    known = bool(tag) and tag in request.if_none_match
    response = (
        Response(status=304) if known else Response(letter.thumbnail(message, current_app.config), mimetype="image/png")
    )
    response.headers["Cache-Control"] = "private, no-cache"
    response.set_etag(tag)
    return response


@blueprint.post("/letters/batches")
@requires(May.POST_LETTERS)
def make_batch() -> AnyResponse:
    chosen = request.form.getlist("message", type=int)
    with unit_of_work():
        made = letters.make_batches(signed_in(), chosen, config=current_app.config, now=clock.now())
        if current_app.config["LETTERS_URL"]:
            for batch in made:
                handing_over.put(batch, now=clock.now())
    for batch in made:
        flash(_("Batch %(batch)s is ready to print.", batch=batch.id), "success")
    if made:
        return _back(made[0].id)
    flash(_("Choose letters first.") if not chosen else _("Those letters are already in a batch."), "info")
    return _back()


@blueprint.get("/letters/batches/<int:batch_id>.pdf")
@requires(May.POST_LETTERS)
def batch_pdf(batch_id: int) -> AnyResponse:
    batch = letters.find_batch(signed_in(), batch_id) or abort(404)
    try:
        return _pdf(letters.printed(batch, current_app.config), f"letters-{batch_id}.pdf")
    except letters.Altered as error:
        flash(_("The letter of %(number)s no longer looks as it did. Take it out of the batch.", number=error), "error")
        return _back(batch_id)


@blueprint.get("/letters/batches/<int:batch_id>/manifest.csv")
@requires(May.POST_LETTERS)
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
@requires(May.POST_LETTERS)
def post(batch_id: int) -> AnyResponse:
    with unit_of_work():
        batch = _batch_for_act(batch_id)
        letters.post(batch, by=signed_in().as_actor(), now=clock.now())
    count = len(letters.lines_of(batch))
    flash(ngettext("%(num)d letter is marked as posted.", "%(num)d letters are marked as posted.", count), "success")
    return _back()


@blueprint.post("/letters/batches/<int:batch_id>/removal")
@requires(May.POST_LETTERS)
def take_out(batch_id: int) -> AnyResponse:
    try:
        with unit_of_work():
            batch = _batch_for_act(batch_id)
            letters.take_out(batch, request.form.get("message", 0, type=int), current_app.config)
    except letters.Posted:
        flash(_("That batch is already posted."), "info")
        return _back()
    except letters.OnItsWay:
        flash(_("That batch is on its way to the printer: nothing in it can be changed."), "info")
        return _back(batch_id)
    flash(_("The letter waits in the pile again. Print the batch anew if it was printed before."), "success")
    return _back(batch_id)


@blueprint.post("/letters/batches/<int:batch_id>/handover")
@requires(May.POST_LETTERS)
def hand_over(batch_id: int) -> AnyResponse:
    """Hand over again what did not get there, or take it into one's own hands."""
    by_hand = request.form.get("way") == "by_hand"
    if not by_hand and not current_app.config["LETTERS_URL"]:
        abort(400)
    try:
        with unit_of_work():
            batch = _batch_for_act(batch_id)
            handing_over.by_hand(batch) if by_hand else handing_over.again(batch, now=clock.now())
    except handing_over.MovedOn:
        flash(_("The batch has moved on. See how it stands now."), "info")
        return _back(batch_id)
    flash(_("Print the batch here.") if by_hand else _("The batch is handed over again."), "success")
    return _back(batch_id)


@blueprint.get("/letters/calibration.pdf")
@requires(May.POST_LETTERS)
def calibration() -> Response:
    """The page to measure an envelope with; another than the usual one by its name."""
    town, wanted = directory.municipality(), request.args.get("envelope", "")
    envelope = (
        choose(wanted or town.envelope, {**PROFILES, **profiles(town.envelopes)}) if _known(wanted) else abort(404)
    )
    return _pdf(calibrating.page(envelope, town, language.current(), now=clock.now()), "calibration.pdf")


def _known(envelope: str) -> bool:
    return not envelope or envelope in {**PROFILES, **profiles(directory.municipality().envelopes)}


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
