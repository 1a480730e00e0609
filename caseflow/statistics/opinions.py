"""How it went, as residents say: the index of the Swedish "Servicemätning", in one statement.

Five marks become 0, 25, 50, 75 and 100, and the index is their mean. Below MIN_N answers nothing is said; and where the
answers that are not told are fewer than that together, so that the total would tell them, the next group is not told,
either.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import sqlalchemy as sa

from caseflow.accounts.models import Staff
from caseflow.accounts.permissions import departments_of
from caseflow.cases.survey import SurveyAnswer
from caseflow.database import db
from caseflow.statistics import withheld
from caseflow.statistics.definitions import MIN_N
from caseflow.statistics.figures import Filter
from caseflow.statistics.groups import Cell

QUESTIONS = ("ease", "clarity", "treatment")
STEP = 25  # points between two marks


@dataclass(frozen=True)
class Opinion:
    """How many answered each question, and the sum of their marks."""

    numbers: Counter[str] = field(default_factory=Counter)
    sums: Counter[str] = field(default_factory=Counter)
    untold: frozenset[str] = frozenset()  # questions of which nothing is said for the sake of others

    def __add__(self, other: Opinion) -> Opinion:
        return Opinion(self.numbers + other.numbers, self.sums + other.sums)

    @property
    def cells(self) -> dict[str, Cell]:
        """The index of each question, rounded half up, and among how many answers."""
        return {name: Cell(self._index(name), self.numbers[name]) for name in QUESTIONS}

    def _index(self, name: str) -> int | None:
        n = self.numbers[name]
        if n < MIN_N or name in self.untold:
            return None
        points = STEP * (self.sums[name] - n)
        return (2 * points + n) // (2 * n)


@dataclass(frozen=True)
class Opinions:
    """Of all answers together, and by department."""

    whole: Opinion
    by_department: Mapping[str, Opinion]


def read(staff: Staff, chosen: Filter) -> Opinions:
    """The answers of the departments that this person sees, from the days of the period."""
    column, period = SurveyAnswer.department_code, chosen.period
    counts = [sa.func.count(getattr(SurveyAnswer, name)) for name in QUESTIONS]
    sums = [sa.func.coalesce(sa.func.sum(getattr(SurveyAnswer, name)), 0) for name in QUESTIONS]
    query = sa.select(column, *counts, *sums).where(column.in_(departments_of(staff)))
    query = query.where(SurveyAnswer.on_day.between(period.first, period.last))
    narrow = {column: chosen.department, SurveyAnswer.kind_code: chosen.kind, SurveyAnswer.channel: chosen.channel}
    query = query.where(*(where == wanted for where, wanted in narrow.items() if wanted is not None))
    found = {
        code: _opinion(*(Counter(dict(zip(QUESTIONS, part, strict=True))) for part in (numbers[:3], numbers[3:])))
        for code, *numbers in db.session.execute(query.group_by(column))
    }
    return Opinions(sum(found.values(), Opinion()), _guarded(found))


def _opinion(numbers: Counter[str], sums: Counter[str]) -> Opinion:
    return Opinion(numbers, sums)


def _guarded(found: Mapping[str, Opinion]) -> dict[str, Opinion]:
    """The same, with nothing said of more departments where those below MIN_N could be reckoned from the total."""
    small = {name: withheld.hidden({code: one.numbers[name] for code, one in found.items()}) for name in QUESTIONS}
    untold = {code: {name for name in QUESTIONS if code in small[name]} for code in found}
    return {code: replace(one, untold=frozenset(untold[code])) for code, one in found.items()}
