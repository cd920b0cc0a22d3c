"""The compactor's process: started beside those that serve, started again if it dies, gone when they are.

It holds one end of a pipe whose other end only its parent has: however the parent ends, the pipe does too.
"""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from multiprocessing import get_context, resource_tracker
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Event, Thread
from time import monotonic
from typing import Any

import structlog

from equipoise.config import Settings
from equipoise.events import segments
from equipoise.events.compaction import Workshop
from equipoise.events.compactor import Compactor, alone
from equipoise.observability import logs
from equipoise.server.application import discovered
from equipoise.server.instance import clock, store_of
from equipoise.server.places import journal_folder, lake_at
from equipoise.storage import SqlStore

POLL_SECONDS = 0.2
RETRY_SECONDS_MAX = 30.0
START_SECONDS_MAX = 10.0  # to come up, where something waits and we are told to stop
STOP_SECONDS_MAX = 10.0
IDLE_STOP_SECONDS_MAX = 1.0  # it is safe to kill it at any moment
PATIENCE_SECONDS = 60.0  # a compactor that lived so long has recovered from what its predecessor died of
TOO_LATE = "it took too long to end"


def workshop_of(settings: Settings, store: SqlStore) -> Workshop:
    """What compacting needs, as the settings name it; for the process and for commands. raises Unstartable"""
    decoders = {each.name: each.decode for each in discovered() if each.decode is not None}
    return Workshop(journal_folder(settings), store, lake_at(settings), decoders, clock)


@contextmanager
def compacting(settings: Settings) -> Iterator[None]:
    """A compactor runs for as long as this is entered. In the end it is let finish what is sealed: those
    who append close their journals before this is left."""
    journal_folder(settings)
    lake_at(settings)  # what is wrong with it is said before anything is served
    stopping = Event()
    keeper = Thread(target=_keep, args=(settings, stopping), name="compactor", daemon=True)
    keeper.start()
    try:
        yield
    finally:
        stopping.set()
        keeper.join(2 * (START_SECONDS_MAX + STOP_SECONDS_MAX))


def _keep(settings: Settings, stopping: Event) -> None:
    """Starts a compactor, and another whenever one ends before it should, later each time."""
    resource_tracker.ensure_running()  # when it starts, it lets Ctrl-C in again
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})  # for this thread, and what it starts
    wait = 1.0
    status: int | str | None = None
    while not stopping.is_set():
        began = monotonic()
        status = _tried(settings, stopping)
        if stopping.is_set():
            break
        wait = 1.0 if monotonic() - began > PATIENCE_SECONDS else min(2 * wait, RETRY_SECONDS_MAX)
        log = structlog.get_logger("equipoise.events")
        log.error("the compactor died", status=status, next_in_seconds=wait)
        stopping.wait(wait)
    if status != TOO_LATE and _anything_sealed(journal_folder(settings)):
        _tried(settings, stopping)  # the last one ended before the journal was closed


def _tried(settings: Settings, stopping: Event) -> int | str | None:
    try:
        return _lived(settings, stopping)
    except OSError as error:  # no process or descriptor is to be had just now
        return error.strerror


def _lived(settings: Settings, stopping: Event) -> int | str | None:
    """The exit status of a compactor, once it has ended or was let end."""
    process, ours = _started(settings)
    while process.is_alive() and not stopping.wait(POLL_SECONDS):
        pass
    left = segments.sizes(journal_folder(settings))
    if left:
        ours.poll(START_SECONDS_MAX)  # until it has come up, or is gone
    ours.close()
    process.join(STOP_SECONDS_MAX if left else IDLE_STOP_SECONDS_MAX)  # it may still be starting
    late = process.is_alive()
    if late:
        process.kill()
        process.join()
    status: int | None = process.exitcode
    return TOO_LATE if late else status


def _anything_sealed(folder: Path) -> bool:
    """Whether a segment waits that is nobody's."""
    for path in segments.sizes(folder):
        lock = segments.claim(path)
        if lock is not None:
            os.close(lock)
            return True
    return False


def _started(settings: Settings) -> tuple[Any, Connection]:
    """A compactor, and our end of its pipe."""
    context = get_context("spawn")
    theirs, ours = context.Pipe()
    process = context.Process(target=work, args=(settings, theirs), name="compactor", daemon=True)
    process.start()
    theirs.close()
    return process, ours


def work(settings: Settings, parent: Connection) -> None:
    """The process: compacts until its parent is gone, then what is left, and ends."""
    ended = Event()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    logs.set_up(settings.log_format, settings.log_level)
    with suppress(OSError):
        parent.send_bytes(b"up")
    Thread(target=_follow, args=(parent, ended), daemon=True).start()
    with alone(journal_folder(settings), ended) as ours:
        if ours:
            store = store_of(settings, upgrade=False)
            try:
                Compactor(workshop_of(settings, store)).run(ended)
            finally:
                store.close()


def _follow(parent: Connection, ended: Event) -> None:
    with suppress(EOFError, OSError):
        parent.recv_bytes()
    ended.set()
