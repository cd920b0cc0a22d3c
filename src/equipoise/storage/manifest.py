"""The manifest: which files there are, which payloads and segments are in them. What it does not name does
not exist.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import BigInteger, Connection, Row, bindparam, delete, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert  # SQLite compiles it alike

from equipoise.application.lake import DataFile, Kind, Tally
from equipoise.application.ports import LostRace
from equipoise.domain.identity import Id
from equipoise.storage.tables import data_files, dead_events, payloads, segments

T = TypeVar("T")

AT_ONCE = 500  # names in one statement

_f, _d, _p, _s = data_files.c, dead_events.c, payloads.c, segments.c
_LIVE = select(data_files).where(_f.retired_at.is_(None))
_FILES = _LIVE.where(
    _f.environment == bindparam("of_environment"), _f.kind.in_(bindparam("of_kinds", expanding=True))
).order_by(_f.kind, _f.day, _f.id)
_EVERY_FILE = _LIVE.order_by(_f.environment, _f.kind, _f.day, _f.id)
_RETIRED = select(data_files).where(_f.retired_at < bindparam("before", type_=BigInteger)).order_by(_f.id)
_ADD = insert(data_files).inline()
_RETIRE = (
    update(data_files)
    .where(_f.id.in_(bindparam("of_ids", expanding=True)), _f.retired_at.is_(None))
    .values(retired_at=bindparam("at"))
)
_DROP = delete(data_files).where(_f.id.in_(bindparam("of_ids", expanding=True)), _f.retired_at.is_not(None))
_ROWS = select(_f.kind, func.sum(_f.rows)).where(_f.retired_at.is_(None)).group_by(_f.kind)

_DEAD = select(_d.cause, _d.events).where(_d.environment == bindparam("of_environment"))
_ALL_DEAD = select(_d.cause, func.sum(_d.events)).group_by(_d.cause)
_given = upsert(dead_events)
_COUNT_DEAD = _given.on_conflict_do_update(
    index_elements=[_d.environment, _d.cause], set_={"events": _d.events + _given.excluded.events}
).inline()

_KNOWN = select(_p.payload).where(
    _p.environment == bindparam("of_environment"), _p.payload.in_(bindparam("of_names", expanding=True))
)
_CONSUMED = select(_s.name).where(_s.name.in_(bindparam("of_names", expanding=True)))
_FORGET = tuple(
    delete(table).where(table.c.at < bindparam("before", type_=BigInteger)) for table in (payloads, segments)
)


class ManifestRows:
    """Reads of the manifest within one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def files(self, environment: Id, kinds: Sequence[Kind]) -> tuple[DataFile, ...]:
        asked = {"of_environment": environment, "of_kinds": [kind.value for kind in kinds]}
        return tuple(_file(row) for row in self._connection.execute(_FILES, asked))

    def every_file(self) -> tuple[DataFile, ...]:
        return tuple(_file(row) for row in self._connection.execute(_EVERY_FILE))

    def retired_files(self, before: int) -> tuple[DataFile, ...]:
        return tuple(_file(row) for row in self._connection.execute(_RETIRED, {"before": before}))

    def dead(self, environment: Id) -> dict[str, int]:
        return _counts(self._connection.execute(_DEAD, {"of_environment": environment}))

    def tally(self) -> Tally:
        rows = _counts(self._connection.execute(_ROWS))
        dead = _counts(self._connection.execute(_ALL_DEAD))
        return Tally({Kind(kind): count for kind, count in rows.items()}, dead)

    def consumed(self, segments: Sequence[str]) -> frozenset[str]:
        found = (
            self._connection.execute(_CONSUMED, {"of_names": some}).scalars() for some in _some(segments)
        )
        return frozenset(name for names in found for name in names)

    def known_payloads(self, environment: Id, payloads: Sequence[str]) -> frozenset[str]:
        asked = ({"of_environment": environment, "of_names": some} for some in _some(payloads))
        found = (self._connection.execute(_KNOWN, each).scalars() for each in asked)
        return frozenset(name for names in found for name in names)


class ManifestChanges:
    """Changes of the manifest within one transaction. It never commits."""

    _connection: Connection

    def admit_payloads(self, environment: Id, payloads: Sequence[str], at: int) -> frozenset[str]:
        """In one order, so that two who bring the same ones do not wait for each other."""
        rows = [{"environment": environment, "payload": each, "at": at} for each in sorted(set(payloads))]
        return self._new(_p.payload, rows)

    def consume(self, segments: Sequence[str], at: int) -> frozenset[str]:
        return self._new(_s.name, [{"name": each, "at": at} for each in sorted(set(segments))])

    def swap_files(self, add: Sequence[DataFile], retire: Sequence[Id], at: int) -> None:
        for some in _some(retire):
            retired = self._connection.execute(_RETIRE, {"of_ids": some, "at": at})
            if retired.rowcount != len(some):
                raise LostRace(*(("file", id) for id in some))
        if add:
            self._connection.execute(_ADD, [_row(file) for file in add])

    def drop_files(self, retired: Sequence[Id]) -> None:
        for some in _some(retired):
            self._connection.execute(_DROP, {"of_ids": some})

    def count_dead(self, environment: Id, causes: Mapping[str, int]) -> None:
        for cause in sorted(causes):
            row = {"environment": environment, "cause": cause, "events": causes[cause]}
            self._connection.execute(_COUNT_DEAD, row)

    def forget(self, before: int) -> None:
        for statement in _FORGET:
            self._connection.execute(statement, {"before": before})

    def _new(self, name: Any, rows: list[dict[str, Any]]) -> frozenset[str]:
        """Inserts what is not there yet; the names of what was not."""
        found: list[str] = []
        for some in _some(rows):
            adding = upsert(name.table).values(some).on_conflict_do_nothing().returning(name)
            found += self._connection.execute(adding).scalars()
        return frozenset(found)


def _some(items: Sequence[T]) -> Iterator[list[T]]:
    left = iter(items)
    while some := list(islice(left, AT_ONCE)):
        yield some


def _counts(rows: Any) -> dict[str, int]:
    return {name: int(count) for name, count in rows}


def _row(file: DataFile) -> dict[str, Any]:
    row = {name: getattr(file, name) for name in DataFile.__struct_fields__ if name not in ("kind", "keys")}
    low, high = file.keys
    return {**row, "kind": file.kind.value, "key_low": low, "key_high": high, "retired_at": None}


def _file(row: Row[Any]) -> DataFile:
    return DataFile(
        id=row.id,
        environment=row.environment,
        kind=Kind(row.kind),
        day=row.day,
        path=row.path,
        rows=row.rows,
        bytes=row.bytes,
        first=row.first,
        last=row.last,
        keys=(row.key_low, row.key_high),
    )
