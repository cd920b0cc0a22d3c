"""Records become rows, and rows files: those of one flush, which the manifest does not name yet."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from functools import partial
from itertools import islice, repeat
from typing import Any

import msgspec
from msgspec import Raw, Struct, structs

from equipoise.application.lake import DataFile, Kind
from equipoise.application.ports import Reader
from equipoise.domain.identity import Id
from equipoise.domain.records import (
    Dead,
    Decoded,
    Done,
    DoneMany,
    Received,
    Seen,
    SeenMany,
    Served,
    unit_keys,
)
from equipoise.events.attribution import NO_UNIT, NO_VARIATION, NOT_AVAILABLE, Attribution, Traced
from equipoise.events.columns import DEAD_BYTES_MAX, Exposures, Graves, Outcomes, Rows
from equipoise.events.parquet import Lake, put

ROWS_MAX = 200_000  # in memory
TEXT_MAX = 256 * 1024 * 1024  # characters and bytes of what differs from row to row, in memory
RECORDS_AT_ONCE = 1_000
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
        self._partitions: dict[tuple[Id, int], _Partition] = {}
        self._keys = _Keys()
        self._waiting = self._text = 0
        self.files: list[DataFile] = []
        self.rows: Counter[Kind] = Counter()
        self.dead: Counter[tuple[Id, str]] = Counter()

    def take(self, received: Received, records: Iterable[Decoded]) -> None:
        """All records of a body, in their order: a row is named by the number of its record."""
        ordinal, more, left = 0, True, iter(records)
        while more:
            ordinal, more = self._take(received, ordinal, left)
            if self._waiting >= ROWS_MAX or self._text >= TEXT_MAX:
                self.write()

    def write(self) -> None:
        """Everything that waits, a file for each environment, day and kind."""
        for (environment, day), partition in sorted(self._partitions.items()):
            named = datetime.fromtimestamp(day * 86_400, UTC).date().isoformat()
            for rows in filter(len, partition.rows):
                file = put(self._lake, environment, rows.kind, named, rows.table(), self._new_id())
                self.files.append(file)
        self._partitions.clear()
        self._keys.clear()
        self._waiting = self._text = 0

    def _take(self, received: Received, ordinal: int, records: Iterator[Decoded]) -> tuple[int, bool]:
        """Some of them: the number of the record that is next, and whether there may be more."""
        partition = self._partition(received)
        partition.key = received.key
        before = [len(rows) for rows in partition.rows]
        ordinal, more = self._added(partition, ordinal, records)
        for rows, length in zip(partition.rows, before, strict=True):
            many = len(rows) - length
            if many:
                rows.came(received.payload, received.received_at, many)
                self.rows[rows.kind] += many
                self._waiting += many
        for cause, many in partition.dead.items():
            self.dead[received.environment, cause] += many
        partition.dead.clear()
        return ordinal, more

    def _added(self, partition: "_Partition", ordinal: int, records: Iterator[Decoded]) -> tuple[int, bool]:
        """A few bytes as they are sent may be much text, so it is looked at after each record."""
        more, before = False, partition.text
        for record in islice(records, min(RECORDS_AT_ONCE, ROWS_MAX - self._waiting)):
            ordinal += partition.add(ordinal, record)
            more = True
            if self._text + partition.text - before >= TEXT_MAX:
                break
        self._text += partition.text - before
        return ordinal, more

    def _partition(self, received: Received) -> "_Partition":
        environment, day = received.environment, received.received_at // _DAY_US
        found = self._partitions.get((environment, day))
        if found is None:
            trace = partial(self._attribution.trace, self._reader, environment)
            found = self._partitions[environment, day] = _Partition(self._keys, trace)
        return found


class _Keys(dict[str, "_KeysOf"]):
    """Context kind → unit → its key, which is made once."""

    def __missing__(self, kind: str) -> "_KeysOf":
        self[kind] = made = _KeysOf(kind)
        return made


class _KeysOf(dict[str, int]):
    def __init__(self, kind: str) -> None:
        super().__init__()
        self._key = unit_keys(kind)

    def __missing__(self, unit: str) -> int:
        self[unit] = made = self._key(unit)
        return made


class _Lead(Struct, frozen=True):
    """Where exposures of one (flag, version, rule, variation) lead: nowhere, for a cause; or to rows of
    that number, of units of that kind."""

    cause: str = ""
    number: int = 0
    unit: str = ""


class _Partition:
    """What came to one environment on one day, and waits.

    dead   cause → how many since this was cleared
    key    the kind of key that what is added came with
    text   how much of it, of what differs from row to row
    trace  where an exposure leads
    """

    def __init__(self, keys: _Keys, trace: Callable[[str, int, str], Traced]) -> None:
        self._keys, self._trace = keys, trace
        self._leads: dict[tuple[str, Served], _Lead] = {}
        self.key = ""
        self._exposures, self._outcomes, self._graves = Exposures(), Outcomes(), Graves()
        self.rows: tuple[Rows, ...] = (self._exposures, self._outcomes, self._graves)
        self.dead: Counter[str] = Counter()
        self.text = 0

    def add(self, ordinal: int, record: Decoded) -> int:
        """How many records it was."""
        if isinstance(record, SeenMany):
            return self._seen_many(ordinal, record)
        if isinstance(record, DoneMany):
            return self._done_many(ordinal, record)
        if isinstance(record, Seen):
            self._seen(ordinal, record)
        elif isinstance(record, Done):
            self._done(ordinal, record)
        else:
            self._bury(ordinal, record)
        return 1

    def _done(self, ordinal: int, done: Done) -> None:
        """A row for each kind of unit."""
        for kind, unit in done.units.items():
            self.text += len(kind) + len(unit) + len(done.key) + len(done.data or "")
            row = (kind, unit, self._keys[kind][unit], done.at, done.key, done.value, done.data, ordinal)
            for column, value in zip(self._outcomes.lists, row, strict=True):
                column.append(value)

    def _done_many(self, ordinal: int, done: DoneMany) -> int:
        many, key_of = len(done.units), self._keys[done.kind].__getitem__
        self.text += many * len(done.kind) + sum(map(len, done.units)) + sum(map(len, done.keys))
        self.text += sum(map(len, filter(None, done.data)))
        columns: tuple[Iterable[Any], ...] = (
            repeat(done.kind, many),
            done.units,
            map(key_of, done.units),
            done.at,
            done.keys,
            done.values,
            done.data,
            range(ordinal, ordinal + many),
        )
        for column, values in zip(self._outcomes.lists, columns, strict=True):
            column.extend(values)
        return many

    def _seen(self, ordinal: int, seen: Seen) -> None:
        """A row, or a dead event where it leads nowhere."""
        lead = self._lead((seen.flag, seen.version, seen.rule, seen.variation))
        unit = seen.units.get(lead.unit)
        if lead.cause or unit is None:
            self._bury(ordinal, Dead(lead.cause or NO_UNIT, _written(seen)))
            return
        self.text += len(unit) + len(seen.attributes)
        row = (unit, self._keys[lead.unit][unit], seen.at, lead.number, seen.attributes, ordinal)
        for column, value in zip(self._exposures.lists, row, strict=True):
            column.append(value)

    def _seen_many(self, ordinal: int, seen: SeenMany) -> int:
        many, leads = len(seen.units), [self._lead(served) for served in seen.served]
        if any(lead.cause or lead.unit != seen.kind for lead in leads):
            for number, each in enumerate(seen.each(), ordinal):
                self._seen(number, each)
            return many
        self.text += sum(map(len, seen.units)) + sum(map(len, seen.attributes))
        numbers, key_of = [lead.number for lead in leads], self._keys[seen.kind].__getitem__
        columns: tuple[Iterable[Any], ...] = (
            seen.units,
            map(key_of, seen.units),
            seen.at,
            map(numbers.__getitem__, seen.which),
            seen.attributes,
            range(ordinal, ordinal + many),
        )
        for column, values in zip(self._exposures.lists, columns, strict=True):
            column.extend(values)
        return many

    def _bury(self, ordinal: int, dead: Dead) -> None:
        self._graves.add(ordinal, dead)
        self.text += min(len(dead.event), DEAD_BYTES_MAX)
        self.dead[dead.cause] += 1

    def _lead(self, served: Served) -> _Lead:
        name = (self.key, served)
        known = self._leads.get(name)
        if known is None:
            known = self._leads[name] = self._traced(served)
        return known

    def _traced(self, served: Served) -> _Lead:
        flag, version, rule, variation = served
        led = self._trace(flag, version, rule)
        if led.cause:
            return _Lead(led.cause)
        if self.key not in led.keys:
            return _Lead(NOT_AVAILABLE)
        if variation >= len(led.arms):
            return _Lead(NO_VARIATION)
        return _Lead("", self._exposures.lead(served, led), led.unit)


def _written(seen: Seen) -> bytes:
    return _encode(structs.asdict(seen) | {"attributes": Raw(seen.attributes.encode())})
