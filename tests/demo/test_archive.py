"""The demo's archive: closed and quiet, and enough to learn the suggestions from."""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa

from caseflow.cases.models import Case
from caseflow.cases.suggestions import kept, training
from caseflow.database import db, unit_of_work
from caseflow.demo import archive, history, staff
from caseflow.messages.models import Message

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def test_the_archive_lies_on_nobodys_desk_and_is_enough_to_learn_from() -> None:
    with unit_of_work():
        staff.hire()
        archive.fill(NOW)
    assert set(db.session.scalars(sa.select(Case.status).distinct())) == {"closed"}
    assert (db.session.scalar(sa.select(sa.func.max(Case.received_at))) or NOW) < NOW - history.PAST
    assert set(db.session.scalars(sa.select(Message.status).distinct())) <= {"accepted", "delivered", "cancelled"}
    cases = training.closed_cases()
    assert len(cases) > 2 * training.FEWEST
    assert len({case.department for case in cases}) > 5 and any(case.category for case in cases)
    for _time in range(2):
        training.train_first(NOW)
    (learnt,) = kept.rounds()
    assert learnt.state == "in_use" and learnt.examples == len(cases)
