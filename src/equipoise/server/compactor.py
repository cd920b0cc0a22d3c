"""The compactor's process, beside those that serve.

It is deaf to SIGTERM: that may be sent to a group of processes at once, while the journal is still open in
those that serve. It ends once its supervisor lets it go, or is gone.
"""

import signal
from functools import partial
from threading import Event

from equipoise.config import Settings
from equipoise.events import segments
from equipoise.events.compaction import Workshop
from equipoise.events.compactor import Compactor, alone
from equipoise.observability import logs
from equipoise.server.application import discovered
from equipoise.server.children import OF_THE_TERMINAL, Child, Line
from equipoise.server.instance import clock, store_of
from equipoise.server.places import journal_folder, lake_at
from equipoise.storage import SqlStore

STOP_SECONDS_MAX = 20.0  # it may still be starting


def workshop_of(settings: Settings, store: SqlStore) -> Workshop:
    """What compacting needs, as the settings name it; for the process and for commands. raises Unstartable"""
    decoders = {each.name: each.decode for each in discovered() if each.decode is not None}
    return Workshop(journal_folder(settings), store, lake_at(settings), decoders, clock)


def compactor_of(settings: Settings) -> Child:
    """The compactor, as a child of who serves. raises Unstartable"""
    folder = journal_folder(settings)
    lake_at(settings)  # what is wrong with it is said before anything is served
    return Child(
        name="compactor",
        main=partial(work, settings),
        grace_seconds=STOP_SECONDS_MAX,
        deaf=OF_THE_TERMINAL | {signal.SIGTERM},
        left=lambda: bool(segments.sizes(folder)),  # it is safe to kill it at any moment
    )


def work(settings: Settings, line: Line) -> None:
    """The process: compacts until it is let go, then what is left, and ends."""
    logs.set_up(settings.log_format, settings.log_level)
    ended = Event()
    line.when_cut(ended.set)
    with alone(journal_folder(settings), ended) as ours:
        if ours:
            store = store_of(settings, upgrade=False)
            try:
                Compactor(workshop_of(settings, store)).run(ended)
            finally:
                store.close()
