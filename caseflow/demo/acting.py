"""Acts a story out with the real verbs, at its past times. Its messages are taken over at once: nothing is sent."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta

import sqlalchemy as sa

from caseflow import clock
from caseflow.accounts.models import Staff
from caseflow.audit import RESIDENT, Actor
from caseflow.cases import lifecycle
from caseflow.cases.faults import known_faults
from caseflow.cases.models import Case, Department
from caseflow.cases.municipality import directory
from caseflow.cases.telephone import calls
from caseflow.database import db
from caseflow.demo.composition import Errand
from caseflow.demo.outgoing import BOUNCE, SECONDS_IN_THE_OUTBOX, TAKEN_OVER_BY
from caseflow.demo.stories import Act
from caseflow.messages import fate
from caseflow.messages.models import Attempt, Message


def file(errand: Errand, submission: str, *, registered_by: int | None = None, source: str = "web") -> Case:
    """Receive the errand, in the running unit of work."""
    given = {name: value or None for name, value in asdict(errand).items() if name not in ("received", "where", "text")}
    facts = given | {"description": errand.text, "submission": submission, "source": source}
    by = RESIDENT if registered_by is None else Actor("staff", registered_by)
    case = lifecycle.receive(lifecycle.Errand(**facts), by=by, now=errand.received)  # type: ignore[arg-type]
    _take_over(case, errand.received)
    return case


def perform(case: Case, story: Iterable[Act]) -> None:
    """Do all the acts of a story to its case, in the running unit of work. Raises `Illegal`."""
    for act in story:
        now = datetime.fromtimestamp(act.at, UTC)
        by = RESIDENT if act.by is None else Actor("staff", act.by)
        _act(case, act, by, now)
        _take_over(case, now)


def _act(case: Case, act: Act, by: Actor, now: datetime) -> None:
    to, text, reason = str(act.to), act.text or "", act.reason or ""
    match act.verb:
        case "assign":
            lifecycle.assign(case, to=db.session.get_one(Staff, act.to), by=by, now=now)
        case "transfer":
            lifecycle.transfer(case, to=db.session.get_one(Department, to), reason=reason, by=by, now=now)
        case "ask":
            lifecycle.ask(case, text, channel=to, by=by, now=now)
        case "park":
            lifecycle.park(case, until=date.fromisoformat(to), reason=reason, by=by, now=now)
        case "resume":
            lifecycle.resume(case, by=by, now=now)
        case "publish":
            since = clock.today(case.received_at, directory.known().zone)
            known_faults.publish(case, known_faults.Line(text, to, since), by=by, now=now)
        case "reply":
            lifecycle.reply(case, text, channel=to, by=by, now=now, reason=act.reason)
        case "close":
            lifecycle.close(case, resolution=to, reason=act.reason, by=by, now=now)
        case "reopen":
            lifecycle.reopen(case, reason=reason, by=by, now=now)
        case "note":
            lifecycle.note(case, text, by=by, now=now)
        case "hear":
            lifecycle.hear(case, text, by=by, now=now)
        case _:
            _to_message(case, act, by, now)


def _to_message(case: Case, act: Act, by: Actor, now: datetime) -> None:
    """What befalls the last message that somebody wrote in the case."""
    written = sa.select(Message).where(Message.case_id == case.id, Message.purpose != "notice")
    message = db.session.scalars(written.order_by(Message.id.desc()).limit(1)).one()
    match act.verb:
        case "redirect":
            lifecycle.redirect(case, message, channel=str(act.to), reason=act.reason or "", by=by, now=now)
        case "call":
            card = calls.Card(message, case, ())
            calls.log_call(card, str(act.to), note=act.text, by=by, now=now, submission=None)
        case "post":
            fate.arrived(message, now=now)
        case "bounce":
            _bounce(message, now)
        case unknown:
            raise ValueError(f"nobody knows how to {unknown}")


def _bounce(message: Message, now: datetime) -> None:
    message.status, message.error, message.provider_ref, message.accepted_at = "failed", BOUNCE, None, None
    attempt = db.session.get_one(Attempt, (message.id, 1))
    attempt.ended_at, attempt.outcome, attempt.detail = now, "rejected", BOUNCE
    lifecycle.undelivered(message, now)


def _take_over(case: Case, at: datetime) -> None:
    """The case's queued messages went out then, in one attempt each."""
    queued = sa.select(Message).where(Message.case_id == case.id, Message.status == "queued")
    for message in db.session.scalars(queued):
        done = at + timedelta(seconds=SECONDS_IN_THE_OUTBOX)
        message.status, message.attempts, message.accepted_at = "accepted", 1, done
        message.provider_ref = TAKEN_OVER_BY[message.channel]
        db.session.add(
            Attempt(message_id=message.id, number=1, started_at=at, ended_at=done, outcome="accepted", detail=None)
        )
