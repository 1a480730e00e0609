"""Which other cases may be about the same thing, and why: one statement, which finds some along indexes, puts these in
order by how many words they share, and looks closely at the first alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from caseflow.accounts.models import Staff
from caseflow.cases.models import Case, Department
from caseflow.cases.relations.relation import Relation
from caseflow.cases.scope import within
from caseflow.cases.streets import within as streets_within
from caseflow.cases.triage.lookup import PLACES, Lookup
from caseflow.cases.triage.search import WORD, plain
from caseflow.database import db

# How far back, how many of each way to find them are looked at, how many are shown.
BACK, LOOKED_AT, SHOWN = timedelta(days=60), 400, 5
# Shared words that must be there: in the same street; anywhere, and then this part of the case's own words.
IN_STREET, ANYWHERE, PART = 2, 3, 0.35
# Stems that say nothing of what a case is about.
EMPTY = (
    "hej",
    "tack",
    "vill",
    "undr",
    "hjälp",
    "snäll",
    "god",
    "dag",
    "finns",
    "fråg",
    "ärend",
    "gäll",
    "hälsning",
    "utanför",
    "numm",
)
COLUMNS = (
    Case.number,
    Case.subject,
    Case.status,
    Case.received_at,
    Case.kind_code,
    Case.category_code,
    Case.reply_by,
    sa.func.substr(Case.description, 1, 240).label("opening"),
)
Texts = sa.ARRAY(sa.Text)


@dataclass(frozen=True)
class Likeness:
    """A case that may be about the same, with what both have: streets and words as this case writes them."""

    row: sa.Row[Any]
    streets: Sequence[str]
    words: Sequence[str]
    category: bool
    kind: bool

    @property
    def weight(self) -> tuple[int, int]:
        return 3 * len(self.streets) + len(self.words) + 2 * self.category + self.kind, self.row.received_at.timestamp()


def of(staff: Staff, case: Case, *, now: datetime) -> list[Likeness]:
    """The likeliest first; within the person's scope, and never across secrecy."""
    text = " ".join(filter(None, (case.subject, case.description, case.place)))
    streets = sorted({plain(street) for street in streets_within(text)})
    rows = db.session.execute(_query(staff, case, text, streets, now)).all()
    written = {plain(word): word.lower() for word in re.findall(r"[^\W_]+", text)}
    found = [_likeness(case, written, row) for row in rows]
    alike = [one for one, row in zip(found, rows, strict=True) if _enough(one, row.own)]
    return sorted(alike, key=lambda one: one.weight, reverse=True)[:SHOWN]


def _query(staff: Staff, case: Case, text: str, streets: list[str], now: datetime) -> sa.Select[Any]:
    swedish: sa.ColumnElement[Any] = sa.literal_column("'pg_catalog.swedish'::regconfig")
    stems = sa.func.tsvector_to_array(sa.func.to_tsvector(swedish, sa.func.plain_words(text)))
    kept = sa.select(sa.func.unnest(stems).label("stem")).subquery()
    mine = sa.select(sa.func.array_agg(kept.c.stem).label("stems")).where(kept.c.stem.not_in(EMPTY)).cte("mine")
    near = _nearest(_looked_at(staff, case, streets, now), mine)
    own = sa.select(mine.c.stems).scalar_subquery()
    theirs = sa.func.tsvector_to_array(Lookup.words)
    shared = sa.func.array(_both(own, theirs)).label("shared")
    places = sa.func.array(_both(sa.literal(streets, Texts), theirs)).label("places")
    count = sa.func.coalesce(sa.func.cardinality(own), 0).label("own")
    found = sa.select(*COLUMNS, shared, places, count).select_from(near)
    return found.join(Case, Case.id == near.c.id).join(Lookup, Lookup.case_id == near.c.id)


