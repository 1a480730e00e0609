"""A wrong import taken back: its cases go again, as long as nothing has happened to them in this house.

They are copies: what they were made of is still in the old system. A case that somebody has acted on, or that anything
else refers to, is a record of its own, and stays. Events stay in any case, and one more for each case says who took it
back and why.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from caseflow.accounts.actors import Actor
from caseflow.audit import Event, record
from caseflow.cases.models import Case, Entry
from caseflow.database import Model, unit_of_work
from caseflow.importing.models import ImportedCase, ImportRun
from caseflow.importing.running import one_at_a_time

BATCH = 2_000
# What an import writes itself goes with the case.
ITS_OWN = ("case_lookup", "entry", "imported_case", "step")
# What the clock does by itself is nobody's work on the case.
BY_THE_CLOCK = ("wake", "escalate")
WHY = {
    "message": "something was sent about it",
    "attachment": "it has files",
    "incoming_mail": "a mail came in about it",
    "case_relation": "it belongs together with another case",
    "covered_case": "it was given to others while its caseworker was away",
    "draft": "somebody is writing in it",
    "following": "somebody follows it",
    "mention": "somebody was mentioned in it",
    "known_fault": "a known fault was made of it",
}


@dataclass(frozen=True)
class Taken:
    """An import as the list of them shows it; `cases` are those that are there still."""

    id: int
    source: str
    file_name: str
    begun_at: datetime
    finished_at: datetime | None
    cases: int


@dataclass(frozen=True)
class Left:
    """A case that stays, and why."""

    number: str
    reference: str
    why: str


@dataclass
class Outcome:
    """How far it is: of the cases looked at, those that are gone (or could be) and those that stay."""

    gone: int = 0
    left: list[Left] = field(default_factory=list)

    @property
    def seen(self) -> int:
        return self.gone + len(self.left)


@dataclass
class TakingBack:
    """Of one import."""

    run: Taken
    outcome: Outcome = field(default_factory=Outcome)
    batch: int = BATCH

    def look(self) -> Iterator[Outcome]:
        """What would go and what would stay; nothing is changed."""
        self.outcome, after = Outcome(), 0
        while True:
            with unit_of_work() as session:
                found = self._next(session, after, lock=False)
            if not found:
                return
            after = found[-1]
            yield self.outcome

    def act(self, *, by: Actor, now: datetime, reason: str) -> Iterator[Outcome]:
        """Batch after batch, each kept as soon as it is done; stopped and begun again, it goes on."""
        self.outcome, after = Outcome(), 0
        while True:
            with unit_of_work() as session:
                one_at_a_time(session, self.run.source)
                before = len(self.outcome.left)
                found = self._next(session, after, lock=True)
                stay = {one.number for one in self.outcome.left[before:]}
                self._remove(session, found, stay, by=by, now=now, reason=reason)
                if not found:
                    self._finish(session, by=by, now=now, reason=reason)
                    return
            after = found[-1]
            yield self.outcome

    def _next(self, session: Session, after: int, *, lock: bool) -> list[int]:
        """The next cases; told in `outcome`. They are locked before anybody looks whether something has happened."""
        mine = sa.select(Case.id).join(ImportedCase, ImportedCase.case_id == Case.id)
        mine = mine.where(ImportedCase.run_id == self.run.id, Case.id > after).order_by(Case.id).limit(self.batch)
        ids = list(session.scalars(mine.with_for_update(of=Case) if lock else mine))
        left = [Left(*row) for row in session.execute(_touched(ids, self.run.begun_at))] if ids else []
        self.outcome.left += left
        self.outcome.gone += len(ids) - len(left)
        return ids

    def _remove(
        self, session: Session, ids: Sequence[int], stay: set[str], *, by: Actor, now: datetime, reason: str
    ) -> None:
        going = sa.and_(_among(Case.id, ids), Case.number.not_in(stay))
        told = sa.func.jsonb_build_object(
            *("number", Case.number, "run", self.run.id),
            *("imported", ImportedCase.source, "reference", ImportedCase.reference),
        )
        who = (sa.literal(by.role), sa.literal(by.staff_id, sa.BigInteger), Case.version + 1, sa.literal(reason))
        about = (sa.literal(now), sa.literal("case"), Case.id, sa.literal("take_back"))
        events = sa.select(*about, *who, told).join(ImportedCase, ImportedCase.case_id == Case.id).where(going)
        columns = ("at", "subject", "subject_id", "verb", "actor", "staff_id", "version", "reason", "data")
        session.execute(sa.insert(Event).from_select(columns, events.order_by(Case.id)))
        session.execute(sa.delete(Entry).where(Entry.case_id == Case.id, going))
        session.execute(sa.delete(Case).where(going))

    def _finish(self, session: Session, *, by: Actor, now: datetime, reason: str) -> None:
        """Forgotten as a file when nothing is left of it: imported again, it is a new one."""
        facts: dict[str, Any] = {"file": self.run.file_name, "source": self.run.source}
        facts |= {"gone": self.outcome.gone, "left": len(self.outcome.left)}
        record("import", self.run.id, "take_back", by=by, at=now, reason=reason, **facts)
        kept = sa.exists().where(ImportedCase.run_id == ImportRun.id)
        session.execute(sa.delete(ImportRun).where(ImportRun.id == self.run.id, ~kept))


def imports(session: Session) -> list[Taken]:
    """The newest last."""
    cases = sa.select(sa.func.count()).where(ImportedCase.run_id == ImportRun.id).scalar_subquery()
    columns = (ImportRun.id, ImportRun.source, ImportRun.file_name, ImportRun.begun_at, ImportRun.finished_at, cases)
    return [Taken(*row) for row in session.execute(sa.select(*columns).order_by(ImportRun.id))]


def _touched(ids: Sequence[int], begun_at: datetime) -> sa.Select[tuple[str, str, str]]:
    """Which of the cases stay, and why. Whatever the import wrote lies before it began, and acts lie after."""
    here = (Event.subject == "case", Event.subject_id == Case.id, Event.at > begun_at)
    acts = sa.select(sa.func.concat("somebody acted on it (", Event.verb, ", ", _minute(Event.at), ")"))
    last = acts.where(*here, Event.verb.not_in(BY_THE_CLOCK)).order_by(Event.id.desc()).limit(1).scalar_subquery()
    other = [sa.case((refers, WHY.get(name, f"something refers to it: {name}"))) for name, refers in _referring()]
    why = sa.func.coalesce(last, *other).label("why")
    found = sa.select(Case.number, ImportedCase.reference, why).join(ImportedCase, ImportedCase.case_id == Case.id)
    told = found.where(_among(Case.id, ids)).order_by(Case.id).subquery()
    return sa.select(told.c.number, told.c.reference, told.c.why).where(told.c.why.is_not(None))


def _referring() -> Iterator[tuple[str, sa.ColumnElement[bool]]]:
    """All tables that can refer to a case, those that are made later too."""
    for table in Model.metadata.sorted_tables:
        if table.name in ITS_OWN:
            continue
        for key in table.foreign_keys:
            if key.column.table is Case.__table__:
                yield table.name, sa.exists(sa.select(sa.literal(1)).where(key.parent == Case.id).select_from(table))


def _minute(column: sa.SQLColumnExpression[datetime]) -> sa.ColumnElement[str]:
    return sa.func.to_char(sa.func.timezone("UTC", column), "YYYY-MM-DD HH24:MI")


def _among(column: sa.SQLColumnExpression[int], ids: Sequence[int]) -> sa.ColumnElement[bool]:
    return column == sa.any_(sa.literal(list(ids), sa.ARRAY(sa.BigInteger)))
