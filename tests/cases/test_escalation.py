"""Before a promise breaks the coordinator sees it, in one mail a morning; and the day's work comes to who wants it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from caseflow.accounts.models import Membership, Staff
from caseflow.audit import Event
from caseflow.cases import lifecycle
from caseflow.cases.deadlines import Calendar
from caseflow.cases.models import Case, Department, Municipality
from caseflow.cases.watch import digest, escalation
from caseflow.cases.watch.watch_rules import WatchRules
from caseflow.database import db, unit_of_work
from caseflow.language import COOKIE
from caseflow.messages.models import Message
from caseflow.workdays import national_calendar
from tests.cases.acting import WithToken

ZONE = ZoneInfo("Europe/Stockholm")
CALENDAR = Calendar(ZONE, national_calendar("SE", ("public", "de_facto")), time(16, 30))


def at(text: str) -> datetime:
    """A moment on the municipality's wall."""
    return datetime.fromisoformat(text).replace(tzinfo=ZONE).astimezone(UTC)


def escalated() -> list[tuple[str, str]]:
    """Number and due date of each escalation, as the events say it."""
    events = sa.select(Case.number, Event.data["due"].astext).join(Event, Event.subject_id == Case.id)
    return list(db.session.execute(events.where(Event.verb == "escalate").order_by(Event.id)).tuples())


def mails(purpose: str) -> list[Message]:
    db.session.rollback()
    return list(db.session.scalars(sa.select(Message).where(Message.purpose == purpose).order_by(Message.id)))


@pytest.mark.no_app
@pytest.mark.parametrize(
    ("now", "day", "last_due"),
    [
        ("2026-11-27T06:59", None, None),
        ("2026-11-27T07:00", "2026-11-27", "2026-11-30"),  # Friday: what is due on Monday
        ("2026-11-28T12:00", None, None),
        ("2026-12-23T08:00", "2026-12-23", "2026-12-28"),  # the eve and the days of Christmas, a weekend
        ("2028-02-28T08:00", "2028-02-28", "2028-02-29"),
        ("2026-03-30T07:00", "2026-03-30", "2026-03-31"),  # the morning after the clock change: five in UTC
        ("2026-10-26T07:00", "2026-10-26", "2026-10-27"),
    ],
)
def test_what_is_due_the_next_working_day_is_escalated_from_the_morning_of_working_days(
    now: str, day: str | None, last_due: str | None
) -> None:
    rules = WatchRules.from_dict({"escalate_kinds": {"handling": 0}})
    today = rules.working_morning(at(now), CALENDAR)
    assert today == (date.fromisoformat(day) if day else None)
    if today and last_due:
        assert rules.horizons(today, CALENDAR) == (date.fromisoformat(last_due), {"handling": today})
    for wrong in ({"idle_days": -1}, {"escalate_before": True}, {"morning": 7}, {"bedtime": "22:00"}):
        with pytest.raises(ValueError):
            WatchRules.from_dict(wrong)


def test_each_case_is_escalated_once_and_each_coordinator_gets_one_mail_with_all_of_theirs(
    app: Flask, hire: Callable[..., Staff], resident_case: Callable[..., Case]
) -> None:
    """Two working days are promised for a question, so a Friday's is due on Tuesday and escalated on Monday."""
    friday = at("2026-11-27T09:00")
    anna = hire("Anna Berg", "caseworker", "sb")
    lead, other = hire("Sam Ordnare", "coordinator", "sb", "kf"), hire("Kim Annan", "coordinator", "kf")
    reads = hire("Li Läsare", "coordinator", "sb", level="read")
    hire("Maja Chef", "manager", "sb")
    with unit_of_work() as session:
        session.get_one(Staff, lead.id).language = "en"
        session.get_one(Department, "kf").secret = True
    waits, asked, parked, replied = (resident_case(now=friday) for _case in range(4))
    secret = resident_case(now=friday, department="kf")
    later = resident_case(now=friday, kind="felanmalan")
    told = {"by": anna.as_actor(), "now": friday}
    with unit_of_work() as session:
        lifecycle.ask(session.get_one(Case, asked.id), "Var?", channel="none", **told)
        lifecycle.park(session.get_one(Case, parked.id), until=date(2027, 4, 1), reason="Våren.", **told)
        lifecycle.reply(session.get_one(Case, replied.id), "Lagat.", channel="none", **told)
    assert escalation.escalate(at("2026-11-30T06:59")) == 0
    morning = at("2026-11-30T07:00")

    def beat() -> None:
        with app.app_context():
            escalation.escalate(morning)

    clocks = [threading.Thread(target=beat) for _beat in range(2)]
    for one in clocks:
        one.start()
    for one in clocks:
        one.join()
    escalation.escalate(morning)
    assert sorted(escalated()) == [(waits.number, "2026-12-01"), (secret.number, "2026-12-01")]
    first, second = sorted(mails("escalation"), key=lambda mail: mail.staff_id or 0)
    assert (first.staff_id, second.staff_id) == (lead.id, other.id) and reads.id not in (lead.id, other.id)
    assert first.subject == "2 cases are about to be late"
    assert (
        f"{waits.number} · Question · due tomorrow" in first.body
        and "1 case in a department with secrecy" in first.body
    )
    for mail in (first, second):
        assert secret.number not in mail.body and "Gatlampan" not in mail.subject + mail.body and "Rut" not in mail.body
    # The clock stood still for three days: still one mail, with what is new alone.
    with unit_of_work() as session:
        lifecycle.reply(session.get_one(Case, waits.id), "Lagat.", channel="none", by=anna.as_actor(), now=morning)
        lifecycle.hear(session.get_one(Case, asked.id), "Skolgatan.", by=anna.as_actor(), now=morning)
    for _twice in range(2):
        escalation.escalate(at("2026-12-03T10:00"))
    assert escalated()[2:] == [(asked.number, "2026-12-01"), (later.number, later.due_on.isoformat())]
    third = mails("escalation")[-1]
    assert len(mails("escalation")) == 3 and third.staff_id == lead.id
    assert asked.number in third.body and later.number in third.body and waits.number not in third.body


