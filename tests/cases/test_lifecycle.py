"""The case's life: every verb in every status does what the table says, or nothing."""

from __future__ import annotations

import ast
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

import caseflow
from caseflow import clock
from caseflow.accounts.models import Staff
from caseflow.audit import RESIDENT, SYSTEM, Event
from caseflow.cases import announcements, lifecycle
from caseflow.cases.faults import known_faults
from caseflow.cases.faults.known_fault import KnownFault
from caseflow.cases.faults.known_faults import Line
from caseflow.cases.models import OPEN, STATUSES, Case, Department, Entry
from caseflow.cases.moving import BETWEEN_CASES, TRANSITIONS, Illegal
from caseflow.cases.watch.absence import Absence
from caseflow.database import db, unit_of_work
from caseflow.messages.models import Message

TO_STATUS = {
    "new": (),
    "in_progress": ("assign",),
    "waiting": ("ask",),
    "planned": ("park",),
    "answered": ("reply",),
    "closed": ("reply", "close"),
}
UNTIL = date(2030, 1, 8)
LINE = Line("Mörkt", "Skolgatan", date(2026, 11, 1))
BY = {"hear": RESIDENT, "not_solved": RESIDENT, "undelivered": SYSTEM, "wake": SYSTEM, "cover": SYSTEM}


def do(verb: str, case: Case, clerk: Staff) -> None:
    """Do the act as its caller would, in the running unit of work."""
    by, now = clerk.as_actor(), clock.now()
    acts: dict[str, Callable[[], object]] = {
        "assign": lambda: lifecycle.assign(case, to=clerk, by=by, now=now),
        "release": lambda: lifecycle.release(case, by=by, now=now),
        "transfer": lambda: lifecycle.transfer(case, to=department("kf"), reason="Gäller badet.", by=by, now=now),
        "ask": lambda: lifecycle.ask(case, "Vilken stolpe?", channel="email", by=by, now=now),
        "park": lambda: lifecycle.park(case, until=UNTIL, reason="Asfalt i vår.", by=by, now=now),
        "resume": lambda: lifecycle.resume(case, by=by, now=now),
        "wake": lambda: lifecycle.wake(case, by=SYSTEM, now=now),
        "cover": lambda: lifecycle.cover(case, on_leave(clerk), by=SYSTEM, now=now),
        "reply": lambda: lifecycle.reply(case, "Den är lagad.", channel="email", by=by, now=now),
        "close": lambda: lifecycle.close(case, resolution="no_action", reason="Redan hel.", by=by, now=now),
        "reopen": lambda: lifecycle.reopen(case, reason="Fel stolpe.", by=by, now=now),
        "note": lambda: lifecycle.note(case, "Ringde entreprenören.", by=by, now=now),
        "correct": lambda: lifecycle.correct(case, {"name": f"Rut {case.version}"}, by=by, now=now),
        "prioritise": lambda: lifecycle.prioritise(case, to="high", by=by, now=now),
        "categorise": lambda: lifecycle.categorise(case, to="sb.vagar", by=by, now=now),
        "hear": lambda: lifecycle.hear(case, "Den är släckt igen.", by=RESIDENT, now=now),
        "not_solved": lambda: lifecycle.not_solved(case, "Den är fortfarande mörk.", by=RESIDENT, now=now),
        "unsend": lambda: lifecycle.unsend(case, said(message(case, "queued")), by=by, now=now),
        "publish": lambda: known_faults.publish(a_fault(case), LINE, by=by, now=now),
        "unpublish": lambda: known_faults.unpublish(already_known(case), by=by, now=now),
        "recall": lambda: lifecycle.recall(case, message(case, "queued"), reason="Fel bilaga.", by=by, now=now),
        "undelivered": lambda: lifecycle.undelivered(message(case, "failed"), now),
        "redirect": lambda: lifecycle.redirect(
            case, message(case, "failed"), channel="email", reason="Ny adress.", by=by, now=now
        ),
    }
    acts[verb]()


def a_fault(case: Case) -> Case:
    case.kind_code = "felanmalan"
    return case


def already_known(case: Case) -> Case:
    """A case of which residents are told, without an act."""
    db.session.add(KnownFault(case_id=case.id, title=LINE.title, place=LINE.place, since=LINE.since))
    db.session.flush()
    case.made_known = True
    return case


