"""A double click, a reload, a retry after a dropped line: the same act once more, which must not be done twice."""

from __future__ import annotations

import sqlalchemy as sa

from caseflow.accounts.models import Staff
from caseflow.audit import Event
from caseflow.cases.models import Case, Entry
from caseflow.cases.screen.form_parts import ActForm, TextForm
from caseflow.cases.screen.forms import ContactForm
from caseflow.database import db


def done_before(case: Case, form: ActForm, staff: Staff) -> bool:
    """Whether exactly this has been done already: texts by their submission, other acts by the event they left."""
    if isinstance(form, TextForm):
        said = sa.select(Entry.id).where(Entry.case_id == case.id, Entry.submission == form.submission.data)
        return bool(form.submission.data) and db.session.scalar(said) is not None
    if form.read_at != case.version - 1:
        return False
    if isinstance(form, ContactForm) and not (form.validate() and form.unchanged):
        return False
    event = db.session.scalar(_last_act(case, form.act, staff))
    return event is not None and event.reason == form.reason_given and form.facts().items() <= event.data.items()


def _last_act(case: Case, verb: str, staff: Staff) -> sa.Select[tuple[Event]]:
    """The event that brought the case to its present version, when it was this person's and of this verb."""
    return sa.select(Event).where(
        Event.subject == "case",
        Event.subject_id == case.id,
        Event.version == case.version,
        Event.staff_id == staff.id,
        Event.verb == verb,
    )