def test_a_department_that_nobody_leads_is_its_coordinators(hire: Callable[..., Staff]) -> None:
    reads = hire("Li Läsare", "coordinator", "sb", level="read")
    hire("Anna Berg", "caseworker", "sb")
    assert escalation.coordinators() == {reads.id: {"sb"}}


def test_who_leads_finds_them_in_a_view_of_their_own(
    hire: Callable[..., Staff],
    sign_in: Callable[[Staff], FlaskClient],
    resident_case: Callable[..., Case],
    clerk: Staff,
) -> None:
    lead, case = hire("Sam Ordnare", "coordinator", "sb"), resident_case()
    with unit_of_work() as session:
        lifecycle.escalate(session.get_one(Case, case.id), by=clerk.as_actor(), now=case.received_at)
    for staff, shown in ((lead, True), (clerk, False)):
        client = sign_in(staff)
        client.set_cookie(COOKIE, "en")
        queue = client.get("/staff/queue").get_data(as_text=True)
        assert ("view=escalated" in queue) is shown and '<span class="mark-word">Escalated</span>' in queue
        assert (case.number in client.get("/staff/queue?view=escalated").get_data(as_text=True)) is shown


def test_the_days_work_comes_once_to_who_wants_it_within_what_they_may_see_then(
    app: Flask,
    hire: Callable[..., Staff],
    sign_in: Callable[[Staff], FlaskClient],
    with_token: WithToken,
    resident_case: Callable[..., Case],
) -> None:
    anna, nobody = hire("Anna Berg", "caseworker", "sb", "kf"), hire("Lo Ledig", "caseworker", "ls")
    without = hire("Bo Utan", "caseworker", "sb")
    for staff in (anna, nobody):
        client = sign_in(staff)
        client.set_cookie(COOKIE, "en")
        path = "/staff/account/digest"
        assert client.post(path, data=with_token(client, {"hour": "3"})).status_code == 422
        assert client.post(path, data=with_token(client, {"hour": "7"})).status_code == 303
        assert 'selected value="7"' in client.get(path).get_data(as_text=True)
    friday = at("2026-11-27T09:00")
    mine, secret = resident_case(now=friday), resident_case(now=friday, department="kf")
    hidden, free = resident_case(now=friday, department="kf"), resident_case(now=friday)
    with unit_of_work() as session:
        session.get_one(Department, "kf").secret = True
        for case in (mine, secret):
            lifecycle.assign(session.get_one(Case, case.id), to=anna, by=anna.as_actor(), now=friday)
    for too_early in ("2026-11-29T12:00", "2026-12-01T06:59"):
        assert digest.send(at(too_early)) == 0
    due = at("2026-12-01T15:00")  # the clock was down at seven

    def beat() -> None:
        with app.app_context():
            digest.send(due)

    clocks = [threading.Thread(target=beat) for _beat in range(2)]
    for one in clocks:
        one.start()
    for one in clocks:
        one.join()
    assert digest.send(due + timedelta(minutes=1)) == 0
    (mail,) = mails("digest")
    assert (mail.staff_id, mail.subject) == (anna.id, "Your day") and without.id != anna.id
    assert (
        "2 cases of yours are due today or late:" in mail.body and f"{mine.number} · Question · due today" in mail.body
    )
    assert "2 cases have nobody yet" in mail.body and "and 1 more" in mail.body
    for case in (secret, hidden, free):
        assert case.number not in mail.body
    assert "Gatlampan" not in mail.subject + mail.body
    with unit_of_work() as session:  # the next day, and no longer in the secret department
        session.execute(sa.delete(Membership).where(Membership.department_code == "kf"))
    digest.send(at("2026-12-02T07:00"))
    assert "1 case of yours is due today or late:" in mails("digest")[-1].body and len(mails("digest")) == 2
    assert db.session.get_one(Municipality, 1).watch["escalate_kinds"] == {"handling": 0}
