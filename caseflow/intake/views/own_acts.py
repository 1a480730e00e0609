"""What a resident does on the own page besides adding something, and the link to it sent again."""

from __future__ import annotations

import sqlalchemy as sa
import structlog
from flask import abort, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as Answer

from caseflow import clock, limiting
from caseflow.accounts import throttle
from caseflow.accounts.permissions import public
from caseflow.audit import RESIDENT
from caseflow.cases import codes, lifecycle, survey
from caseflow.cases.models import Case, Entry
from caseflow.cases.municipality import directory
from caseflow.cases.municipality.resident_rules import ResidentRules
from caseflow.cases.relations import family, merging
from caseflow.database import db, unit_of_work
from caseflow.intake import lost_links, own_choices
from caseflow.intake.forms import SayForm, seal
from caseflow.intake.own_forms import LinkForm, ObjectionForm, RatingForm, ReachForm, WithdrawalForm
from caseflow.intake.views.door import AGAIN, blueprint
from caseflow.intake.views.own_page import found, page, speaking
from caseflow.messages.channels import sms

log = structlog.get_logger(__name__)
Page = Answer | str | tuple[str, int]


@blueprint.route("/case/<code>/contact", methods=["GET", "POST"])
@public
@limiting.at_most("60/hour")
def reach(code: str) -> Page:
    case = found(code)
    if case.protected:
        abort(404)
    with speaking(case):
        form = _reach_form(case)
        if request.method == "GET":
            return _reach_page(case, form)
        if not form.validate():
            return _reach_page(case, form), 422
        if form.overtaken:
            form.shown.data = form.as_held
            return _reach_page(case, form, trouble="overtaken"), 409
        with unit_of_work():
            lifecycle.correct(_locked(case), form.details, by=RESIDENT, now=clock.now())
        flash(_("We have changed how we reach you."), "done")
    return _to(case)


@blueprint.route("/case/<code>/withdrawal", methods=["GET", "POST"])
@public
@limiting.at_most("60/hour")
def withdrawal(code: str) -> Page:
    case = found(code)
    with speaking(case):
        form = WithdrawalForm(request.form if request.method == "POST" else None)
        if not own_choices.may_withdraw(case):
            flash(_("There is nothing left to take back."), "done")
            return _to(case)
        if request.method == "GET":
            return _withdrawal_page(case, form)
        if not form.validate():
            return _withdrawal_page(case, form), 422
        flash(_take_back(case, form.reason.data or None), "done")
    return _to(case)


@blueprint.post("/case/<code>/objection")
@public
@limiting.at_most("60/hour")
def objection(code: str) -> Page:
    form = ObjectionForm(request.form)
    try:
        case = found(code)
        with speaking(case):
            if not form.validate():
                return page(case, SayForm(None), typed=form), 422
            _object(case, form)
            flash(_("We have taken up your case again. Whoever answered you has got what you wrote."), "done")
    except sa.exc.SQLAlchemyError as error:
        log.error("objecting_failed", error=type(error).__name__)
        there = url_for("intake.objection", code=codes.normalise(code))
        return render_template("intake/unsaved.html", form=form, action=there), 503
    return _to(case)


@blueprint.post("/case/<code>/rating")
@public
@limiting.at_most("60/hour")
def rating(code: str) -> Page:
    case = found(code)
    with speaking(case):
        form = RatingForm(request.form, about=survey.second_of(case))
        if not form.validate():
            return page(case, SayForm(None), typed=form), 422
        municipality, now = directory.municipality(), clock.now()
        if ResidentRules.of(municipality).may_rate(case, now):
            marks = {"ease": form.ease.data, "second": form.second.data}
            with unit_of_work():
                today = clock.today(now, municipality.zone)
                survey.answer(case, **marks, secret=current_app.config["SECRET_KEY"], today=today)
        flash(_("Thank you. What you answered helps us to become better."), "done")
    return _to(case)


@blueprint.route("/case/link", methods=["GET", "POST"])
@public
@limiting.at_most("60/hour")
def link_again() -> Page:
    if request.method == "GET":
        return _link_page(LinkForm(None))
    form = LinkForm(request.form)
    if not form.validate():
        return _link_page(form), 422
    with unit_of_work():
        lost_links.ask(str(form.email.data), throttle.place_of(request.remote_addr), now=clock.now())
    return render_template("intake/link_sent.html", email=form.email.data)


def _take_back(case: Case, reason: str | None) -> str:
    """Take the case back, and say what has become of it; where others wait for the same, its caseworker is told."""
    with unit_of_work():
        case, now = _locked(case), clock.now()
        if own_choices.may_withdraw(case) and not merging.others_of(case):
            lifecycle.withdraw(case, reason=reason, by=RESIDENT, now=now)
            return _("You have taken your case back.")
        said = _("I take my case back.") + (f" {reason}" if reason else "")
        if case.is_open:
            lifecycle.hear(case, said, by=RESIDENT, now=now)
    return _("We have told who works with it. Others have reported the same thing, so for them we go on.")


def _object(case: Case, form: ObjectionForm) -> None:
    """Once, however often it is sent; what comes too late to be an objection is heard all the same."""
    text, key = str(form.text.data), seal(form.submission.data, case.code, form.text.data)
    with unit_of_work() as session:
        case, now = _locked(case), clock.now()
        if session.scalar(sa.select(Entry.id).where(Entry.submission == key)) is not None:
            return
        in_time = own_choices.may_object(case, ResidentRules.of(directory.municipality()), now)
        verb = lifecycle.not_solved if in_time else lifecycle.hear
        verb(case, text, by=RESIDENT, now=now, submission=key)


def _locked(case: Case) -> Case:
    return family.locked_whole(case.id)


def _to(case: Case) -> Answer:
    return redirect(url_for("intake.own_page", code=case.code), 303)


def _reach_form(case: Case) -> ReachForm:
    news = ("none", "email", "sms") if sms.offered(current_app.config) else ("none", "email")
    return ReachForm(request.form if request.method == "POST" else None, case=case, news=news)


def _reach_page(case: Case, form: ReachForm, trouble: str | None = None) -> str:
    return render_template("intake/reach.html", case=case, form=form, trouble=trouble)


def _withdrawal_page(case: Case, form: WithdrawalForm, trouble: str | None = None) -> str:
    return render_template("intake/withdrawal.html", case=case, form=form, trouble=trouble)


def _link_page(form: LinkForm, trouble: str | None = None) -> str:
    return render_template("intake/link_again.html", form=form, trouble=trouble)


def _shown_again(trouble: str) -> str | None:
    """The page of the form that was sent, with what was typed, ready to be sent again."""
    code = codes.normalise((request.view_args or {})["code"])
    case = db.session.scalar(sa.select(Case).where(Case.code == code))
    if case is None:
        return None
    with speaking(case):
        match request.endpoint:
            case "intake.reach":
                return _reach_page(case, _reach_form(case), trouble)
            case "intake.withdrawal":
                return _withdrawal_page(case, WithdrawalForm(request.form), trouble)
            case "intake.objection":
                return page(case, SayForm(None), trouble, ObjectionForm(request.form))
    return page(case, SayForm(None), trouble, RatingForm(request.form, about=survey.second_of(case)))


for noun in ("reach", "withdrawal", "objection", "rating"):
    AGAIN[f"intake.{noun}"] = _shown_again
AGAIN["intake.link_again"] = lambda trouble: _link_page(LinkForm(request.form), trouble)
