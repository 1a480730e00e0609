"""The queue, the way in for each role, going straight to a number, searching, and the list as a file."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, session, stream_with_context, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from markupsafe import Markup
from werkzeug import Response as AnyResponse

from caseflow import clock, language
from caseflow.accounts.permissions import May, may, may_in, requires, signed_in
from caseflow.cases.files import spreadsheet
from caseflow.cases.files.spreadsheet import FORMS
from caseflow.cases.triage import queue, queue_choices, queue_export, queue_rows, queue_words, saved_views, search
from caseflow.cases.triage.queue_filter import Filter
from caseflow.cases.views.acting import today
from caseflow.cases.views.navigation import ask_ahead, navigation, waits_elsewhere
from caseflow.cases.views.selection import acts_on_many
from caseflow.cases.watch import leave
from caseflow.database import unit_of_work

blueprint = Blueprint("queue", __name__, url_prefix="/staff")
blueprint.app_context_processor(
    lambda: {
        "navigation": navigation,
        "waits_elsewhere": waits_elsewhere,
        "may": lambda act: may(signed_in(), May(act)),
    }
)

HOMES = {
    May.SORT_CASES: "queue.page",
    May.SEE_STATISTICS: "statistics.page",
    May.MANAGE_STAFF: "people.page",
    May.SEE_OWN_ACCOUNT: "account.page",
}


@blueprint.get("/")
@requires(May.SEE_OWN_ACCOUNT)
def index() -> AnyResponse:
    """To what the role is there for: cases, figures, or how all of it is set up."""
    staff = signed_in()
    if moved := leave.unseen(staff):
        flash(_moved(moved), "info")
    return redirect(url_for(next(endpoint for act, endpoint in HOMES.items() if may(staff, act))))


def _moved(cases: int) -> Markup:
    said = ngettext(
        "%(num)d case of yours went back to the department while you were away.",
        "%(num)d cases of yours went back to the department while you were away.",
        cases,
    )
    return Markup('{} <a href="{}">{}</a>').format(said, url_for("absence.page"), _("See what was moved"))


@blueprint.get("/queue")
@requires(May.SEE_CASES)
def page() -> str:
    staff, day, chosen = signed_in(), today(), Filter.of(request.args)
    if session.get("queue") != (asked := chosen.asked()):  # a session that is as it was need not be signed anew
        session["queue"] = asked
    after = request.args.get("after")
    found = queue.page(staff, chosen, day, after, now=clock.now())
    choices, saved = queue_choices.within_reach(staff, language.current()), saved_views.of(staff)
    ids = [row.id for row in found.rows]
    texts = search.texts(staff, ids, chosen.text) if chosen.text and ids else ()
    # PostgreSQL counts while the rows are drawn.
    counts, whole = queue.counts_ahead(staff, day, saved_views.counters(saved)), "fragment" not in request.args
    if whole:
        ask_ahead()
    why = search.reasons(texts, chosen.text) if chosen.text else {}
    shape = {"pick": bool(acts_on_many()), "by_waiting": chosen.order[0] == "waiting"}
    shown = {
        "chosen": chosen,
        "page": found,
        "first": not after,
        "saved": saved,
        "current_views": tuple(view.id for view in saved if view.filter == asked),
        "led": [code for code in choices.departments if may_in(staff, code, "lead")],
        "next_due": queue.next_due(staff, day) if chosen.view == "overdue" and not found.rows else None,
        "choices": choices,
        "wordless": "" if chosen.text else request.args.get("text", "").strip()[: search.LONGEST],
        "picked": queue_words.picked(chosen, choices),
        "heads": queue_words.heads,
        "orders": queue_words.orders,
        "order": queue_words.order,
        "due_words": queue_words.DUE,
        "rows": queue_rows.drawn(found.rows, choices, why, day, **shape),
        "counts": saved_views.told(counts()),
        "today": day,
    }
    return render_template("cases/queue.html" if whole else "cases/_queue_list.html", **shown)


@blueprint.get("/queue.csv")
@requires(May.SEE_CASES)
def export() -> AnyResponse:
    """Exactly what the filter shows, as a file; that somebody took it out is written down."""
    return _as_file("csv")


@blueprint.get("/queue.xlsx")
@requires(May.SEE_CASES)
def workbook() -> AnyResponse:
    """The same for Excel."""
    return _as_file("xlsx")


def _as_file(form: str) -> AnyResponse:
    """At once when it is short; a long one is made by a worker."""
    staff, day, chosen = signed_in(), today(), Filter.of(request.args)
    rows = queue_export.count(staff, chosen, day)
    if rows > queue_export.SHORT:
        return redirect(url_for("exports.page", form=form, **chosen.asked()))
    names = queue_choices.within_reach(staff, language.current())
    with unit_of_work():
        queue_export.note(staff, chosen, rows, by=staff.as_actor(), now=clock.now())
    if form == "csv":
        content: Any = stream_with_context(queue_export.lines(staff, chosen, day, names, rows))
    else:
        table = queue_export.table(staff, chosen, day, names)
        content = spreadsheet.xlsx(_("Cases"), queue_export.header(), table, now=clock.now())
    response = Response(content, mimetype=FORMS[form])
    response.headers.set("Content-Disposition", "attachment", filename=f"cases_{day.isoformat()}.{form}")
    return response


@blueprint.get("/cases")
@requires(May.SEE_CASES)
def by_number() -> AnyResponse:
    """From a number, as somebody typed or heard it, to its case; from anything else to what it is found in."""
    typed = request.args.get("number", "").strip()
    number = queue.number_of(signed_in(), typed, today())
    if number:
        return redirect(url_for("case.page", number=number))
    return redirect(url_for("queue.page", status="all", text=typed[: search.LONGEST] or None))
