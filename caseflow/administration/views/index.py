"""The first page: what can be set up, in the order in which people think of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import current_app, render_template, url_for
from flask_babel import lazy_gettext as _l

from caseflow.accounts.permissions import May, may, requires, signed_in
from caseflow.administration import difference, history
from caseflow.administration.naming import title
from caseflow.administration.views.room import blueprint
from caseflow.cases.municipality import exporting


@dataclass(frozen=True)
class Entry:
    """A line of the page. One whose endpoint is not there, or not for this person, is left out."""

    name: str
    about: str
    endpoint: str
    values: dict[str, Any]
    act: May = May.ADMINISTER


def _part(place: str, name: str, about: str) -> Entry:
    return Entry(name, about, "administration.part", {"place": place})


# Other rooms' pages are named here by their endpoints.
GROUPS: tuple[tuple[str, tuple[Entry, ...]], ...] = (
    (
        _l("What residents meet"),
        (
            Entry(
                _l("What residents want"),
                _l("Their choices, and when an answer is promised."),
                "administration.kinds",
                {},
            ),
            Entry(_l("Departments and categories"), _l("Who takes care of what."), "administration.departments", {}),
            Entry(_l("Routing rules"), _l("Which department gets a case, and why."), "administration.rules", {}),
            Entry(
                _l("What is not the municipality’s"),
                _l("Whose it is, and how one reaches them."),
                "administration.redirects",
                {},
            ),
            Entry(
                _l("Open data"),
                _l("Figures for everyone, from which nobody can be told."),
                "open_data.choice",
                {},
            ),
            Entry(
                _l("Retention notes"),
                _l("How long cases are kept, and on which ground."),
                "administration.retention",
                {},
            ),
        ),
    ),
    (
        _l("The municipality"),
        (
            _part("contact", _l("Name and contact"), _l("Phone, e-mail, address, opening hours.")),
            _part("theme", _l("Colours"), _l("Of pages, mails and letters, checked so that all can be read.")),
            _part("logo", _l("Logo"), _l("The head of pages and letters.")),
            _part("start", _l("Start page"), _l("What stands first on it.")),
            _part("emergency", _l("If somebody is in danger"), _l("The text that stands first on the form.")),
            _part("accessibility", _l("Accessibility statement"), _l("How accessible the pages are, and since when.")),
            _part("privacy", _l("Personal data"), _l("Who is responsible, and what else residents are told.")),
            _part("languages", _l("Languages and time zone"), _l("Which languages are spoken.")),
            _part("workdays", _l("Working days and holidays"), _l("When the day ends, and which days are off.")),
            _part("residents", _l("The resident’s own page"), _l("What residents can do there, and for how long.")),
            _part("calls", _l("Calls"), _l("When you call, and how often you try.")),
            _part("watch", _l("Reminders and absence"), _l("What is passed on before it is late.")),
        ),
    ),
    (
        _l("What goes out"),
        (
            Entry(_l("Mail texts"), _l("The fixed words of mails, SMS and letters."), "administration.texts", {}),
            _part("letters", _l("Letters"), _l("When the day’s letters are closed.")),
            Entry(
                _l("Envelopes"), _l("Which window envelope, and where its window is."), "administration.envelopes", {}
            ),
        ),
    ),
    (
        _l("Colleagues and their tools"),
        (
            Entry(_l("Colleagues"), _l("Who has an account, and where."), "people.page", {}, May.MANAGE_STAFF),
            Entry(_l("Standard texts"), _l("What colleagues answer with."), "standard_texts.page", {}, May.SEE_TEXTS),
            Entry(_l("Macros"), _l("A text and acts in one press."), "macros.page", {}, May.SEE_TEXTS),
            Entry(_l("Checklists"), _l("What is to be done, by category."), "administration.checklists", {}),
            Entry(
                _l("Suggestions"), _l("What closed cases teach, and how sure it is."), "administration.suggestions", {}
            ),
        ),
    ),
    (
        _l("Everything at once"),
        (
            Entry(
                _l("History"), _l("Who changed what, and what stood there before."), "administration.history_page", {}
            ),
            Entry(_l("File"), _l("Take the whole configuration along, or read one in."), "administration.file", {}),
        ),
    ),
)


@blueprint.get("")
@requires(May.ADMINISTER)
def index() -> str:
    known = difference.names(exporting.document())
    latest = [(one, title(one.place, known)) for one in history.changes(most=5)]
    groups = [
        (name, [(one, url_for(one.endpoint, **one.values)) for one in entries if _open(one)])
        for name, entries in GROUPS
    ]
    return render_template("administration/index.html", groups=groups, latest=latest)


def _open(entry: Entry) -> bool:
    return entry.endpoint in current_app.view_functions and may(signed_in(), entry.act)
