"""Processes that a supervisor starts, and the line between each and its supervisor.

A child holds one end of a line whose other end only its supervisor has. It beats through it, and it stops
once the line is cut: by a supervisor that wants it to stop, or that is gone, however it went.
"""

import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from multiprocessing import get_context, resource_tracker
from multiprocessing.sharedctypes import RawArray
from socket import MSG_DONTWAIT, socket, socketpair
from threading import Thread

from msgspec import Struct

BEATS_BYTES_MAX = 4_096
# What a terminal sends to all its processes at once; a child is told by its supervisor, in its turn.
OF_THE_TERMINAL = frozenset({signal.SIGINT, signal.SIGHUP})


class Line:
    """A child's end of the line."""

    def __init__(self, end: socket) -> None:
        self._end = end

    def beat(self) -> None:
        """Says that all is well, and waits for nobody."""
        with suppress(OSError):  # nobody listens just now, or ever again
            self._end.send(b".", MSG_DONTWAIT)

    def when_cut(self, do: Callable[[], object]) -> None:
        """Has it done, in a thread of its own."""
        Thread(target=self._follow, args=(do,), name="line", daemon=True).start()

    def _follow(self, do: Callable[[], object]) -> None:
        with suppress(OSError):
            while self._end.recv(1):
                pass
        do()


class Child(Struct, frozen=True, kw_only=True):
    """What is to be kept running.

    main           what a process of it does; it is pickled, since each is a fresh interpreter
    many           processes of it
    serves         whether it answers requests: then it beats for as long as it is well, is replaced when it
                   is silent for long or a roll is asked for, and the server ends where none ever came up
    deaf           the signals that it never hears
    grace_seconds  to stop in, once it is told to
    left           whether work is left that nobody else does. In the end it is waited for then, and started
                   for it if need be; None: it is waited for, and not started
    """

    name: str
    main: Callable[[Line], object]
    grace_seconds: float
    many: int = 1
    serves: bool = False
    deaf: frozenset[signal.Signals] = OF_THE_TERMINAL
    left: Callable[[], bool] | None = None


class Process:
    """One process of a child, as its supervisor has it. raises OSError where none is to be had"""

    def __init__(self, child: Child) -> None:
        self.child = child
        self._ours, theirs = socketpair()
        self._ours.setblocking(False)
        self._process = get_context("spawn").Process(
            target=child.main, args=(Line(theirs),), name=child.name, daemon=True
        )
        try:
            with theirs, _deaf(child.deaf):
                self._process.start()
        except BaseException:
            self._ours.close()
            raise

    @property
    def pid(self) -> int | None:
        return self._process.pid

    @property
    def status(self) -> int | None:
        """As it exited; below zero, the signal that ended it."""
        return self._process.exitcode

    def beat(self) -> bool:
        """Whether it beat since it was asked last."""
        try:
            return bool(self._ours.recv(BEATS_BYTES_MAX))
        except OSError:
            return False

    def alive(self) -> bool:
        return self._process.is_alive()

    def tell(self) -> None:
        """Tells it to stop."""
        self._process.terminate()
        self._ours.close()

    def ended(self, seconds: float) -> bool:
        """Whether it ends within this time."""
        self._process.join(seconds)
        return not self._process.is_alive()

    def kill(self) -> None:
        """It is gone thereafter, and so is its line."""
        self._process.kill()
        self._process.join()
        self._ours.close()


class Restarts:
    """How often each child was started again. All processes of a server see the same numbers."""

    def __init__(self, names: Sequence[str]) -> None:
        self._names = tuple(names)
        self._counts = RawArray("Q", len(self._names))

    def add(self, name: str) -> None:
        self._counts[self._names.index(name)] += 1

    def __call__(self) -> dict[str, int]:
        return dict(zip(self._names, self._counts, strict=True))


@contextmanager
def _deaf(signals: frozenset[signal.Signals]) -> Iterator[None]:
    """What is started meanwhile never hears these."""
    resource_tracker.ensure_running()  # when it starts, it lets them in again
    before = signal.pthread_sigmask(signal.SIG_BLOCK, signals)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
