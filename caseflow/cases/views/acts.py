"""The acts on a case, each a noun under its address."""

from __future__ import annotations

from flask import Blueprint
from flask_babel import gettext as _
from werkzeug import Response

from caseflow.accounts.models import Staff
from caseflow.accounts.permissions import May, requires
from caseflow.cases import lifecycle, words
from caseflow.cases.delivery import delivery_words
from caseflow.cases.models import Department
from caseflow.cases.screen import forms
from caseflow.cases.screen.parking_form import ParkingForm
from caseflow.cases.views.acting import Repeated, act, done
from caseflow.database import db

blueprint = Blueprint("acts", __name__, url_prefix="/cases/<number>")


@blueprint.post("/assignment")
@requires(May.HANDLE_CASES)
def assignment(number: str) -> Response:
    with act(number, forms.AssignmentForm) as doing:
        case, chosen = doing.case, doing.form.chosen
        if case.assignee_id == chosen:
            raise Repeated
        if chosen is None:
            lifecycle.release(case, **doing.told)
        else:
            lifecycle.assign(case, to=db.session.get_one(Staff, chosen), **doing.told)
    if chosen is None:
        return done(case, _("The case is back with the department."))
    own = chosen == doing.by.staff_id
    return done(case, _("The case is yours.") if own else _("%(name)s has the case now.", name=doing.form.chosen_name))


@blueprint.post("/transfer")
@requires(May.SORT_CASES)
def transfer(number: str) -> Response:
    with act(number, forms.TransferForm) as doing:
        to = db.session.get_one(Department, doing.form.department.data)
        lifecycle.transfer(doing.case, to=to, reason=doing.form.because, **doing.told)
    place = doing.form.desk.departments[to.code]
    return done(doing.case, _("The case is moved to %(department)s.", department=place), leads_on=True)


@blueprint.post("/notes")
@requires(May.SORT_CASES)
def notes(number: str) -> Response:
    with act(number, forms.NoteForm) as doing:
        form = doing.form
        lifecycle.note(doing.case, form.said, **doing.told, submission=form.submission.data, people=form.people)
    return done(doing.case, _("The note is saved."))


@blueprint.post("/questions")
@requires(May.HANDLE_CASES)
def questions(number: str) -> Response:
    with act(number, forms.QuestionForm) as doing:
        form, channel = doing.form, doing.form.channel.data
        lifecycle.ask(
            doing.case,
            form.said,
            channel=channel,
            **doing.told,
            submission=form.submission.data,
            uploads=form.files.data,
        )
    waits = _("The case waits for an answer.")
    return done(doing.case, f"{delivery_words.SENT[channel]} {waits}", leads_on=True)


@blueprint.post("/replies")
@requires(May.HANDLE_CASES)
def replies(number: str) -> Response:
    with act(number, forms.ReplyForm) as doing:
        form, channel = doing.form, doing.form.channel.data
        lifecycle.reply(
            doing.case,
            form.said,
            channel=channel,
            **doing.told,
            reason=form.reason_given,
            close_after=form.close_after.data,
            submission=form.submission.data,
            uploads=form.files.data,
        )
    told = [str(delivery_words.SENT[channel]), *([_("The case is closed.")] if form.close_after.data else [])]
    return done(doing.case, " ".join(told), leads_on=True)


@blueprint.post("/parking")
@requires(May.HANDLE_CASES)
def parking(number: str) -> Response:
    with act(number, ParkingForm) as doing:
        until = doing.form.day
        lifecycle.park(doing.case, until=until, reason=doing.form.because, **doing.told)
    return done(doing.case, _("The case is planned for %(day)s.", day=words.long_date(until)), leads_on=True)


@blueprint.post("/resumption")
@requires(May.HANDLE_CASES)
def resumption(number: str) -> Response:
    with act(number, forms.ResumptionForm) as doing:
        lifecycle.resume(doing.case, **doing.told)
    return done(doing.case, _("The case is in progress again."))


@blueprint.post("/closure")
@requires(May.SORT_CASES)
def closure(number: str) -> Response:
    with act(number, forms.ClosureForm) as doing:
        form = doing.form
        lifecycle.close(doing.case, resolution=form.resolution.data, reason=form.reason_given, **doing.told)
    return done(doing.case, _("The case is closed."), leads_on=True)


@blueprint.post("/reopening")
@requires(May.HANDLE_CASES)
def reopening(number: str) -> Response:
    with act(number, forms.ReopeningForm) as doing:
        lifecycle.reopen(doing.case, reason=doing.form.because, **doing.told)
    return done(doing.case, _("The case is open again."))


@blueprint.post("/priority")
@requires(May.SORT_CASES)
def priority(number: str) -> Response:
    with act(number, forms.PriorityForm) as doing:
        case, chosen = doing.case, doing.form.priority.data
        if case.priority == chosen:
            raise Repeated
        lifecycle.prioritise(case, to=chosen, **doing.told)
    high = chosen == "high"
    return done(case, _("The case has high priority.") if high else _("The case has normal priority again."))


@blueprint.post("/category")
@requires(May.SORT_CASES)
def category(number: str) -> Response:
    with act(number, forms.CategoryForm) as doing:
        case, chosen = doing.case, doing.form.chosen
        if case.category_code == chosen:
            raise Repeated
        lifecycle.categorise(case, to=chosen, **doing.told)
    name = doing.form.desk.categories.get(chosen or "")
    return done(case, _("The category is %(category)s.", category=name) if name else _("The case has no category."))


@blueprint.post("/contact")
@requires(May.SORT_CASES)
def contact(number: str) -> Response:
    with act(number, forms.ContactForm) as doing:
        lifecycle.correct(doing.case, doing.form.details, **doing.told)
    return done(doing.case, _("The contact details are saved."))
