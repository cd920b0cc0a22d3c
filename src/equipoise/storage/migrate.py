"""Which version a database is of, and how it comes to this release's."""

from pathlib import Path
from time import time

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import ProgrammingError

from equipoise.storage.backup import dump, is_empty
from equipoise.storage.engine import file_of, lock_schema, writing
from equipoise.storage.problems import Forbidding, Unmigrated, forbidden
from equipoise.storage.schema import check, upgrade, version
from equipoise.storage.tables import SCHEMA
from equipoise.storage.turnstile import Turnstile

BACKUPS = "backups"


def to_newest(engine: Engine, backups: Path | None = None) -> Path | None:
    """Brings the database to this release's version, one process at a time.

    backups  folder for a backup of what is there; None for one beside the SQLite file
    returns  the backup made, if there was anything to migrate in a store that is not empty
    raises   Newer
    """
    with engine.connect() as connection:
        if _settled(connection):
            return None
    file = file_of(engine.url)
    if file is None:
        return _migrate(engine, backups)
    turnstile = Turnstile(file)
    try:
        with turnstile.turn():
            return _migrate(engine, backups or file.parent / BACKUPS)
    finally:
        turnstile.close()


def _settled(connection: Connection) -> bool:
    """raises Newer"""
    try:
        check(connection)
    except Unmigrated:
        return False
    return True


def _migrate(engine: Engine, backups: Path | None) -> Path | None:
    with writing(engine).begin() as connection:
        lock_schema(connection)
        if _settled(connection):
            return None
        made = None
        found = version(connection)
        if backups is not None and found is not None and not is_empty(connection):
            backups.mkdir(mode=0o700, parents=True, exist_ok=True)
            made = backups / f"before-{SCHEMA}-from-{found}-{int(time())}.jsonl.gz"
            dump(connection, made)
        try:
            upgrade(connection)
        except ProgrammingError as error:
            if forbidden(error):
                raise Forbidding(engine.url.database) from error
            raise
        return made
