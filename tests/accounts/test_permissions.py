"""Who may do what, and whose cases they see."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from caseflow.accounts.models import ROLES, Staff
from caseflow.accounts.permissions import PERMISSIONS, May, departments_of, may
from caseflow.cases import scope
from caseflow.cases.models import Case
from caseflow.database import db


@pytest.mark.no_app
def test_the_table_says_who_may_do_what() -> None:
    table = {role: {act.value for act in acts} for role, acts in PERMISSIONS.items()}
    assert table == {
        "caseworker": {"see_own_account", "see_cases", "handle_cases", "register"},
        "coordinator": {"see_own_account", "see_cases", "handle_cases", "register", "see_statistics"},
        "manager": {"see_own_account", "see_cases", "see_statistics"},
    }
    assert set(PERMISSIONS) == set(ROLES)
    assert may(Staff(role="manager"), May.SEE_STATISTICS) and not may(Staff(role="manager"), May.HANDLE_CASES)


PAGES = {
    "/staff/account": {"caseworker", "coordinator", "manager"},
    "/staff/queue": {"caseworker", "coordinator", "manager"},
    "/staff/cases/new": {"caseworker", "coordinator"},
    "/staff/calls": {"caseworker", "coordinator"},
    "/staff/letters": {"caseworker", "coordinator"},
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
