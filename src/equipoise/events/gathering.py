"""Records become rows, and rows files: those of one flush, which the manifest does not name yet."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import msgspec

from equipoise.application.lake import DataFile, Kind
from equipoise.application.ports import Reader
from equipoise.domain.identity import Id
from equipoise.domain.records import Dead, Decoded, Done, Received, Seen, unit_key
from equipoise.events.attribution import NO_UNIT, NO_VARIATION, Attribution
from equipoise.events.parquet import Lake, put, table_of

ROWS_MAX = 200_000  # in memory
DEAD_BYTES_MAX = 16 * 1024  # of an event that is kept for somebody to look at
UNWRITABLE = "unwritable"
_DAY_US = 86_400_000_000

_encode = msgspec.json.Encoder().encode


class Gathering:
    """Rows by partition; written out when they are many, and in the end.

    files  that were written
    rows   kind → how many
    dead   (environment, cause) → how many
    """

    def __init__(
        self, lake: Lake, attribution: Attribution, reader: Reader, new_id: Callable[[], Id]
    ) -> None:
        self._lake, self._attribution, self._reader, self._new_id = lake, attribution, reader, new_id
        self._partitions: dict[tuple[Id, Kind, int], list[tuple[Any, ...]]] = {}
        self._waiting = 0
        self._keys: dict[tuple[str, str], int] = {}
        self.files: list[DataFile] = []
        self.rows: Counter[Kind] = Counter()
        self.dead: Counter[tuple[Id, str]] = Counter()

    def add(self, received: Received, ordinal: int, record: Decoded) -> None:
        """ordinal  which of the payload's records it is"""
        try:
            if type(record) is Done:
                self._outcome(received, ordinal, record)
            elif type(record) is Seen:
                self._exposure(received, ordinal, record)
            else:
                assert isinstance(record, Dead)
                self._bury(received, ordinal, record.cause, record.event)
        except (RecursionError, ValueError):  # nested deeper than can be written, or a number of 5,000 digits
            self._bury(received, ordinal, UNWRITABLE, b"")
        if self._waiting >= ROWS_MAX:
            self.write()

    def write(self) -> None:
        """Everything that waits, a file for each partition."""
        for (environment, kind, day), rows in sorted(self._partitions.items()):
            named = datetime.fromtimestamp(day * 86_400, UTC).date().isoformat()
            table = table_of(kind, rows)
            self.files.append(put(self._lake, environment, kind, named, table, self._new_id()))
        self._partitions.clear()
        self._keys.clear()
        self._waiting = 0

    def _outcome(self, received: Received, ordinal: int, done: Done) -> None:
        data = None if done.data is None else _encode(done.data).decode()
        rows = self._of(received, Kind.OUTCOME)
        for kind, unit in done.units.items():
            rows.append(
                (
                    kind,
                    unit,
                    self._key(kind, unit),
                    done.at,
                    received.received_at,
                    done.key,
                    done.value,
                    data,
                    received.payload,
                    ordinal,
                )
            )
        self._count(Kind.OUTCOME, len(done.units))

    def _exposure(self, received: Received, ordinal: int, seen: Seen) -> None:
        led = self._attribution.trace(self._reader, received.environment, seen)
        unit = seen.units.get(led.unit)
        cause = led.cause or (NO_UNIT if unit is None else "")
        cause = cause or (NO_VARIATION if seen.variation >= len(led.arms) else "")
        if cause or unit is None:
            self._bury(received, ordinal, cause, _encode(seen))
            return
        self._of(received, Kind.EXPOSURE).append(
            (
                led.unit,
                unit,
                self._key(led.unit, unit),
                seen.at,
                received.received_at,
                seen.flag,
                seen.version,
                seen.rule,
                seen.variation,
                led.arms[seen.variation],
                led.experiment,
                led.iteration,
                led.phase,
                _encode(seen.attributes).decode(),
                received.payload,
                ordinal,
            )
        )
        self._count(Kind.EXPOSURE, 1)

    def _bury(self, received: Received, ordinal: int, cause: str, event: bytes) -> None:
        row = (received.received_at, cause, event[:DEAD_BYTES_MAX], received.payload, ordinal)
        self._of(received, Kind.DEAD).append(row)
        self._count(Kind.DEAD, 1)
        self.dead[received.environment, cause] += 1

    def _of(self, received: Received, kind: Kind) -> list[tuple[Any, ...]]:
        partition = (received.environment, kind, received.received_at // _DAY_US)
        return self._partitions.setdefault(partition, [])

    def _count(self, kind: Kind, many: int) -> None:
        self.rows[kind] += many
        self._waiting += many

    def _key(self, kind: str, unit: str) -> int:
        name = (kind, unit)
        known = self._keys.get(name)
        if known is None:
            known = self._keys[name] = unit_key(kind, unit)
        return known
