"""The small cast: a resident, a clerk, an outsider, a manager; and the cases they meet over."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta
from functools import lru_cache

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from flask_security import hash_password

from caseflow import clock
from caseflow.accounts import sessions
from caseflow.accounts.entrance_views import PROVED, SEEN, TOKEN
from caseflow.accounts.models import Membership, Staff
from caseflow.accounts.permissions import LEVEL_OF
from caseflow.audit import RESIDENT
from caseflow.cases import lifecycle
from caseflow.cases.models import Case, Department
from caseflow.database import db, unit_of_work
from tests import clean

PASSWORD = "a-long-test-password"
CONTACT = {
    "email": {"name": "Rut Åkesson", "email": "rut@example.org"},
    "phone": {"name": "Rut Åkesson", "phone": "+46701740605"},
    "letter": {"name": "Rut Åkesson", "street": "Skolgatan 4", "postcode": "61232", "town": "Finspång"},
    "none": {},
}


@lru_cache
def _hashed() -> str:
    return hash_password(PASSWORD)


@pytest.fixture
def hire(app: Flask) -> Callable[..., Staff]:
    """A member of staff: hire("Karin Ek", "caseworker", "sb", "kf"), at the level that the role can use."""

    def make(name: str, role: str, *departments: str, level: str | None = None) -> Staff:
        email = f"{name.lower().replace(' ', '.')}@example.org"
        with unit_of_work() as session:
            staff = Staff(email=email, name=name, role=role, password=_hashed())
            before = clean.stamp_of(session)
            session.add(staff)
            session.flush()
            there = {"staff_id": staff.id, "level": level or LEVEL_OF[role] or "read"}
            session.add_all(Membership(department_code=code, **there) for code in departments)
            session.flush()
            clean.follow(session, before, f"{name} {role} {departments} {there}")
            session.refresh(staff, ["levels"])  # as whoever signs in has them, wherever a test takes the person
        return staff

    return make


@pytest.fixture
def clerk(hire: Callable[..., Staff]) -> Staff:
    return hire("Karin Ek", "caseworker", "sb")


@pytest.fixture
def outsider(hire: Callable[..., Staff]) -> Staff:
    return hire("Olle Utanfor", "caseworker", "kf")


@pytest.fixture
def manager(hire: Callable[..., Staff]) -> Staff:
    return hire("Maja Chef", "manager", *db.session.scalars(sa.select(Department.code)))


@pytest.fixture
def sign_in(app: Flask) -> Callable[[Staff], FlaskClient]:
    """A client in which this person is signed in (the password's own way in is tested in tests/accounts)."""

    def enter(staff: Staff) -> FlaskClient:
        client = app.test_client()
        ages_hence = clock.now() + timedelta(days=3650)  # tests travel in time, and their sessions go on
        with unit_of_work():
            token = sessions.begin(staff.id, "", "tests", ages_hence)
        with client.session_transaction() as session:
            session["_user_id"] = staff.fs_uniquifier
            session["_fresh"] = True
            session[TOKEN], session[SEEN] = token, int(ages_hence.timestamp())
            session[PROVED] = session[SEEN]
        return client

    return enter


@pytest.fixture
def resident_case(app: Flask) -> Callable[..., Case]:
    """A case as a resident files it: resident_case(reply_by="letter", department="sb", now=…)."""

    def file(**overrides: object) -> Case:
        now = overrides.pop("now", None) or clock.now()
        reply_by = str(overrides.get("reply_by", "email"))
        facts = {
            "kind": "fraga",
            "department": "sb",
            "description": "Hej! Gatlampan utanför Skolgatan 4 är släckt. Kan ni laga den?",
            "language": "sv",
            "reply_by": reply_by,
            "submission": uuid.uuid4().hex,
            **CONTACT[reply_by],
            **overrides,
        }
        with unit_of_work():
            return lifecycle.receive(lifecycle.Errand(**facts), by=RESIDENT, now=now)  # type: ignore[arg-type]

    return file
