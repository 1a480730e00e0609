"""What has become of each reply: the outbox's word against the providers' own logs."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime

import sqlalchemy as sa

from caseflow.audit import Event
from caseflow.cases.models import Case
from caseflow.database import db
from caseflow.messages.channels import letter
from caseflow.messages.models import MAX_ATTEMPTS, TROUBLE, Attempt, Message
from tests.chaos import replies
from tests.chaos.fates import REFUSED, fate
from tests.chaos.havoc import EVERYBODY, VICTIMS, WORKERS, Blow
from tests.chaos.house import House

DONE = ("accepted", "delivered")
# The state of a row says what the provider may have: in which one a kill at each point leaves it.
LEFT = {"claimed": "claimed", "calling": "calling", "taken": "calling", "answered": "calling", "recorded": "accepted"}
# What becomes of it then. Which channel's reply comes to a gate in the database is chance; one by phone waits again.
MAY_END = {
    "claimed": {"sent", "failed", "unknown, sent"},
    "calling": {"unknown, not sent"},
    "taken": {"unknown, sent"},
    "answered": {"sent", "unknown, sent"},
    "recorded": {"sent"},
}


@dataclass
class Verdict:
    """`figures` are only counted; `broken` are the promises that were not kept, with how often."""

    figures: dict[str, int] = field(default_factory=dict)
    broken: dict[str, int] = field(default_factory=dict)
    ends: dict[int, str] = field(default_factory=dict)

    def promise(self, name: str, times: int) -> None:
        """Something that must never happen, and how often it did."""
        self.figures[name] = times
        if times:
            self.broken[name] = times


class Judge:
    """Reads everything once, at the end."""

    def __init__(self, house: House, seed: int, written: set[int], poison: set[int], undone: set[int]) -> None:
        self._house, self._seed = house, seed
        self._written, self._poison, self._undone = written, poison, undone
        self._rows = {row.id: row for row in db.session.scalars(sa.select(Message))}
        self._mails: dict[str, list[float]] = {}
        for at, header in house.sink.accepted():
            self._mails.setdefault(header, []).append(at)
        self._sms = Counter(house.sms())

    def judge(self) -> Verdict:
        verdict = Verdict(ends={id: self._end(row) for id, row in self._rows.items()})
        self._count(verdict.figures)
        rows = self._rows.values()
        verdict.promise("lost", len(self._written - self._rows.keys()) + sum(map(self._is_lost, rows)))
        twice = [row for row in rows if self._times(row) > 1]
        verdict.promise("sent twice", sum(row.status != "unknown" for row in twice))
        verdict.figures["sent twice, but listed as unknown"] = sum(row.status == "unknown" for row in twice)
        verdict.promise("still under way", sum(row.status in replies.UNFINISHED for row in rows))
        verdict.promise("failed for no reason", sum(map(self._failed_for_nothing, rows)))
        verdict.promise("in trouble and in no worklist", _not_given_back())
        headers = {row.header_id for row in rows}
        verdict.promise("sent by nobody", len(self._mails.keys() - headers))
        verdict.promise("sent before its time to undo was over", sum(map(self._too_early, rows)))
        verdict.promise("sent though it was undone", sum(map(self._sent_though_undone, self._undone)))
        verdict.promise("poison not given up", sum(not self._given_up(self._rows[id]) for id in self._poison))
        most, allowed = self._house.sink.most(), self._house.mails_at_once
        verdict.figures["mails in hand at once, at most"] = most
        verdict.promise(f"more of them than the {allowed} that are allowed", max(0, most - allowed))
        db.session.rollback()
        return verdict

    def weigh(self, blows: list[Blow], verdict: Verdict) -> None:
        """Whether each kill left the row as its point says, and the reply ended as that allows."""
        killed = [blow for blow in blows if blow.victim in VICTIMS]
        verdict.promise("left otherwise than where its worker died", sum(b.left != LEFT[b.point] for b in killed))
        ends = [(b.point, verdict.ends.get(b.message_id, "lost")) for b in blows if b.victim in (*WORKERS, EVERYBODY)]
        verdict.promise("ended otherwise than that allows", sum(end not in MAY_END[point] for point, end in ends))

    def delays(self, blows: list[Blow]) -> list[float]:
        """For each message that was in hand when a worker or its process died: seconds until it was taken up."""
        killed = [blow for blow in blows if blow.victim in WORKERS and blow.left in replies.IN_HAND]
        return [delay for blow in killed for delay in [self._delay(blow)] if delay is not None]

    def first_after(self, began: datetime) -> float:
        """Seconds from then until a first message was in hand: what a start takes on this machine."""
        return (db.session.scalars(sa.select(sa.func.min(Attempt.started_at))).one() - began).total_seconds()

    def _delay(self, blow: Blow) -> float | None:
        at = datetime.fromtimestamp(blow.at, UTC)
        during = (Attempt.message_id == blow.message_id, Attempt.started_at <= at, Attempt.ended_at >= at)
        ended = replies.asked(lambda: db.session.scalar(sa.select(Attempt.ended_at).where(*during)))
        return (ended - at).total_seconds() if ended else None

    def _count(self, figures: dict[str, int]) -> None:
        rows = self._rows.values()
        statuses, channels = Counter(row.status for row in rows), Counter(row.channel for row in rows)
        figures["replies"] = len(self._written)
        for channel, number in sorted(channels.items()):
            figures[f"… by {channel}"] = number
        figures["accepted"] = sum(statuses[status] for status in DONE)
        figures["failed, as the provider wants it"] = statuses["failed"] - len(self._poison)
        figures["taken back"] = statuses["cancelled"]
        figures["unknown, listed for a person"] = statuses["unknown"]
        unknown = [row for row in rows if row.status == "unknown"]
        figures["… of these the provider has"] = sum(self._times(row) > 0 for row in unknown)
        for outcome, name in (("died", "claims taken up after a death"), ("absent", "calls made anew after a death")):
            query = sa.select(sa.func.count()).select_from(Attempt).where(Attempt.outcome == outcome)
            figures[name] = db.session.scalars(query).one()

    def _times(self, row: Message) -> int:
        """How often the provider has it. Calls and letters are ours until a person takes them: once, or not."""
        match row.channel:
            case "email":
                return len(self._mails.get(str(row.header_id), ()))
            case "sms":
                return self._sms[str(row.recipient["phone"])]
            case "letter":
                return int(row.status in DONE and letter.path_of(row.id, {"DATA": self._house.folder}).exists())
        return int(row.status in DONE)

    def _is_lost(self, row: Message) -> bool:
        """Said to be sent, and nobody has it; or taken back, and nobody asked for that."""
        gone = row.status == "cancelled" and row.id not in self._undone
        return gone or (row.status in DONE and self._times(row) == 0)

    def _failed_for_nothing(self, row: Message) -> bool:
        if row.status not in TROUBLE or row.status == "unknown" or row.id in self._poison:
            return False
        return row.channel != "email" or fate(self._seed, str(row.recipient["email"])) not in REFUSED

    def _too_early(self, row: Message) -> bool:
        if row.hold_until is None:
            return False
        return any(datetime.fromtimestamp(at, UTC) < row.hold_until for at in self._mails.get(str(row.header_id), ()))

    def _sent_though_undone(self, message_id: int) -> bool:
        row = self._rows[message_id]
        return row.status != "cancelled" or self._times(row) > 0

    def _given_up(self, row: Message) -> bool:
        return (row.status, row.attempts) == ("failed", MAX_ATTEMPTS)

    def _end(self, row: Message) -> str:
        """For the table of kills: in one word, and whether the provider has it."""
        if row.status in DONE:
            return "sent"
        if row.status == "unknown":
            return "unknown, sent" if self._times(row) else "unknown, not sent"
        return row.status


def _not_given_back() -> int:
    """Messages in trouble while their case is not back with its caseworker, with the event that says why."""
    told = sa.select(Event.id).where(
        Event.subject == "case", Event.subject_id == Case.id, Event.verb == "undelivered", Case.status == "in_progress"
    )
    silent = sa.select(sa.func.count(Message.id)).join(Case, Case.id == Message.case_id)
    return db.session.scalars(silent.where(Message.status.in_(TROUBLE), ~told.exists())).one()
