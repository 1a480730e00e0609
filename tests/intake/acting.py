"""What a caseworker does to a case between the resident's visits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from caseflow import clock
from caseflow.accounts.models import Staff
from caseflow.cases.models import Case
from caseflow.database import unit_of_work


def act(verb: Callable[..., Any], case: Case, staff: Staff, *args: Any, **facts: Any) -> Any:
    """act(lifecycle.reply, case, clerk, "Hej!", channel="email"): the verb in a unit of work of its own."""
    with unit_of_work() as session:
        locked = sa.select(Case).where(Case.id == case.id).with_for_update()
        found = session.scalars(locked.execution_options(populate_existing=True)).one()
        return verb(found, *args, by=staff.as_actor(), now=clock.now(), **facts)
