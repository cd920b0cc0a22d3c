"""Engines: all that differs between SQLite and PostgreSQL, but for the order of turns on SQLite."""

import os
import sqlite3
from pathlib import Path
from time import monotonic, sleep
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, DisconnectionError

from equipoise.storage.prepared import problem
from equipoise.storage.problems import Unusable

DATABASE_FILE = "equipoise.db"
BUSY_TIMEOUT_MS = 10_000
IDLE_SECONDS_MAX = 5.0  # a connection that rested longer is asked whether it is still there

_NEXT = "Name a folder, sqlite:///PATH or postgresql://USER@HOST/DATABASE."
_PRAGMAS = (
    f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}",
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA temp_store = MEMORY",
    "PRAGMA cache_size = -16000",  # kibibytes
)


def url_of(where: str | Path) -> URL:
    """The database meant by a URL, or by a folder. raises Unusable"""
    if isinstance(where, Path) or "://" not in where:
        return URL.create("sqlite", database=str(Path(where).absolute() / DATABASE_FILE))
    try:
        url = make_url(where)
    except ArgumentError as error:
        raise Unusable("The database address cannot be read.", _NEXT) from error
    if url.drivername in ("postgresql", "postgres", "postgresql+psycopg"):
        return url.set(drivername="postgresql+psycopg")
    if url.get_backend_name() == "sqlite" and url.database not in (None, "", ":memory:"):
        return URL.create("sqlite", database=str(Path(str(url.database)).absolute()))
    raise Unusable(f"{url.drivername} is no database that Equipoise knows.", _NEXT)


def file_of(url: URL) -> Path | None:
    """The SQLite file; None for PostgreSQL."""
    return Path(str(url.database)) if url.get_backend_name() == "sqlite" else None


def make_engine(url: URL, connections: int) -> Engine:
    """An engine for so many connections at once; on SQLite its file is made, for its owner's eyes.

    raises  Unusable
    """
    file = file_of(url)
    if file is not None:
        _make_file(file)
        engine = create_engine(url, pool_size=connections, max_overflow=0, hide_parameters=True)
        event.listen(engine, "connect", _set_up_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    engine = create_engine(
        url,
        pool_size=connections,
        max_overflow=0,
        hide_parameters=True,
        connect_args={
            "application_name": "equipoise",
            "options": f"-c lock_timeout={BUSY_TIMEOUT_MS}",
            "connect_timeout": 10,
        },
    )
    event.listen(engine, "checkin", _note_rest)
    event.listen(engine, "checkout", _ask_after_rest)
    return engine


def reading(engine: Engine) -> Engine:
    """The same connections, for transactions that see one moment and write nothing."""
    if engine.dialect.name == "sqlite":
        return engine
    return engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)


def writing(engine: Engine) -> Engine:
    """The same connections, for transactions that write; on SQLite they lock at once."""
    if engine.dialect.name == "sqlite":
        return engine.execution_options(begin="BEGIN IMMEDIATE")
    return engine.execution_options(isolation_level="READ COMMITTED")


def lock_schema(connection: Connection) -> None:
    """Nobody else migrates or restores until the end of this transaction."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(7234100551)"))


def rows_were_loaded(connection: Connection) -> None:
    """Numbers that the database gives go on above those that were loaded."""
    if connection.dialect.name == "postgresql":
        last = "(SELECT coalesce(max(row), 0) + 1 FROM change_log)"
        sequence = "pg_get_serial_sequence('change_log', 'row')"
        connection.execute(text(f"SELECT setval({sequence}, {last}, false)"))


def _make_file(file: Path) -> None:
    folder = file.parent
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    except OSError as error:
        raise Unusable(
            f"{file} cannot be written: {error.strerror}.",
            "Make the folder writable for this user, or name another.",
        ) from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise Unusable(
            f"The folder {folder} is read-only.",
            "Make it writable for this user, or name another.",
        )


def _set_up_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # the driver begins nothing by itself
    end = monotonic() + BUSY_TIMEOUT_MS / 1000
    for pragma in _PRAGMAS:
        _insist(connection, pragma, end)


def _insist(connection: Any, pragma: str, end: float) -> None:
    """Runs a pragma; SQLite itself does not wait for whoever else is turning a new file to WAL."""
    while True:
        try:
            connection.execute(pragma)
            return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or monotonic() > end:
                raise
            sleep(0.005)


def _begin_sqlite(connection: Connection) -> None:
    begin = connection.get_execution_options().get("begin", "BEGIN")
    try:
        connection.connection.driver_connection.execute(begin)  # type: ignore[union-attr]
    except connection.dialect.loaded_dbapi.Error as error:
        raise problem(connection, begin, error) from error


def _note_rest(_connection: Any, record: Any) -> None:
    record.info["rested_since"] = monotonic()


def _ask_after_rest(connection: Any, record: Any, _proxy: Any) -> None:
    since = record.info.get("rested_since")
    if since is None or monotonic() - since < IDLE_SECONDS_MAX:
        return
    try:
        connection.execute("SELECT 1")
        connection.rollback()
    except Exception as error:
        raise DisconnectionError from error  # the pool makes another
