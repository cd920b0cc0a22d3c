"""A backup: every row of every table as lines of JSON, packed. The same for both databases, so that
what one has written the other can read.

    {"format": ..., "schema": ..., "created": ..., "rows": ...}
    {"table": ..., "columns": [...]}     then its rows, a list of values each
"""

import gzip
import os
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator
from pathlib import Path
from time import time
from typing import Any, BinaryIO

import msgspec
from sqlalchemy import Connection, MetaData, Table, func, insert, inspect, select

from equipoise.storage import schema
from equipoise.storage.engine import lock_schema, reading, rows_were_loaded
from equipoise.storage.problems import Newer, Unusable
from equipoise.storage.tables import SCHEMA
from equipoise.storage.unit_of_work import SqlStore

FORMAT = "equipoise-backup/1"
ROWS_AT_ONCE = 500
VERSION_TABLE = "alembic_version"

Progress = Callable[[int, int], None]  # rows done, rows in all


def backup(store: SqlStore, to: Path, progress: Progress | None = None) -> int:
    """Writes what the store holds at one moment; writers need not wait. How many rows there were.

    raises  Unusable, OSError
    """
    with reading(store.engine).connect() as connection, connection.begin():
        schema.check(connection)
        return dump(connection, to, progress)


def restore(store: SqlStore, file: Path, progress: Progress | None = None) -> int:
    """Fills an empty store, all or nothing. How many rows there were.

    A backup of an earlier release is read into tables of its own version, which are migrated then.
    raises  Unusable: the store holds something, the file is no backup, is cut off or is newer
    """
    with store.exclusive() as connection:
        lock_schema(connection)
        if not is_empty(connection):
            raise Unusable("The store is not empty.", "Restore into a new folder or database.")
        try:
            with gzip.open(file, "rb") as lines:
                return _load(connection, lines, file, progress)  # type: ignore[arg-type]
        except (OSError, EOFError, msgspec.DecodeError) as error:
            raise _no_backup(file) from error


def is_empty(connection: Connection) -> bool:
    """Whether nothing was ever changed here."""
    if not inspect(connection).has_table("change_log"):
        return True
    log = Table("change_log", MetaData(), autoload_with=connection)
    return connection.execute(select(log.c.number).limit(1)).first() is None


def dump(connection: Connection, to: Path, progress: Progress | None = None) -> int:
    """Every table that is there, as it is there: no table of ours is assumed, so that any version
    can be written. The file appears whole, or not at all."""
    tables = _tables(connection)
    total = sum(connection.execute(select(func.count()).select_from(each)).scalar_one() for each in tables)
    header = {
        "format": FORMAT,
        "schema": schema.version(connection),
        "created": int(time() * 1000),
        "rows": total,
    }
    part = to.with_name(to.name + ".part")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as raw:
        with gzip.GzipFile(fileobj=raw, mode="wb", compresslevel=6) as packed:
            done = 0
            for line, rows in _lines(connection, header, tables):
                packed.write(line)
                done += rows
                if progress is not None and rows:
                    progress(done, total)
        raw.flush()
        os.fsync(raw.fileno())
    part.replace(to)
    return total


def _lines(
    connection: Connection, header: dict[str, Any], tables: list[Table]
) -> Iterator[tuple[bytes, int]]:
    yield _line(header), 0
    for table in tables:
        yield _line({"table": str(table.name), "columns": [str(column.name) for column in table.columns]}), 0
        asked = select(table).order_by(*table.primary_key.columns)
        found = connection.execute(asked, execution_options={"yield_per": ROWS_AT_ONCE})
        for some in found.partitions():
            yield b"".join(_line([_packed(value) for value in row]) for row in some), len(some)


def _load(connection: Connection, lines: BinaryIO, file: Path, progress: Progress | None) -> int:
    header = _header(lines, file)
    if schema.version(connection) != header["schema"]:
        _drop(connection)
        schema.upgrade(connection, header["schema"])
    tables = {table.name: table for table in _tables(connection)}
    done = 0
    for name, rows in _batches(lines):
        connection.execute(insert(tables[name]), rows)
        done += len(rows)
        if progress is not None:
            progress(done, header["rows"])
    if done != header["rows"]:
        raise _no_backup(file)
    schema.upgrade(connection)
    rows_were_loaded(connection)
    return done


def _batches(lines: BinaryIO) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """(table, some of its rows), in the order of the file."""
    table, columns = "", list[str]()
    rows: list[dict[str, Any]] = []
    for line in lines:
        said = msgspec.json.decode(line)
        if rows and (isinstance(said, dict) or len(rows) == ROWS_AT_ONCE):
            yield table, rows
            rows = []
        if isinstance(said, list):
            rows.append(dict(zip(columns, map(_unpacked, said), strict=True)))
        elif "table" in said:
            table, columns = said["table"], said["columns"]
    if rows:
        yield table, rows


def _header(lines: BinaryIO, file: Path) -> dict[str, Any]:
    header = msgspec.json.decode(lines.readline())
    if not isinstance(header, dict) or header.get("format") != FORMAT:
        raise _no_backup(file)
    if header["schema"] > SCHEMA:
        raise Newer(header["schema"], SCHEMA)
    return header


def _no_backup(file: Path) -> Unusable:
    return Unusable(f"{file} is no whole backup.", "Name a file that `equipoise backup` wrote.")


def _tables(connection: Connection) -> list[Table]:
    found = MetaData()
    found.reflect(connection)
    return [table for table in found.sorted_tables if table.name != VERSION_TABLE]


def _drop(connection: Connection) -> None:
    found = MetaData()
    found.reflect(connection)
    found.drop_all(connection)


def _line(value: Any) -> bytes:
    return msgspec.json.encode(value) + b"\n"


def _packed(value: Any) -> Any:
    return {"base64": b64encode(value).decode()} if isinstance(value, bytes) else value


def _unpacked(value: Any) -> Any:
    return b64decode(value["base64"]) if isinstance(value, dict) else value
