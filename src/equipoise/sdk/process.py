"""What clients do when their process forks, and when it ends."""

import atexit
import os
from typing import Protocol
from weakref import WeakSet

EXIT_SECONDS_MAX = 2.0  # for sending what still waits


class Living(Protocol):
    def close(self, seconds: float) -> None: ...

    def forked(self) -> None: ...


_living: WeakSet[Living] = WeakSet()


def join(client: Living) -> None:
    _living.add(client)


def leave(client: Living) -> None:
    _living.discard(client)


def _fork() -> None:
    for client in list(_living):
        client.forked()


def _exit() -> None:
    for client in list(_living):
        client.close(EXIT_SECONDS_MAX)


atexit.register(_exit)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_fork)
