"""What each role may do, which departments a person sees, and the gate that every view passes."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from functools import wraps
from typing import ParamSpec, TypeVar, cast

import sqlalchemy as sa
from flask import abort, current_app
from flask_login import current_user
from flask_security import logout_user

from caseflow.accounts.models import LEVELS, Membership, Staff
from caseflow.database import unseen

P = ParamSpec("P")
R = TypeVar("R")


class May(StrEnum):
    """The acts that a role allows; which cases they reach is the scope's business."""

    SEE_OWN_ACCOUNT = "see_own_account"
    SEE_CASES = "see_cases"
    # File a case that came by phone, on paper or at the desk; it may go to a department that one does not see.
    REGISTER = "register"
    # Put things in their place: transfer, note, correct the contact details, place mails, end as registered elsewhere.
    SORT_CASES = "sort_cases"
    # Print letters and put them in the mail, and register those that come back.
    POST_LETTERS = "post_letters"
    # All that makes a case go on: take and give, answer, ask, call, plan, end, open again, send anew.
    HANDLE_CASES = "handle_cases"
    # Reach cases of residents with protected personal data in the departments that one leads. Anybody else who is to
    # reach them is named on the account (`Staff.sees_protected`), and then does so wherever the membership reaches.
    SEE_PROTECTED = "see_protected"
    # Look after the work of others: what a department shares, and what is about to be late.
    LEAD = "lead"
    SEE_STATISTICS = "see_statistics"
    # The fixed words of mails, SMS and letters, with made-up residents.
    SEE_TEXTS = "see_texts"
    # How the municipality is set up: departments, kinds, rules, texts, holidays.
    ADMINISTER = "administer"
    # Who has an account, with which role, and where.
    MANAGE_STAFF = "manage_staff"


_SORTS = frozenset({May.SEE_OWN_ACCOUNT, May.SEE_CASES, May.REGISTER, May.SORT_CASES, May.POST_LETTERS})

# The one permission table. Where in the municipality an act reaches is the membership's business: see NEEDS.
PERMISSIONS: dict[str, frozenset[May]] = {
    "caseworker": _SORTS | {May.HANDLE_CASES},
    "coordinator": _SORTS | {May.HANDLE_CASES, May.LEAD, May.SEE_PROTECTED, May.SEE_STATISTICS, May.SEE_TEXTS},
    "registrar": _SORTS,
    "manager": frozenset({May.SEE_OWN_ACCOUNT, May.SEE_CASES, May.SEE_STATISTICS, May.SEE_TEXTS}),
    "administrator": frozenset({May.SEE_OWN_ACCOUNT, May.SEE_TEXTS, May.ADMINISTER, May.MANAGE_STAFF}),
}
# What a role must allow for a membership of this level to count: a manager's "lead" leads nobody, and an administrator
# reads no case however many departments somebody has entered.
NEEDS = {"read": May.SEE_CASES, "handle": May.SORT_CASES, "lead": May.LEAD}
# The level that a new account gets, unless another is said; the highest that its role can use. None: no departments.
LEVEL_OF: dict[str, str | None] = {
    role: next((level for level in reversed(LEVELS) if NEEDS[level] in acts), None)
    for role, acts in PERMISSIONS.items()
}
# Whose name stands in the list when a case is given to somebody.
ASSIGNABLE = tuple(role for role, acts in PERMISSIONS.items() if May.HANDLE_CASES in acts)


def may(staff: Staff, act: May) -> bool:
    """Whether the person's role allows the act at all."""
    return act in PERMISSIONS[staff.role]


class _Anyone:
    id = unseen("staff_id", sa.BigInteger)

    def __init__(self, role: str) -> None:
        self.role = role


def anyone(role: str) -> Staff:
    """Stands for whoever has the role in a statement that is built once and asked for many: who it is comes with the
    execution, as `staff_id`. It has an id and a role, which is all that a scope is made of.
    """
    return cast(Staff, _Anyone(role))


def departments_of(staff: Staff, level: str = "read") -> sa.Select[tuple[str]]:
    """The one query scope: codes of the departments where this person has the level or a higher one, for `.in_(…)`.

    Nothing but a membership opens a department, and a secret one is a department like the others here.
    """
    mine = sa.select(Membership.department_code).where(Membership.staff_id == staff.id)
    if not may(staff, NEEDS[level]):
        return mine.where(sa.false())
    return mine.where(reaches(level))


def protected_of(staff: Staff, level: str = "read") -> sa.Select[tuple[str]]:
    """Of these departments those where the person also reaches residents with protected personal data."""
    named = sa.select(Staff.sees_protected).where(Staff.id == staff.id).scalar_subquery()
    led = reaches("lead") if may(staff, May.SEE_PROTECTED) else sa.false()
    return departments_of(staff, level).where(sa.or_(led, named))


def sees_protected(staff: Staff, department_code: str) -> bool:
    """Whether `protected_of` has the department, for one in reach; without a query."""
    return staff.sees_protected or (may(staff, May.SEE_PROTECTED) and may_in(staff, department_code, "lead"))


def reaches(level: str) -> sa.ColumnElement[bool]:
    """The condition on Membership that it is of this level or a higher one."""
    if level == LEVELS[0]:
        return sa.true()
    # As constants of the statement, which needs less work each time than values beside it.
    return Membership.level.in_([sa.literal_column(f"'{one}'", sa.Text) for one in LEVELS[LEVELS.index(level) :]])


def may_in(staff: Staff, department_code: str, level: str) -> bool:
    """Whether `departments_of` has the department, without a query."""
    own = staff.levels.get(department_code)
    return own is not None and LEVELS.index(own) >= LEVELS.index(level) and may(staff, NEEDS[level])


def public(view: Callable[P, R]) -> Callable[P, R]:
    """Gate: anyone may call this view; what it shows must be nobody's secret or opened by a code."""
    view.gate = "public"  # type: ignore[attr-defined]  # read by tests/test_house_rules.py
    return view


def requires(act: May) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Gate: only signed-in staff whose role allows `act`; others are asked to sign in, or get 403."""

    def gate(view: Callable[P, R]) -> Callable[P, R]:
        @wraps(view)
        def gated(*args: P.args, **kwargs: P.kwargs) -> R:
            staff = current_user._get_current_object()
            if staff.is_authenticated and staff.demo and not current_app.config["DEMO"]:
                logout_user()
                staff = current_user._get_current_object()
            if not staff.is_authenticated:
                return cast(R, current_app.login_manager.unauthorized())  # type: ignore[attr-defined]
            if not may(staff, act):
                abort(403)
            return view(*args, **kwargs)

        gated.gate = act  # type: ignore[attr-defined]
        return gated

    return gate


def signed_in() -> Staff:
    """The member of staff behind the request; only views ask, and only behind `requires`."""
    staff = current_user._get_current_object()
    assert isinstance(staff, Staff)
    return staff
