"""Routing rules tried out: on one text, step by step, and on the cases of the last month."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _

from caseflow.accounts.models import Staff
from caseflow.administration import difference
from caseflow.audit import Event
from caseflow.cases import routing, scope
from caseflow.cases.models import Case, RoutingRule
from caseflow.cases.routing import Route
from caseflow.database import db

Rules = Sequence[Mapping[str, Any]]
DAYS = 31
MOST = 5000  # cases of a dry run
SHOWN = 200  # of them in the table


@dataclass(frozen=True)
class Errand:
    """What decides where a case goes."""

    kind: str
    department: str
    category: str | None
    text: str


@dataclass(frozen=True)
class Step:
    """A rule that was asked: whether it matched, and why or why not."""

    place: int
    rule: str
    matched: bool
    why: str


class Table:
    """A set of rules as routing reads it, whether in force or not, with the municipality around it."""

    def __init__(self, rules: Rules, document: Mapping[str, Any]) -> None:
        self.rules = [_row(place, rule) for place, rule in enumerate(rules)]
        homes = document["departments"]
        self._triage = next(one["code"] for one in homes if one.get("triage"))
        self._homes = {inner["code"]: one["code"] for one in homes for inner in one.get("categories", ())}

    def route(self, errand: Errand) -> Route:
        """Where it would go."""
        # Looking for the words anywhere is cheap, and mostly finds that no rule needs to be asked.
        said = errand.text.lower()
        table = [rule for rule in self.rules if not rule.words or any(word.lower() in said for word in rule.words)]
        return routing.first_match(table, **vars(errand)) or self.otherwise(errand)

    def otherwise(self, errand: Errand) -> Route:
        home_of = {**self._homes}.get
        category = errand.category if errand.category in self._homes else None
        return routing.otherwise(
            errand.department, category, home_of=lambda one: home_of(one) or self._triage, triage=lambda: self._triage
        )


def explain(rules: Rules, document: Mapping[str, Any], errand: Errand) -> tuple[list[Step], Route]:
    """Rule by rule until one matches, and where the errand goes."""
    table, known = Table(rules, document), difference.names(document)
    steps: list[Step] = []
    for place, (row, given) in enumerate(zip(table.rules, rules, strict=True), 1):
        word = routing.matches(row, **vars(errand))
        why = _why_not(row, errand, known) if word is None else _why(word)
        steps.append(Step(place, difference.rule(given, known), word is not None, why))
        if word is not None:
            break
    return steps, table.route(errand)


def _why(word: str) -> str:
    return _("Found the word “%(word)s”.", word=word) if word else _("All its conditions hold.")


def _why_not(rule: RoutingRule, errand: Errand, known: Mapping[str, str]) -> str:
    asked = (
        (rule.department_code, errand.department),
        (rule.kind_code, errand.kind),
        (rule.category_code, errand.category),
    )
    for wanted, given in asked:
        if wanted not in (None, given):
            name = known.get(str(wanted), str(wanted))
            chosen = known.get(given, given) if given else _("nothing chosen")
            return _("Only for “%(wanted)s”; here it is “%(given)s”.", wanted=name, given=chosen)
    return _("None of its words begins a word of the text.")


@dataclass(frozen=True)
class Differing:
    """A case that would have gone elsewhere. `ended` is the department that has it now."""

    number: str
    subject: str
    went: str
    would_go: str
    ended: str
    why: str


@dataclass
class DryRun:
    """What other rules would have done with the cases of a month. `unknown`: it is not known what was chosen."""

    since: datetime
    looked_at: int = 0
    unknown: int = 0
    more: int = 0
    moves: Counter[tuple[str, str]] = field(default_factory=Counter)
    better: int = 0
    worse: int = 0
    cases: list[Differing] = field(default_factory=list)

    @property
    def elsewhere(self) -> int:
        return self.moves.total()


def dry_run(rules: Rules, document: Mapping[str, Any], staff: Staff, *, now: datetime) -> DryRun:
    """The cases that came in lately, routed anew; in `cases` stand those only that this person may read."""
    run, table = DryRun(now - timedelta(days=DAYS)), Table(rules, document)
    for row in _received(staff, run.since):
        run.looked_at += 1
        if row.asked is None:
            run.unknown += 1
            continue
        way = table.route(Errand(row.kind_code, row.asked, row.about or None, row.description))
        if way.department_code != row.went:
            _count(run, row, way)
    total = sa.select(sa.func.count()).select_from(Case).where(Case.received_at >= run.since)
    run.more = max(0, (db.session.scalar(total) or 0) - run.looked_at)
    return run


def _count(run: DryRun, row: sa.Row[Any], way: Route) -> None:
    run.moves[row.went, way.department_code] += 1
    run.better += way.department_code == row.department_code
    run.worse += row.went == row.department_code
    if row.readable and len(run.cases) < SHOWN:
        word = way.because.get("word", "")
        run.cases.append(Differing(row.number, row.subject, row.went, way.department_code, row.department_code, word))


def _received(staff: Staff, since: datetime) -> Iterator[sa.Row[Any]]:
    """The latest first. All are counted, and the texts of all are read by the rules; `readable` is who may be shown."""
    columns = (
        Case.number,
        Case.subject,
        sa.func.concat_ws("\n", Case.description, Case.place).label("description"),
        Case.kind_code,
        Case.department_code,
    )
    facts = {"asked": "asked", "about": "about", "went": "department"}
    told = [Event.data[key].as_string().label(name) for name, key in facts.items()]
    query = (
        sa.select(*columns, *told, scope.within(staff).label("readable"))
        .join(Event, sa.and_(Event.subject == "case", Event.subject_id == Case.id, Event.verb == "receive"))
        .where(Case.received_at >= since)
        .order_by(Case.received_at.desc(), Case.id.desc())
        .limit(MOST)
    )
    return iter(db.session.execute(query))


def _row(place: int, rule: Mapping[str, Any]) -> RoutingRule:
    return RoutingRule(
        position=place,
        kind_code=rule.get("kind"),
        department_code=rule.get("department"),
        category_code=rule.get("category"),
        words=list(rule.get("words", ())),
        to_department=rule["to"],
        reasons=rule["reason"],
    )
