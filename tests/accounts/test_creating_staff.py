"""`flask --app wsgi create-staff`: the first accounts, and what it says when it cannot make one."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from click.testing import Result
from flask import Flask
from flask_security import verify_password

from caseflow.accounts.models import Membership, Staff
from caseflow.cases.models import Department
from caseflow.database import db

ROLE, PASSWORD = "caseworker", "a-long-test-password"


@pytest.fixture
def create(app: Flask) -> Callable[..., Result]:
    def run(*more: str, email: str = "karin.ek@example.org", password: str = PASSWORD) -> Result:
        args = ["create-staff", "--email", email, "--name", "Karin Ek", "--password", password, *more]
        return app.test_cli_runner().invoke(args=args)

    return run


def staff() -> list[Staff]:
    return list(db.session.scalars(sa.select(Staff)))


def test_it_makes_an_account_that_can_sign_in(create: Callable[..., Result]) -> None:
    answer = create("--department", "sb", "--department", "kf", email="Karin.Ek@Example.org")
    assert answer.exit_code == 0
    assert answer.output == "Karin Ek (caseworker) can sign in as karin.ek@example.org.\n"
    (person,) = staff()
    assert (person.email, person.role, person.active, person.demo) == ("karin.ek@example.org", ROLE, True, False)
    assert person.password.startswith("$argon2") and verify_password(PASSWORD, person.password)
    assert levels() == {"sb": "handle", "kf": "handle"}


def levels() -> dict[str, str]:
    return dict(db.session.execute(sa.select(Membership.department_code, Membership.level)).tuples().all())


def test_all_means_every_department_that_is_not_secret(create: Callable[..., Result]) -> None:
    assert create("--department", "all", "--department", "ifo", "--role", "manager").exit_code == 0
    secret = set(db.session.scalars(sa.select(Department.code).where(Department.secret)))
    assert "ifo" in secret and len(secret) > 1
    every = set(db.session.scalars(sa.select(Department.code)))
    assert levels() == dict.fromkeys((every - secret) | {"ifo"}, "read")


def test_a_level_is_what_the_role_can_use_or_what_is_said(create: Callable[..., Result]) -> None:
    assert create("--department", "sb", "--role", "coordinator", email="a@example.org").exit_code == 0
    assert levels() == {"sb": "lead"}
    assert create("--department", "kf", "--level", "read", email="b@example.org").exit_code == 0
    assert levels() == {"sb": "lead", "kf": "read"}
    assert create("--role", "administrator", email="c@example.org").exit_code == 0
    assert len(staff()) == 3


@pytest.mark.parametrize(
    ("more", "overrides", "said"),
    [
        ((), {"email": "karin"}, "--email"),
        ((), {"password": "too-short"}, "at least 12 characters"),
        (("--department", "xx"), {}, "xx is not one of ls, sb, mb, utb"),
        (("--role", "king"), {}, "'king' is not one of 'caseworker', 'coordinator', 'registrar', 'manager'"),
        (("--role", "manager", "--level", "handle", "--department", "sb"), {}, "a manager cannot use the level handle"),
        (("--role", "administrator", "--department", "sb"), {}, "an administrator sees no cases"),
    ],
)
def test_it_says_what_is_wrong_and_makes_nothing(
    create: Callable[..., Result], more: tuple[str, ...], overrides: dict[str, str], said: str
) -> None:
    answer = create(*more, **overrides)
    assert answer.exit_code == 2 and said in answer.output and "Traceback" not in answer.output
    assert staff() == []


def test_an_address_has_one_account(create: Callable[..., Result]) -> None:
    assert create().exit_code == 0
    answer = create(email="KARIN.EK@example.org")
    assert answer.exit_code == 1 and "karin.ek@example.org already has an account." in answer.output
    assert len(staff()) == 1
