"""The facts of one case, told by its events from the first to the last. Pure, and the only place that says what counts.

A case's facts are always made anew from all of its events: whatever was undone, corrected or came late is then right,
and making them twice gives the same.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from caseflow.cases.models import OPEN, REPLY_BY, STATUSES
from caseflow.statistics.blocks import MOST

# What a fact is of, and what its two numbers are. Its day is the local day on which it happened.
RECEIVED = 1  # the local hour
MOVED_OUT, MOVED_IN = 2, 3  # to and from another department while the case was open
# Of the cases that want a reply, on the day they came in:
KEPT, LATE = 4, 5  # first answered by the promised day or later: after how many working days
WAITS = 6  # not answered, nor withdrawn in time: the promised day
ENDED = 7  # finished for the first time: transfers before, flags below
CALLED = 8  # a call to answer that was settled: with which try somebody was reached (0: not within two), tries
ANSWERED = 9  # an answer went out: its channel's place in REPLY_BY
STEP = 10  # and the 35 after it (`step`): whole hours in the status before
OPEN_NOW = 60  # + status: the promised day, the day from which its age is counted
# Flags of ENDED.
HAD_ANSWER, AT_FIRST, AGAIN = 1, 2, 4

HOUR, DAY = 3_600, 86_400
AGAIN_WITHIN = 30  # days
TRIES = 2
PLACE = {status: number for number, status in enumerate(STATUSES)}
IS_OPEN = [status in OPEN for status in STATUSES]
_CHANNELS = {channel: number for number, channel in enumerate(REPLY_BY)}


def step(before: int, after: int) -> int:
    """The measure of going from one status to another, both by their PLACE."""
    return STEP + len(STATUSES) * before + after


_STEPS = [(before, after) for before in range(len(STATUSES)) for after in range(len(STATUSES)) if before != after]
# The steps by which a case is finished, and by which it is taken up again.
ENDING = [step(before, after) for before, after in _STEPS if IS_OPEN[before] and not IS_OPEN[after]]
OPENING = [step(before, after) for before, after in _STEPS if not IS_OPEN[before] and IS_OPEN[after]]


def leaving(status: str) -> range:
    """The measures of all steps out of a status."""
    return range(step(PLACE[status], 0), step(PLACE[status] + 1, 0))


class Act(NamedTuple):
    """An event: `at` in microseconds, `local` in seconds of the municipality's wall since 2000, the rest its data."""

    at: int
    local: int
    verb: str
    after: str | None = None
    department: str | None = None
    channel: str | None = None
    outcome: str | None = None
    message: int | None = None


class About(NamedTuple):
    """The case as it is now; days are numbers, moments as in Act."""

    received: int
    received_local: int
    due: int
    department: str
    channel: str
    status: str
    resolution: str | None
    closed_day: int | None
    merged: bool


class Fact(NamedTuple):
    day: int
    measure: int
    value: int
    other: int
    department: str


@dataclass(frozen=True)
class Rules:
    """The municipality's days: when one ends (seconds after midnight), and how many working days there were by each.
    Whatever is counted under another name is to be counted anew."""

    day_ends: int
    worked: Callable[[int], int]
    name: str = ""

    def counts_from(self, local: int) -> int:
        """The day from which working days are counted."""
        return local // DAY + (local % DAY >= self.day_ends)

    def working_days(self, local: int, until: int) -> int:
        """Working days from a moment to a day; the day of arrival, or the first working day after it, is day 0."""
        return max(0, self.worked(until) - self.worked(self.counts_from(local) - 1) - 1)


@dataclass
class _Life:
    """Where a case is in its story."""

    department: str
    since: int
    place: int = 0  # of the status it is in
    answered_day: int | None = None
    answered_where: str = ""
    answered_by: str = ""
    answers: int = 0
    asked: bool = False
    transfers: int = 0
    at_due: str | None = None
    ended: tuple[int, int, str, int, int] | None = None
    again_at: int | None = None
    tries: dict[int | None, int] = field(default_factory=dict)


