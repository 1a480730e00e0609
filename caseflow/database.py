"""The database session, and the only commit in the project."""

from __future__ import annotations

import json
import select
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, LiteralString, TypeVar, cast

import psycopg
import sqlalchemy as sa
from flask import Flask
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from psycopg import sql
from psycopg.pq import TransactionStatus
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Session, registry
from sqlalchemy.pool import ConnectionPoolEntry, Pool
from sqlalchemy.types import TypeEngine

T = TypeVar("T")

LAST_ID = 2**63 - 1  # of a bigint: a greater number in an address names nothing


class Model(DeclarativeBase):
    """Base of every table. A `dict` column is JSONB, a `datetime` one is timestamptz, an `int` key is bigint."""

    registry = registry(
        metadata=sa.MetaData(
            naming_convention={
                "pk": "%(table_name)s_pkey",
                "fk": "%(table_name)s_%(column_0_name)s_fkey",
                "ix": "%(table_name)s_%(column_0_name)s_idx",
                "uq": "%(table_name)s_%(column_0_N_name)s_key",
                "ck": "%(table_name)s_%(constraint_name)s_check",
            }
        ),
        type_annotation_map={
            dict[str, object]: JSONB,
            dict[str, str]: JSONB,
            list[str]: sa.ARRAY(sa.Text),
            str: sa.Text,
        },
    )


class Cursor(psycopg.Cursor[Any]):
    """SQLAlchemy asks each time for the columns, and looks at their names and types alone."""

    @property
    def description(self) -> Any:
        found = self.pgresult
        if not (found and found.nfields):
            return super().description
        name, kind = found.fname, found.ftype
        return [((name(i) or b"").decode(), kind(i), None, None, None, None, None) for i in range(found.nfields)]


_DECODE = json.JSONDecoder().raw_decode


def _from_json(told: bytes) -> Any:
    """What PostgreSQL writes is UTF-8 and begins at once; `json.loads` looks whether it does."""
    return _DECODE(str(told, "utf-8"))[0]


ENGINE = {
    "json_deserializer": _from_json,
    "hide_parameters": True,  # an error in a log must not hold what a resident wrote
    "pool_use_lifo": True,  # the connection that was used last has its statements prepared
    "connect_args": {"connect_timeout": 5, "cursor_factory": Cursor},  # seconds
}
db = SQLAlchemy(
    model_class=Model, session_options={"expire_on_commit": False}, engine_options=ENGINE, disable_autonaming=True
)
migrate = Migrate(directory="migrations")


def unseen(name: str, kind: type[TypeEngine[T]] | TypeEngine[T]) -> sa.ScalarSelect[T]:
    """A value that comes with the execution and that PostgreSQL does not see while it plans. What it sees it plans for
    anew each time, which takes longer than most pages' statements themselves; like this it plans once a connection.
    """
    return sa.select(sa.bindparam(name, type_=kind)).scalar_subquery()


def constant(number: int) -> sa.ColumnElement[int]:
    """A number that stands in the statement: of a LIMIT that it cannot see PostgreSQL thinks a tenth of all rows."""
    return sa.literal_column(str(number), sa.Integer)


def next_of(sequence: str, total: int | None = None, block: int = 2_000) -> Iterator[int]:
    """Numbers of a sequence, reserved in blocks and never more than `total`; others may draw from it meanwhile."""
    some = sa.text("SELECT array_agg(nextval(:sequence)) FROM generate_series(1, :size)")
    given = 0
    while total is None or given < total:
        size = block if total is None else min(block, total - given)
        yield from db.session.scalars(some, {"sequence": sequence, "size": size}).one()
        given += size


@contextmanager
def copying(
    session: Session, table: str, columns: Iterable[str], form: LiteralString = "text"
) -> Iterator[psycopg.Copy]:
    """Into a table by COPY, in the session's transaction: thousands of rows at once."""
    connection = cast("psycopg.Connection[Any]", session.connection().connection.driver_connection)
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    into = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT {})").format(sql.Identifier(table), names, sql.SQL(form))
    with connection.cursor() as cursor, cursor.copy(into) as stream:
        yield stream


def identity_of(table: str) -> str:
    """The sequence of a table's ids."""
    return str(db.session.scalar(sa.text("SELECT pg_get_serial_sequence(:table, 'id')"), {"table": f'"{table}"'}))


_RESTED = "rested"
SURE = 5.0  # seconds for which a connection that was just used is trusted, if nothing has come from the server


@sa.event.listens_for(Pool, "checkin")
def _rests(_raw: object, record: ConnectionPoolEntry) -> None:
    record.info[_RESTED] = time.monotonic()


@sa.event.listens_for(Pool, "checkout")
def _is_there(raw: Any, record: ConnectionPoolEntry, _proxy: object) -> None:
    """A database that was restarted costs a new connection and not an error. Asking each time (`pool_pre_ping`) costs
    half as much as a statement; the end of a connection can be seen at its socket.
    """
    rested = record.info.get(_RESTED)
    if rested is None or (time.monotonic() - rested < SURE and not _hears(raw)):
        return
    try:
        raw.autocommit = True
        raw.execute("")
        raw.autocommit = False
    except psycopg.Error as error:
        raise sa.exc.DisconnectionError from error


