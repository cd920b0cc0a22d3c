"""The manifest in memory, beside the other tables of the store's twin."""

from collections import Counter
from collections.abc import Mapping, Sequence
from copy import copy

from msgspec import Struct, field

from equipoise.application.lake import DataFile, Kind, Tally
from equipoise.application.ports import LostRace
from equipoise.domain.identity import Id


class Names(Struct):
    """Files, retired files with the time, dead events, payloads and segments with the time."""

    files: dict[Id, DataFile] = field(default_factory=dict)
    retired: dict[Id, tuple[DataFile, int]] = field(default_factory=dict)
    dead: dict[tuple[Id, str], int] = field(default_factory=dict)
    payloads: dict[tuple[Id, str], int] = field(default_factory=dict)
    segments: dict[str, int] = field(default_factory=dict)

    def __copy__(self) -> "Names":
        return Names(*(copy(getattr(self, name)) for name in self.__struct_fields__))


class MemoryManifest:
    """Reads of one moment."""

    def __init__(self, names: Names) -> None:
        self.names = names

    def files(self, environment: Id, kinds: Sequence[Kind]) -> tuple[DataFile, ...]:
        return tuple(
            each for each in self.every_file() if each.environment == environment and each.kind in kinds
        )

    def every_file(self) -> tuple[DataFile, ...]:
        live = self.names.files.values()
        return tuple(sorted(live, key=lambda each: (each.environment, each.kind, each.day, each.id)))

    def retired_files(self, before: int) -> tuple[DataFile, ...]:
        return tuple(file for _, (file, at) in sorted(self.names.retired.items()) if at < before)

    def dead(self, environment: Id) -> dict[str, int]:
        return {cause: many for (where, cause), many in self.names.dead.items() if where == environment}

    def tally(self) -> Tally:
        rows, dead = Counter[Kind](), Counter[str]()
        for file in self.names.files.values():
            rows[file.kind] += file.rows
        for (_, cause), many in self.names.dead.items():
            dead[cause] += many
        return Tally(dict(rows), dict(dead))

    def consumed(self, segments: Sequence[str]) -> frozenset[str]:
        return frozenset(segments) & self.names.segments.keys()

    def known_payloads(self, environment: Id, payloads: Sequence[str]) -> frozenset[str]:
        return frozenset(each for each in payloads if (environment, each) in self.names.payloads)


class MemoryLedger(MemoryManifest):
    """Changes of a copy."""

    def admit_payloads(self, environment: Id, payloads: Sequence[str], at: int) -> frozenset[str]:
        new = frozenset(payloads) - self.known_payloads(environment, payloads)
        self.names.payloads |= {(environment, each): at for each in new}
        return new

    def swap_files(self, add: Sequence[DataFile], retire: Sequence[Id], at: int) -> None:
        if not self.names.files.keys() >= set(retire):
            raise LostRace(*(("file", id) for id in retire))
        for id in retire:
            self.names.retired[id] = self.names.files.pop(id), at
        self.names.files |= {file.id: file for file in add}

    def drop_files(self, retired: Sequence[Id]) -> None:
        for id in retired:
            self.names.retired.pop(id, None)

    def count_dead(self, environment: Id, causes: Mapping[str, int]) -> None:
        for cause, many in causes.items():
            self.names.dead[environment, cause] = self.names.dead.get((environment, cause), 0) + many

    def consume(self, segments: Sequence[str], at: int) -> frozenset[str]:
        new = frozenset(segments) - self.names.segments.keys()
        self.names.segments |= dict.fromkeys(new, at)
        return new

    def forget(self, before: int) -> None:
        self.names.payloads = {name: at for name, at in self.names.payloads.items() if at >= before}
        self.names.segments = {name: at for name, at in self.names.segments.items() if at >= before}