def _nearest(ways: sa.CompoundSelect[Any], mine: sa.CTE) -> sa.CTE:
    """Those that share most words. They have no positions there, so that `ts_rank` of any of the words is greater by
    the same for each that is there, and much is saved against writing them all out.
    """
    looked_at = ways.cte("looked_at").prefix_with("MATERIALIZED", dialect="postgresql")
    any_of = sa.func.array_to_string(mine.c.stems, sa.literal_column("' | '")).op("::")(sa.literal_column("tsquery"))
    # One after the other by its key: of a join PostgreSQL thinks too many.
    alike = sa.select(sa.func.ts_rank(Lookup.words, sa.select(any_of).scalar_subquery()))
    rank = alike.where(Lookup.case_id == looked_at.c.id).scalar_subquery().label("rank")
    first = sa.select(looked_at.c.id, rank).order_by(sa.desc("rank").nulls_last(), looked_at.c.id.desc())
    return first.limit(4 * SHOWN).cte("near").prefix_with("MATERIALIZED", dialect="postgresql")


def _looked_at(staff: Staff, case: Case, streets: list[str], now: datetime) -> sa.CompoundSelect[Any]:
    """The newest of the same place, of the same category, and of the same department, each along an index of its own:
    of words like "lamp" there are too many to look through.
    """
    secret = sa.select(Department.code).where(Department.secret)
    open_together = sa.and_(Case.department_code.not_in(secret), sa.literal(case.department_code).not_in(secret))
    merged = sa.exists().where(Relation.case_id == Case.id, Relation.sort == "duplicate")
    near = (
        sa.select(Case.id)
        .where(within(staff), Case.received_at > now - BACK, Case.id != case.id, ~merged)
        .where(sa.or_(Case.department_code == case.department_code, open_together))
        .order_by(Case.received_at.desc())
        .limit(LOOKED_AT)
    )
    ways = [near.where(Case.department_code == case.department_code)]
    if case.category_code:
        ways.append(near.where(Case.category_code == case.category_code))
    ways += [near.where(there) for there in _there(case, streets, now)]
    return sa.union(*(sa.select(way.subquery().c.id) for way in ways))


def _there(case: Case, streets: list[str], now: datetime) -> Iterator[sa.ColumnElement[bool]]:
    """In any of the streets; and, where the place is told in words, at a place that has all of them."""
    told, months = [word for word in WORD.findall(plain(case.place or "")) if word.isalpha()], _months(now)
    if streets:
        keys = [f"{street} {month}" for street in streets for month in months]
        yield PLACES.op("&&")(sa.literal(keys, Texts))
    if told:
        yield sa.or_(*(PLACES.op("@>")(sa.literal([f"{word} {month}" for word in told], Texts)) for month in months))


def _months(now: datetime) -> range:
    """As `place_keys` in the database counts them."""
    first, last = (now - BACK).astimezone(UTC), now.astimezone(UTC)
    return range(first.year * 12 + first.month, last.year * 12 + last.month + 1)


def _both(one: Any, other: Any) -> Any:
    """What is in both. Not by INTERSECT: for the second row PostgreSQL 18.6 gave the first row's answer again."""
    word = sa.func.unnest(one).column_valued("word")
    return sa.select(word).where(word == sa.any_(other)).scalar_subquery()


def _likeness(case: Case, written: Mapping[str, str], row: sa.Row[Any]) -> Likeness:
    """`written` has the case's words by how they are compared."""
    said = (next((word for key, word in written.items() if key.startswith(stem)), stem) for stem in row.shared)
    streets = [written.get(street, street).capitalize() for street in row.places]
    words = sorted({word for word in said if plain(word) not in row.places})
    same_category = case.category_code is not None and row.category_code == case.category_code
    return Likeness(row, streets, words, same_category, row.kind_code == case.kind_code)


def _enough(one: Likeness, own: int) -> bool:
    shared = len(one.row.shared)
    return shared >= IN_STREET if one.streets else shared >= max(ANYWHERE, PART * own)
