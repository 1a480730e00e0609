"""One page of statistics put together: the figures with their words and charts, for the template and the file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l

from caseflow import language, stamp
from caseflow.accounts.models import Staff
from caseflow.cases import words
from caseflow.cases.models import Category, Department, in_language
from caseflow.cases.municipality import directory
from caseflow.database import db
from caseflow.statistics import charts, diagrams, forecast, headline, whereabouts, wording
from caseflow.statistics.definitions import TARGET
from caseflow.statistics.figures import Figures
from caseflow.statistics.forms import DIMENSION_NAMES as DIMENSION_NAMES
from caseflow.statistics.forms import Names
from caseflow.statistics.groups import Cell, Group, Promise, cells, earlier_cells
from caseflow.statistics.opinions import Opinion, Opinions
from caseflow.statistics.periods import Slot

# How many slots may be told together, the fewest first.
BLOCKS = {"week": (1, 4), "month": (1, 3), "year": (1,)}
WORK = ("within_1", "within_2", "within_5", "within_10", "at_first", "reopened", "passed", "passed_twice", "callbacks")
NOT_SAID = {
    **dict.fromkeys(DIMENSION_NAMES, _l("not said")),
    "answered_by": _l("not answered"),
}
UNNAMED = {whereabouts.OTHERS: _l("other places"), "": _l("not said")}
STEP_NAMES = {"week": _l("Week"), "month": _l("Month"), "year": _l("Year")}


def names_for(staff: Staff, lang: str) -> Names:
    """What the departments that this person sees, all kinds and all channels are called, in their order."""
    seen = {row.code: row.name(lang) for row in directory.departments_within(staff)}
    return {
        "department": seen,
        "kind": {row.code: row.noun(lang) for row in directory.kinds()},
        "channel": {code: str(name) for code, name in words.CHANNEL.items()},
        "category": {code: name for code, (where, name) in _categories(lang).items() if where in seen},
        "source": {code: str(name) for code, name in words.SOURCE.items()},
        "answered_by": {code: str(name) for code, name in words.CHANNEL.items()},
        "language": dict(language.LANGUAGES),
        "place": {},
    }


@stamp.kept
def _categories(lang: str) -> dict[str, tuple[str, str]]:
    """All by code: the department, and the name after the department's."""
    columns = Category.code, Category.names, Category.department_code, Department.names.label("of")
    query = sa.select(*columns).join(Department, Department.code == Category.department_code)
    query = query.order_by(Department.position, Category.position)
    return {
        row.code: (row.department_code, f"{in_language(row.of, lang)}: {in_language(row.names, lang)}")
        for row in db.session.execute(query)
    }


def _spans(slots: int, size: int) -> list[tuple[int, int]]:
    """First and last number of each run of `size` slots, the last run whole."""
    ends = range(slots - 1, -1, -size)
    return [(max(0, end - size + 1), end) for end in ends][::-1]


def _merged(promises: Sequence[Promise], size: int) -> list[Promise]:
    return [sum(promises[first : last + 1], Promise()) for first, last in _spans(len(promises), size)]


@dataclass(frozen=True)
class Line:
    """A line of a table: a department, kind or channel with its figures."""

    code: str
    name: str
    group: Group


@dataclass(frozen=True)
class Block:
    """One or several slots whose promise is told as one share."""

    slot: Slot
    name: str
    title: str
    promise: Promise


