"""One text to the residents of all parts of a greater case."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from wtforms import ValidationError

from caseflow.accounts.models import Staff
from caseflow.cases import lifecycle, scope
from caseflow.cases.models import OPEN, Entry
from caseflow.cases.post import paper
from caseflow.cases.relations.relation_forms import AnswersForm
from caseflow.database import db


def answer(staff: Staff, number: str, form: AnswersForm, *, now: datetime) -> bool:
    """Answer one of them by its resident's channel, once however often it is sent; False when that is not possible."""
    text, case = str(form.text.data), scope.find_for_act(staff, number, None)
    if case is None or case.status not in OPEN:
        return False
    submission = f"{form.submission.data}:{case.id}"
    if db.session.scalar(sa.select(Entry.id).where(Entry.submission == submission)) is not None:
        return True
    if case.reply_by == "letter":
        try:
            paper.check_text(text)
            paper.check_address(case)
        except ValidationError:
            return False
    told = {"channel": case.reply_by, "close_after": bool(form.close_after.data), "submission": submission}
    lifecycle.reply(case, text, **told, by=staff.as_actor(), now=now)  # type: ignore[arg-type]  # a dict of facts
    return True
