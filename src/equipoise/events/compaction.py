"""The compactor's step: segments that are nobody's any more become files that the manifest names.

Files, payloads, dead counts and the mark on the segments are one transaction. Dying before it leaves files
that nobody names, dying after it segments that are marked as read: either way each event is there once.
"""

import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path
from secrets import token_hex
from time import perf_counter

from msgspec import Struct, field

from equipoise.application.lake import Kind
from equipoise.application.ports import Clock, LostRace, Reader, Store, Transaction, Undo
from equipoise.domain.identity import Id
from equipoise.domain.records import Dead, Decoded, Received
from equipoise.events import damage, held, segments
from equipoise.events.attribution import Attribution
from equipoise.events.gathering import Gathering
from equipoise.events.parquet import Lake

FLUSH_BYTES_MAX = 32 * 1024 * 1024  # of segments, as they were received
ONE_ALONE = 0  # in its place: a segment at a time, however large
ATTEMPTS_MAX = 5

Decoders = Mapping[str, Callable[[Received], Iterator[Decoded]]]
Faults = tuple[tuple[str, str], ...]  # decoders that failed: dialect, what it said


class Flush(Struct, frozen=True):
    """What one step did.

    doubles  bodies that were in files already, or twice in these segments
    held     bodies that no decoder can read, kept
    cut      bytes at the ends of segments that were never written whole
    damaged  files that hold what could not be read, or not be compacted
    fault    why a segment that was compacted alone could not be
    """

    segments: int = 0
    bodies: int = 0
    doubles: int = 0
    held: int = 0
    cut: int = 0
    damaged: tuple[Path, ...] = ()
    fault: str = ""
    files: int = 0
    rows: dict[Kind, int] = {}
    dead: dict[str, int] = {}
    faults: Faults = ()
    seconds: float = 0.0


class Workshop(Struct, frozen=True):
    """What compacting needs: a journal's folder, a store, a lake, decoders by name of the dialect.

    attribution  its memory, from one step to the next
    """

    journal: Path
    store: Store
    lake: Lake
    decoders: Decoders
    clock: Clock
    attribution: Attribution = field(default_factory=Attribution)

    def now(self) -> int:
        """Microseconds since 1970."""
        return self.clock() * 1_000


def compact_once(shop: Workshop, bytes_max: int = FLUSH_BYTES_MAX) -> Flush:
    """Compacts what is there, up to so many bytes; nothing done is a Flush without segments.

    bytes_max  ONE_ALONE sets a segment aside that fails for a reason of its own
    raises     LostRace, OSError, and what the store raises; the segments are as they were then
    """
    began = perf_counter()
    with _claimed(shop.journal, bytes_max) as claimed:
        if not claimed:
            return Flush()
        names = [path.name for path in claimed]
        with shop.store.read() as reader:
            read = reader.consumed(names)
        fresh = [path for path in claimed if path.name not in read]
        flush = _flushed(shop, fresh, began, bytes_max == ONE_ALONE) if fresh else Flush()
        for path in claimed:
            path.unlink(missing_ok=True)
    return flush


@contextmanager
def _claimed(folder: Path, bytes_max: int) -> Iterator[tuple[Path, ...]]:
    """Segments that are nobody's, the oldest first, ours until the end."""
    locks: dict[Path, int] = {}
    total = 0
    try:
        for path, size in segments.sizes(folder).items():
            if locks and total + size > bytes_max:
                break
            lock = segments.claim(path)
            if lock is not None:
                locks[path] = lock
                total += size
        yield tuple(locks)
    finally:
        for lock in locks.values():
            os.close(lock)


def _flushed(shop: Workshop, paths: Sequence[Path], began: float, alone: bool) -> Flush:
    try:
        return _flush(shop, paths, began)
    except Exception as error:
        if not alone or not damage.of_the_segment(shop.store, error):
            raise
        (path,) = paths
        kept = damage.set_aside(shop.store, path)
        return Flush(segments=1, damaged=(kept,), dead={damage.CAUSE: 1}, fault=repr(error))


