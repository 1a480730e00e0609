"""What a resident can do on the own page besides adding something, as the case stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import current_app
from wtforms import Form

from caseflow.cases import lifecycle, survey
from caseflow.cases.models import Case
from caseflow.cases.municipality import directory
from caseflow.cases.municipality.resident_rules import ResidentRules
from caseflow.cases.relations import merging
from caseflow.intake.own_forms import ObjectionForm, RatingForm


@dataclass(frozen=True)
class Choices:
    """The forms that stand on the page, and which ways lead from it. `typed` is the one of them that came back."""

    objection: ObjectionForm | None
    rating: RatingForm | None
    rated: bool
    withdrawal: bool
    reopen_days: int
    typed: Form | None


def of(case: Case, typed: Form | None, *, now: datetime) -> Choices:
    """What is offered now; a form that came back keeps what was typed in it."""
    rules = ResidentRules.of(directory.municipality())
    rates = rules.may_rate(case, now)
    rated = rates and survey.has_answered(case, current_app.config["SECRET_KEY"])
    objection = ObjectionForm() if may_object(case, rules, now) else None
    rating = RatingForm(None, about=survey.second_of(case)) if rates and not rated else None
    return Choices(
        objection=typed if isinstance(typed, ObjectionForm) else objection,
        rating=typed if isinstance(typed, RatingForm) else rating,
        rated=rated,
        withdrawal=may_withdraw(case),
        reopen_days=rules.reopen_days,
        typed=typed,
    )


def may_object(case: Case, rules: ResidentRules, now: datetime) -> bool:
    """Whether it can be said that it is not solved: that is, too, what takes up the case again."""
    return rules.may_object(case, now) and "not_solved" in lifecycle.legal(case) and not merging.is_merged(case)


def may_withdraw(case: Case) -> bool:
    """Whether there is something to take back."""
    return case.is_open
