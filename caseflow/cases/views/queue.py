"""The queue, the way in for each role, and going straight to a number."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, session, url_for
from werkzeug import Response

from caseflow import language
from caseflow.accounts.permissions import May, may, requires, signed_in
from caseflow.cases import directory, queue
from caseflow.cases.views.acting import today
from caseflow.cases.views.navigation import navigation

blueprint = Blueprint("queue", __name__, url_prefix="/staff")
blueprint.app_context_processor(lambda: {"navigation": navigation})


@blueprint.get("/")
@requires(May.SEE_CASES)
def index() -> Response:
    """To what the role is there for: cases, or figures."""
    handles = may(signed_in(), May.HANDLE_CASES)
    return redirect(url_for("queue.page" if handles else "statistics.page"))


@blueprint.get("/queue")
@requires(May.SEE_CASES)
def page() -> str:
    staff, day, chosen = signed_in(), today(), queue.Filter.of(request.args)
    session["queue"] = chosen.asked()
    after = request.args.get("after")
    found = queue.page(staff, chosen, day, after)
    shown = {
        "chosen": chosen,
        "page": found,
        "first": not after,
        "counts": queue.counts(staff, day),
        "next_due": queue.next_due(staff, day) if chosen.view == "overdue" and not found.rows else None,
        "departments": {row.code: row.name(language.current()) for row in directory.departments_within(staff)},
        "kinds": {row.code: row.noun(language.current()) for row in directory.kinds()},
        "today": day,
    }
    return render_template("cases/_queue_list.html" if "fragment" in request.args else "cases/queue.html", **shown)


@blueprint.get("/cases")
@requires(May.SEE_CASES)
def by_number() -> Response | tuple[str, int]:
    """From a number, as somebody typed or heard it, to its case."""
    typed = request.args.get("number", "").strip()
    number = queue.number_of(signed_in(), typed, today())
    if number:
        return redirect(url_for("case.page", number=number))
    return render_template("cases/not_found.html", number=typed, texts=[]), 404
