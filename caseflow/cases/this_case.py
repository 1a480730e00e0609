"""The case in statements that are built once: which one it is comes with the execution."""

from __future__ import annotations

from datetime import date
from typing import Any, cast

import sqlalchemy as sa

from caseflow import database
from caseflow.accounts.models import Staff
from caseflow.cases.models import Case


class _This:
    id = database.unseen("case_id", sa.BigInteger)
    department_code = database.unseen("department", sa.Text)
    protected = database.unseen("protected", sa.Boolean)


# Stands for whichever case has the `case_id` and lies in the `department` that are given, as `anyone` for a person.
THIS = cast(Case, _This())
TODAY = cast(date, database.unseen("today", sa.Date))


def given(case: Case, staff: Staff | None = None) -> dict[str, Any]:
    """What such a statement is to be told."""
    told: dict[str, Any] = {"case_id": case.id, "department": case.department_code, "protected": case.protected}
    return told | ({"staff_id": staff.id} if staff else {})
