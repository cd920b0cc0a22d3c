"""Whose turn it is to write a SQLite file: one thread of one process at a time, in order of arrival.

SQLite's own lock is polled, so that of two writers that never rest one starves. Here threads queue
up, and the process of the first in the queue takes two file locks: the second is the turn itself,
the first the place before it. Whoever has just had its turn finds the place before it taken by the
one that waits, so processes alternate.
"""

import fcntl
import os
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock


class Queue:
    """A lock that is handed on in order of arrival."""

    def __init__(self) -> None:
        self._guard = Lock()
        self._taken = False
        self._waiting: deque[Lock] = deque()

    def enter_at_once(self) -> bool:
        """Takes it if nobody has it; then it has to be left."""
        with self._guard:
            free, self._taken = not self._taken, True
            return free

    @contextmanager
    def entered(self) -> Iterator[None]:
        """Leaves what was entered at once."""
        try:
            yield
        finally:
            self.__exit__()

    def __enter__(self) -> None:
        with self._guard:
            if not self._taken:
                self._taken = True
                return
            mine = Lock()
            mine.acquire()
            self._waiting.append(mine)
        mine.acquire()  # until the one before releases it

    def __exit__(self, *_: object) -> None:
        with self._guard:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._taken = False


class Turnstile:
    """The turn to write the file at `path`. Its locks are files beside it, and stay there."""

    def __init__(self, path: Path) -> None:
        self._paths = (path.with_name(path.name + ".next"), path.with_name(path.name + ".lock"))
        self._queue = Queue()
        self._files: tuple[int, ...] = ()
        self._owner = 0

    @contextmanager
    def turn(self) -> Iterator[None]:
        with self._queue:
            before, turn = self._open()
            fcntl.flock(before, fcntl.LOCK_EX)
            try:
                fcntl.flock(turn, fcntl.LOCK_EX)
            finally:
                fcntl.flock(before, fcntl.LOCK_UN)
            try:
                yield
            finally:
                fcntl.flock(turn, fcntl.LOCK_UN)

    def free(self) -> bool:
        """Whether nobody has the turn or waits for it, in this process or another."""
        if not self._queue.enter_at_once():  # threads share the file lock, so it is asked in our turn alone
            return False
        with self._queue.entered():
            _, turn = self._open()
            try:
                fcntl.flock(turn, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
            fcntl.flock(turn, fcntl.LOCK_UN)
            return True

    def close(self) -> None:
        files, self._files = self._files, ()
        for file in files:
            os.close(file)

    def _open(self) -> tuple[int, ...]:
        if not self._files or self._owner != os.getpid():  # a child shares its parent's locks
            flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC
            self._files = tuple(os.open(path, flags, 0o600) for path in self._paths)
            self._owner = os.getpid()
        return self._files
