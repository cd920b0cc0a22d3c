"""State in SQLite or PostgreSQL, through one code path."""

from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from equipoise.storage.engine import make_engine, url_of
from equipoise.storage.migrate import to_newest
from equipoise.storage.problems import Newer, Unmigrated, Unusable, unusable
from equipoise.storage.unit_of_work import SqlReader, SqlStore, SqlTransaction

__all__ = [
    "Newer",
    "SqlReader",
    "SqlStore",
    "SqlTransaction",
    "Unmigrated",
    "Unusable",
    "open_store",
]


def open_store(
    where: str | Path, *, threads: int = 16, upgrade: bool = True, backups: Path | None = None
) -> SqlStore:
    """A store that is ready. Close it in the end.

    where    a folder for SQLite, or a URL: sqlite:///PATH, postgresql://USER@HOST/DATABASE
    threads  how many transactions are wanted at once, reads and writes together
    upgrade  whether a database that is older than this release, or empty, is migrated
    backups  folder for the backup made before a migration; None for `backups` beside the SQLite
             file, and for no backup of PostgreSQL
    raises   Unusable: Newer, Unmigrated
    """
    engine = make_engine(url_of(where), threads)
    store = SqlStore(engine)
    try:
        _reach(engine)
        if upgrade:
            to_newest(engine, backups)
        store.ping()
    except BaseException:
        store.close()
        raise
    return store


def _reach(engine: Engine) -> None:
    try:
        engine.connect().close()
    except DBAPIError as error:
        raise unusable(engine.url.render_as_string(), error) from error