def _hears(raw: Any) -> bool:
    """Whether the server has said something unasked, be it that it goes."""
    if raw.closed:
        return True
    ears = select.poll()
    ears.register(raw.fileno(), select.POLLIN)
    return bool(ears.poll(0))


_HOOKS = "after_commit"
_WROTE = "wrote"


def init_app(app: Flask) -> None:
    db.init_app(app)
    app.teardown_request(_end_reading)


@sa.event.listens_for(sa.Engine, "begin")
def _nothing_is_written(connection: sa.Connection) -> None:
    connection.info[_WROTE] = False


class Reading:
    """Beside a statement that SQLAlchemy did not send, in place of its context: it changes nothing."""


class Ahead(Reading):
    """Beside one that was sent before it was wanted: for how many seconds the page then stood still."""

    waited = 0.0


@contextmanager
def errors_of(connection: sa.Connection, text: str, values: Sequence[Any] = ()) -> Iterator[None]:
    """The driver's errors as SQLAlchemy's, without what was asked for."""
    try:
        yield
    except psycopg.Error as error:
        connection._handle_dbapi_exception(error, text, values, None, None)


_UNDERWAY = "underway"


class Underway:
    """Statements that PostgreSQL works at while Python does something else: those of one connection that were sent
    and whose rows nobody has asked for yet. They all arrive with the first that is asked for, and before anything
    else is sent.
    """

    def __init__(self, connection: sa.Connection) -> None:
        raw: Any = connection.connection.driver_connection
        self._pipeline = raw.pipeline()
        self._pipeline.__enter__()
        self._connection = connection
        self._info = connection.info
        self._info[_UNDERWAY] = self

    @classmethod
    def on(cls, connection: sa.Connection) -> Underway:
        return connection.info.get(_UNDERWAY) or cls(connection)

    def arrive(self) -> None:
        """Raises the error of whichever statement had one."""
        if self._info.get(_UNDERWAY) is self:
            del self._info[_UNDERWAY]
            with errors_of(self._connection, "what was sent ahead"):
                self._pipeline.__exit__(None, None, None)


def _all_arrive(info: Any) -> None:
    if underway := info.get(_UNDERWAY):
        underway.arrive()


@sa.event.listens_for(sa.Engine, "commit")
def _before_a_commit(connection: sa.Connection) -> None:
    _all_arrive(connection.info)


@sa.event.listens_for(sa.Engine, "rollback")
def _before_a_rollback(connection: sa.Connection) -> None:
    if connection.closed or connection.invalidated:
        return
    with suppress(sa.exc.DBAPIError):  # an error of what nobody asked for
        _all_arrive(connection.info)


@sa.event.listens_for(Pool, "reset")
def _before_the_next_request(_raw: object, record: ConnectionPoolEntry, _state: object) -> None:
    with suppress(sa.exc.DBAPIError):
        _all_arrive(record.info)


@sa.event.listens_for(sa.Engine, "before_cursor_execute")
def _something_is_written(connection: sa.Connection, *more: Any) -> None:
    _cursor, _statement, _values, context, _many = more
    if not isinstance(context, Ahead):
        _all_arrive(connection.info)
    if isinstance(context, Reading):
        return
    if not (context and context.compiled and context.compiled.statement.is_select):
        connection.info[_WROTE] = True


def _end_reading(error: BaseException | None) -> None:
    """End what a request has read by COMMIT. Left alone it ends by ROLLBACK, after which psycopg forgets all that it
    has prepared, and every statement of every page is taken apart and planned anew.
    """
    session = db.session() if error is None and db.session.registry.has() else None
    if session is None or not (session.in_transaction() and session.is_active):
        return
    connection = session.connection()
    _all_arrive(connection.info)
    if not connection.invalidated and not connection.info.get(_WROTE, True):
        raw: Any = connection.connection.driver_connection
        if raw.info.transaction_status == TransactionStatus.INTRANS:
            raw.commit()


@sa.event.listens_for(sa.Engine, "handle_error")
def _leave_out_the_row(context: sa.engine.ExceptionContext) -> None:
    """PostgreSQL shows the row that breaks a rule (DETAIL: Failing row contains …), and errors end in logs."""
    for error in (context.original_exception, context.sqlalchemy_exception):
        if error is not None and error.args:
            error.args = (str(error.args[0]).partition("\nDETAIL:")[0], *error.args[1:])


@contextmanager
def unit_of_work() -> Iterator[Session]:
    """One transaction: commits when the block ends well, rolls back when it raises.

    What the block handed to `after_commit` runs once the commit is durable, and not at all after a roll-back.
    Units do not nest: the edge (a view, a task, a command) owns the transaction.
    """
    session = db.session()
    if _HOOKS in session.info:
        raise RuntimeError("unit_of_work() does not nest: only the edge commits")
    session.info[_HOOKS] = []
    try:
        yield session
        session.commit()
    except BaseException:
        del session.info[_HOOKS]
        session.rollback()
        raise
    for hook in session.info.pop(_HOOKS):
        hook()


def after_commit(hook: Callable[[], object]) -> None:
    """Run `hook` when the unit of work has committed; a hook must not raise and must not matter if it is lost."""
    hooks: list[Callable[[], object]] | None = db.session().info.get(_HOOKS)
    if hooks is None:
        raise RuntimeError("after_commit() needs a running unit_of_work()")
    hooks.append(hook)
