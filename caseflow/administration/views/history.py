"""The history of one part or of all, and the way back."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from caseflow import clock
from caseflow.accounts.permissions import May, requires
from caseflow.administration import difference, history
from caseflow.administration.naming import title
from caseflow.administration.views.parts import Answer
from caseflow.administration.views.room import actor, blueprint, seen
from caseflow.cases.municipality import changing, exporting, places
from caseflow.cases.municipality.checked_yaml import Unreadable
from caseflow.database import unit_of_work


@blueprint.get("/history")
@requires(May.ADMINISTER)
def history_page() -> str:
    return _page()


@blueprint.post("/history/<int:event_id>/return")
@requires(May.ADMINISTER)
def bring_back(event_id: int) -> Answer:
    """Put back what stood there before a change, if nobody has changed it since the page was made."""
    found = history.change(event_id) or abort(404)
    try:
        with unit_of_work():
            changing.amend(found.place, found.before, seen=seen(), by=actor(), now=clock.now(), verb="return")
    except (Unreadable, changing.Changed, changing.InUse) as error:
        why = str(error) if isinstance(error, Unreadable) else _("Somebody has changed it since. See how it is now.")
        return _page(_("It was not put back: %(why)s", why=why)), 409
    flash(_("It is as it was before."), "success")
    return redirect(url_for("administration.history_page", place=found.place), 303)


def _page(problem: str = "") -> str:
    document = exporting.document()
    known = difference.names(document)
    place = request.args.get("place", "").replace("\x00", "") or None
    older = request.args.get("before", type=int)
    found = history.changes(place, older if older is None or abs(older) < 2**62 else None)
    return render_template(
        "administration/history.html",
        changes=[(one, title(one.place, known), difference.lines(one.before, one.after, known)) for one in found],
        place=place,
        title=title(place, known) if place else "",
        older=found[-1].id if len(found) == history.PAGE else None,
        versions={one.place: places.fingerprint(places.part(document, one.place)) for one in found},
        problem=problem,
    )
