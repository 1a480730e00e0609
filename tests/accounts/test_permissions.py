"""Who may do what, and whose cases they see."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from caseflow.accounts.models import LEVELS, ROLES, Staff
from caseflow.accounts.permissions import LEVEL_OF, PERMISSIONS, May, departments_of, may, may_in
from caseflow.cases import scope
from caseflow.cases.models import Case
from caseflow.cases.municipality import directory
from caseflow.cases.triage import queue_choices
from caseflow.database import db


@pytest.mark.no_app
def test_the_table_says_who_may_do_what() -> None:
    sorts = {"see_own_account", "see_cases", "register", "sort_cases", "post_letters"}
    assert {role: {act.value for act in acts} for role, acts in PERMISSIONS.items()} == {
        "caseworker": sorts | {"handle_cases"},
        "coordinator": sorts | {"handle_cases", "lead", "see_protected", "see_statistics", "see_texts"},
        "registrar": sorts,
        "manager": {"see_own_account", "see_cases", "see_statistics", "see_texts"},
        "administrator": {"see_own_account", "see_texts", "administer", "manage_staff"},
    }
    assert set(PERMISSIONS) == set(ROLES)
    assert dict(zip(ROLES, ("handle", "lead", "handle", "read", None), strict=True)) == LEVEL_OF
    assert may(Staff(role="manager"), May.SEE_STATISTICS) and not may(Staff(role="manager"), May.HANDLE_CASES)


# Role and level of a membership: the level that it comes to.
REACHED = {
    **{("coordinator", level): level for level in LEVELS},
    **{(role, level): level for role in ("caseworker", "registrar") for level in ("read", "handle")},
    **{(role, "lead"): "handle" for role in ("caseworker", "registrar")},
    **{("manager", level): "read" for level in LEVELS},
    **{("administrator", level): None for level in LEVELS},
}


@pytest.mark.parametrize(("role", "level"), REACHED)
def test_a_membership_opens_what_its_level_and_the_role_both_allow(
    hire: Callable[..., Staff], resident_case: Callable[..., Case], role: str, level: str
) -> None:
    person, case = hire("Nils Ny", role, "sb", level=level), resident_case()
    resident_case(department="kf")
    reached = REACHED[role, level]
    conditions = {"read": scope.within, "handle": scope.handled_by, "lead": scope.led_by}
    for place, (name, condition) in enumerate(conditions.items()):
        expected = [case.number] if reached and place <= LEVELS.index(reached) else []
        assert list(db.session.scalars(sa.select(Case.number).where(condition(person)))) == expected, name
        assert may_in(person, "sb", name) is bool(expected) and not may_in(person, "kf", name), name
    acts_on = scope.find_for_act(person, case.number, None)
    assert (acts_on is case) is scope.handles(person, case) is (reached in ("handle", "lead"))


def test_only_who_handles_a_departments_cases_is_offered_as_a_colleague(hire: Callable[..., Staff]) -> None:
    for role in ROLES:
        for level in LEVELS:
            hire(f"{role} {level}", role, "sb", level=level)
    names = {person.name for person in directory.colleagues("sb")}
    assert names == {f"{role} {level}" for role in ("caseworker", "coordinator") for level in ("handle", "lead")}
    chosen = queue_choices.within_reach(hire("Maja", "manager", "sb"), "sv")
    assert set(chosen.people.values()) == names


PAGES = {
    "/staff/account": set(ROLES),
    "/staff/queue": set(ROLES) - {"administrator"},
    "/staff/cases/new": {"caseworker", "coordinator", "registrar"},
    "/staff/calls": {"caseworker", "coordinator"},
    "/staff/letters": {"caseworker", "coordinator", "registrar"},
    "/staff/texts": {"coordinator", "manager", "administrator"},
    "/staff/statistics": {"coordinator", "manager"},
    "/staff/statistics.csv": {"coordinator", "manager"},
}


def test_every_staff_page_is_open_to_its_roles_only(
    client: FlaskClient, hire: Callable[..., Staff], sign_in: Callable[[Staff], FlaskClient]
) -> None:
    clients = {role: sign_in(hire(f"Some {role}", role, "sb")) for role in ROLES}
    for page, roles in PAGES.items():
        for role, somebody in clients.items():
            assert somebody.get(page).status_code == (200 if role in roles else 403), (page, role)
        asked = client.get(page)
        assert asked.status_code == 302 and asked.location.startswith("/login?next="), page


def test_people_see_the_departments_that_they_work_in(
    clerk: Staff, outsider: Staff, manager: Staff, resident_case: Callable[..., Case]
) -> None:
    case = resident_case()
    assert list(db.session.scalars(departments_of(clerk))) == ["sb"]
    assert len(list(db.session.scalars(departments_of(manager)))) == 10
    assert scope.find(clerk, case.number) is case and scope.find(manager, case.number) is case
    assert scope.find(outsider, case.number) is None
    assert scope.find_for_act(outsider, case.number, None) is None
    assert db.session.scalars(scope.messages_within(outsider)).all() == []
    assert len(db.session.scalars(scope.messages_within(clerk)).all()) == 1


def test_who_is_in_no_department_sees_nothing(hire: Callable[..., Staff], resident_case: Callable[..., Case]) -> None:
    nowhere, case = hire("Ny Anställd", "coordinator"), resident_case()
    assert scope.find(nowhere, case.number) is None
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Case).where(scope.within(nowhere))) == 0


def test_an_act_on_an_older_version_is_refused_with_both_versions(
    clerk: Staff, resident_case: Callable[..., Case]
) -> None:
    case = resident_case()
    assert scope.find_for_act(clerk, case.number, 1) is case
    with pytest.raises(scope.Stale) as stale:
        scope.find_for_act(clerk, case.number, 7)
    assert (stale.value.case, stale.value.version) == (case, 7)
