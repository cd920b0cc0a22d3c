"""Told of commits: on SQLite by asking its file, on PostgreSQL by listening. The log says what they were.

Nothing depends on a telling: who follows the log looks at it every second in any case.
"""

import sqlite3
from contextlib import suppress
from pathlib import Path
from threading import Event
from time import monotonic
from typing import Any

from sqlalchemy import Connection, Engine

from equipoise.application.ports import Watch
from equipoise.storage.engine import file_of

POLL_SECONDS = 0.02
LISTEN_SECONDS = 0.25  # a listener looks this often whether it is to stop
CHANNEL = "equipoise_log"


def watch_of(engine: Engine) -> Watch:
    file = file_of(engine.url)
    return PostgresWatch(engine) if file is None else SqliteWatch(file)


def announce(connection: Connection, number: int) -> None:
    """Tells listeners of a commit, on its own connection and after it; nothing on SQLite.

    Within the transaction it would make commits queue for a lock of the whole server.
    """
    if connection.dialect.name != "postgresql":
        return
    with suppress(Exception):  # the commit stands, and followers look without being told
        driver: Any = connection.connection.driver_connection
        driver.autocommit = True
        try:
            driver.execute("SELECT pg_notify(%s, %s)", (CHANNEL, str(number)))
        finally:
            driver.autocommit = False


class SqliteWatch:
    """Asks for `data_version`, which moves with each commit of any other connection, here or elsewhere."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._stopped = Event()
        self._connection: sqlite3.Connection | None = None
        self._version = 0

    def wait(self, seconds: float) -> None:
        end = monotonic() + seconds
        while monotonic() < end and not self._stopped.wait(POLL_SECONDS):
            if self._moved():
                return
        if self._stopped.is_set() and self._connection is not None:
            self._connection.close()
            self._connection = None

    def close(self) -> None:
        self._stopped.set()

    def _moved(self) -> bool:
        known = self._version
        try:
            if self._connection is None:
                self._connection = sqlite3.connect(f"{self._file.as_uri()}?mode=rw", uri=True, timeout=1)
            (self._version,) = self._connection.execute("PRAGMA data_version").fetchone()
        except sqlite3.Error:
            self._connection = None
            return False
        return self._version != known


class PostgresWatch:
    """Listens on a connection of its own, and makes another when that is lost."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._stopped = Event()
        self._connection: Any = None

    def wait(self, seconds: float) -> None:
        end = monotonic() + seconds
        if self._stopped.is_set():
            self._drop()
            return
        try:
            if self._connection is None:
                self._connection = self._listen()
                return  # what was committed before went unheard
            self._hear(end)
        except Exception:
            self._drop()
            self._stopped.wait(max(end - monotonic(), 0))
        if self._stopped.is_set():
            self._drop()

    def close(self) -> None:
        self._stopped.set()

    def _hear(self, end: float) -> None:
        while not self._stopped.is_set() and monotonic() < end:
            most = min(LISTEN_SECONDS, max(end - monotonic(), 0))
            for _ in self._connection.notifies(timeout=most, stop_after=1):
                return

    def _listen(self) -> Any:
        dialect: Any = self._engine.dialect
        arguments, named = dialect.create_connect_args(self._engine.url)
        named |= {"autocommit": True, "application_name": "equipoise-watch", "connect_timeout": 10}
        connection = dialect.loaded_dbapi.connect(*arguments, **named)
        connection.execute(f"LISTEN {CHANNEL}")
        return connection

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(Exception):
                connection.close()