@dataclass(frozen=True)
class Report:
    """`names` gives departments, kinds and channels by dimension and code, in the order of the tables."""

    figures: Figures
    names: Names
    today: date
    opinions: Opinions
    as_of: datetime | None = None

    def file_name(self, ending: str) -> str:
        return f"statistics_{self.figures.period.first}_{self.figures.period.last}.{ending}"

    @property
    def opinion_lines(self) -> list[tuple[str, str, Opinion]]:
        """Code, name and opinion of the departments about which anybody has answered."""
        found = self.opinions.by_department
        return [(code, name, found[code]) for code, name in self.names["department"].items() if code in found]

    @property
    def sentences(self) -> Sequence[str]:
        return headline.sentences(self.figures, self.names["department"], self.today)

    @property
    def remarks(self) -> Sequence[str]:
        return headline.remarks(self.figures.whole.promise)

    @cached_property
    def tables(self) -> dict[str, list[Line]]:
        """By dimension, the groups that have anything to show."""
        return {dimension: self._lines(dimension) for dimension in self.figures.by}

    def _lines(self, dimension: str) -> list[Line]:
        groups = self.figures.by[dimension]
        names = {**self.names[dimension], **self._unnamed(dimension)}
        named = [(code, name, groups.get(code)) for code, name in names.items()]
        return [Line(code, name, group) for code, name, group in named if group and group.seen]

    def _unnamed(self, dimension: str) -> dict[str, str]:
        """Places, and what was not said. What a case that was passed on is about has a name elsewhere."""
        if dimension != "place":
            return {"": str(NOT_SAID[dimension])}
        named = sorted(self.figures.by["place"].keys() - {"", whereabouts.OTHERS}, key=self._by_size)
        return {**{code: whereabouts.name_of(code) for code in named}, **UNNAMED}

    def _by_size(self, place: str) -> tuple[int, str]:
        """Where most came in first."""
        return -self.figures.by["place"][place].total.received, place

    @property
    def work(self) -> list[tuple[str, Cell, Cell]]:
        """How the work goes: code, this period and the one before."""
        now, before = cells(self.figures.whole), earlier_cells(self.figures.whole)
        return [(code, now[code], before[code]) for code in WORK]

    @property
    def stays(self) -> list[tuple[str, str, Cell, int | None]]:
        """Of each open status: code, name, the median of the time in it, and nine in ten."""
        found, told = self.figures.whole.stays, cells(self.figures.whole)
        return [
            (f"in_{status}", str(words.STATUS[status]), told[f"in_{status}"], found[status].ninety) for status in found
        ]

    @property
    def heat_map(self) -> diagrams.HeatMap:
        return diagrams.heat_map(self.figures.hours)

    @property
    def step_chart(self) -> diagrams.StepChart:
        return diagrams.step_chart(self.figures.steps)

    @property
    def forecast(self) -> forecast.Forecast | None:
        """Only from the last twelve full weeks, which is what the method asks for."""
        if self.figures.period.unit != "weeks":
            return None
        return forecast.of(self.figures.whole.open.total, self.figures.whole.flow[:-1])

    @property
    def flow_chart(self) -> charts.FlowChart:
        return charts.flow_chart(self.figures.whole.flow, self.figures.whole.backlog)

    @property
    def share_chart(self) -> charts.ShareChart:
        return charts.share_chart([block.promise.share for block in self.blocks], TARGET)

    @cached_property
    def block_size(self) -> int:
        """How many slots make a share: one, or more where most single ones would be too few to say."""
        promises = self.figures.whole.promises
        for size in BLOCKS[self.figures.period.step]:
            told = [block.share is not None for block in _merged(promises, size)]
            if sum(told) * 2 >= len(told):
                return size
        return len(promises)

    @cached_property
    def blocks(self) -> list[Block]:
        """The slots, or some of them together, with their promise."""
        size, slots, step = self.block_size, self.figures.slots, self.figures.period.step
        names, titles = wording.slot_names(step, slots), wording.slot_titles(step, slots)
        spans = _spans(len(slots), size)
        promises = _merged(self.figures.whole.promises, size)
        return [
            Block(
                Slot(slots[first].first, slots[last].last, any(slot.partial for slot in slots[first : last + 1])),
                names[first] if first == last else f"{names[first]}–{names[last]}",
                titles[first] if first == last else f"{titles[first]} – {titles[last]}",
                promise,
            )
            for (first, last), promise in zip(spans, promises, strict=True)
        ]

    @property
    def age_chart(self) -> charts.AgeChart:
        return charts.age_chart(self.figures.whole.ages)

    @property
    def department_charts(self) -> list[tuple[Line, charts.SmallChart]]:
        """The departments side by side on one scale."""
        lines = self.tables["department"]
        top = max((max(line.group.backlog) for line in lines), default=0)
        return [(line, charts.small_chart(line.group.promise.share, line.group.backlog, top, TARGET)) for line in lines]

    @property
    def step_name(self) -> str:
        return str(STEP_NAMES[self.figures.period.step])

    @property
    def slot_names(self) -> list[str]:
        return wording.slot_names(self.figures.period.step, self.figures.slots)

    @property
    def slot_titles(self) -> list[str]:
        return wording.slot_titles(self.figures.period.step, self.figures.slots)

    @property
    def dates(self) -> str:
        return wording.dates_in_words(self.figures.period.first, self.figures.period.last)

    @property
    def age_names(self) -> list[str]:
        return wording.age_names()