def on_leave(clerk: Staff) -> Absence:
    """A leave of the far past, so that no other act finds the clerk away."""
    day = date(2020, 1, 8)
    leave = Absence(staff_id=clerk.id, sort="leave", first_day=day, last_day=day, registered_at=clock.now())
    db.session.add(leave)
    db.session.flush()
    return leave


def department(code: str) -> Department:
    return db.session.get_one(Department, code)


def message(case: Case, status: str) -> Message:
    """A reply of the case by e-mail, put without an act."""
    author = db.session.scalars(sa.select(Staff.id)).first()
    entry = Entry(case_id=case.id, sort="reply", author_id=author, text="Den är lagad.", at=clock.now())
    db.session.add(entry)
    db.session.flush()
    announcements.reply(case, entry, channel="email", now=clock.now())
    put = db.session.scalars(sa.select(Message).where(Message.entry_id == entry.id)).one()
    put.status = status
    return put


def said(message: Message) -> Entry:
    return db.session.get_one(Entry, message.entry_id)


def events(case: Case) -> list[Event]:
    query = sa.select(Event).where(Event.subject == "case", Event.subject_id == case.id)
    return list(db.session.scalars(query.order_by(Event.id)))


def fresh(case: Case) -> Case:
    """The case as the database has it."""
    db.session.expire_all()
    return db.session.get_one(Case, case.id)


@pytest.fixture
def case_in(resident_case: Callable[..., Case], clerk: Staff) -> Callable[[str], Case]:
    """A case that has come to a status by legal acts."""

    def bring(status: str) -> Case:
        case = resident_case()
        with unit_of_work():
            for verb in TO_STATUS[status]:
                do(verb, case, clerk)
        assert case.status == status
        return case

    return bring


# What happens between two cases has tests of its own (test_merging, test_relating).
@pytest.mark.parametrize("verb", sorted(TRANSITIONS.keys() - BETWEEN_CASES.keys()))
def test_a_verb_moves_a_case_as_the_table_says_or_changes_nothing(
    verb: str, case_in: Callable[[str], Case], clerk: Staff
) -> None:
    for before in STATUSES:
        case = case_in(before)
        version, happened, said = case.version, len(events(case)), len(case.entries)
        if before in TRANSITIONS[verb]:
            with unit_of_work():
                do(verb, case, clerk)
            case, after = fresh(case), TRANSITIONS[verb][before]
            last = events(case)[-1]
            assert (case.status, case.version) == (after, version + 1), (verb, before)
            assert (last.verb, last.version, last.data["from"], last.data["to"]) == (verb, version + 1, before, after)
            assert last.actor == BY.get(verb, clerk.as_actor()).role
            assert len(events(case)) == happened + 1
        else:
            with pytest.raises(Illegal, match=verb), unit_of_work():
                do(verb, case, clerk)
            case = fresh(case)
            assert (case.status, case.version, len(events(case)), len(case.entries)) == (
                before,
                version,
                happened,
                said,
            ), (verb, before)


def test_only_what_the_status_allows_is_legal(case_in: Callable[[str], Case]) -> None:
    assert "reopen" not in lifecycle.legal(case_in("new"))
    about_messages = {"undelivered", "redirect", "unsend", "recall"}
    alone = lifecycle.legal(case_in("closed")) - BETWEEN_CASES.keys()
    assert alone == {"unpublish", "reopen", "note", "correct", "categorise", "hear", "not_solved", *about_messages}
    assert lifecycle.legal(case_in("waiting")) >= {"resume", "reply", "ask", "transfer"}


def test_the_table_names_statuses_only_and_every_status_can_be_left() -> None:
    assert {status for row in TRANSITIONS.values() for pair in row.items() for status in pair} == set(STATUSES)
    for status in STATUSES:
        assert any(row.get(status, status) != status for row in TRANSITIONS.values()), status


@pytest.mark.no_app
def test_a_cases_status_is_set_in_one_place_only() -> None:
    set_in: list[str] = []
    source = Path(caseflow.__file__).parent
    for path in source.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        for node in ast.walk(ast.parse(text)) if ".status" in text else ():
            targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
            flat = [one for target in targets for one in getattr(target, "elts", [target])]
            for target in flat:
                if isinstance(target, ast.Attribute) and target.attr == "status":
                    owner = getattr(target.value, "id", "?")
                    if owner != "message":
                        set_in.append(f"{path.relative_to(source)}: {owner}")
    assert set_in == ["cases/moving.py: case"]


