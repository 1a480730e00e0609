"""The demo's past: twelve weeks of cases, and what lies on the desks today, acted out with the real verbs.

Seeded: at the same moment it is the same history. Nothing of it is ever sent, because its messages are marked as taken
over in the transaction that puts them.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import NamedTuple

import sqlalchemy as sa
from flask import current_app

from caseflow import clock
from caseflow.accounts.models import Staff
from caseflow.cases.models import Case
from caseflow.cases.municipality.configuration import Row
from caseflow.cases.post import letters
from caseflow.database import db
from caseflow.demo import acting
from caseflow.demo.composition import Composer, Errand
from caseflow.demo.office_hours import OfficeHours
from caseflow.demo.phrasebook import Phrasebook
from caseflow.demo.router import Router
from caseflow.demo.scenes import SCENES, Director, Scene
from caseflow.demo.stories import Act, Storyteller
from caseflow.demo.teams import teams
from caseflow.messages.channels import Accepted, letter
from caseflow.messages.models import Message
from caseflow.workdays import add_working_days

SEED = 635
PAST = timedelta(weeks=12)
# Plans reach as far.
FUTURE = timedelta(days=150)
# How many cases each department has in all: enough in the main ones for figures that say something.
CASES = {"sb": 36, "ftv": 11, "utb": 10, "mb": 7, "vo": 7, "ls": 5, "kf": 5, "ifo": 3, "vb": 3, "vet": 3}
# The last part of the weeks belongs to what is chosen for today.
PAST_UNTIL = 0.9
PRINTING = timedelta(minutes=25)
# What was sent a moment ago is taken over by now.
A_MOMENT = timedelta(minutes=1)


class Play(NamedTuple):
    """A case to act out: by which door it came, and who registered it."""

    errand: Errand
    acts: list[Act]
    source: str = "web"
    registered_by: int | None = None


def act_out(municipality: Row, now: datetime) -> int:
    """File and handle the demo's cases up to `now`, in the running unit of work; how many there are."""
    stage = Stage(municipality, now - A_MOMENT)
    plays = sorted([*stage.past(), *stage.today()], key=lambda play: play.errand.received)
    posted: dict[int, float] = {}
    for play in plays:
        submission = str(uuid.UUID(int=stage.random.getrandbits(128)))
        case = acting.file(play.errand, submission, source=play.source, registered_by=play.registered_by)
        acting.perform(case, [act for act in play.acts if act.verb != "post"])
        posted.update((case.id, act.at) for act in play.acts if act.verb == "post")
    _print(posted)
    return len(plays)


class Stage:
    """Casts the plays: what is told of the past, and what is directed for today."""

    def __init__(self, municipality: Row, now: datetime) -> None:
        self.random = Random(SEED)
        self._now, self._router = now, Router()
        self._composer = Composer(self.random, municipality, now - PAST, now)
        book, team, calendar = Phrasebook(self.random, municipality), teams(), self._router.calendar
        self._zone, self._is_working_day = calendar.zone, calendar.is_working_day
        office = OfficeHours(self._zone, self._is_working_day, (now - PAST).date(), (now + FUTURE).date())
        self._teller = Storyteller(self.random, book, office, team)
        self._director = Director(book, office, now.timestamp(), [code for code in team if team[code]])
        # Held as long as the stage, like the router's: the session forgets, and reads again, what nobody holds.
        self._staff = db.session.scalars(sa.select(Staff).where(Staff.demo)).all()
        self._clerks = {person.email.partition(".")[0]: person.id for person in self._staff}

    def past(self) -> Iterator[Play]:
        """The cases that nobody has chosen, evenly over the weeks in the rhythm of real life."""
        left = [code for code, count in CASES.items() for _ in range(count - sum(s.department == code for s in SCENES))]
        self.random.shuffle(left)
        for place, department in enumerate(left):
            at = self._composer.moment(PAST_UNTIL * (place + self.random.random()) / len(left))
            errand = self._errand(at, department)
            promised = self._router.promised_days(errand.kind)
            yield Play(errand, self._teller.tell(errand, promised, self._now), *self._teller.door(errand))

    def today(self) -> Iterator[Play]:
        """The chosen ones."""
        for scene in SCENES:
            asked = (scene.department, scene.kind, scene.reply_by, scene.category)
            errand = self._errand(self._arrival(scene), *asked)
            yield Play(errand, self._director.direct(scene, errand, self._clerks.get(scene.clerk, 0)))

    def _errand(
        self,
        at: datetime,
        department: str,
        kind: str | None = None,
        reply_by: str | None = None,
        category: str | None = None,
    ) -> Errand:
        """One of that moment that lands in the department, whatever the resident chose."""
        while True:
            errand = self._composer.errand(at)
            asked, found = (department, kind, reply_by, category), (errand.department, errand.kind, errand.reply_by)
            fits = all(wanted in (None, is_so) for wanted, is_so in zip(asked, (*found, errand.category), strict=True))
            if fits and self._router.route(errand).department_code == department:
                return errand

    def _arrival(self, scene: Scene) -> datetime:
        """When a case came in that is due so many working days from today; a little while ago when that cannot be."""
        part = self.random.random()
        if scene.due is None:
            return self._now - timedelta(hours=1 + 16 * part)
        due, today = self._working_day(scene.due), clock.today(self._now, self._zone)
        for days in range(60):
            begins = clock.midnight(today - timedelta(days=days), self._zone)
            at = begins + (timedelta(hours=8 + 7 * part) if days else (self._now - begins) * part)
            if self._router.due_on(scene.kind, at) == due:
                return at
        return self._now - timedelta(minutes=5 + 40 * part)

    def _working_day(self, distance: int) -> date:
        """So many working days from today; today is the next one when it is free."""
        day = add_working_days(clock.today(self._now, self._zone), max(distance, 0), self._is_working_day)
        for _ in range(-distance):
            day -= timedelta(days=1)
            while not self._is_working_day(day):
                day -= timedelta(days=1)
        return day


def _print(posted: dict[int, float]) -> None:
    """Draw the letters. Those that one person posted in a week went in one batch; `posted` says when, by case."""
    db.session.flush()
    batches: defaultdict[tuple[int, int], list[tuple[Message, float]]] = defaultdict(list)
    team = teams()
    query = sa.select(Message, Case.department_code).join(Case, Case.id == Message.case_id)
    for message, department in db.session.execute(
        query.where(Message.channel == "letter", Message.status == "accepted")
    ):
        outcome = letter.send(message, current_app.config)
        message.provider_ref = outcome.reference if isinstance(outcome, Accepted) else None
        if (at := posted.get(message.case_id or 0)) is not None:
            week = datetime.fromtimestamp(at, UTC).isocalendar().week
            batches[team[department][0], week].append((message, at))
    for (person, _), pile in sorted(batches.items(), key=lambda batch: batch[1][-1][0].id):
        together, times = zip(*pile, strict=True)
        _post(db.session.get_one(Staff, person), together, max(times))


def _post(person: Staff, together: Sequence[Message], at: float) -> None:
    now, ids = datetime.fromtimestamp(at, UTC), [message.id for message in together]
    for batch in letters.make_batches(person, ids, config=current_app.config, now=now - PRINTING):
        letters.post(batch, by=person.as_actor(), now=now)
