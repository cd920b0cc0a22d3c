"""The compactor at work: it compacts, merges, mirrors and sweeps, each when it is due."""

import fcntl
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from threading import Event
from time import monotonic

import structlog

from equipoise.events import held
from equipoise.events.compaction import FLUSH_BYTES_MAX, ONE_ALONE, Flush, Workshop, compact_once
from equipoise.events.merging import due, merge, sweep
from equipoise.events.mirror import mirror

POLL_SECONDS = 0.2
MIRROR_SECONDS = 2.0
SWEEP_SECONDS = 60.0
RETRY_SECONDS_MAX = 30.0
TOGETHER_MAX = 2  # flushes that may fail before segments are compacted one at a time
LOCK = "compactor.lock"


@contextmanager
def alone(folder: Path, ended: Event) -> Iterator[bool]:
    """Waits until no other process compacts this journal; False when told to end before.

    Who is told to end while it still starts is not late: what waits is compacted all the same."""
    descriptor = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if ended.wait(POLL_SECONDS):
                    break
            else:
                yield True
                return
        yield False
    finally:
        os.close(descriptor)


class Compactor:
    """Compacts, merges, mirrors and sweeps, each when it is due."""

    def __init__(self, shop: Workshop) -> None:
        self._shop = shop
        self._log = structlog.get_logger("equipoise.events")
        self._next = {"mirror": 0.0, "sweep": 0.0}
        self._moved = True
        self._trouble = 0
        self._failed = 0

    def run(self, ended: Event) -> None:
        """Until it is told to end; then what is sealed by now, once more."""
        released = held.release(self._shop.journal, self._shop.decoders)
        if released:
            self._log.info("events are readable again", files=released)
        while not ended.is_set():
            if not self._tried(partial(self._step, ended)):
                self._trouble = min(self._trouble + 1, 6)
                ended.wait(min(2.0**self._trouble / 2, RETRY_SECONDS_MAX))
                continue
            self._trouble = 0
        self._tried(self._finish)

    def _tried(self, task: Callable[[], None]) -> bool:
        try:
            task()
        except Exception:
            self._log.exception("compaction failed; the events are kept and it is tried again")
            return False
        return True

    def _step(self, ended: Event) -> None:
        flush = self._flush()
        if flush.segments:
            self._report(flush)
            self._moved = True
            return
        self._upkeep()
        ended.wait(POLL_SECONDS)

    def _flush(self) -> Flush:
        """After failures one segment at a time, until the one that is to blame is found."""
        together = self._failed < TOGETHER_MAX
        try:
            flush = compact_once(self._shop, FLUSH_BYTES_MAX if together else ONE_ALONE)
        except Exception:
            self._failed += 1
            raise
        if together or flush.fault or not flush.segments:
            self._failed = 0
        return flush

    def _finish(self) -> None:
        while (flush := self._flush()).segments:
            self._report(flush)
            self._moved = True
        if self._moved:
            mirror(self._shop)

    def _upkeep(self) -> None:
        """While nothing waits to be compacted."""
        if self._moved and self._due("mirror", MIRROR_SECONDS):
            self._merge()
            mirror(self._shop)
            self._moved = False
        if self._due("sweep", SWEEP_SECONDS):
            sweep(self._shop)

    def _merge(self) -> None:
        with self._shop.store.read() as reader:
            files = reader.every_file()
        for group in due(files, _today(self._shop)):
            try:
                merged = merge(self._shop, group)
            except Exception:  # a file that cannot be read keeps no other from being merged
                self._log.exception("files cannot be merged, and stay", files=[each.path for each in group])
                continue
            if merged is not None:
                self._log.info("merge", files=len(group), rows=merged.rows, bytes=merged.bytes)

    def _due(self, task: str, seconds: float) -> bool:
        if monotonic() < self._next[task]:
            return False
        self._next[task] = monotonic() + seconds
        return True

    def _report(self, flush: Flush) -> None:
        self._log.info(
            "flush",
            segments=flush.segments,
            bodies=flush.bodies,
            doubles=flush.doubles,
            **{kind.value: many for kind, many in flush.rows.items()},
            duration_ms=round(flush.seconds * 1000, 2),
        )
        if flush.dead:
            self._log.warning("events that cannot be used", causes=_listed(flush.dead))
        if flush.cut:
            self._log.warning(
                "the end of a segment was never written whole, and never acknowledged", bytes=flush.cut
            )
        self._report_damage(flush)
        if flush.held:
            self._log.warning("no dialect here reads these events; they are kept", bodies=flush.held)
        for dialect, fault in flush.faults:
            self._log.error("a decoder failed", dialect=dialect, fault=fault)

    def _report_damage(self, flush: Flush) -> None:
        files = [str(path) for path in flush.damaged]
        if flush.fault:
            self._log.error(
                "a segment cannot be compacted and was set aside, so that later events go on; keep the file, "
                "tell us with this log, and once the cause is mended rename it to end in .segment again: "
                "each of its events then counts once",
                files=files,
                fault=flush.fault,
            )
        elif files:
            self._log.error(
                "a segment is damaged: what came before the damage is compacted, the rest may have been "
                "acknowledged and is kept in a file; check the disk and its file system, keep the file, "
                "and tell us with this log",
                files=files,
            )


def _today(shop: Workshop) -> str:
    return datetime.fromtimestamp(shop.clock() / 1_000, UTC).date().isoformat()


def _listed(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {many}" for name, many in sorted(counts.items()))
