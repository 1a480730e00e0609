"""Fixtures for the caseworker's screens."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from caseflow.accounts.models import Staff
from caseflow.cases.models import Case
from tests.cases.acting import Desk, WithToken


@pytest.fixture
def desk(
    sign_in: Callable[[Staff], FlaskClient], with_token: WithToken, clerk: Staff, resident_case: Callable[..., Case]
) -> Desk:
    """The clerk, with a case that wants its reply by e-mail open on the desk."""
    return Desk(sign_in(clerk), with_token, resident_case())


@pytest.fixture
def desk_with(
    sign_in: Callable[[Staff], FlaskClient], with_token: WithToken, clerk: Staff, resident_case: Callable[..., Case]
) -> Callable[..., Desk]:
    """desk_with(reply_by="letter"); desk_with(at=case) for a case that is there; desk_with(staff=outsider, at=case)."""

    def open_case(staff: Staff | None = None, at: Case | None = None, **overrides: object) -> Desk:
        return Desk(sign_in(staff or clerk), with_token, at or resident_case(**overrides))

    return open_case
