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

from caseflow.accounts.models import Membership, Staff

P = ParamSpec("P")
R = TypeVar("R")


class May(StrEnum):
    """The acts that a role allows; which cases they reach is the scope's business."""

    SEE_OWN_ACCOUNT = "see_own_account"
    SEE_CASES = "see_cases"
    HANDLE_CASES = "handle_cases"
    REGISTER = "register"
    SEE_STATISTICS = "see_statistics"


PERMISSIONS: dict[str, frozenset[May]] = {
    "caseworker": frozenset({May.SEE_OWN_ACCOUNT, May.SEE_CASES, May.HANDLE_CASES, May.REGISTER}),
    "coordinator": frozenset(May),
    "manager": frozenset({May.SEE_OWN_ACCOUNT, May.SEE_CASES, May.SEE_STATISTICS}),
}


def may(staff: Staff, act: May) -> bool:
    """Whether the person's role allows the act at all."""
    return act in PERMISSIONS[staff.role]


def departments_of(staff: Staff) -> sa.Select[tuple[str]]:
    """The one query scope: codes of the departments whose cases this person sees, for `.in_(…)`."""
    return sa.select(Membership.department_code).where(Membership.staff_id == staff.id)


def public(view: Callable[P, R]) -> Callable[P, R]:
    """Gate: anyone may call this view; what it shows must be nobody's secret or opened by a code."""
    view.gate = "public"  # type: ignore[attr-defined]  # read by tests/test_house_rules.py
    return view


def requires(act: May) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Gate: only signed-in staff whose role allows `act`; others are asked to sign in, or get 403."""

    def gate(view: Callable[P, R]) -> Callable[P, R]:
        @wraps(view)
        def gated(*args: P.args, **kwargs: P.kwargs) -> R:
            if current_user.is_authenticated and current_user.demo and not current_app.config["DEMO"]:
                logout_user()
            if not current_user.is_authenticated:
                return cast(R, current_app.login_manager.unauthorized())  # type: ignore[attr-defined]
            if not may(signed_in(), act):
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