# --- what each act leaves ---


def test_assigning_names_the_person_before_and_after(
    resident_case: Callable[..., Case], clerk: Staff, hire: Callable[..., Staff]
) -> None:
    case, colleague = resident_case(), hire("Ali Hassan", "caseworker", "sb")
    with unit_of_work():
        lifecycle.assign(case, to=clerk, by=clerk.as_actor(), now=clock.now())
        lifecycle.assign(case, to=colleague, by=clerk.as_actor(), now=clock.now())
        lifecycle.release(case, by=colleague.as_actor(), now=clock.now())
    told = [(event.data["assignee_before"], event.data["assignee"]) for event in events(case)[1:]]
    assert told == [(None, clerk.id), (clerk.id, colleague.id), (colleague.id, None)]
    assert fresh(case).assignee is None and case.status == "in_progress"


def test_a_transfer_makes_it_new_unassigned_and_without_category_and_keeps_the_promise(
    resident_case: Callable[..., Case], clerk: Staff
) -> None:
    case = resident_case(category="sb.belysning")
    due, promise = case.due_on, case.promise
    with unit_of_work():
        do("assign", case, clerk)
        do("transfer", case, clerk)
    case = fresh(case)
    assert (case.department_code, case.category_code, case.assignee_id, case.status) == ("kf", None, None, "new")
    assert (case.due_on, case.promise, case.routed) == (due, promise, {"by": "transfer"})
    last = events(case)[-1]
    assert (last.reason, last.data["department_before"], last.data["department"]) == ("Gäller badet.", "sb", "kf")


def test_who_asks_or_replies_to_a_case_that_nobody_has_takes_it(
    resident_case: Callable[..., Case], clerk: Staff, hire: Callable[..., Staff]
) -> None:
    colleague = hire("Ali Hassan", "caseworker", "sb")
    for verb in ("ask", "reply"):
        free, taken = resident_case(), resident_case()
        with unit_of_work():
            do(verb, free, clerk)
            lifecycle.assign(taken, to=colleague, by=colleague.as_actor(), now=clock.now())
            do(verb, taken, clerk)
        assert (fresh(free).assignee_id, fresh(taken).assignee_id) == (clerk.id, colleague.id)


def test_the_first_answer_counts_and_stays(resident_case: Callable[..., Case], clerk: Staff) -> None:
    case = resident_case()
    with unit_of_work():
        do("reply", case, clerk)
    first = fresh(case).answered_at
    with unit_of_work():
        do("hear", case, clerk)
        do("reply", case, clerk)
    assert fresh(case).answered_at == first
    assert first is not None and events(case)[-1].at > first


def test_a_reply_may_close_at_once_and_both_are_told(resident_case: Callable[..., Case], clerk: Staff) -> None:
    case, now = resident_case(), clock.now()
    with unit_of_work():
        lifecycle.reply(case, "Lagad.", channel="email", by=clerk.as_actor(), now=now, close_after=True)
    case = fresh(case)
    assert (case.status, case.resolution, case.closed_at, case.version) == ("closed", "answered", now, 3)
    assert [(event.verb, event.version) for event in events(case)] == [("receive", 1), ("reply", 2), ("close", 3)]


def test_closing_as_answered_needs_an_answer_and_another_ending_a_reason(
    resident_case: Callable[..., Case], clerk: Staff
) -> None:
    case, by, now = resident_case(), clerk.as_actor(), clock.now()
    for resolution, reason in (("answered", None), ("answered", "x"), ("no_action", None), ("referred", " \n")):
        with pytest.raises(Illegal), unit_of_work():
            lifecycle.close(case, resolution=resolution, reason=reason, by=by, now=now)
    assert (fresh(case).status, case.version) == ("new", 1)
    with unit_of_work():
        lifecycle.close(case, resolution="referred", reason="Trafikverket äger vägen.", by=by, now=now)
    assert (fresh(case).resolution, events(case)[-1].reason) == ("referred", "Trafikverket äger vägen.")


