"""Which version a database is of, and the steps from one to the next."""

from collections.abc import Callable

from sqlalchemy import Connection, inspect, text

from equipoise.storage.problems import Newer, Unmigrated
from equipoise.storage.tables import SCHEMA


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
