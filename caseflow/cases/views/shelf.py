"""What the pages of standard texts and of macros share: who shares with whom, and the steps of saving."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask import flash, redirect, url_for
from werkzeug import Response

from caseflow import clock, language
from caseflow.accounts.models import Staff
from caseflow.accounts.permissions import May, may, may_in, signed_in
from caseflow.cases.municipality import directory
from caseflow.cases.screen import desk
from caseflow.cases.texts import shelf
from caseflow.cases.texts.shelf import Shelved
from caseflow.cases.texts.shelf_form import ShelfForm
from caseflow.database import db, unit_of_work

Answer = Response | tuple[str, int]


@dataclass(frozen=True)
class Sharing:
    """What a person may share with whom; names in the person's language."""

    names: dict[str, str]
    with_all: bool
    places: dict[str, str]
    categories: dict[str, str]

    @classmethod
    def of(cls, staff: Staff) -> Sharing:
        spoken, administers = language.current(), may(staff, May.ADMINISTER)
        names = desk.department_names(spoken)
        reach = set(names) if administers else set(staff.levels)
        return cls(
            names,
            administers,
            {code: name for code, name in names.items() if administers or may_in(staff, code, "lead")},
            {
                category.code: f"{names[home.code]}: {category.name(spoken)}"
                for home in directory.departments()
                if home.code in reach
                for category in home.categories
            },
        )


def save(
    one: Shelved, form: ShelfForm, page: Callable[[ShelfForm], str], fill: Callable[[], None], said: str, after: str
) -> Answer:
    """Fill what a valid form says into it, or show the page again; then on to the endpoint `after`."""
    if not form.validate():
        db.session.rollback()
        return page(form), 422
    with unit_of_work():
        before = shelf.told(one)
        fill()
        shelf.save(one, before, by=signed_in().as_actor(), now=clock.now())
    db.session.expire(one)
    flash(said, "success")
    return redirect(url_for(after), 303)