def test_reopening_forgets_the_ending_and_leaving_a_plan_forgets_its_day(
    case_in: Callable[[str], Case], clerk: Staff
) -> None:
    closed, planned = case_in("closed"), case_in("planned")
    assert closed.resolution and closed.closed_at and planned.planned_until == UNTIL
    with unit_of_work():
        do("reopen", closed, clerk)
        do("resume", planned, clerk)
    assert (fresh(closed).resolution, closed.closed_at, closed.status) == (None, None, "in_progress")
    assert fresh(planned).planned_until is None
    assert events(closed)[-1].reason == "Fel stolpe."


def test_a_plan_that_is_planned_again_has_the_new_day(case_in: Callable[[str], Case], clerk: Staff) -> None:
    case = case_in("planned")
    with unit_of_work():
        later = UNTIL + timedelta(days=7)
        lifecycle.park(case, until=later, reason="Kallt.", by=clerk.as_actor(), now=clock.now())
    assert fresh(case).planned_until == later
    assert events(case)[-1].data["until"] == later.isoformat()


def test_hearing_the_resident_takes_up_what_waited_and_keeps_what_is_new(case_in: Callable[[str], Case]) -> None:
    for before in STATUSES:
        case = case_in(before)
        with unit_of_work():
            entry = lifecycle.hear(case, "  Hej igen! ", by=RESIDENT, now=clock.now())
        assert fresh(case).status == ("new" if before == "new" else "in_progress"), before
        assert (entry.sort, entry.author_id, entry.text) == ("resident", None, "Hej igen!")
        assert events(case)[-1].data["entry"] == entry.id


def test_correcting_tells_the_fields_and_not_what_stands_in_them(
    resident_case: Callable[..., Case], clerk: Staff
) -> None:
    case, by = resident_case(), clerk.as_actor()
    with unit_of_work():
        lifecycle.correct(case, {"email": "ny@example.org", "name": case.name, "phone": None}, by=by, now=clock.now())
        lifecycle.correct(case, {"email": "ny@example.org"}, by=by, now=clock.now())
    last = events(fresh(case))[-1]
    assert (case.email, case.version, last.data["fields"]) == ("ny@example.org", 2, ["email"])
    assert "ny@example.org" not in str(last.data)


def test_an_undelivered_reply_gives_the_case_back_and_a_receipt_is_only_noted(
    resident_case: Callable[..., Case], clerk: Staff
) -> None:
    case = resident_case()
    receipt = case.messages[0]
    with unit_of_work():
        do("reply", case, clerk)
        do("close", case, clerk)
        receipt.status = "failed"
        lifecycle.undelivered(receipt, clock.now())
    assert (fresh(case).status, case.version) == ("closed", 3)
    assert events(case)[-1].verb == "receipt_undelivered"
    with unit_of_work():
        do("undelivered", case, clerk)
    last = events(fresh(case))[-1]
    assert (case.status, case.resolution, case.closed_at) == ("in_progress", None, None)
    assert (last.actor, last.data["channel"], last.data["outcome"]) == ("system", "email", "failed")


def test_a_question_that_did_not_arrive_is_not_waited_for(case_in: Callable[[str], Case], clerk: Staff) -> None:
    case = case_in("waiting")
    question = case.messages[-1]
    with unit_of_work():
        question.status = "failed"
        lifecycle.undelivered(question, clock.now())
    assert (fresh(case).status, case.assignee_id) == ("in_progress", clerk.id)


def test_the_database_itself_refuses_a_half_closed_case(resident_case: Callable[..., Case]) -> None:
    case = resident_case()
    for broken in (
        "status = 'closed'",
        "resolution = 'fixed'",
        "closed_at = now()",
        "status = 'planned'",
        "planned_until = now()",
        "status = 'answered'",
        "status = 'gone'",
        "reply_by = 'phone'",
        "reply_by = 'letter'",
        "email = NULL",
        "description = ' '",
        "code = 'SHORT'",
    ):
        with pytest.raises(sa.exc.IntegrityError), unit_of_work() as session:
            session.execute(sa.text(f'UPDATE "case" SET {broken} WHERE id = :id'), {"id": case.id})


def test_what_counts_as_open_is_what_still_needs_somebody() -> None:
    assert set(STATUSES) - set(OPEN) == {"answered", "closed"}
