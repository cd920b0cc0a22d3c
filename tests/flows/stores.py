"""The store of a server, opened from another process: what a follower or a command does."""

from collections.abc import Iterator
from contextlib import contextmanager

from equipoise.storage import SqlStore, open_store
from tests.served import Place


@contextmanager
def opened(place: Place) -> Iterator[SqlStore]:
    store = open_store(place.database or place.data, upgrade=False)
    try:
        yield store
    finally:
        store.close()
