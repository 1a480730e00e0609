"""A statement that is written out once and from then on handed to the driver as it is.

Finding what it was compiled to, and making rows of what comes back, costs SQLAlchemy three times what the driver itself
takes. For the few statements that every page sends that is most of the page's time.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any

import psycopg
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg

from caseflow.database import Reading, db

# Values by their number, as PostgreSQL takes them: by name psycopg would look for them in the text.
_DIALECT: Any = PGDialect_psycopg(paramstyle="numeric_dollar")  # type: ignore[no-untyped-call]


class Prepared:
    """Reads columns, never things of the session; what comes with each execution are the statement's named values."""

    def __init__(self, statement: sa.SelectBase) -> None:
        self.statement = statement

    def all(self, told: Mapping[str, Any]) -> list[Any]:
        """The rows: tuples, whose values also go by the names of the columns."""
        text, names, constants, row = self._written
        values = [told[name] if name in told else constants[name] for name in names]
        return [row(found) for found in _sent(text, values)]

    def one(self, told: Mapping[str, Any]) -> Any:
        (row,) = self.all(told)
        return row

    @cached_property
    def _written(self) -> tuple[str, Sequence[str], Mapping[str, Any], Callable[[Sequence[Any]], Any]]:
        """The text, the names of its values in their order, those that are the same each time, and what makes a row."""
        compiled: Any = self.statement.compile(dialect=_DIALECT)
        for column in compiled._result_columns:
            if column.type.dialect_impl(_DIALECT).result_processor(_DIALECT, None) is not None:
                raise TypeError(f"{column.keyname} needs more than the driver gives")
        given = {bind.key: None for bind in compiled.binds.values() if bind.required}
        whole = compiled.construct_expanded_state(given)
        if whole.processors:
            raise TypeError(f"{[*whole.processors]} need more than the driver does")
        names = [column.keyname for column in compiled._result_columns]
        row: Any = namedtuple("Row", names, rename=True)  # type: ignore[misc]
        return whole.statement, whole.positiontup or (), whole.parameters, row._make


def _sent(text: str, values: Sequence[Any]) -> list[Any]:
    """As SQLAlchemy sends it: in the session's transaction, after what the session has not written yet, told to whoever
    listens, and with SQLAlchemy's errors.
    """
    session = db.session()
    if session.autoflush:
        session.flush()
    connection = session.connection()
    raw: Any = connection.connection.driver_connection
    cursor = psycopg.RawCursor(raw)
    context, heard = Reading(), connection.dispatch
    for tell in heard.before_cursor_execute:
        tell(connection, cursor, text, values, context, False)
    try:
        found = cursor.execute(text, values).fetchall()
    except psycopg.Error as error:
        connection._handle_dbapi_exception(error, text, values, cursor, None)  # type: ignore[arg-type]
    for tell in heard.after_cursor_execute:
        tell(connection, cursor, text, values, context, False)
    return found
