"""What caseworkers and residents say about a demo errand after its first text, from texts.yaml. Pure and seeded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Literal

from caseflow.demo.chance import pick
from caseflow.demo.composition import Errand, Tree, day_of_month, last_weekday, load, local_calendar, weekday_and_day

FollowUp = Literal["waiting", "asked", "thanks", "unsatisfied"]


@dataclass(frozen=True, slots=True)
class Phrase:
    """What a caseworker may write, or a resident may add; None fits everything."""

    language: str
    text: str
    kind: str | None = None
    category: str | None = None
    department: str | None = None

    def fit(self, errand: Errand) -> int:
        """How well it fits: -1 not at all, else more for kind than for category than for department."""
        if self.language != errand.language or ("{where}" in self.text and not errand.where):
            return -1
        pairs = ((self.kind, errand.kind), (self.category, errand.category), (self.department, errand.department))
        if any(wanted not in (None, found) for wanted, found in pairs):
            return -1
        return sum(worth for worth, (wanted, _) in zip((4, 2, 1), pairs, strict=True) if wanted)


@dataclass(frozen=True, slots=True)
class Closing:
    """Why a case closes without an answer of its own: the resolution's code, and what the resident reads."""

    resolution: str
    texts: dict[str, str]
    kind: str | None = None
    department: str | None = None

    def fits(self, errand: Errand) -> bool:
        return self.kind in (None, errand.kind) and self.department in (None, errand.department)


@dataclass(frozen=True, slots=True)
class Transfer:
    """Where a case moves to, and what colleagues are told about why; `source` None may come from anywhere."""

    to: str
    text: str
    source: str | None = None


class Phrasebook:
    """The words for a municipality's errands. What is said to colleagues is Swedish, the rest the errand's language."""

    def __init__(self, random: Random, municipality: Tree) -> None:
        texts = load("texts.yaml")
        self._rnd = random.random
        self._zone, self._is_working_day = local_calendar(municipality)
        self._said = {sort: [Phrase(**one) for one in texts[sort]] for sort in ("answers", "questions", "plans")}
        self._said |= {sort: [Phrase(**one) for one in said] for sort, said in texts["follow_ups"].items()}
        self._transfers = [Transfer(one["to"], one["text"], one.get("from")) for one in texts["transfers"]]
        self._closings = [Closing(**one) for one in texts["closings"]]
        self._unreachable: dict[str, str] = texts["unreachable"]
        self._faults: dict[str, str] = texts["faults"]
        self._notes: list[str] = texts["notes"]
        self._reopenings: list[str] = texts["reopenings"]
        self._redirections: dict[str, str] = texts["redirections"]
        self._fits: dict[tuple[str | bool, ...], Sequence[str]] = {}

    def answer(self, errand: Errand, at: datetime | None = None) -> str:
        """A caseworker's answer; its dates lie after `at`, by default the arrival."""
        return self._written("answers", errand, at)

    def question(self, errand: Errand, at: datetime | None = None) -> str:
        """A caseworker's question back to the resident."""
        return self._written("questions", errand, at)

    def plan(self, errand: Errand) -> str:
        """Why the case waits until a set day."""
        return pick(self._rnd, self._fitting("plans", errand))

    def fault(self, errand: Errand) -> str:
        """What all residents are told of it."""
        return self._faults[errand.category]

    def follow_up(self, errand: Errand, sort: FollowUp) -> str:
        """What the resident adds while nothing happens, when asked, or once answered."""
        said = pick(self._rnd, self._fitting(sort, errand, best=sort == "asked"))
        day = day_of_month(errand.received.astimezone(self._zone).date(), errand.language)
        post = str(int(1000 + self._rnd() * 9000))
        return said.format(date=day, weekday=last_weekday(self._rnd, errand.language), post=post)

    def closing(self, errand: Errand) -> tuple[str, str]:
        """A resolution that needs no answer, and the reason that the resident reads."""
        chosen = pick(self._rnd, [closing for closing in self._closings if closing.fits(errand)])
        return chosen.resolution, chosen.texts[errand.language]

    def unreachable(self, errand: Errand) -> str:
        """Why the case of somebody who never answered is closed."""
        return self._unreachable[errand.language]

    def transfer(self, department: str, open_to: Sequence[str]) -> Transfer | None:
        """A move out of a department to one of others; None when texts.yaml knows of none."""
        elsewhere = [move for move in self._transfers if move.to in open_to and move.to != department]
        known = [move for move in elsewhere if move.source in (None, department)]
        return pick(self._rnd, known) if known else None

    def note(self) -> str:
        """An internal note."""
        return pick(self._rnd, self._notes).format(days=pick(self._rnd, "23456789"))

    def reopening(self) -> str:
        """Why a case is taken up again."""
        return pick(self._rnd, self._reopenings)

    def redirection(self, failed: str | None = None) -> str:
        """Why an answer goes another way: the channel that failed, or the resident's wish."""
        return self._redirections[failed or "wish"]

    def _fitting(self, sort: str, errand: Errand, *, best: bool = True) -> Sequence[str]:
        key = (sort, errand.language, errand.kind, errand.category, errand.department, bool(errand.where))
        if key not in self._fits:
            fits = [(phrase.fit(errand), phrase.text) for phrase in self._said[sort]]
            least = max(fit for fit, _ in fits) if best else 0
            if max(fit for fit, _ in fits) < 0:
                raise ValueError(f"texts.yaml has no {sort} in {errand.language} about {errand.category}")
            self._fits[key] = [text for fit, text in fits if fit >= least]
        return self._fits[key]

    def _written(self, sort: str, errand: Errand, at: datetime | None) -> str:
        said = pick(self._rnd, self._fitting(sort, errand))
        coming = self._coming_day(at or errand.received, errand.language) if "{date}" in said else ""
        return said.format(where=errand.where, date=coming)

    def _coming_day(self, moment: datetime, language: str) -> str:
        """A working day some days to three weeks ahead."""
        day = moment.astimezone(self._zone).date() + timedelta(days=4 + int(self._rnd() * 14))
        while not self._is_working_day(day):
            day += timedelta(days=1)
        return weekday_and_day(day, language)
