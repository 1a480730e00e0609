"""Each test begins with an empty database and the example municipality: one call of a function inside the database,
where a statement from outside for each table took a fifth of the suite's time."""

from __future__ import annotations

import uuid

import psycopg
import sqlalchemy as sa
from sqlalchemy.orm import Session

from caseflow.cases.models import NUMBER_SEQUENCE
from caseflow.cases.municipality import configuration
from caseflow.database import Model, db, unit_of_work
from caseflow.stamp import Stamp
from tests.kept import CONFIGURATION, EMPTY

CONFIGURED = [table for table in Model.metadata.sorted_tables if table.name in CONFIGURATION]
# As a replica the append-only trigger and the foreign keys sleep; only a superuser can say this. The configuration is
# put back with its triggers awake, because they tell the app of it (`stamp`), and only where it is not as it was.
FINGERPRINT = " || ".join(
    f"(SELECT coalesce(md5(string_agg(one::text, ',' ORDER BY one::text)), '') FROM \"{table.name}\" one)"
    for table in CONFIGURED
)
FUNCTION = """
CREATE SCHEMA tests;
{copies}
CREATE TABLE tests.known AS SELECT {now} AS fingerprint, gen_random_uuid() AS stamp;
CREATE FUNCTION tests.empty() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('session_replication_role', 'replica', true);
    {emptied}
    PERFORM set_config('session_replication_role', 'origin', true);
    PERFORM {counters}, setval('case_number_seq', {first}, false);
    IF {now} <> (SELECT fingerprint FROM tests.known) THEN
        {unnamed}
        {restored}
    END IF;
    INSERT INTO configuration_stamp (id, value) SELECT 1, stamp FROM tests.known
    ON CONFLICT (id) DO UPDATE SET value = excluded.value;
END $$
"""
# What every test begins with has one stamp, and whoever is hired in the same order leads to the same next one: what was
# drawn for a test is there for the others. Whatever else is changed has, as in the product, a stamp that never comes
# again.
NEXT = "UPDATE configuration_stamp SET value = md5(CAST(:before AS text) || :what)::uuid"


def prepare(example: configuration.Row) -> None:
    """In a database that was just made."""
    with unit_of_work() as session:
        configuration.load(example)
        session.flush()
        session.connection().exec_driver_sql(_function())


def prepared() -> bool:
    return bool(db.session.scalar(sa.text("SELECT to_regnamespace('tests') IS NOT NULL")))


def empty() -> None:
    """A browser that was just closed may have sent something yet (a draft), which the server is still writing."""
    for tries_left in (3, 2, 1, 0):
        try:
            with unit_of_work() as session:
                session.execute(sa.text("SELECT tests.empty()"))
        except sa.exc.OperationalError as error:
            if not tries_left or not isinstance(error.orig, psycopg.errors.DeadlockDetected):
                raise
        else:
            return


def stamp_of(session: Session) -> uuid.UUID | None:
    return session.scalar(sa.select(Stamp.value))


def follow(session: Session, before: uuid.UUID | None, what: str) -> None:
    """After a change of the configuration: `what` says all of it that anything is kept of."""
    session.execute(sa.text(NEXT), {"before": str(before), "what": what})


def _function() -> str:
    names = [table.name for table in CONFIGURED]
    counted = [column for table in EMPTY for column in table.columns if column.identity is not None]
    return FUNCTION.format(
        copies="\n".join(f'CREATE TABLE tests."{name}" AS TABLE "{name}";' for name in names),
        emptied="\n    ".join(
            f'IF EXISTS (SELECT 1 FROM "{table.name}") THEN DELETE FROM "{table.name}"; END IF;' for table in EMPTY
        ),
        counters=", ".join(
            f"setval(pg_get_serial_sequence('\"{one.table.name}\"', '{one.name}'), 1, false)" for one in counted
        ),
        first=NUMBER_SEQUENCE.start,
        now=FINGERPRINT,
        unnamed="\n        ".join(f'DELETE FROM "{name}";' for name in reversed(names)),
        restored="\n        ".join(f'INSERT INTO "{name}" TABLE tests."{name}";' for name in names),
    )
