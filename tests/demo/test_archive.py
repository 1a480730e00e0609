"""What the demo begins with: an archive, closed and quiet, and enough to learn the suggestions from; and people."""

from __future__ import annotations

import sqlalchemy as sa
from flask import Flask

from caseflow import clock
from caseflow.cases.models import Case
from caseflow.cases.suggestions import kept, training
from caseflow.database import db, unit_of_work
from caseflow.demo import history, staff
from caseflow.messages.models import Message
from tests import clean


def test_an_empty_database_is_filled_with_people_cases_and_an_archive_to_learn_from(app: Flask) -> None:
    with unit_of_work() as session:
        for table in reversed(clean.CONFIGURED):
            session.execute(table.delete())
    told = app.test_cli_runner().invoke(args=["prepare"])
    assert told.exit_code == 0, told.output
    assert all(login.email in told.output and login.password in told.output for login in staff.LOGINS)
    now = clock.now()
    archived = sa.select(Case.id).where(Case.received_at < now - history.PAST)
    assert set(db.session.scalars(sa.select(Case.status).where(Case.id.in_(archived)).distinct())) == {"closed"}
    there = set(db.session.scalars(sa.select(Message.status).where(Message.case_id.in_(archived)).distinct()))
    assert there <= {"accepted", "delivered", "cancelled"}
    assert db.session.scalar(sa.select(sa.func.count(Case.id)).where(Case.id.not_in(archived))) == sum(
        history.CASES.values()
    )
    cases = training.closed_cases()
    assert len(cases) > 2 * training.FEWEST
    assert len({case.department for case in cases}) > 5 and any(case.category for case in cases)
    for _time in range(2):
        training.train_first(now)
    (learnt,) = kept.rounds()
    assert learnt.state == "in_use" and learnt.examples == len(cases)
