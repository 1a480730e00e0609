"""What is counted for one group of cases: its flow, what is open, and how the promise was kept. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import accumulate

from caseflow.statistics.definitions import AGES, MIN_N


@dataclass(frozen=True)
class Flow:
    """Cases that came in, were taken up again and were finished in one slot."""

    received: int = 0
    again: int = 0
    finished: int = 0

    @property
    def growth(self) -> int:
        return self.received + self.again - self.finished

    def __add__(self, other: Flow) -> Flow:
        return Flow(self.received + other.received, self.again + other.again, self.finished + other.finished)


@dataclass(frozen=True)
class Open:
    """Open cases of one age, and how many of them are past their date."""

    total: int = 0
    overdue: int = 0


@dataclass(frozen=True)
class Promise:
    """What became of the cases of one cohort that want a reply; `median` and `ninety` in working days."""

    kept: int = 0
    late: int = 0
    unanswered: int = 0
    pending: int = 0
    median: int | None = None
    ninety: int | None = None

    def __add__(self, other: Promise) -> Promise:
        """Both cohorts together; a median of two medians is none."""
        return Promise(
            self.kept + other.kept,
            self.late + other.late,
            self.unanswered + other.unanswered,
            self.pending + other.pending,
        )

    @property
    def answered(self) -> int:
        return self.kept + self.late

    @property
    def decided(self) -> int:
        """The population of the share: answered, or past the promised day without an answer."""
        return self.answered + self.unanswered

    @property
    def share(self) -> int | None:
        """Per cent answered in time; None when too few are decided."""
        return percent(self.kept, self.decided) if self.decided >= MIN_N else None

    @property
    def median_days(self) -> int | None:
        """None when too few are answered."""
        return self.median if self.answered >= MIN_N else None

    @property
    def ninety_days(self) -> int | None:
        return self.ninety if self.answered >= MIN_N else None


@dataclass(frozen=True)
class Group:
    """Everything counted for one group. `flow` and `backlog` have an item per slot, `ages` one per age; `promises` has
    one per slot for all cases together and is empty for a part of them; `earlier` is the promise of the period before.
    """

    flow: Sequence[Flow] = ()
    backlog: Sequence[int] = ()
    ages: Sequence[Open] = field(default=(Open(),) * len(AGES))
    promise: Promise = Promise()
    promises: Sequence[Promise] = ()
    earlier: Promise = Promise()

    @property
    def total(self) -> Flow:
        return sum(self.flow, Flow())

    @property
    def open(self) -> Open:
        return Open(sum(age.total for age in self.ages), sum(age.overdue for age in self.ages))

    @property
    def change(self) -> int | None:
        """Percentage points that the share has risen since the period before."""
        now, before = self.promise.share, self.earlier.share
        return None if now is None or before is None else now - before

    @property
    def seen(self) -> bool:
        """Whether there is anything at all to say about the group."""
        return bool(self.open.total or self.promise.decided or self.promise.pending or self.total != Flow())


@dataclass(frozen=True)
class Cell:
    """A figure of one group: its value, and the number of cases it is counted among. None: too few to say."""

    value: int | None
    n: int


def cells(group: Group) -> dict[str, Cell]:
    """The group's figures by code, as the page's tables and the file show them."""
    total, now, promise = group.total, group.open, group.promise
    return {
        "received": Cell(total.received, total.received),
        "again": Cell(total.again, total.again),
        "finished": Cell(total.finished, total.finished),
        "open": Cell(now.total, now.total),
        "overdue": Cell(now.overdue, now.total),
        "in_time": Cell(promise.share, promise.decided),
        "change": Cell(group.change, min(promise.decided, group.earlier.decided)),
        "median": Cell(promise.median_days, promise.answered),
        "ninety": Cell(promise.ninety_days, promise.answered),
    }


def percent(part: int, whole: int) -> int:
    """Rounded half up; 100 only when all are in it and 0 only when none is."""
    rounded = (200 * part + whole) // (2 * whole)
    return min(max(rounded, int(part > 0)), 100 - int(part < whole))


def backlog(open_now: int, flow: Sequence[Flow], since: Flow) -> list[int]:
    """How many were open at each slot's end, counted back from now; `since` is the flow after the last slot."""
    growth_after = accumulate((slot.growth for slot in reversed(flow)), initial=since.growth)
    return [open_now - growth for growth in growth_after][:-1][::-1]


def pulls_down(whole: Promise, parts: Iterable[tuple[str, Promise]]) -> str | None:
    """The group without which the share would be highest, if that is at least one per cent point higher."""
    share = percent(whole.kept, whole.decided) if whole.decided else 0
    gains = [(_without(whole, part) - share, code) for code, part in parts]
    gain, code = max(gains, default=(0, ""))
    return code if gain >= 1 else None


def _without(whole: Promise, part: Promise) -> int:
    """The share that the others reach, where the group and the others are both large enough to say; else 0."""
    others = whole.decided - part.decided
    return percent(whole.kept - part.kept, others) if min(others, part.decided) >= MIN_N else 0
