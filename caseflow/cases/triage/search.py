"""Full-text search over cases: what is typed becomes a `tsquery`, and what was found is shown with its reason.

The words of a case are kept by the database (`lookup.Lookup`). Each typed word must be there in any Swedish inflection,
the last one also as the beginning of a word. Whatever looks like a telephone number is found in any spelling, by its
beginning or by its end.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from caseflow.accounts.models import Staff
from caseflow.accounts.permissions import anyone
from caseflow.cases.models import Case, Entry
from caseflow.cases.scope import within
from caseflow.cases.triage.lookup import Lookup
from caseflow.cases.typed import line
from caseflow.database import constant
from caseflow.prepared import Prepared

LONGEST = 100
# So many are fetched and put in order; of more, which are then not rare, a page is met by walking along the order.
FEW = 10_000
MANY = 2 * FEW
SOME = FEW // 4  # to fetch and order more than these takes longer than to look for them along the order
WORD = re.compile(r"[^\W_]+")
WHOLE_GROUP = 4  # digits: what begins with two or three of them is every tenth or hundredth case
PHONE = re.compile(r"\+?\d[\d\s()/-]{3,}\d")
# As in `plain_words` of migration 0003: Swedish letters stay what they are.
ACCENTS = str.maketrans("éèêëáàâãíìîïóòôõúùûüýñç", "eeeeaaaaiiiioooouuuuync")
BEFORE, AFTER = 50, 150

Query = sa.ColumnElement[Any]
Sorts = tuple[str, ...]
# A text in pieces; the marked ones are what was searched for.
Pieces = list[tuple[str, bool]]


@dataclass(frozen=True)
class Typed:
    """What was typed, in parts that a case must have all of: how each is compared (`sorts`), and its words.

    A statement depends on the sorts alone and is built once for each list of them; the words come with the execution.
    """

    sorts: tuple[str, ...]
    told: dict[str, str]

    @classmethod
    def of(cls, typed: str) -> Typed:
        parts = _parts(typed)
        told = {f"said{place}": words for place, (_sort, words) in enumerate(parts)}
        told |= {f"begins{place}": f"{words}:*" for place, (sort, words) in enumerate(parts) if sort == "last"}
        return cls(tuple(sort for sort, _words in parts), told)


@dataclass(frozen=True)
class Why:
    """Why a case was found: its subject, and the text that has most of what was typed and is not in the subject.

    `where` is `description`, `resident`, `note`, `question`, `reply`, `name`, `address`, `email` or `phone`.
    """

    subject: Pieces
    where: str | None
    snippet: Pieces


def tidy(typed: str) -> str | None:
    """What was typed on one line, not too long; None when there is no word in it."""
    text = line(typed)[:LONGEST].strip()
    return text if WORD.search(text) else None


def holds(typed: str) -> sa.ColumnElement[bool]:
    """The condition on Case that it has what was typed (see `tidy`), to be used only together with `within(staff)`.

    Asks the database first whether the cases are few. Few are fetched and put in order; where many have the word, a
    walk along the order meets enough of them soon. PostgreSQL alone guesses wrong about words in between.
    """
    some = few(typed)
    return holds_among_many(typed) if some is None else Case.id == sa.any_(sa.literal(some, sa.ARRAY(sa.BigInteger)))


def few(typed: str) -> Sequence[int] | None:
    """The ids of all cases with what was typed, in whichever department; None when there are more than FEW."""
    asked = Typed.of(typed)
    some = _ids(asked.sorts).all(asked.told)
    return [row.case_id for row in some] if len(some) <= FEW else None


@lru_cache
def _ids(sorts: Sorts) -> Prepared:
    return Prepared(_those(sorts).limit(constant(FEW + 1)))


def is_found(case_id: sa.ColumnElement[int], sorts: Sorts) -> sa.ColumnElement[bool]:
    """The same, where all ids are found first, and each case on the way is then looked for among them."""
    # As a value that is true, and not as a condition, of which PostgreSQL would make a join that reads all cases first.
    return case_id.in_(_those(sorts)).is_(sa.true())


def among_few(sorts: Sorts) -> tuple[sa.ColumnElement[bool], sa.ColumnElement[int]]:
    """The condition that a case is among the first FEW + 1 that have the words, and how many these are: with FEW or
    less it says the same as `holds`. To be told what `Typed` says.
    """
    some = _those(sorts).limit(constant(FEW + 1)).subquery()
    found = sa.select(sa.func.array_agg(some.c.case_id).label("ids")).cte("found")
    ids = sa.cast(sa.select(found.c.ids).scalar_subquery(), sa.ARRAY(sa.BigInteger))  # an array, and no set of them
    return Case.id == sa.any_(ids), sa.select(sa.func.cardinality(found.c.ids)).scalar_subquery()


def presumably(typed: str) -> int:
    """How many cases have it, as PostgreSQL guesses from its statistics, in no time: right about one word, and
    sometimes wrong about two.
    """
    asked = Typed.of(typed)
    ((plan,),) = _guessed(asked.sorts).all(asked.told)
    return int(plan[0]["Plan"]["Plan Rows"])


@lru_cache
def _guessed(sorts: Sorts) -> Prepared:
    return Prepared(_those(sorts), explained=True)


def holds_among_many(typed: str) -> sa.ColumnElement[bool]:
    """The same as `holds` where the words are known to be in more than FEW cases."""
    return Case.id.in_(_having(typed))


def has(case_id: sa.ColumnElement[int], sorts: Sorts) -> sa.ColumnElement[bool]:
    """The same of one case after the other, each looked up by its key. To be told what `Typed` says."""
    holding = sa.select(Lookup.words.op("@@")(_query(sorts, _told))).where(Lookup.case_id == case_id)
    return holding.scalar_subquery().is_(sa.true())


def _having(typed: str) -> sa.Select[tuple[int]]:
    """The words are written into the statement, because they decide by which index PostgreSQL should go."""
    asked = Typed.of(typed)
    query = _query(asked.sorts, lambda name: sa.bindparam(None, asked.told[name], sa.Text, literal_execute=True))
    return sa.select(Lookup.case_id).where(Lookup.words.op("@@")(query))


def _those(sorts: Sorts) -> sa.Select[tuple[int]]:
    return sa.select(Lookup.case_id).where(Lookup.words.op("@@")(_query(sorts, _told)))


def at(place: str) -> sa.ColumnElement[bool]:
    """The condition that each word stands in the place that the case is about, or in the resident's street, postcode or
    town; `holds` has made them few."""
    address = sa.func.concat_ws(" ", Case.place, Case.care_of, Case.street, Case.postcode, Case.town)
    words = [word.replace("_", "") for word in WORD.findall(plain(place))]
    return sa.and_(*(sa.func.plain_words(address).contains(word, autoescape=True) for word in words))


def texts(staff: Staff, case_ids: Sequence[int], typed: str) -> Sequence[Any]:
    """What `reasons` are looked for in, within the scope; one statement."""
    return _texts(staff.role).all({"staff_id": staff.id, "ids": list(case_ids), "typed": plain(typed)})


def reasons(rows: Sequence[Any], typed: str) -> dict[int, Why]:
    """Why each of these cases was found, from their `texts`."""
    marker = _Marker(typed, rows[0].stems if rows else ())
    return {row.id: _why(row, marker) for row in rows}


@cache
def _texts(role: str) -> Prepared:
    """Every text of some cases in which a reason can stand, and the stems of what was typed."""
    said = sa.func.jsonb_agg(sa.func.jsonb_build_array(Entry.sort, Entry.text), type_=JSONB).label("said")
    entries = sa.select(said).where(Entry.case_id == Case.id, Entry.retracted_at.is_(None)).scalar_subquery()
    typed = sa.bindparam("typed", type_=sa.Text)
    stems = sa.func.tsvector_to_array(sa.func.to_tsvector(_config("swedish"), typed))
    columns = (Case.id, Case.subject, Case.description, Case.name, Case.email, Case.phone)
    place = sa.func.concat_ws(" ", Case.place, Case.care_of, Case.street, Case.postcode, Case.town).label("address")
    query = sa.select(*columns, place, entries.label("said"), stems.label("stems"))
    ids = sa.bindparam("ids", type_=sa.ARRAY(sa.BigInteger))
    return Prepared(query.where(within(anyone(role)), Case.id == sa.any_(ids)))


def plain(text: str) -> str:
    """As the database compares words: small letters, no accents but those of Swedish letters."""
    return unicodedata.normalize("NFC", text).lower().translate(ACCENTS)


def _parts(typed: str) -> list[tuple[str, str]]:
    text, parts, end = plain(typed), [], 0
    for run in PHONE.finditer(text):
        parts += _inflected(WORD.findall(text[end : run.start()]))
        parts.append(("number", _number(run[0])))
        end = run.end()
    words = WORD.findall(text[end:])
    if words:
        parts += [*_inflected(words[:-1]), ("last", words[-1])]
    return parts


def _inflected(words: list[str]) -> list[tuple[str, str]]:
    return [("inflected", " & ".join(words))] if words else []


def _number(typed: str) -> str:
    """A number as it is written, or a telephone number by its beginning or its end."""
    digits = re.sub(r"\(0\)|\D", "", typed)
    groups = WORD.findall(typed)
    written = " & ".join(groups) + (":*" if len(groups[-1]) >= WHOLE_GROUP else "")
    return f"({written}) | {digits}:* | r{digits.lstrip('0')[::-1]}:*"


def _query(sorts: Sorts, words: Callable[[str], sa.ColumnElement[str]]) -> Query:
    """Everything that was typed, joined by "and"."""
    whole, *more = (_part(sort, place, words) for place, sort in enumerate(sorts))
    for part in more:
        whole = whole.op("&&")(part)
    return whole


def _part(sort: str, place: int, words: Callable[[str], sa.ColumnElement[str]]) -> Query:
    said = sa.func.to_tsquery(_config("simple" if sort == "number" else "swedish"), words(f"said{place}"))
    if sort != "last":
        return said
    return said.op("||")(sa.func.to_tsquery(_config("simple"), words(f"begins{place}"))).self_group()


def _told(name: str) -> sa.ColumnElement[str]:
    return sa.bindparam(name, type_=sa.Text)


def _config(name: str) -> sa.ColumnElement[Any]:
    return sa.literal_column(f"'pg_catalog.{name}'::regconfig")


class _Marker:
    """Finds in a text what was typed: words that begin with a stem of it, and telephone numbers."""

    def __init__(self, typed: str, stems: Sequence[str]) -> None:
        last = WORD.findall(plain(typed))[-1:]
        self.stems = tuple({*stems, *last})
        begins = "|".join(map(re.escape, self.stems)) or r"(?!)"
        self.word = re.compile(rf"(?<![^\W_])(?:{begins})[^\W_]*")
        runs = (re.sub(r"\(0\)|\D", "", run).lstrip("0") for run in PHONE.findall(typed))
        self.phones = tuple(run for run in runs if run)
        self.begins = next((word for word in last if word.isdecimal() and word.startswith("0")), None)

    def pieces(self, text: str) -> Pieces:
        found, end = [], 0
        for start, stop in self._spans(text):
            found += [(text[end:start], False), (text[start:stop], True)]
            end = stop
        return [*found, (text[end:], False)]

    def _spans(self, text: str) -> list[tuple[int, int]]:
        """Where the words stand. Made plain a text keeps its length, but for signs that Swedish does not have."""
        flat = plain(text)
        if len(flat) == len(text):
            return [word.span() for word in self.word.finditer(flat)]
        return [word.span() for word in WORD.finditer(text) if plain(word[0]).startswith(self.stems)]

    def found(self, flat: str) -> set[str]:
        """Which of the stems a text has that was made plain."""
        words = set(self.word.findall(flat))
        return {stem for stem in self.stems if any(word.startswith(stem) for word in words)} if words else set()

    def in_phone(self, phone: str | None) -> bool:
        if phone and self.begins and f"0{phone.removeprefix('+46')}".startswith(self.begins):
            return True
        return any(run in (phone or "") for run in self.phones)


def _why(row: sa.Row[Any], marker: _Marker) -> Why:
    subject = marker.pieces(row.subject)
    if marker.in_phone(row.phone):
        return Why(subject, "phone", [(row.phone, True)])
    told = marker.found(plain(row.subject))
    if len(told) == len(marker.stems):
        return Why(subject, None, [])
    where, text, most = None, "", 0
    for place, said in _places(row):
        more = len(marker.found(plain(said)) - told)
        if more > most:
            where, text, most = place, said, more
        if most == len(marker.stems) - len(told):
            break
    return Why(subject, where, _cut(marker.pieces(line(text))) if where else [])


def _places(row: sa.Row[Any]) -> Iterator[tuple[str, str]]:
    """Every text in which a reason can stand, the likeliest first."""
    yield "description", row.description
    yield from ((sort, text) for sort, text in row.said or ())
    for name in ("name", "address", "email"):
        yield name, getattr(row, name) or ""


def _cut(pieces: Pieces) -> Pieces:
    """The text around its first marked word."""
    first = next((place for place, (_text, marked) in enumerate(pieces) if marked), 0)
    lead = pieces[first - 1][0] if first else ""
    shown: Pieces = [(f"…{lead[-BEFORE:].partition(' ')[2]}" if len(lead) > BEFORE else lead, False)]
    left = AFTER
    for text, marked in pieces[first:]:
        shown.append((text if len(text) <= left else f"{text[:left].rpartition(' ')[0]}…", marked))
        left -= len(text)
        if left <= 0:
            break
    return [piece for piece in shown if piece[0]]
