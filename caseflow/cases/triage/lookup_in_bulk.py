"""The lookup of many new cases as a whole, where the triggers would fill it statement by statement.

The triggers make the words of a case's own text and of what is said in it apart, and put each row into the index by
itself. A transaction that brings thousands tells them to wait (`postpone`) and fills the lookup in its end (`fill`),
with the functions that the triggers use. Neither ALTER TABLE … DISABLE TRIGGER nor session_replication_role would do:
the first locks everybody else out of the cases until the end, the second lets the append-only guard and the foreign
keys sleep as well. So the triggers look at a setting that ends with the transaction and that nobody else sees. Nobody
sees the cases before their lookup either, and what is interrupted leaves neither.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

# Cases whose words are made by one statement: some seconds' work.
STEP = 25_000
# The index is made again where the lookup grows to at least so many times its size.
GROWTH = 4
INDEX = "case_lookup_words_idx"
# Who reads for longer keeps the index as it is.
PATIENCE = "5s"

POSTPONE = "SET LOCAL caseflow.lookup = 'later'"
# Several processes may make the words: only such a statement lets them, INSERT does not.
SHARED = (
    "SET LOCAL min_parallel_table_scan_size = 0",
    "SET LOCAL min_parallel_index_scan_size = 0",
    "SET LOCAL parallel_setup_cost = 0",
    'ANALYZE "case", entry',
)
# Cases of others that come in meanwhile have their row, because their triggers are awake: it came with them.
WORDS = """
CREATE TEMPORARY TABLE {name} ON COMMIT DROP AS
SELECT id AS case_id, all_words("case") AS words, waits_since("case") AS waiting_since FROM "case"
WHERE id BETWEEN {first} AND {last} AND NOT EXISTS (SELECT FROM case_lookup WHERE case_id = id)
"""
THESE = """
INSERT INTO case_lookup (case_id, words, waiting_since)
SELECT id, all_words("case"), waits_since("case") FROM "case" WHERE id = ANY(:ids)
"""
TAKE = "INSERT INTO case_lookup (case_id, words, waiting_since) TABLE {name}"


def postpone(session: Session) -> None:
    """Until this transaction ends the triggers leave what comes in without a lookup."""
    session.execute(sa.text(POSTPONE))


def fill(session: Session, first: int, last: int) -> Iterator[int]:
    """Give the cases of this transaction, whose ids lie from `first` to `last`, their lookup; yields the id up to which
    the words are made. The table is locked after the last one only, and the index is all that is left to do."""
    for setting in SHARED:
        session.execute(sa.text(setting))
    names = []
    for begin in range(first, last + 1, STEP):
        end = min(begin + STEP - 1, last)
        names.append(f"lookup_from_{begin}")
        session.execute(sa.text(WORDS.format(name=names[-1], first=begin, last=end)))
        yield end
    definition = _without_index(session) if _is_small(session, last - first + 1) else None
    for name in names:
        session.execute(sa.text(TAKE.format(name=name)))
    if definition:
        session.execute(sa.text("SET LOCAL maintenance_work_mem = '256MB'"))
        session.execute(sa.text(definition))


def fill_these(session: Session, ids: Sequence[int]) -> None:
    """Give some thousand cases of this transaction their lookup, beside people who work: no table is locked."""
    session.execute(sa.text(THESE), {"ids": list(ids)})


def _is_small(session: Session, coming: int) -> bool:
    """Beside what comes. Putting every word of many rows into an index takes longer than making it of all."""
    there = session.scalar(sa.text("SELECT count(*) FROM case_lookup")) or 0
    return there * (GROWTH - 1) <= coming


def _without_index(session: Session) -> str | None:
    """The statement that makes the index again; None where somebody reads the table for so long that it stays."""
    definition = session.scalar(sa.text("SELECT pg_get_indexdef(CAST(:name AS regclass))"), {"name": INDEX})
    try:
        with session.begin_nested():
            session.execute(sa.text(f"SET LOCAL lock_timeout = '{PATIENCE}'"))
            session.execute(sa.text(f"DROP INDEX {INDEX}"))
    except sa.exc.OperationalError:
        return None
    session.execute(sa.text("SET LOCAL lock_timeout TO DEFAULT"))
    return str(definition)
