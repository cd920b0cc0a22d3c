"""`equipoise backup`, `restore` and `migrate`. They work beside a running server."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from equipoise import server
from equipoise.cli.options import (
    AsJson,
    ConfigFile,
    Database,
    DataFolder,
    Problem,
    expect_store,
    settings,
    tell,
    whereabouts,
)
from equipoise.config import Settings
from equipoise.storage import Unmigrated, keyfile
from equipoise.storage import backup as backups


def backup(
    to: Annotated[Path, typer.Option("--to", metavar="FILE", help="What to write; replaced if it is there.")],
    data: DataFolder = None,
    database: Database = None,
    config: ConfigFile = None,
    as_json: AsJson = False,
) -> None:
    """Write everything the store holds at one moment to a file, for either database."""
    said = settings(config, data=data, database=database)
    expect_store(said)
    if not to.absolute().parent.is_dir():
        raise Problem(f"There is no folder {to.absolute().parent}.", "Make it, or name another file.")
    store = server.store_of(said, upgrade=False)
    try:
        with _progress("Writing") as step:
            rows = backups.backup(store, to, step)
    finally:
        store.close()
    tell({"written": str(to), "rows": rows, **_key(said)}, as_json)


def restore(
    origin: Annotated[Path, typer.Option("--from", metavar="FILE", help="What `equipoise backup` wrote.")],
    data: DataFolder = None,
    database: Database = None,
    config: ConfigFile = None,
    as_json: AsJson = False,
) -> None:
    """Fill an empty store from a backup, all or nothing."""
    said = settings(config, data=data, database=database)
    if not origin.is_file():
        raise Problem(f"There is no file {origin}.", "Name a file that `equipoise backup` wrote.")
    store = server.store_of(said)
    try:
        with _progress("Reading") as step:
            rows = backups.restore(store, origin, step)
    finally:
        store.close()
    tell({"restored": whereabouts(said), "rows": rows, **_key(said)}, as_json)


def migrate(
    data: DataFolder = None,
    database: Database = None,
    config: ConfigFile = None,
    as_json: AsJson = False,
) -> None:
    """Bring the database to this release's version, after a backup of what is there."""
    said = settings(config, data=data, database=database)
    expect_store(said)
    facts = {"database": whereabouts(said)}
    try:
        server.store_of(said, upgrade=False).close()
        facts["migrated"] = "nothing to do"
    except Unmigrated as behind:
        server.store_of(said).close()
        facts["migrated"] = f"from {behind.found or 'nothing'} to {behind.known}"
        if behind.found:
            facts["backup"] = str(said.data / "backups")
    tell(facts, as_json)


def _key(said: Settings) -> dict[str, str]:
    """What a backup does not hold, and a store is of no use without."""
    if said.secret_key is not None:
        return {"key": "EQUIPOISE_SECRET_KEY is not in the backup; keep it"}
    return {"key": f"{said.data / keyfile.NAME} is not in the backup; keep a copy of it"}


@contextmanager
def _progress(verb: str) -> Iterator[backups.Progress]:
    """A bar on standard error, where somebody looks at it."""
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(verb)
        yield lambda done, total: bar.update(task, completed=done, total=total)
