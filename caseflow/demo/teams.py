"""Who handles the cases of which department: ids of real accounts."""

from __future__ import annotations

import sqlalchemy as sa

from caseflow.accounts.models import Membership, Staff
from caseflow.accounts.permissions import ASSIGNABLE, reaches
from caseflow.database import db


def teams() -> dict[str, list[int]]:
    """By department its caseworkers, and where it has none the others who may handle its cases."""
    query = sa.select(Membership.department_code, Staff.role, Staff.id).join(Staff, Staff.id == Membership.staff_id)
    query = query.where(Staff.active, Staff.role.in_(ASSIGNABLE), reaches("handle"))
    rows = db.session.execute(query.order_by(Membership.department_code, Staff.id)).all()
    caseworkers: dict[str, list[int]] = {}
    others: dict[str, list[int]] = {}
    for department, role, number in rows:
        (caseworkers if role == "caseworker" else others).setdefault(department, []).append(number)
    return others | caseworkers
