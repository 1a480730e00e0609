"""The resident's own pages of a case: receipt, story, something to add, and the way back to them."""

from __future__ import annotations

import hmac
from contextlib import AbstractContextManager, nullcontext

import sqlalchemy as sa
import structlog
from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import force_locale
from flask_babel import gettext as _
from werkzeug.wrappers import Response as Answer
from wtforms import Form

from caseflow import clock, language, limiting
from caseflow.accounts.permissions import public
from caseflow.audit import RESIDENT
from caseflow.cases import codes, lifecycle
from caseflow.cases.files import attachments
from caseflow.cases.models import Case, Entry
from caseflow.cases.relations import family
from caseflow.cases.views.attachments import handed_out
from caseflow.database import db, unit_of_work
from caseflow.intake import own_choices, story
from caseflow.intake.forms import LookupForm, SayForm, seal
from caseflow.intake.views.door import AGAIN, blueprint, filled_in

log = structlog.get_logger(__name__)


@blueprint.route("/case/", methods=["GET", "POST"])
@public
@limiting.at_most("120/hour")
def lookup() -> Answer | str | tuple[str, int]:
    if request.method == "GET":
        return _lookup_page(LookupForm(None))
    form = LookupForm(request.form)
    if not form.validate():
        return _lookup_page(form), 422
    case = _opened_by(str(form.number.data), str(form.code.data))
    if case is None:
        form.number.errors = [_("The number and the code do not belong together. Check both and try again.")]
        return _lookup_page(form), 422
    return redirect(url_for("intake.own_page", code=case.code), 303)


@blueprint.get("/case/<code>/receipt")
@public
def receipt(code: str) -> str:
    case = found(code)
    with speaking(case):
        department = case.department.name(language.current())
        mail = next((message for message in case.messages if message.purpose == "receipt"), None)
        promise = story.promise(case, department)
        return render_template(
            "intake/receipt.html", case=case, code=codes.grouped(case.code), promise=promise, mail=mail
        )


@blueprint.get("/case/<code>")
@public
def own_page(code: str) -> str:
    return page(found(code), SayForm(None))


@blueprint.post("/case/<code>/entries")
@public
@limiting.at_most("60/hour")
def add(code: str) -> Answer | tuple[str, int]:
    form = SayForm(filled_in())
    try:
        case = found(code)
        with speaking(case):
            if not form.validate():
                return page(case, form), 422
            _hear(case.code, form)
            flash(_("What you wrote has been added to your case."), "done")
    except (sa.exc.SQLAlchemyError, OSError) as error:
        log.error("adding_failed", error=type(error).__name__)
        return render_template("intake/unsaved.html", form=form, code=codes.normalise(code)), 503
    return redirect(url_for("intake.own_page", code=case.code), 303)


@blueprint.get("/case/<code>/attachments/<int:attachment_id>")
@public
def attachment(code: str, attachment_id: int) -> Answer:
    case = found(code)
    shown = story.shown_entries(case, clock.now())
    return handed_out(attachments.find_for_resident(case, attachment_id, shown) or abort(404))


def _hear(code: str, form: SayForm) -> None:
    """Add the words and files once, however often they are sent."""
    files = form.files.settle()
    key = seal(form.submission.data, code, form.text.data, *sorted(upload.sha256 for upload in files))
    with unit_of_work() as session:
        case = family.locked_whole(session.scalars(sa.select(Case.id).where(Case.code == code)).one())
        if session.scalar(sa.select(Entry.id).where(Entry.submission == key)) is None:
            lifecycle.hear(case, form.said, by=RESIDENT, now=clock.now(), submission=key, uploads=files)


def found(code: str) -> Case:
    """The case that the code opens; 404, the same for every code that opens none."""
    case = db.session.scalar(sa.select(Case).where(Case.code == codes.normalise(code)))
    return case or abort(404)


def _opened_by(number: str, code: str) -> Case | None:
    """The case with this number, when the code is its own; takes as long for a wrong code as for a wrong number."""
    digits = "".join(sign for sign in number if sign.isascii() and sign.isdigit())
    case = db.session.scalar(sa.select(Case).where(Case.number == f"{digits[:4]}-{digits[4:]}"))
    fits = hmac.compare_digest(codes.normalise(code).encode(), (case.code if case else "").encode())
    return case if fits else None


def speaking(case: Case) -> AbstractContextManager[None]:
    """The page speaks the language that the visitor has chosen, else the case's."""
    return nullcontext() if request.cookies.get(language.COOKIE) in language.LANGUAGES else force_locale(case.language)


def page(case: Case, form: SayForm, trouble: str | None = None, typed: Form | None = None) -> str:
    """The own page; `typed` is another of its forms than the one to add something, as it came back."""
    with speaking(case):
        now = clock.now()
        told = story.told(case, language=language.current(), now=now)
        shown = {"form": form, "trouble": trouble, "choices": own_choices.of(case, typed, now=now)}
        return render_template("intake/own_page.html", story=told, case=case, arrival=story.arrival, **shown)


def _lookup_page(form: LookupForm, trouble: str | None = None) -> str:
    return render_template("intake/lookup.html", lookup=form, trouble=trouble)


def _own_page_again(trouble: str) -> str | None:
    code = codes.normalise((request.view_args or {})["code"])
    case = db.session.scalar(sa.select(Case).where(Case.code == code))
    return page(case, SayForm(filled_in()), trouble=trouble) if case else None


AGAIN["intake.add"] = _own_page_again
AGAIN["intake.lookup"] = lambda trouble: _lookup_page(LookupForm(request.form), trouble=trouble)
