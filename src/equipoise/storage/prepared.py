"""Statements that every request runs, compiled once and run on the driver's own cursor.

SQLAlchemy writes the SQL, for either database; what it does around each execution costs five times what
SQLite takes for the row itself.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Dialect, Executable
from sqlalchemy.exc import DBAPIError


class Prepared:
    """A statement with plain parameters: texts, numbers, booleans, None.

    columns  the columns that an INSERT or UPDATE is given at each run
    """

    def __init__(self, statement: Executable, columns: tuple[str, ...] = ()) -> None:
        self._statement, self._columns = statement, columns
        self._compiled: dict[str, tuple[str, tuple[str, ...] | None, dict[str, Any]]] = {}

    def run(self, connection: Connection, values: Mapping[str, Any]) -> Any:
        """The driver's cursor. raises DBAPIError, as SQLAlchemy does"""
        dialect = connection.dialect
        text, order, fixed = self._compiled.get(dialect.name) or self._compile(dialect)
        known = {**fixed, **values} if fixed else values
        said: Any = known if order is None else [known[name] for name in order]
        try:
            return connection.connection.driver_connection.execute(text, said)  # type: ignore[union-attr]
        except dialect.loaded_dbapi.Error as error:
            raise problem(connection, text, error) from error

    def _compile(self, dialect: Dialect) -> tuple[str, tuple[str, ...] | None, dict[str, Any]]:
        columns = list(self._columns) or None
        compiled: Any = self._statement.compile(dialect=dialect, column_keys=columns)  # type: ignore[attr-defined]
        order = tuple(compiled.positiontup) if compiled.positional else None
        fixed = {name: value for name, value in compiled.params.items() if value is not None}
        made = self._compiled[dialect.name] = (compiled.string, order, fixed)
        return made


def problem(connection: Connection, text: str, error: Exception) -> BaseException:
    """What SQLAlchemy would raise; a connection that is lost is given up."""
    dialect = connection.dialect
    lost = dialect.is_disconnect(error, connection.connection, None)  # type: ignore[arg-type]
    if lost:
        connection.invalidate(error)
    return DBAPIError.instance(
        text,
        None,
        error,
        dialect.loaded_dbapi.Error,
        hide_parameters=True,
        connection_invalidated=lost,
        dialect=dialect,
    )