def facts_of(case: About, acts: Sequence[Act], undone: Collection[int], rules: Rules) -> tuple[list[Fact], str]:
    """All facts of a case but for its present one, and by which channel it was first answered ("" for none).

    `undone` are the moments of what was taken back before anybody saw it.
    """
    first = next((act.department for act in acts if act.verb == "receive"), None)
    life = _Life(first or case.department, case.received)
    day = case.received_local // DAY
    facts = [Fact(day, RECEIVED, case.received_local % DAY // HOUR, 0, life.department)]
    for act in acts:
        if act.verb == "receive" or act.at in undone:
            continue
        if life.at_due is None and act.local // DAY > case.due:
            life.at_due = life.department
        if act.verb == "call":
            _call(life, act, facts)
        else:
            _act(life, act, facts)
    if life.ended:
        facts.append(_ended(life))
    if case.channel != "none" and not case.merged:
        facts += _promise(case, life, day, rules)
    return facts, life.answered_by


def open_now(case: About, rules: Rules) -> Fact:
    """The fact of a case that is open now."""
    place = PLACE[case.status]
    day = case.received_local // DAY
    return Fact(day, OPEN_NOW + place, _fit(case.due), rules.counts_from(case.received_local), case.department)


def _act(life: _Life, act: Act, facts: list[Fact]) -> None:
    if act.verb == "reply":
        _answer(life, act, facts)
    elif act.verb == "ask":
        life.asked = True
    elif act.verb == "unmerge" and act.department:
        life.department = act.department  # it is taken up again where it was before
    moved = act.department if act.verb == "transfer" else None
    if moved and moved != life.department and IS_OPEN[life.place]:
        life.transfers += 1
        day = act.local // DAY
        facts += (Fact(day, MOVED_OUT, 0, 0, life.department), Fact(day, MOVED_IN, 0, 0, moved))
    if act.after is not None and PLACE[act.after] != life.place:
        _step(life, act, PLACE[act.after], facts)
    if act.department:
        life.department = act.department


def _answer(life: _Life, act: Act, facts: list[Fact]) -> None:
    day, channel = act.local // DAY, act.channel or "none"
    facts.append(Fact(day, ANSWERED, _CHANNELS[channel], 0, life.department))
    life.answers += 1
    if life.answered_day is None:
        life.answered_day, life.answered_where, life.answered_by = day, life.department, channel


def _step(life: _Life, act: Act, after: int, facts: list[Fact]) -> None:
    day, before = act.local // DAY, life.place
    hours = _fit((act.at - life.since) // (HOUR * 1_000_000))
    facts.append(Fact(day, step(before, after), hours, 0, life.department))
    if IS_OPEN[before] and not IS_OPEN[after] and life.ended is None:
        at_first = life.answers == 1 and not (life.asked or life.transfers)
        flags = HAD_ANSWER * bool(life.answers) | AT_FIRST * at_first
        life.ended = day, life.transfers, life.department, flags, act.at
    if not IS_OPEN[before] and IS_OPEN[after] and life.again_at is None:
        life.again_at = act.at
    life.place, life.since = after, act.at


def _call(life: _Life, act: Act, facts: list[Fact]) -> None:
    """Told once for each message: when somebody was reached, or the second call had been in vain."""
    tries = life.tries.get(act.message, 0) + 1
    life.tries[act.message] = tries
    if tries <= TRIES and (act.outcome == "reached" or tries == TRIES):
        reached = act.outcome == "reached"
        facts.append(Fact(act.local // DAY, CALLED, tries if reached else 0, tries, life.department))
        life.tries[act.message] = TRIES


def _ended(life: _Life) -> Fact:
    assert life.ended is not None
    day, transfers, department, flags, at = life.ended
    if life.again_at is not None and life.again_at - at <= AGAIN_WITHIN * DAY * 1_000_000:
        flags = (flags | AGAIN) & ~AT_FIRST
    return Fact(day, ENDED, transfers, flags, department)


def _promise(case: About, life: _Life, day: int, rules: Rules) -> list[Fact]:
    if life.answered_day is not None:
        measure = KEPT if life.answered_day <= case.due else LATE
        days = _fit(rules.working_days(case.received_local, life.answered_day))
        return [Fact(day, measure, days, 0, life.answered_where)]
    if case.resolution == "withdrawn" and case.closed_day is not None and case.closed_day <= case.due:
        return []
    return [Fact(day, WAITS, _fit(case.due), 0, life.at_due or life.department)]


def _fit(number: int) -> int:
    return min(max(number, 0), MOST)
