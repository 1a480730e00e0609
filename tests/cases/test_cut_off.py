"""The day's cut-off: once for each department, on working days, at the municipality's own time, across DST."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from flask import Flask

from caseflow import clock
from caseflow.accounts.models import Staff
from caseflow.cases.deadlines import Calendar
from caseflow.cases.models import Case, Municipality
from caseflow.cases.post import cut_off, letters
from caseflow.cases.post.letter_rules import LetterRules
from caseflow.database import db, unit_of_work
from caseflow.messages.models import LetterBatch, Message
from caseflow.workdays import national_calendar
from tests.cases.replying import fresh, reply

ZONE = ZoneInfo("Europe/Stockholm")
CALENDAR = Calendar(ZONE, national_calendar("SE", ("public", "de_facto")), time(16, 30))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE).astimezone(UTC)


@pytest.mark.no_app
@pytest.mark.parametrize(
    ("cut", "now", "day", "moment"),
    [
        ("15:00", "2026-11-23T14:59", "2026-11-20", "2026-11-20T15:00"),  # Monday before: Friday's
        ("15:00", "2026-11-23T15:00", "2026-11-23", "2026-11-23T15:00"),
        ("15:00", "2026-12-27T12:00", "2026-12-23", "2026-12-23T15:00"),  # Christmas, its eve and a weekend
        ("15:00", "2026-03-30T15:00", "2026-03-30", "2026-03-30T15:00"),  # the day after summer time began: 13 UTC
        ("15:00", "2026-10-26T15:00", "2026-10-26", "2026-10-26T15:00"),  # and after it ended: 14 UTC
    ],
)
def test_the_last_cut_off_is_a_working_days_at_local_time(cut: str, now: str, day: str, moment: str) -> None:
    rules = LetterRules(cut_off=time.fromisoformat(cut))
    assert rules.last_cut_off(at(now), CALENDAR) == (date.fromisoformat(day), at(moment))


@pytest.mark.no_app
def test_a_time_that_the_clock_skips_comes_and_one_that_it_shows_twice_comes_once() -> None:
    every_day = Calendar(ZONE, lambda day: True, time(16, 30))
    rules = LetterRules(cut_off=time(2, 30))
    began = datetime(2026, 3, 28, 22, tzinfo=UTC)
    seen = {rules.last_cut_off(began + timedelta(minutes=minute), every_day) for minute in range(60 * 12)}
    assert [str(one[0]) for one in sorted(one for one in seen if one)] == ["2026-03-28", "2026-03-29"]
    began = datetime(2026, 10, 24, 22, tzinfo=UTC)
    seen = {rules.last_cut_off(began + timedelta(minutes=minute), every_day) for minute in range(60 * 12)}
    assert sorted(one for one in seen if one)[-1] == (date(2026, 10, 25), datetime(2026, 10, 25, 0, 30, tzinfo=UTC))


@pytest.mark.no_app
def test_without_a_cut_off_people_make_the_batches() -> None:
    assert LetterRules().last_cut_off(at("2026-11-23T15:00"), CALENDAR) is None


@pytest.mark.no_app
@pytest.mark.parametrize("wrong", [{"cut_off": 15}, {"cut_of": "15:00"}, {"cut_off": "25:00"}])
def test_rules_that_nobody_understands_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"cut_off|nobody knows|hour"):
        LetterRules.from_dict(wrong)


@pytest.fixture
def waiting(app: Flask, resident_case: Callable[..., Case], clerk: Staff, outsider: Staff) -> dict[str, Message]:
    """A letter of each of two departments in the pile."""
    of_sb = reply(resident_case(reply_by="letter", department="sb"), clerk, "letter")
    of_kf = reply(resident_case(reply_by="letter", department="kf", kind="synpunkt"), outsider, "letter")
    return {"sb": of_sb, "kf": of_kf}


def close_at(cut: time) -> None:
    with unit_of_work() as session:
        session.get_one(Municipality, 1).letters = {"cut_off": cut.isoformat("minutes")}


def batches() -> list[LetterBatch]:
    db.session.rollback()
    return list(db.session.scalars(sa.select(LetterBatch).order_by(LetterBatch.department_code)))


def working_afternoon() -> datetime:
    """15:00 of the working day after today."""
    day = clock.today(clock.now(), ZONE) + timedelta(days=1)
    while not CALENDAR.is_working_day(day):
        day += timedelta(days=1)
    return datetime.combine(day, time(15), ZONE).astimezone(UTC)


def test_each_department_has_its_batch_once_however_often_the_clock_strikes(
    app: Flask, waiting: dict[str, Message]
) -> None:
    close_at(time(15))
    now = working_afternoon()
    assert len(cut_off.collate(app.config, now=now)) == 2
    assert cut_off.collate(app.config, now=now + timedelta(minutes=1)) == []
    assert [(one.department_code, one.created_by, one.cut_off_on) for one in batches()] == [
        ("kf", None, clock.today(now, ZONE)),
        ("sb", None, clock.today(now, ZONE)),
    ]
    assert {code: fresh(message).batch_id for code, message in waiting.items()} == {
        one.department_code: one.id for one in batches()
    }


def test_what_comes_after_the_cut_off_goes_the_next_day(app: Flask, waiting: dict[str, Message]) -> None:
    close_at(time(15))
    with unit_of_work() as session:
        late = session.get_one(Message, waiting["sb"].id, populate_existing=True)
        late.accepted_at = working_afternoon() + timedelta(minutes=1)
    cut_off.collate(app.config, now=working_afternoon() + timedelta(minutes=5))
    assert [one.department_code for one in batches()] == ["kf"]
    cut_off.collate(app.config, now=working_afternoon() + timedelta(days=4))
    assert fresh(waiting["sb"]).batch_id is not None


def test_a_letter_that_somebody_took_out_is_not_put_back_the_same_day(app: Flask, waiting: dict[str, Message]) -> None:
    close_at(time(15))
    cut_off.collate(app.config, now=working_afternoon())
    with unit_of_work():
        letters.take_out(batches()[1], waiting["sb"].id, app.config)
    with unit_of_work():  # the batch was empty and is gone, so the day's place is free; a second look finds it again
        assert [one.department_code for one in batches()] == ["kf"]


def test_nothing_is_collated_where_no_cut_off_is_set(app: Flask, waiting: dict[str, Message]) -> None:
    with unit_of_work() as session:
        session.get_one(Municipality, 1).letters = {}
    assert cut_off.collate(app.config, now=working_afternoon()) == []
    assert batches() == []
