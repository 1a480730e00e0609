"""A few dozen lively demo cases: a seeded past, acted out with the real verbs at past times."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from random import Random

import sqlalchemy as sa

from caseflow import clock
from caseflow.accounts.models import Membership, Staff
from caseflow.audit import RESIDENT
from caseflow.cases import lifecycle
from caseflow.cases.configuration import Row
from caseflow.cases.models import Case, Department
from caseflow.database import db
from caseflow.demo.composition import Composer, Errand
from caseflow.messages.models import Message

WEEKS = 12
CASES = 90
SEED = 562
# What has become of a case that is older than a day; the rest is answered and closed.
FATES = (
    ("untouched", 0.10),
    ("taken", 0.24),
    ("waiting", 0.31),
    ("planned", 0.37),
    ("answered", 0.45),
    ("ended", 0.53),
)


def act_out(municipality: Row, now: datetime, *, cases: int = CASES) -> int:
    """File and handle `cases` errands of the last twelve weeks, in the running unit of work."""
    rng = Random(SEED)
    composer = Composer(rng, municipality, now - timedelta(weeks=WEEKS), now)
    errands = sorted((composer.errand() for _ in range(cases)), key=lambda errand: errand.received)
    for errand in errands:
        case = lifecycle.receive(_filed(errand, rng), by=RESIDENT, now=errand.received)
        people = _caseworkers(case.department_code)
        if people:
            _live(case, errand, composer, rng, people, now)
    _already_sent(now)
    return len(errands)


def _filed(errand: Errand, rng: Random) -> lifecycle.Errand:
    facts = asdict(errand)
    for field in ("received", "where"):
        del facts[field]
    facts["description"] = facts.pop("text")
    given = {field: value or None for field, value in facts.items()}
    return lifecycle.Errand(**given, submission=str(uuid.UUID(int=rng.getrandbits(128))))  # type: ignore[arg-type]


def _caseworkers(department: str) -> Sequence[Staff]:
    query = sa.select(Staff).join(Membership, Membership.staff_id == Staff.id).where(Staff.role == "caseworker")
    return db.session.scalars(query.where(Membership.department_code == department).order_by(Staff.id)).all()


def _live(case: Case, errand: Errand, composer: Composer, rng: Random, people: Sequence[Staff], now: datetime) -> None:
    """What a caseworker did with the case between its arrival and now."""
    age = now - case.received_at
    if age < timedelta(days=1.5) and rng.random() < 0.7:
        return
    fate = _fate(case, age, rng)
    if fate == "untouched":
        return
    person = rng.choice(people)
    by, at = person.as_actor(), _later(case.received_at, rng, now)
    lifecycle.assign(case, to=person, by=by, now=at)
    if rng.random() < 0.3:
        lifecycle.note(case, composer.note(), by=by, now=_later(at, rng, now))
    if rng.random() < 0.06:
        _transfer(case, composer, rng, by_staff=person, at=_later(at, rng, now))
        return
    at = _later(at, rng, now)
    channel = case.reply_by
    if fate == "waiting":
        lifecycle.ask(case, composer.question(errand, at), channel=channel, by=by, now=at)
    elif fate == "planned":
        until = clock.today(now) + timedelta(days=rng.randint(3, 40))
        lifecycle.park(case, until=until, reason=composer.closing(case.language).text, by=by, now=at)
    elif fate == "ended":
        closing = composer.closing(case.language)
        lifecycle.close(case, resolution=closing.resolution, reason=closing.text, by=by, now=at)
    elif fate in ("answered", "closed"):
        text = composer.answer(errand, at)
        lifecycle.reply(case, text, channel=channel, by=by, now=at, close_after=fate == "closed")
        if rng.random() < 0.12 and case.kind_code != "berom":
            lifecycle.hear(case, composer.follow_up(errand, answered=True), by=RESIDENT, now=_later(at, rng, now))


def _fate(case: Case, age: timedelta, rng: Random) -> str:
    """Old cases are nearly all done; a few are late."""
    if age > timedelta(days=21) and rng.random() < 0.9:
        return "ended" if rng.random() < 0.12 else "closed"
    point = rng.random()
    fate = next((fate for fate, limit in FATES if point < limit), "closed")
    return "taken" if fate == "waiting" and case.reply_by == "none" else fate


def _transfer(case: Case, composer: Composer, rng: Random, *, by_staff: Staff, at: datetime) -> None:
    query = sa.select(Department).where(Department.code != case.department_code, ~Department.secret, ~Department.triage)
    target = rng.choice(db.session.scalars(query.order_by(Department.position)).all())
    lifecycle.transfer(case, to=target, reason=composer.transfer_reason(), by=by_staff.as_actor(), now=at)


def _later(at: datetime, rng: Random, now: datetime) -> datetime:
    """Some office hours later, and never in the future."""
    later = at + timedelta(hours=rng.expovariate(1 / 20) + 0.2)
    local = clock.local(later)
    if local.hour < 8 or local.hour >= 17:
        local = local.replace(hour=8, minute=rng.randint(0, 59)) + timedelta(days=local.hour >= 17)
    while local.weekday() > 4:
        local += timedelta(days=1)
    return min(local.astimezone(at.tzinfo), now - timedelta(minutes=rng.randint(1, 50)))


def _already_sent(now: datetime) -> None:
    """The past's messages are not sent again: mails went out then; the last calls and letters still wait."""
    db.session.flush()
    sent = sa.update(Message).where(Message.status == "queued").execution_options(synchronize_session="fetch")
    db.session.execute(sent.values(status="accepted", accepted_at=Message.created_at, provider_ref="demo"))
    done = (
        sa.update(Message)
        .where(Message.channel.in_(("phone", "letter")), Message.created_at < now - timedelta(days=10))
        .execution_options(synchronize_session="fetch")
    )
    db.session.execute(done.values(status="delivered", delivered_at=Message.created_at + timedelta(days=1)))
