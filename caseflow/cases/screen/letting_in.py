"""An errand that may be a robot's is held, and let in by a person as the case that it would have been.

The case has the moment and the code that its sender was given: what was held counts as received when it came.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from caseflow.accounts.models import Staff
from caseflow.audit import RESIDENT, record
from caseflow.cases import codes, lifecycle
from caseflow.cases.files.attachments import Upload
from caseflow.cases.lifecycle import Errand
from caseflow.cases.models import Case
from caseflow.cases.routing import route, triage_department
from caseflow.cases.screen.held_filing import HeldFiling
from caseflow.database import db


def hold(errand: Errand, why: Sequence[str], files: Sequence[Upload], *, now: datetime) -> str:
    """Keep it for a person to look at; returns the code. The same submission is one."""
    way = route(
        kind=errand.kind,
        department=errand.department or triage_department(),
        category=errand.category,
        text=errand.description,
    )
    row = {"at": now, "code": codes.new(), "department_code": way.department_code, "why": list(why)}
    row |= {"files": [upload.facts() for upload in files]}
    new = insert(HeldFiling).values(**row, submission=errand.submission, errand=asdict(errand))
    db.session.execute(new.on_conflict_do_nothing(index_elements=["submission"]))
    return db.session.scalars(sa.select(HeldFiling.code).where(HeldFiling.submission == errand.submission)).one()


def let_in(filing: HeldFiling, *, by: Staff, now: datetime) -> Case | None:
    """It becomes a case, received when it was sent; None when it is one already."""
    if filing.outcome == "filed":
        return None
    fields: dict[str, Any] = dict(filing.errand)
    files: list[Any] = filing.files
    uploads = [Upload(**facts) for facts in files]
    known: dict[str, Any] = {"since": filing.at, "code": filing.code}
    case = lifecycle.receive(Errand(**fields), by=RESIDENT, now=now, uploads=uploads, **known)
    db.session.flush()
    record("case", case.id, "let_in", by=by.as_actor(), at=now, version=case.version, why=list(filing.why))
    filing.outcome, filing.case_id, filing.decided_by, filing.decided_at = "filed", case.id, by.id, now
    return case