def _flush(shop: Workshop, paths: Sequence[Path], began: float) -> Flush:
    bodies, cuts = _bodies(paths)
    damaged = tuple(damage.keep_rest(path, cut) for path, cut in cuts if cut.damaged)
    readable, kept = held.set_apart(bodies, shop.decoders)
    for path, some in kept.items():
        held.keep(path, some)
    fresh, gathered, faults = _brought_in(shop, paths, readable, damage.counted(damaged))
    dead: Counter[str] = Counter()
    for (_, cause), many in gathered.dead.items():
        dead[cause] += many
    return Flush(
        segments=len(paths),
        bodies=len(fresh),
        doubles=len(readable) - len(fresh),
        held=sum(map(len, kept.values())),
        cut=sum(cut.bytes for _, cut in cuts if not cut.damaged),
        damaged=damaged,
        files=len(gathered.files),
        rows=dict(gathered.rows),
        dead=dict(dead),
        faults=faults,
        seconds=perf_counter() - began,
    )


def _brought_in(
    shop: Workshop, paths: Sequence[Path], bodies: Sequence[Received], lost: Counter[tuple[Id, str]]
) -> tuple[list[Received], Gathering, Faults]:
    """Those that are new, as files that the manifest names from now on. raises LostRace"""
    for _ in range(ATTEMPTS_MAX):
        with shop.store.read() as reader:
            fresh = _fresh(reader, bodies)
            gathered, faults = _gathered(shop, reader, fresh)
        gathered.dead += lost
        if _commit(shop, paths, fresh, gathered):
            return fresh, gathered, faults
        for file in gathered.files:  # somebody else brought one of these bodies meanwhile
            shop.lake.remove(file.path)
    raise LostRace(*(("segment", path.name) for path in paths))


def _bodies(
    paths: Iterable[Path],
) -> tuple[list[tuple[Path, Received]], list[tuple[Path, segments.Cut]]]:
    """With the segment that each is in; and the ends that are no whole bodies. raises Spoiled, OSError"""
    found: list[tuple[Path, Received]] = []
    cuts: list[tuple[Path, segments.Cut]] = []
    for path in paths:
        for part in segments.frames(damage.content_of(path)):
            if isinstance(part, segments.Cut):
                cuts.append((path, part))
            else:
                found.append((path, part))
    return found, cuts


def _fresh(reader: Reader, bodies: Sequence[Received]) -> list[Received]:
    """Each payload once, and none that is in files already."""
    first = {(each.environment, each.payload): each for each in reversed(bodies)}
    known = {
        (environment, payload)
        for environment, some in groupby(sorted(first), key=lambda name: name[0])
        for payload in reader.known_payloads(environment, [payload for _, payload in some])
    }
    return [
        each
        for each in bodies
        if first[each.environment, each.payload] is each and (each.environment, each.payload) not in known
    ]


def _gathered(shop: Workshop, reader: Reader, bodies: Iterable[Received]) -> tuple[Gathering, Faults]:
    gathering = Gathering(shop.lake, shop.attribution, reader, lambda: token_hex(12))
    faults: dict[str, str] = {}
    for received in bodies:
        gathering.take(received, _decoded(shop.decoders, received, faults))
    gathering.write()
    return gathering, tuple(faults.items())


def _decoded(decoders: Decoders, received: Received, faults: dict[str, str]) -> Iterator[Decoded]:
    """A decoder raises nothing; if one does, that must not keep all that comes after from being read."""
    try:
        yield from decoders[received.dialect](received)
    except Exception as error:
        faults[received.dialect] = repr(error)
        yield Dead("undecodable", received.body)


def _commit(shop: Workshop, paths: Sequence[Path], bodies: Sequence[Received], gathered: Gathering) -> bool:
    """False when somebody else brought one of these bodies, or read one of these segments, meanwhile."""
    now = shop.now()
    brought: dict[Id, list[str]] = {}
    for each in bodies:
        brought.setdefault(each.environment, []).append(each.payload)
    with shop.store.write() as transaction:
        if not _admitted(transaction, paths, brought, now):
            raise Undo
        transaction.swap_files(gathered.files, (), now)
        for environment in sorted({where for where, _ in gathered.dead}):
            causes = {cause: many for (where, cause), many in gathered.dead.items() if where == environment}
            transaction.count_dead(environment, causes)
        return True
    return False


def _admitted(
    transaction: Transaction, paths: Sequence[Path], brought: Mapping[Id, Sequence[str]], now: int
) -> bool:
    names = [path.name for path in paths]
    return len(transaction.consume(names, now)) == len(names) and all(
        len(transaction.admit_payloads(environment, brought[environment], now)) == len(brought[environment])
        for environment in sorted(brought)
    )
