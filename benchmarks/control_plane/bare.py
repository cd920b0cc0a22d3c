"""The peer: a bare SQLAlchemy Core transaction of the same shape, in process, with no HTTP and no domain.

Read a row, change its 2 KB document, update it with a version check, insert an audit row, commit.
"""

import json
import time
from pathlib import Path
from threading import Thread
from typing import Any

import sqlalchemy as sa

ROWS = 1_000
DOCUMENT = {"name": "n", "text": "x" * 1_900, "tags": ["a", "b"]}

metadata = sa.MetaData()
things = sa.Table(
    "bare_things",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("revision", sa.Integer),
    sa.Column("state", sa.Text),
)
audit = sa.Table(
    "bare_audit",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("thing", sa.Integer),
    sa.Column("at", sa.BigInteger),
    sa.Column("state", sa.Text),
)


def engine(url: str) -> sa.Engine:
    made = sa.create_engine(url, pool_size=64)
    if made.dialect.name == "sqlite":
        sa.event.listen(made, "connect", _pragmas)
        sa.event.listen(made, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    metadata.create_all(made)
    with made.begin() as connection:
        if not connection.scalar(sa.select(sa.func.count()).select_from(things)):
            text = _text(0)
            connection.execute(
                sa.insert(things), [{"id": n, "revision": 0, "state": text} for n in range(ROWS)]
            )
    return made


def sqlite_url(folder: Path) -> str:
    return f"sqlite:///{folder / 'bare.db'}"


def rate(made: sa.Engine, threads: int, seconds: float) -> float:
    """Transactions per second over all threads."""
    done: list[int] = []
    workers = [Thread(target=_work, args=(made, number, seconds, done)) for number in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return sum(done) / seconds


def _work(made: sa.Engine, number: int, seconds: float, done: list[int]) -> None:
    end = time.perf_counter() + seconds
    count = 0
    with made.connect() as connection:
        while time.perf_counter() < end:
            _transaction(connection, (number * 61 + count) % ROWS)
            count += 1
    done.append(count)


def _transaction(connection: sa.Connection, id: int) -> None:
    with connection.begin():
        row = connection.execute(_SELECT, {"thing": id}).one()
        text = _text(row.revision + 1)
        moved = connection.execute(
            _UPDATE, {"thing": id, "was": row.revision, "now": row.revision + 1, "text": text}
        )
        if moved.rowcount == 1:
            connection.execute(_INSERT, {"thing": id, "at": time.time_ns() // 1_000_000, "state": text})


_SELECT = sa.select(things.c.revision, things.c.state).where(things.c.id == sa.bindparam("thing"))
_UPDATE = (
    sa.update(things)
    .where(things.c.id == sa.bindparam("thing"), things.c.revision == sa.bindparam("was"))
    .values(revision=sa.bindparam("now"), state=sa.bindparam("text"))
)
_INSERT = sa.insert(audit)


def _text(revision: int) -> str:
    return json.dumps({**DOCUMENT, "name": f"n{revision}"})


def _pragmas(connection: Any, _: Any) -> None:
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=10000"):
        connection.execute(f"PRAGMA {pragma}")
