"""Bodies of events become durable: one thread appends and syncs all that came meanwhile."""

import os
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path
from threading import Condition, Thread
from time import monotonic

from equipoise.application.lake import Full
from equipoise.domain.records import Received
from equipoise.events import segments

SEGMENT_BYTES_MAX = 16 * 1024 * 1024
SEGMENT_SECONDS_MAX = 1.0
PENDING_BYTES_MAX = 64 * 1024 * 1024  # in memory, not yet on disk
RECENT_MAX = 10_000  # payloads that are remembered

_Waiting = tuple[bytes, "Future[None]"]


class Segment:
    """One that is open: appended to by this process, read by nobody until it is sealed."""

    def __init__(self, folder: Path) -> None:
        self.path, self._descriptor = segments.begin(folder)
        self.size = 0
        self.since = monotonic()

    def append(self, content: bytes) -> None:
        """Durable when it returns. raises OSError, and then it is as it was before, or sealed"""
        try:
            left = memoryview(content)
            while left:
                left = left[os.write(self._descriptor, left) :]
            os.fdatasync(self._descriptor)
        except OSError:
            os.ftruncate(self._descriptor, self.size)  # what is half there would hide what comes after
            raise
        self.size += len(content)

    def old(self) -> bool:
        return self.size >= SEGMENT_BYTES_MAX or monotonic() - self.since >= SEGMENT_SECONDS_MAX

    def seal(self) -> None:
        os.close(self._descriptor)


class FileJournal:
    """A journal in a folder, which other processes may append to as well.

    backlog_max  bytes of segments that wait to be compacted; beyond it nothing is taken
    begin        opens a segment; given by tests
    """

    def __init__(self, folder: Path, backlog_max: int, begin: Callable[[Path], Segment] = Segment) -> None:
        self._folder, self._backlog_max, self._begin = folder, backlog_max, begin
        self._changed = Condition()
        self._waiting: list[_Waiting] = []
        self._pending = 0
        self._recent: OrderedDict[tuple[str, str], Future[None]] = OrderedDict()
        self._segment: Segment | None = None
        self._behind = False
        self._looked = float("-inf")
        self._closed = False
        self._thread: Thread | None = None

    def append(self, received: Received) -> "Future[None]":
        """A payload that came a moment ago is not written again: it is as durable as the first."""
        name = (received.environment, received.payload)
        with self._changed:
            known = self._recent.get(name)
            if known is not None and not _failed(known):
                return known
            done: Future[None] = Future()
            done.set_running_or_notify_cancel()  # who waits may go; the write goes on
            why = self._refusal(len(received.body))
            if why:
                done.set_exception(Full(why))
                return done
            self._remember(name, done)
            content = segments.frame(received)
            self._waiting.append((content, done))
            self._pending += len(content)
            self._start()
            self._changed.notify()
        return done

    def close(self) -> None:
        """Writes what waits, and seals."""
        with self._changed:
            self._closed = True
            self._changed.notify()
            thread = self._thread
        if thread is not None:
            thread.join()

    def _refusal(self, more: int) -> str:
        if self._closed:
            return "the server is stopping"
        if self._behind:
            return f"more than {self._backlog_max} bytes of them wait to be compacted"
        return "the disk is too slow" if self._pending + more > PENDING_BYTES_MAX else ""

    def _remember(self, name: tuple[str, str], done: "Future[None]") -> None:
        self._recent[name] = done
        while len(self._recent) > RECENT_MAX:
            self._recent.popitem(last=False)

    def _start(self) -> None:
        if self._thread is None:
            self._thread = Thread(target=self._run, name="journal", daemon=True)
            self._thread.start()

    def _run(self) -> None:
        while True:
            with self._changed:
                if not self._waiting and not self._closed:
                    self._changed.wait(SEGMENT_SECONDS_MAX / 4)
                waiting, self._waiting = self._waiting, []
                self._pending = 0
                closed = self._closed
            if waiting:
                self._write(waiting)
            self._look(closed)
            if closed and not waiting:
                return

    def _write(self, waiting: list[_Waiting]) -> None:
        try:
            if self._segment is None:
                self._segment = self._begin(self._folder)
            self._segment.append(b"".join(content for content, _ in waiting))
        except Exception as error:  # whatever it is, those who wait are told
            self._seal()
            for _, done in waiting:
                done.set_exception(error)
        else:
            for _, done in waiting:
                done.set_result(None)

    def _look(self, closing: bool) -> None:
        """Seals what is old enough, and sees how far behind the compactor is."""
        if self._segment is not None and (closing or self._segment.old()):
            self._seal()
        if monotonic() - self._looked > SEGMENT_SECONDS_MAX:
            self._looked = monotonic()
            with suppress(OSError):  # no descriptor is free, or the folder is shut: the next write says so
                self._behind = sum(segments.sizes(self._folder).values()) > self._backlog_max

    def _seal(self) -> None:
        segment, self._segment = self._segment, None
        if segment is not None:
            with suppress(OSError):
                segment.seal()


def _failed(done: "Future[None]") -> bool:
    return done.done() and done.exception() is not None
