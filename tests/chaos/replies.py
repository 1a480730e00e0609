"""The replies that wait, and what has become of each in the end."""

from __future__ import annotations

import uuid
from collections import Counter
from dataclasses import dataclass

import sqlalchemy as sa

from caseflow import ROOT, clock
from caseflow.accounts.models import Membership, Staff
from caseflow.audit import RESIDENT, Event
from caseflow.cases import configuration, lifecycle
from caseflow.cases.models import Case
from caseflow.database import db, unit_of_work
from caseflow.messages.models import Attempt, Message

IN_HAND = ("claimed", "calling")
UNFINISHED = ("queued", *IN_HAND)
BATCH = 50


def write(count: int) -> None:
    """So many cases, each answered by e-mail through the verbs that the staff's pages call."""
    with unit_of_work() as session:
        configuration.load(configuration.read(ROOT / "caseflow" / "demo" / "finspang.yaml"))
        clerk = Staff(email="karin.ek@example.org", name="Karin Ek", role="caseworker", password="-")
        session.add(clerk)
        session.flush()
        session.add(Membership(staff_id=clerk.id, department_code="sb"))
    for start in range(0, count, BATCH):
        with unit_of_work():
            for number in range(start, min(start + BATCH, count)):
                _answer(number, clerk)


def _answer(number: int, clerk: Staff) -> None:
    errand = lifecycle.Errand(
        kind="fraga",
        department="sb",
        description=f"Lampa {number} är släckt.",
        language="sv",
        reply_by="none",  # no receipt: the only mail of the case is its answer
        submission=uuid.uuid4().hex,
        name="Rut Åkesson",
        email=f"rut+{number}@example.org",
    )
    case = lifecycle.receive(errand, by=RESIDENT, now=clock.now())
    lifecycle.reply(case, f"Lampa {number} lagas.", channel="email", by=clerk.as_actor(), now=clock.now())


def count(*statuses: str) -> int:
    """How many messages are in one of these statuses now."""
    found = db.session.scalars(sa.select(sa.func.count(Message.id)).where(Message.status.in_(statuses))).one()
    db.session.rollback()
    return found


@dataclass(frozen=True)
class Verdict:
    """What became of the replies. `accepted` is by the database, `mails` by the mail server."""

    replies: int
    mails: int
    accepted: int
    unknown: int
    unknown_sent: int
    not_listed: int
    unfinished: int
    failed: int
    lost: int
    twice: int
    twice_listed: int
    strange: int
    died_before_sending: int

    @property
    def broken(self) -> dict[str, int]:
        """The promises that were broken, with how often."""
        promises = ("lost", "twice", "unfinished", "failed", "not_listed", "strange")
        return {name: getattr(self, name) for name in promises if getattr(self, name)}


def judge(log: list[str]) -> Verdict:
    """Compare the outbox with the mail server's own log of accepted Message-IDs."""
    sent = Counter(log)
    rows = {str(header): status for header, status in db.session.execute(sa.select(Message.header_id, Message.status))}
    statuses = Counter(rows.values())
    twice = [header for header, times in sent.items() if times > 1]
    return Verdict(
        replies=len(rows),
        mails=len(log),
        accepted=statuses["accepted"],
        unknown=statuses["unknown"],
        unknown_sent=sum(status == "unknown" and header in sent for header, status in rows.items()),
        not_listed=_unknown_and_not_given_back(),
        unfinished=sum(statuses[status] for status in UNFINISHED),
        failed=statuses["failed"],
        lost=sum(status != "unknown" and header not in sent for header, status in rows.items()),
        twice=sum(rows.get(header) != "unknown" for header in twice),
        twice_listed=sum(rows.get(header) == "unknown" for header in twice),
        strange=len(sent.keys() - rows.keys()),
        died_before_sending=db.session.scalars(
            sa.select(sa.func.count()).select_from(Attempt).where(Attempt.outcome == "died")
        ).one(),
    )


def _unknown_and_not_given_back() -> int:
    """Messages that are `unknown` while their case is not back with its caseworker, with the event that says why."""
    told = sa.select(Event.id).where(
        Event.subject == "case", Event.subject_id == Case.id, Event.verb == "undelivered", Case.status == "in_progress"
    )
    silent = sa.select(sa.func.count(Message.id)).join(Case, Case.id == Message.case_id)
    return db.session.scalars(silent.where(Message.status == "unknown", ~told.exists())).one()
