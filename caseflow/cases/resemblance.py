"""Which other cases may be about the same thing, and why: one statement over the words that the queue searches."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from caseflow.accounts.models import Staff
from caseflow.cases.lookup import Lookup
from caseflow.cases.models import Case, Department
from caseflow.cases.relation import Relation
from caseflow.cases.scope import within
from caseflow.cases.search import plain
from caseflow.database import db

# How far back, how many of each way to find them are looked at, how many are shown.
BACK, LOOKED_AT, SHOWN = timedelta(days=60), 1000, 5
# Shared words that must be there: in the same street; anywhere, and then this part of the case's own words.
IN_STREET, ANYWHERE, PART = 2, 3, 0.35
STREET = re.compile(
    r"\b[^\W\d_]{2,}(?:gatan|vägen|gränd|stigen|torget|parken|backen|allén|leden|rondellen|plan)\b", re.I
)
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
    streets = sorted({plain(street) for street in STREET.findall(text)})
    rows = db.session.execute(_query(staff, case, text, streets, now)).all()
    found = [_likeness(case, text, row) for row in rows]
    alike = [one for one, row in zip(found, rows, strict=True) if _enough(one, row.own)]
    return sorted(alike, key=lambda one: one.weight, reverse=True)[:SHOWN]


def _query(staff: Staff, case: Case, text: str, streets: list[str], now: datetime) -> sa.Select[Any]:
    swedish: sa.ColumnElement[Any] = sa.literal_column("'pg_catalog.swedish'::regconfig")
    stems = sa.func.tsvector_to_array(sa.func.to_tsvector(swedish, sa.func.plain_words(text)))
    kept = sa.select(sa.func.unnest(stems).label("stem")).subquery()
    mine = sa.select(sa.func.array_agg(kept.c.stem).label("stems")).where(kept.c.stem.not_in(EMPTY)).cte("mine")
    any_of = sa.func.array_to_string(mine.c.stems, sa.literal_column("' | '")).op("::")(sa.literal_column("tsquery"))
    looked_at = _looked_at(staff, case, streets, now).cte("looked_at").prefix_with("MATERIALIZED", dialect="postgresql")
    near = (
        sa.select(*COLUMNS, Lookup.words.label("words"), mine.c.stems.label("stems"))
        .select_from(looked_at)
        .join(Case, Case.id == looked_at.c.id)
        .join(Lookup, Lookup.case_id == Case.id)
        .join(mine, sa.true())
        .where(Lookup.words.op("@@")(sa.select(any_of).scalar_subquery()))
        .subquery()
    )
    theirs = sa.func.tsvector_to_array(near.c.words)
    shared = sa.func.array(_both(near.c.stems, theirs)).label("shared")
    places = sa.func.array(_both(sa.literal(streets, Texts), theirs)).label("places")
    columns = [near.c[column.name] for column in COLUMNS]
    own = sa.func.cardinality(near.c.stems).label("own")
    return sa.select(*columns, shared, places, own).order_by(sa.func.cardinality(shared).desc()).limit(4 * SHOWN)


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
    if wanted := _place(case, streets):
        simple: sa.ColumnElement[Any] = sa.literal_column("'pg_catalog.simple'::regconfig")
        there = Lookup.words.op("@@")(sa.func.to_tsquery(simple, wanted))
        ways.append(near.join(Lookup, Lookup.case_id == Case.id).where(there))
    return sa.union(*(sa.select(way.subquery().c.id) for way in ways))


def _place(case: Case, streets: list[str]) -> str:
    """Any of the streets, or all the words of the place where it is told in words, as a query of words."""
    told = [word for word in plain(case.place or "").split() if word.isalpha()]
    return " | ".join([*streets, *([f"({' & '.join(told)})"] if told else [])])


def _both(one: Any, other: Any) -> Any:
    """What is in both. Not by INTERSECT: for the second row PostgreSQL 18.6 gave the first row's answer again."""
    word = sa.func.unnest(one).column_valued("word")
    return sa.select(word).where(word == sa.any_(other)).scalar_subquery()


def _likeness(case: Case, text: str, row: sa.Row[Any]) -> Likeness:
    written = {plain(word): word.lower() for word in re.findall(r"[^\W_]+", text)}
    said = (next((word for key, word in written.items() if key.startswith(stem)), stem) for stem in row.shared)
    streets = [written.get(street, street).capitalize() for street in row.places]
    words = sorted({word for word in said if plain(word) not in row.places})
    same_category = case.category_code is not None and row.category_code == case.category_code
    return Likeness(row, streets, words, same_category, row.kind_code == case.kind_code)


def _enough(one: Likeness, own: int) -> bool:
    shared = len(one.row.shared)
    return shared >= IN_STREET if one.streets else shared >= max(ANYWHERE, PART * own)
