"""Upkeep of the files: small ones are merged, those that nobody names any more are removed.

Whoever reads has taken the names from the manifest first, so a file that was replaced stays for a while.
"""

import fcntl
import os
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from math import log
from pathlib import Path
from secrets import token_hex

import pyarrow as pa

from equipoise.application.lake import DataFile
from equipoise.application.ports import LostRace, Reader
from equipoise.domain.limits import EVENT_PAYLOADS_KEEP_DAYS
from equipoise.events import segments
from equipoise.events.compaction import Workshop
from equipoise.events.parquet import put
from equipoise.events.schema import SCHEMAS

FILES_MANY = 8  # of like size, so that each row is rewritten a few times at most
MERGED_BYTES_MAX = 32 * 1024 * 1024
READERS_GRACE_SECONDS = 600
STRAYS_GRACE_SECONDS = 3_600  # longer than any flush takes to be named
_TIER = 4
_TIER_BYTES = 64 * 1024
_SECOND_US = 1_000_000
_DAY_US = 86_400 * _SECOND_US


def due(files: Iterable[DataFile], today: str) -> Iterator[tuple[DataFile, ...]]:
    """Files to merge, a group for each that would come of them. Days that are over are merged whole."""
    partitions: dict[tuple[str, ...], list[DataFile]] = defaultdict(list)
    for file in files:
        if file.bytes < MERGED_BYTES_MAX:
            tier = _tier(file.bytes) if file.day >= today else 0
            partitions[file.environment, file.kind, file.day, str(tier)].append(file)
    for (_, _, day, _), some in sorted(partitions.items()):
        group = _within(some)
        if len(group) >= (FILES_MANY if day >= today else 2):
            yield group


def merge(shop: Workshop, group: Sequence[DataFile]) -> DataFile | None:
    """One file in place of these; None when somebody else merged them first."""
    first = group[0]
    table = pa.concat_tables([shop.lake.read(file.path).cast(SCHEMAS[first.kind]) for file in group])
    merged = put(shop.lake, first.environment, first.kind, first.day, table, token_hex(12))
    try:
        with shop.store.write() as transaction:
            transaction.swap_files((merged,), [file.id for file in group], shop.now())
    except LostRace:
        shop.lake.remove(merged.path)
        return None
    return merged


def sweep(shop: Workshop) -> int:
    """Removes files that were replaced long ago or never named, and forgets old payloads. How many files."""
    now = shop.now()
    there = list(shop.lake.found())  # before the manifest is read: what is named meanwhile is not there yet
    with shop.store.read() as reader:
        retired = reader.retired_files(now - READERS_GRACE_SECONDS * _SECOND_US)
        strays = _strays(reader, there, now)
    for path in (*(file.path for file in retired), *strays):
        shop.lake.remove(path)
    with shop.store.write() as transaction:
        transaction.drop_files([file.id for file in retired])
        transaction.forget(now - EVENT_PAYLOADS_KEEP_DAYS * _DAY_US)
    _clear(shop.journal, now)
    return len(retired) + len(strays)


def _strays(reader: Reader, there: Iterable[tuple[str, int]], now: int) -> list[str]:
    named = {file.path for file in (*reader.every_file(), *reader.retired_files(now + _DAY_US))}
    before = now - STRAYS_GRACE_SECONDS * _SECOND_US
    return [path for path, written in there if written < before and path not in named]


def _clear(journal: Path, now: int) -> None:
    """Segments that were never begun."""
    for path in journal.glob("*" + segments.FORMING):
        with suppress(OSError):
            if path.stat().st_mtime_ns // 1_000 < now - STRAYS_GRACE_SECONDS * _SECOND_US:
                descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
                try:
                    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    path.unlink()
                finally:
                    os.close(descriptor)


def _within(files: list[DataFile]) -> tuple[DataFile, ...]:
    """The smallest, as far as they make one file."""
    taken: list[DataFile] = []
    total = 0
    for file in sorted(files, key=lambda each: (each.bytes, each.id)):
        total += file.bytes
        if total > MERGED_BYTES_MAX:
            break
        taken.append(file)
    return tuple(taken)


def _tier(size: int) -> int:
    return int(log(size / _TIER_BYTES, _TIER)) + 1 if size > _TIER_BYTES else 0
