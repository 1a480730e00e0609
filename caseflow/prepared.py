"""A statement that is written out once and from then on handed to the driver as it is.

Finding what it was compiled to, and making rows of what comes back, costs SQLAlchemy three times what the driver itself
takes. For the few statements that every page sends that is most of the page's time.
"""

from __future__ import annotations

import time
from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any, TypeVar, cast

import psycopg
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg

from caseflow.database import Ahead, Model, Reading, Underway, db, errors_of

T = TypeVar("T", bound=Model)
Dress = Callable[[Any], Any]

# Values by their number, as PostgreSQL takes them: by name psycopg would look for them in the text.
_DIALECT: Any = PGDialect_psycopg(paramstyle="numeric_dollar")  # type: ignore[no-untyped-call]


class Prepared:
    """Gives columns, never things of the session; what comes with each execution are the statement's named values."""

    def __init__(self, statement: sa.SelectBase | sa.sql.dml.ReturningInsert[Any], *, explained: bool = False) -> None:
        """`explained` asks how PostgreSQL would go about it, with the values: a single row with a single value."""
        self.statement, self._explained = statement, explained

    def all(self, told: Mapping[str, Any]) -> list[Any]:
        """The rows: tuples, whose values also go by the names of the columns."""
        text, values, row = self._filled(told)
        return [row(found) for found in _sent(text, values, Reading() if self.statement.is_select else _Writing())]

    def later(self, told: Mapping[str, Any]) -> Callable[[], list[Any]]:
        """Sends a statement that reads, and gives what gives its rows: PostgreSQL works at it meanwhile."""
        text, values, row = self._filled(told)
        arrived = _sent_ahead(text, values)
        return lambda: [row(found) for found in arrived()]

    def one(self, told: Mapping[str, Any]) -> Any:
        (row,) = self.all(told)
        return row

    def by_name(self, told: Mapping[str, Any]) -> dict[str, Any]:
        """The single row of a statement whose columns may have any name."""
        return self._named(self.all(told))

    def named_later(self, told: Mapping[str, Any]) -> Callable[[], dict[str, Any]]:
        """The same, sent ahead."""
        arrived = self.later(told)
        return lambda: self._named(arrived())

    def _named(self, rows: Sequence[Any]) -> dict[str, Any]:
        (row,) = rows
        return dict(zip(map(str, self.statement.exported_columns.keys()), row, strict=True))

    def _filled(self, told: Mapping[str, Any]) -> tuple[str, Sequence[Any], Dress]:
        """The text, its values, and what makes a row."""
        text, names, constants, dress, row = self._written
        values = [told[name] if name in told else constants[name] for name in names]
        if dress:
            values = [dress[name](value) if name in dress else value for name, value in zip(names, values, strict=True)]
        return text, values, row

    @cached_property
    def _written(self) -> tuple[str, Sequence[str], Mapping[str, Any], Mapping[str, Dress], Dress]:
        """The text, the names of its values in order, those that are the same each time, what makes of some values
        something that the driver takes, and what makes a row.
        """
        compiled: Any = self.statement.compile(dialect=_DIALECT)
        for column in compiled._result_columns:
            if column.type.dialect_impl(_DIALECT).result_processor(_DIALECT, None) is not None:
                raise TypeError(f"{column.keyname} needs more than the driver gives")
        given = {bind.key: None for bind in compiled.binds.values() if bind.required}
        whole = compiled.construct_expanded_state(given)
        columns = [column.keyname for column in compiled._result_columns]
        row: Any = namedtuple("Row", columns, rename=True)  # type: ignore[misc]
        names, dress = whole.positiontup or (), compiled._bind_processors
        dress = {name: dress[name] for name in names if name in dress}
        # What a new row has unless something else is said: in our tables always a plain value.
        unsaid = {column.key: column.default.arg for column in getattr(compiled, "insert_prefetch", ())}
        text = f"EXPLAIN (FORMAT JSON) {whole.statement}" if self._explained else whole.statement
        return text, names, {**whole.parameters, **unsaid}, dress, row._make


def held(kind: type[T], values: Mapping[str, Any]) -> T:
    """A row that is there as a thing of the session, as if the session had just read it."""
    mapper, session = kind.__mapper__, db.session()
    key = mapper.identity_key_from_primary_key(tuple(values[str(column.key)] for column in mapper.primary_key))
    if (known := session.identity_map.get(key)) is not None:
        for name, value in values.items():
            sa.orm.attributes.set_committed_value(known, name, value)
        return cast(T, known)
    thing = mapper.class_manager.new_instance()
    thing.__dict__.update(values)
    sa.orm.make_transient_to_detached(thing)
    session.add(thing)
    return cast(T, thing)


class _Writing:
    """Beside a statement that changes something."""

    compiled = None


def _sent(text: str, values: Sequence[Any], context: object) -> list[Any]:
    """As SQLAlchemy sends it: in the session's transaction, after what the session has not written yet, told to whoever
    listens, and with SQLAlchemy's errors.
    """
    connection = _ready()
    cursor = _cursor(connection)
    heard: Any = connection.dispatch
    for tell in heard.before_cursor_execute:
        tell(connection, cursor, text, values, context, False)
    with errors_of(connection, text, values):
        found = cursor.execute(text, values).fetchall()
    for tell in heard.after_cursor_execute:
        tell(connection, cursor, text, values, context, False)
    return found


def _sent_ahead(text: str, values: Sequence[Any]) -> Callable[[], list[Any]]:
    connection, context = _ready(), Ahead()
    cursor, began = _cursor(connection), time.perf_counter()
    heard: Any = connection.dispatch
    for tell in heard.before_cursor_execute:
        tell(connection, cursor, text, values, context, False)
    with errors_of(connection, text, values):
        underway = Underway.on(connection)
        cursor.execute(text, values)
    sending = time.perf_counter() - began

    def arrived() -> list[Any]:
        began = time.perf_counter()
        with errors_of(connection, text, values):
            underway.arrive()
            found = cursor.fetchall()
        context.waited = sending + time.perf_counter() - began
        for tell in heard.after_cursor_execute:
            tell(connection, cursor, text, values, context, False)
        return found

    return arrived


def _ready() -> sa.Connection:
    session = db.session()
    if session.autoflush:
        session.flush()
    return session.connection()


def _cursor(connection: sa.Connection) -> psycopg.RawCursor[Any]:
    raw: Any = connection.connection.driver_connection
    return psycopg.RawCursor(raw)
