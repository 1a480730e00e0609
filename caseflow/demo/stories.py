"""What becomes of demo errands: each a story of acts in office hours, told to its end and cut at the present.

Pure and seeded. The shares are guesses that give the statistics something to show: about one case in eight is answered
late, and hardly any is forgotten.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from random import Random
from typing import NamedTuple

from caseflow.demo.chance import Wheel, pick
from caseflow.demo.composition import Errand
from caseflow.demo.office_hours import OfficeHours
from caseflow.demo.phrasebook import FollowUp, Phrasebook

# An answer takes this part of the promised time: the median and the spread of a log-normal distribution.
PACE, SPREAD = 0.45, 0.7
FORGOTTEN, MOVED, NOTED, GIVEN_BY_ANOTHER, NUDGED = 0.002, 0.04, 0.25, 0.15, 0.3
ASKED, PLANNED, NO_ANSWER_NEEDED, ANOTHER_WAY = 0.08, 0.05, 0.08, 0.02
READ_ON_OWN_PAGE = 0.5  # of those who want no reply; the others' cases are closed with a reason
CLOSED_AT_ONCE, THANKED, NOT_SATISFIED, REOPENED = 0.7, 0.03, 0.03, 0.007
NOT_AT_HOME, BOUNCED, WRONG_NUMBER, SILENT = 0.25, 0.008, 0.01, 0.2
# Of what comes in while the office is open, this part is told to somebody who registers it.
REGISTERED, DOORS = 0.18, {"phone": 6, "desk": 2, "letter": 1, "email": 3}
# In working days, but for the last one.
SLOW, LONGEST_PLAN, WAIT_FOR_AN_ANSWER, ANSWERED_STAYS_OPEN = 8, 35, 12, 8
A_DAY = 24 * 3600.0


class Act(NamedTuple):
    """One act at a POSIX time: a verb of the lifecycle, or what befell a message (`call`, `post`, `bounce`).

    `by` is a member of staff, None the resident or the world. `text` is what is said; `reason` what an act gives as
    its reason. `to` is, by verb, the channel (ask, reply, redirect), department (transfer), ISO date (park),
    resolution (close), outcome (call), assignee (assign) or place (publish).
    """

    at: float
    verb: str
    by: int | None
    text: str | None = None
    to: str | int = ""
    reason: str | None = None


@dataclass(slots=True)
class Story:
    """A story while it is told: `at` is how far it has come, `pace` how many working days an answer takes here."""

    errand: Errand
    clerk: int
    at: float
    pace: float
    acts: list[Act] = field(default_factory=list)

    def add(self, verb: str, text: str | None = None, to: str | int = "", reason: str | None = None) -> None:
        """The clerk acts."""
        self.acts.append(Act(self.at, verb, self.clerk, text, to, reason))

    def befalls(self, verb: str, text: str | None = None, after: float = 0.0) -> None:
        """The resident or the world acts, some seconds later."""
        self.at += after
        self.acts.append(Act(self.at, verb, None, text))


class Storyteller:
    """`teams` are the ids of those who handle cases, by department; a department without any leaves its cases new."""

    def __init__(
        self, random: Random, phrasebook: Phrasebook, office: OfficeHours, teams: Mapping[str, Sequence[int]]
    ) -> None:
        self._random, self._rnd = random, random.random
        self._book, self._office, self._teams = phrasebook, office, teams
        self._doors = Wheel(DOORS.items())
        self._staffed = [department for department, team in teams.items() if team]

    def door(self, errand: Errand) -> tuple[str, int | None]:
        """By which door it comes in, and who registers it; the web form needs nobody and is always open."""
        team = self._teams.get(errand.department)
        if not team or self._rnd() >= REGISTERED or not self._office.is_open(errand.received.timestamp()):
            return "web", None
        return self._doors.at(self._rnd()), pick(self._rnd, team)

    def tell(self, errand: Errand, promised: float, now: datetime) -> list[Act]:
        """All that has happened up to `now`; an answer is promised within so many working days."""
        team = self._teams.get(errand.department)
        if not team or self._rnd() < FORGOTTEN:
            return []
        pace = promised * PACE * self._random.lognormvariate(0, SPREAD)
        story = Story(errand, pick(self._rnd, team), errand.received.timestamp(), pace)
        self._begin(story, team)
        if self._detour(story):
            self._end(story)
        until = now.timestamp()
        return [act for act in story.acts if act.at <= until]

    def _wait(self, story: Story, days: float) -> None:
        """Working days pass."""
        story.at = self._office.later(story.at, days)

    def _begin(self, story: Story, team: Sequence[int]) -> None:
        """Somebody takes it, or is given it; some cases turn out to be another department's."""
        self._wait(story, story.pace * self._rnd() * 0.5)
        self._assign(story, team)
        if self._rnd() < MOVED:
            self._move(story)
        if self._rnd() < NOTED:
            self._wait(story, story.pace * 0.1)
            story.add("note", self._book.note())
        if story.pace > SLOW and self._rnd() < NUDGED:
            story.befalls("hear", self._book.follow_up(story.errand, "waiting"), after=1.3 * A_DAY)

    def _assign(self, story: Story, team: Sequence[int]) -> None:
        by = pick(self._rnd, team) if self._rnd() < GIVEN_BY_ANOTHER else story.clerk
        story.acts.append(Act(story.at, "assign", by, to=story.clerk))

    def _move(self, story: Story) -> None:
        move = self._book.transfer(story.errand.department, self._staffed)
        if move is None:
            return
        self._wait(story, 0.1)
        story.add("transfer", to=move.to, reason=move.text)
        story.errand = replace(story.errand, department=move.to, category="")
        story.clerk = pick(self._rnd, self._teams[move.to])
        self._wait(story, self._rnd())
        self._assign(story, self._teams[move.to])

    def _detour(self, story: Story) -> bool:
        """A question or a plan on the way; False when that was the end."""
        self._wait(story, story.pace * 0.4)
        errand = story.errand
        if errand.kind == "berom":
            return True
        if errand.reply_by != "none" and self._rnd() < ASKED:
            return self._ask(story)
        if self._rnd() < PLANNED:
            until = self._office.working_day(story.at, 5 + int(self._rnd() * (LONGEST_PLAN - 5)))
            story.add("park", to=until.isoformat(), reason=self._book.plan(errand))
            story.at = self._office.open_at(until)
            self._wait(story, self._rnd() * 0.2)
            story.add("resume")
        return True

    def _ask(self, story: Story) -> bool:
        errand = story.errand
        story.add("ask", self._book.question(errand, _moment(story.at)), errand.reply_by)
        if errand.reply_by == "phone":
            self._call(story, said=self._book.follow_up(errand, "asked"))
            return True
        self._bring(story, errand.reply_by)
        if self._rnd() < SILENT:
            self._wait(story, WAIT_FOR_AN_ANSWER)
            story.add("close", to="unreachable", reason=self._book.unreachable(errand))
            return False
        story.befalls("hear", self._book.follow_up(errand, "asked"), after=self._random.expovariate(1 / (2 * A_DAY)))
        self._wait(story, 0.2)
        return True

    def _end(self, story: Story) -> None:
        """An answer, or a reason why there is none; now and then that is not the last word."""
        self._wait(story, story.pace * 0.4)
        wordless = 1 - READ_ON_OWN_PAGE if story.errand.reply_by == "none" else NO_ANSWER_NEEDED
        if story.errand.kind != "berom" and self._rnd() < wordless:
            resolution, reason = self._book.closing(story.errand)
            story.add("close", to=resolution, reason=reason)
            return
        if not self._reply(story) or story.errand.reply_by == "none":
            return
        point = self._rnd()
        if point < THANKED:
            self._come_back(story, "thanks")
            story.add("close", to="answered")
        elif point < THANKED + NOT_SATISFIED:
            self._come_back(story, "unsatisfied")
            self._reply(story)
        elif point < THANKED + NOT_SATISFIED + REOPENED:
            self._wait(story, 1 + 5 * self._rnd())
            story.add("reopen", reason=self._book.reopening())
            self._wait(story, 0.2)
            self._reply(story)

    def _come_back(self, story: Story, sort: FollowUp) -> None:
        """The resident writes about the answer; the clerk looks at it a while later."""
        story.befalls("hear", self._book.follow_up(story.errand, sort), after=self._random.expovariate(1 / A_DAY) + 600)
        self._wait(story, 0.2 + self._rnd())

    def _reply(self, story: Story) -> bool:
        """The answer, brought there, and the case closed then or later; False when it did not arrive."""
        errand, channel, reason = story.errand, story.errand.reply_by, None
        if channel != "none" and self._rnd() < ANOTHER_WAY and (other := _other_way(errand, channel)):
            channel, reason = other, self._book.redirection()
        story.add("reply", self._book.answer(errand, _moment(story.at)), channel, reason)
        closed = self._rnd() < CLOSED_AT_ONCE
        if closed:
            story.add("close", to="answered")
        if not self._bring(story, channel, for_sure=False):
            self._mend(story, channel)
            return False
        if not closed:
            self._wait(story, ANSWERED_STAYS_OPEN)
            story.add("close", to="answered")
        return True

    def _bring(self, story: Story, channel: str, *, for_sure: bool = True) -> bool:
        """The message reaches the resident; False when it does not, and the case comes back to its clerk."""
        if channel == "phone":
            return self._call(story, for_sure=for_sure)
        if channel == "letter":
            self._wait(story, 0.3 + 0.7 * self._rnd())
            story.add("post")
        elif channel == "email" and not for_sure and self._rnd() < BOUNCED:
            story.befalls("bounce", after=4)
            return False
        return True

    def _call(self, story: Story, *, said: str | None = None, for_sure: bool = True) -> bool:
        self._wait(story, 0.05 + 0.4 * self._rnd())
        if self._rnd() < NOT_AT_HOME:
            story.add("call", to="no_answer")
            self._wait(story, 0.4 + self._rnd())
        reached = for_sure or self._rnd() >= WRONG_NUMBER
        story.add("call", said, "reached" if reached else "wrong_number")
        return reached

    def _mend(self, story: Story, failed: str) -> None:
        """What did not arrive goes another way, where there is one."""
        self._wait(story, 0.1 + 0.5 * self._rnd())
        other = _other_way(story.errand, failed)
        if other is None:
            story.add("close", to="unreachable", reason=self._book.unreachable(story.errand))
            return
        story.add("redirect", to=other, reason=self._book.redirection(failed))
        self._bring(story, other)
        story.add("close", to="answered")


def _other_way(errand: Errand, channel: str) -> str | None:
    """Another channel that the resident has given what it needs for."""
    ways = {"phone": errand.phone, "letter": errand.street and errand.name, "email": errand.email}
    return next((way for way, given in ways.items() if given and way != channel), None)


def _moment(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC)
