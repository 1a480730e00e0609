"""What is counted for one group of cases: its flow, what is open, and how the promise was kept. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate

from caseflow.cases.models import OPEN
from caseflow.statistics.definitions import AGES, MIN_N, WITHIN


@dataclass(frozen=True)
class Flow:
    """Cases that came in, were taken up again, were finished, and were passed on to and from other departments, in one
    slot. What is passed on between two departments of the group is in both."""

    received: int = 0
    again: int = 0
    finished: int = 0
    moved_in: int = 0
    moved_out: int = 0

    @property
    def growth(self) -> int:
        return self.received + self.again - self.finished + self.moved_in - self.moved_out

    def __add__(self, other: Flow) -> Flow:
        return Flow(
            self.received + other.received,
            self.again + other.again,
            self.finished + other.finished,
            self.moved_in + other.moved_in,
            self.moved_out + other.moved_out,
        )


@dataclass(frozen=True)
class Open:
    """Open cases of one age, and how many of them are past their date."""

    total: int = 0
    overdue: int = 0


@dataclass(frozen=True)
class Promise:
    """What became of the cases of one cohort that want a reply; `median` and `ninety` in working days. `within` is how
    many were answered within each of WITHIN."""

    kept: int = 0
    late: int = 0
    unanswered: int = 0
    pending: int = 0
    median: int | None = None
    ninety: int | None = None
    within: tuple[int, ...] = field(default=(0,) * len(WITHIN), compare=False)

    def __add__(self, other: Promise) -> Promise:
        """Both cohorts together; a median of two medians is none."""
        return Promise(
            self.kept + other.kept,
            self.late + other.late,
            self.unanswered + other.unanswered,
            self.pending + other.pending,
            within=tuple(map(sum, zip(self.within, other.within, strict=True))),
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
class Work:
    """How the work went in a period. Of the cases that were finished for the first time (`ended`): how many had been
    answered, were solved at the first contact, came back within 30 days, and were passed on once or more, twice or
    more. Of the calls with an answer that were settled: how many reached somebody within two tries."""

    ended: int = 0
    answered: int = 0
    at_first: int = 0
    again: int = 0
    passed: int = 0
    passed_twice: int = 0
    calls: int = 0
    reached: int = 0


@dataclass(frozen=True)
class Stay:
    """How long cases stayed in a status that they left in the period, in hours."""

    n: int = 0
    median: int | None = None
    ninety: int | None = None


@dataclass(frozen=True)
class Group:
    """Everything counted for one group. `flow` and `backlog` have an item per slot, `ages` one per age; `promises` has
    one per slot for all cases together and is empty for a part of them; `earlier` is the promise of the period before.
    `stays` and `statuses` (open now) are by status, `answers` by the channel that they went out by.
    """

    flow: Sequence[Flow] = ()
    backlog: Sequence[int] = ()
    ages: Sequence[Open] = field(default=(Open(),) * len(AGES))
    promise: Promise = Promise()
    promises: Sequence[Promise] = ()
    earlier: Promise = Promise()
    work: Work = Work()
    earlier_work: Work = Work()
    stays: Mapping[str, Stay] = field(default_factory=dict)
    statuses: Mapping[str, int] = field(default_factory=dict)
    answers: Mapping[str, int] = field(default_factory=dict)

    @cached_property
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

    @property
    def enough(self) -> bool:
        """Whether there are enough cases to say something; what is not said all the same is kept back for others."""
        return self.n >= MIN_N


def earlier_cells(group: Group) -> dict[str, Cell]:
    """The shares of the period before, to compare with."""
    return cells(Group(promise=group.earlier, work=group.earlier_work))


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
        **{f"within_{days}": _share(n, promise.decided) for days, n in zip(WITHIN, promise.within, strict=True)},
        **_work(group.work),
        "moved_in": Cell(total.moved_in, total.moved_in),
        "moved_out": Cell(total.moved_out, total.moved_out),
        **{f"in_{status}": _stay(group.stays.get(status, Stay())) for status in OPEN},
    }


def _work(work: Work) -> dict[str, Cell]:
    return {
        "at_first": _share(work.at_first, work.answered),
        "reopened": _share(work.again, work.ended),
        "passed": _share(work.passed, work.ended),
        "passed_twice": _share(work.passed_twice, work.ended),
        "callbacks": _share(work.reached, work.calls),
    }


def _share(part: int, whole: int) -> Cell:
    return Cell(percent(part, whole) if whole >= MIN_N else None, whole)


def _stay(stay: Stay) -> Cell:
    return Cell(stay.median if stay.n >= MIN_N else None, stay.n)


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
