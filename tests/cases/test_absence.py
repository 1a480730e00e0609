"""Nothing waits for somebody who is away: leave, who was not seen, what residents write meanwhile, and coming back."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from caseflow.accounts import sessions
from caseflow.accounts.models import Staff
from caseflow.audit import RESIDENT, Event
from caseflow.cases import lifecycle
from caseflow.cases.models import Case
from caseflow.cases.watch import covering, leave, waking
from caseflow.cases.watch.absence import Absence, CoveredCase
from caseflow.database import db, unit_of_work
from caseflow.language import COOKIE
from tests.cases.acting import Desk, WithToken

MONDAY = datetime(2026, 11, 30, 7, tzinfo=UTC)  # eight in the morning
DAY = timedelta(days=1)


def give(case: Case, to: Staff, now: datetime) -> None:
    with unit_of_work() as session:
        lifecycle.assign(session.get_one(Case, case.id), to=to, by=to.as_actor(), now=now)


def holder(case: Case) -> tuple[str, int | None]:
    db.session.rollback()
    row = db.session.execute(sa.select(Case.status, Case.assignee_id).where(Case.id == case.id)).one()
    return row.status, row.assignee_id


def verbs(case: Case) -> list[str]:
    query = sa.select(Event.verb).where(Event.subject == "case", Event.subject_id == case.id).order_by(Event.id)
    return list(db.session.scalars(query))


def go(staff: Staff, first: str, last: str | None, now: datetime = MONDAY) -> None:
    days = (date.fromisoformat(first), date.fromisoformat(last) if last else None)
    with unit_of_work():
        leave.plan(staff.id, *days, by=staff.as_actor(), now=now)


def test_leave_gives_open_cases_back_once_though_two_clocks_begin_it_three_days_late(
    app: Flask, hire: Callable[..., Staff], resident_case: Callable[..., Case]
) -> None:
    anna = hire("Anna Berg", "caseworker", "sb")
    cases = [resident_case(now=MONDAY - DAY) for _case in range(4)]
    for case in cases:
        give(case, anna, MONDAY - DAY)
    now = MONDAY - DAY / 2
    told = {"by": anna.as_actor(), "now": now}
    with unit_of_work() as session:
        lifecycle.park(session.get_one(Case, cases[2].id), until=date(2026, 12, 3), reason="Våren.", **told)
        lifecycle.reply(session.get_one(Case, cases[3].id), "Lagat.", channel="none", **told)
    go(anna, "2026-12-01", "2026-12-07")
    covering.cover(datetime(2026, 11, 30, 22, 59, tzinfo=UTC))
    assert holder(cases[0]) == ("in_progress", anna.id)
    late = datetime(2026, 12, 4, 6, tzinfo=UTC)

    def beat() -> None:
        with app.app_context():
            covering.cover(late)

    clocks = [threading.Thread(target=beat) for _beat in range(2)]
    for one in clocks:
        one.start()
    for one in clocks:
        one.join()
    assert [holder(case) for case in cases] == [
        ("in_progress", None),
        ("in_progress", None),
        ("planned", anna.id),
        ("answered", anna.id),
    ]
    assert verbs(cases[0]) == ["receive", "assign", "cover"]
    event = db.session.scalars(sa.select(Event).where(Event.verb == "cover").order_by(Event.id)).first()
    assert event is not None and event.actor == "system"
    assert (event.data["assignee_before"], event.data["until"]) == (anna.id, "2026-12-07")
    waking.wake(late)  # what was planned stays until it wakes
    assert holder(cases[2]) == ("in_progress", None) and verbs(cases[2])[-2:] == ["wake", "cover"]
    with unit_of_work() as session:  # and new words bring back what was answered
        lifecycle.hear(session.get_one(Case, cases[3].id), "Den är släckt igen.", by=RESIDENT, now=late)
    assert holder(cases[3]) == ("in_progress", None)
    give(cases[0], anna, late)  # given on purpose it stays, until somebody else waits for an answer
    covering.cover(late)
    assert holder(cases[0]) == ("in_progress", anna.id)
    with unit_of_work() as session:
        lifecycle.hear(session.get_one(Case, cases[0].id), "Hur går det?", by=RESIDENT, now=late)
    assert holder(cases[0]) == ("in_progress", None)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(CoveredCase)) == 4


def test_a_leave_that_was_over_before_any_clock_ran_or_was_called_off_moves_nothing(
    hire: Callable[..., Staff], resident_case: Callable[..., Case]
) -> None:
    anna, case = hire("Anna Berg", "caseworker", "sb"), resident_case(now=MONDAY)
    give(case, anna, MONDAY)
    go(anna, "2026-12-01", "2026-12-02")
    go(anna, "2026-12-03", None)
    with unit_of_work() as session:
        called_off = session.scalars(sa.select(Absence).where(Absence.last_day.is_(None))).one()
        assert leave.end(called_off, by=anna.as_actor(), now=MONDAY)
        assert not leave.end(called_off, by=anna.as_actor(), now=MONDAY)
    covering.cover(datetime(2026, 12, 3, 0, tzinfo=UTC))
    assert holder(case) == ("in_progress", anna.id)


def test_who_is_not_seen_for_two_working_days_while_a_resident_waits_counts_as_gone_until_they_sign_in(
    hire: Callable[..., Staff], resident_case: Callable[..., Case]
) -> None:
    """Wednesday 23 December, then Christmas and a weekend: the second idle working day is Monday 28."""
    anna, newcomer = hire("Anna Berg", "caseworker", "sb"), hire("Nils Ny", "caseworker", "sb")
    busy, idle_without = hire("Bo Flit", "caseworker", "sb"), hire("Lo Ledig", "caseworker", "sb")
    tuesday = datetime(2026, 12, 22, 12, tzinfo=UTC)
    waits, fresh, his, answered = (resident_case(now=tuesday) for _case in range(4))
    for case, staff in ((waits, anna), (his, busy), (answered, idle_without)):
        give(case, staff, tuesday)
    with unit_of_work() as session:
        told = {"by": idle_without.as_actor(), "now": tuesday}
        lifecycle.reply(session.get_one(Case, answered.id), "Lagat.", channel="none", **told)
    monday = datetime(2026, 12, 28, 12, tzinfo=UTC)
    give(fresh, newcomer, monday)  # has had nothing to be idle with
    with unit_of_work() as session:
        lifecycle.note(session.get_one(Case, his.id), "Ringde.", by=busy.as_actor(), now=monday)
    for moment in ("2026-12-28T12:00", "2026-12-29T05:59"):  # not two whole days yet; not morning yet
        covering.cover(datetime.fromisoformat(moment).replace(tzinfo=UTC))
        assert holder(waits) == ("in_progress", anna.id)
    for _twice in range(2):
        covering.cover(datetime(2026, 12, 29, 6, tzinfo=UTC))
    assert holder(waits) == ("in_progress", None)
    assert holder(fresh)[1] == newcomer.id and holder(his)[1] == busy.id
    assert [one.staff_id for one in db.session.scalars(sa.select(Absence))] == [anna.id]
    later = datetime(2026, 12, 30, 8, tzinfo=UTC)
    with unit_of_work():
        sessions.begin(anna.id, "", "tests", later)
    for _twice in range(2):
        covering.cover(later + timedelta(minutes=1))
    assert db.session.scalars(sa.select(Absence.ended_at)).one() is not None
    assert leave.unseen(anna) == 1


def test_one_is_told_before_giving_a_case_to_who_is_away_and_may_do_it_all_the_same(
    desk_with: Callable[..., Desk], hire: Callable[..., Staff], clock_at: Callable[[datetime], object]
) -> None:
    clock_at(MONDAY)
    desk, anna = desk_with(), hire("Anna Berg", "caseworker", "sb")
    go(anna, "2026-11-30", "2026-12-07")
    assert "Anna Berg (away until 7 Dec)" in desk.read()
    refused = desk.act("assignment", assignee=anna.id)
    assert refused.status_code == 422
    said = refused.get_data(as_text=True)
    assert (
        "Anna Berg is away until Monday 7 December. Choose somebody else, or say that you mean it." in said
        and 'name="anyway"' in said
    )
    assert desk.act("assignment", assignee=anna.id, anyway="y").status_code == 303
    assert desk.case().assignee_id == anna.id


def test_people_write_down_their_leave_see_what_was_moved_and_take_it_back(
    hire: Callable[..., Staff],
    sign_in: Callable[[Staff], FlaskClient],
    with_token: WithToken,
    resident_case: Callable[..., Case],
    clock_at: Callable[[datetime], object],
) -> None:
    clock_at(MONDAY)
    anna, boss, other = hire("Anna Berg", "caseworker", "sb"), hire("Sam Ordnare", "coordinator", "sb"), resident_case()
    stranger = hire("Kim Annan", "coordinator", "kf")
    case = resident_case(now=MONDAY)
    for one in (case, other):
        give(one, anna, MONDAY)
    client = sign_in(anna)
    client.set_cookie(COOKIE, "en")

    def send(who: FlaskClient, path: str = "", **data: object) -> tuple[int, str]:
        answer = who.post(f"/staff/account/away{path}", data=with_token(who, data))
        return answer.status_code, answer.get_data(as_text=True)

    for wrong, said in (
        ({"first_day": "", "last_day": ""}, "Write the date"),
        ({"first_day": "2026-12-02", "last_day": "2026-12-01"}, "The last day cannot come before the first."),
        ({"first_day": "2026-11-02", "last_day": "2026-11-03"}, "Choose today or a later day."),
        ({"first_day": "2036-11-02"}, "Choose a day within two years."),
        ({"person": stranger.id, "first_day": "2026-12-02"}, "Choose one of those in the list."),
        ({"person": "x", "first_day": "2026-12-02"}, "Choose one of those in the list."),
    ):
        status, text = send(client, **{"person": anna.id, **wrong})
        assert status == 422 and said in text, wrong
    lead = sign_in(boss)
    lead.set_cookie(COOKIE, "en")
    assert send(lead, person=anna.id, first_day="2026-11-30", last_day="2026-12-01")[0] == 303
    assert "already for some of these days" in send(client, person=anna.id, first_day="2026-12-01")[1]
    absence_id = db.session.scalars(sa.select(Absence.id)).one()
    assert send(sign_in(stranger), f"/{absence_id}/end")[0] == 404
    covering.cover(MONDAY)
    assert "Anna Berg" in lead.get("/staff/account/away").get_data(as_text=True)
    give(other, boss, MONDAY)
    clock_at(MONDAY + 2 * DAY)
    client = sign_in(anna)
    client.set_cookie(COOKIE, "en")
    queue = client.get("/staff/", follow_redirects=True).get_data(as_text=True)
    assert "2 cases of yours went back to the department while you were away." in queue
    page = client.get("/staff/account/away").get_data(as_text=True)
    assert "2 cases went back to the department" in page and "Take back 1 case" in page
    assert "while you were away" not in client.get("/staff/", follow_redirects=True).get_data(as_text=True)
    for _click in range(2):
        assert send(client, f"/{absence_id}/cases")[0] == 303
    assert (holder(case)[1], holder(other)[1], verbs(case)[-1]) == (anna.id, boss.id, "assign")
