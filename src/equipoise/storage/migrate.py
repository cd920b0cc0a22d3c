"""Which version a database is of, and how it comes to this release's."""

from collections.abc import Callable
from pathlib import Path
from time import time

from sqlalchemy import Connection, Engine, inspect, text
from sqlalchemy.exc import ProgrammingError

from equipoise.storage.engine import file_of, lock_schema, writing
from equipoise.storage.problems import Forbidding, Newer, Unmigrated, forbidden
from equipoise.storage.tables import SCHEMA
from equipoise.storage.turnstile import Turnstile

BACKUPS = "backups"


def version(connection: Connection) -> str | None:
    """The database's version; None when it has no tables."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return found


def check(connection: Connection) -> None:
    """Nothing, when the database is of this release's version. raises Newer, Unmigrated"""
    found = version(connection)
    if found == SCHEMA:
        return
    if found is not None and found > SCHEMA:
        raise Newer(found, SCHEMA)
    raise Unmigrated(found, SCHEMA)


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


def upgrade(connection: Connection, to: str = SCHEMA) -> None:
    """Every step from the present version to that one, within the transaction that is open."""
    run(connection, lambda command, config: command.upgrade(config, to))


def run(connection: Connection, task: Callable[..., None]) -> None:
    """A task of Alembic's on this connection; it is imported when there is something to do."""
    from alembic import command
    from alembic.config import Config

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", "equipoise.storage:migrations")
    config.set_main_option("path_separator", "os")
    task(command, config)


def _settled(connection: Connection) -> bool:
    """raises Newer"""
    try:
        check(connection)
    except Unmigrated:
        return False
    return True


def _migrate(engine: Engine, backups: Path | None) -> Path | None:
    from equipoise.storage.backup import dump, is_empty

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
