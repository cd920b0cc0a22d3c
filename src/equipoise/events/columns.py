"""Rows that wait, as columns. What repeats is kept once, and rows hold its number."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from equipoise.application.lake import Kind
from equipoise.domain.identity import Id
from equipoise.domain.records import Dead
from equipoise.events.attribution import Traced
from equipoise.events.schema import SCHEMAS

DEAD_BYTES_MAX = 16 * 1024  # of an event that is kept for somebody to look at
CHUNK_ROWS = 1_024  # that many become Arrow's while what they hold is still in the processor's cache
Array = Any  # Arrow publishes no types


class Rows:
    """Columns of one kind: a list for each that differs from row to row."""

    kind: Kind
    differ: tuple[str, ...]

    def __init__(self) -> None:
        self._types = [SCHEMAS[self.kind].field(name).type for name in self.differ]
        self.lists: tuple[list[Any], ...] = tuple([] for _ in self.differ)
        self._chunks: tuple[list[Array], ...] = tuple([] for _ in self.differ)
        self._settled = 0
        self._bodies: list[tuple[str, int, int]] = []

    def __len__(self) -> int:
        return self._settled + len(self.lists[0])

    def came(self, payload: str, received_at: int, rows: int) -> None:
        """That many more rows came with that body."""
        self._bodies.append((payload, received_at, rows))
        if len(self.lists[0]) >= CHUNK_ROWS:
            self._settle()

    def table(self) -> Any:
        """In order of the schema. Text that repeats is a dictionary, which a file of it does not show."""
        self._settle()
        columns = dict(zip(self.differ, map(pa.chunked_array, self._chunks), strict=True))
        payloads, times, many = zip(*self._bodies, strict=True)
        numbers = np.repeat(np.arange(len(many), dtype=np.int32), many)
        columns |= repeated(numbers, {"payload": payloads, "received_at": times}) | self.shared(columns)
        return pa.table({name: columns[name] for name in SCHEMAS[self.kind].names})

    def shared(self, _own: dict[str, Array]) -> dict[str, Array]:
        """Columns that follow from those."""
        return {}

    def _settle(self) -> None:
        self._settled += len(self.lists[0])
        for column, type, chunks in zip(self.lists, self._types, self._chunks, strict=True):
            chunks.append(pa.array(column, type))
            column.clear()


class Outcomes(Rows):
    kind = Kind.OUTCOME
    differ = ("unit_kind", "unit", "unit_key", "at", "event", "value", "data", "ordinal")


class Graves(Rows):
    """Events that cannot be used."""

    kind = Kind.DEAD
    differ = ("cause", "event", "ordinal")

    def add(self, ordinal: int, dead: Dead) -> None:
        causes, events, ordinals = self.lists
        causes.append(dead.cause)
        events.append(dead.event[:DEAD_BYTES_MAX])
        ordinals.append(ordinal)


class Exposures(Rows):
    """`variation` is, until there is a table, the number of what a row shares with others."""

    kind = Kind.EXPOSURE
    differ = ("unit", "unit_key", "at", "variation", "attributes", "ordinal")
    _SHARED = ("unit_kind", "flag", "version", "rule", "variation", "arm", "experiment", "iteration", "phase")

    def __init__(self) -> None:
        super().__init__()
        self._known: list[tuple[str | int | Id, ...]] = []

    def lead(self, served: tuple[str, int, str, int], led: Traced) -> int:
        """A new number for what exposures to one variation share."""
        arm = led.arms[served[3]]
        self._known.append((led.unit, *served, arm, led.experiment, led.iteration, led.phase))
        return len(self._known) - 1

    def shared(self, _own: dict[str, Array]) -> dict[str, Array]:
        numbers = _own["variation"].to_numpy().astype(np.int32)
        return repeated(numbers, dict(zip(self._SHARED, zip(*self._known, strict=True), strict=True)))


def repeated(numbers: Array, columns: dict[str, Sequence[Any]]) -> dict[str, Array]:
    """For each row the values of that number."""
    return {
        name: pa.DictionaryArray.from_arrays(numbers, pa.array(values, pa.large_string()))
        if isinstance(values[0], str)
        else pa.array(np.array(values, np.int64)[numbers])
        for name, values in columns.items()
    }
