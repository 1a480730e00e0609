"""One page of statistics put together: the figures with their words and charts, for the template and the file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from flask_babel import lazy_gettext as _l

from caseflow.accounts.models import Staff
from caseflow.cases import directory, words
from caseflow.statistics import charts, headline, wording
from caseflow.statistics.definitions import TARGET
from caseflow.statistics.figures import USUAL, Figures
from caseflow.statistics.forms import Names
from caseflow.statistics.groups import Group, Promise
from caseflow.statistics.opinions import Opinion, Opinions
from caseflow.statistics.periods import Slot

DIMENSION_NAMES = {"department": _l("Department"), "kind": _l("Kind"), "channel": _l("Reply wanted")}
# How many slots may be told together, the fewest first.
BLOCKS = {"week": (1, 4), "month": (1, 3), "year": (1,)}
STEP_NAMES = {"week": _l("Week"), "month": _l("Month"), "year": _l("Year")}


def names_for(staff: Staff, lang: str) -> Names:
    """What the departments that this person sees, all kinds and all channels are called, in their order."""
    return {
        "department": {row.code: row.name(lang) for row in directory.departments_within(staff)},
        "kind": {row.code: row.noun(lang) for row in directory.kinds()},
        "channel": {code: str(name) for code, name in words.CHANNEL.items()},
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

    @property
    def tables(self) -> dict[str, list[Line]]:
        """By dimension, the groups that have anything to show."""
        return {dimension: self._lines(dimension) for dimension in USUAL}

    def _lines(self, dimension: str) -> list[Line]:
        groups = self.figures.by[dimension]
        named = [(code, name, groups.get(code)) for code, name in self.names[dimension].items()]
        return [Line(code, name, group) for code, name, group in named if group and group.seen]

    @property
    def flow_chart(self) -> charts.FlowChart:
        return charts.flow_chart(self.figures.whole.flow, self.figures.whole.backlog)

    @property
    def share_chart(self) -> charts.ShareChart:
        return charts.share_chart([block.promise.share for block in self.blocks], TARGET)

    @property
    def block_size(self) -> int:
        """How many slots make a share: one, or more where most single ones would be too few to say."""
        promises = self.figures.whole.promises
        for size in BLOCKS[self.figures.period.step]:
            told = [block.share is not None for block in _merged(promises, size)]
            if sum(told) * 2 >= len(told):
                return size
        return len(promises)

    @property
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
        lines = self._lines("department")
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
