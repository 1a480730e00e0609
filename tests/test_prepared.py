"""Statements that are handed to the driver as they are: in the session's transaction, with SQLAlchemy's errors."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from caseflow import clock
from caseflow.accounts.models import Staff
from caseflow.database import LAST_ID, db, unit_of_work, unseen
from caseflow.messages.models import Pulse
from caseflow.prepared import Prepared
from tests.cases.acting import statements

AFTER = Prepared(sa.select(Pulse.name, Pulse.at).where(Pulse.name > unseen("name", sa.Text)).order_by(Pulse.name))


def test_what_the_session_has_not_written_yet_is_found_and_rows_say_their_columns() -> None:
    now = clock.now()
    with unit_of_work(), statements() as seen:
        db.session.add_all([Pulse(name=name, at=now) for name in ("100 %", "two", "three")])
        rows = AFTER.all({"name": "200"})
        assert [(row.name, row.at) for row in rows] == [("three", now), ("two", now)]
    assert seen[-1].startswith("SELECT")
    assert AFTER.all({"name": "x"}) == []
    like = Prepared(sa.select(Pulse.name).where(Pulse.name.like("100 %"), Pulse.name.in_(["100 %", "no"])))
    assert like.one({}) == ("100 %",)


def test_an_error_is_one_of_sqlalchemy_without_what_was_asked_for_and_the_next_one_works() -> None:
    number = Prepared(sa.select(sa.cast(unseen("text", sa.Text), sa.BigInteger).label("number")))
    with pytest.raises(sa.exc.DataError) as caught, unit_of_work():
        number.one({"text": "Gatlampan"})
    assert "parameters hidden" in str(caught.value)
    assert number.one({"text": str(LAST_ID)}).number == LAST_ID
    ended = Prepared(sa.select(sa.func.pg_terminate_backend(sa.func.pg_backend_pid()).label("ended")))
    with pytest.raises(sa.exc.OperationalError), unit_of_work():
        ended.one({})
    assert number.one({"text": "1"}).number == 1


def test_only_what_the_driver_gives_as_it_is_can_be_asked_for() -> None:
    class Shouted(sa.TypeDecorator[str]):
        impl = sa.Text
        cache_ok = True

        def process_result_value(self, value: str | None, dialect: object) -> str:
            return str(value).upper()

    with pytest.raises(TypeError, match="loud needs more"):
        Prepared(sa.select(sa.type_coerce(Staff.name, Shouted).label("loud"))).all({})


def test_a_column_may_have_any_name() -> None:
    counted = Prepared(sa.select(sa.literal(2).label("view-1"), sa.literal(3).label("all")))
    assert counted.by_name({}) == {"view-1": 2, "all": 3}


def test_what_is_sent_ahead_arrives_when_it_is_wanted_or_before_anything_else_is_sent() -> None:
    now = clock.now()
    with unit_of_work():
        db.session.add(Pulse(name="one", at=now))
        first = AFTER.later({"name": "0"})
        second = AFTER.later({"name": "one"})
        db.session.add(Pulse(name="two", at=now))
        db.session.flush()
        assert [row.name for row in first()] == ["one"] and second() == []
        third = AFTER.later({"name": "one"})
        assert db.session.scalar(sa.select(sa.func.count()).select_from(Pulse)) == 2
        assert [row.name for row in third()] == ["two"]
        AFTER.later({"name": "nobody asks for it"})
    assert [row.name for row in AFTER.all({"name": "0"})] == ["one", "two"]


def test_an_error_of_what_was_sent_ahead_is_said_where_it_is_wanted_and_harms_nothing_later() -> None:
    number = Prepared(sa.select(sa.cast(unseen("text", sa.Text), sa.BigInteger).label("number")))
    wrong = number.later({"text": "Gatlampan"})
    with pytest.raises(sa.exc.DataError):
        wrong()
    db.session.rollback()
    number.later({"text": "nobody asks for it"})
    db.session.rollback()
    assert number.one({"text": "1"}).number == 1
    wrong = number.later({"text": "wrong"})
    with pytest.raises(sa.exc.DataError):
        db.session.scalar(sa.select(1))
    db.session.rollback()
    with pytest.raises(sa.exc.DBAPIError):
        wrong()
    assert number.one({"text": "2"}).number == 2
