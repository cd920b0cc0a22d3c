"""Exposures of units that are decided for here: kept in memory for a moment, then handed on together.

Whoever evaluates never waits for a disk. What a process holds when it is killed is lost: as much as came
since it handed on last.
"""

from collections import OrderedDict, deque
from collections.abc import Callable, Hashable
from concurrent.futures import Future, wait
from functools import partial

from msgspec import Struct

from equipoise.application.ingest import Intake
from equipoise.application.ports import Clock
from equipoise.domain.identity import Id

HELD_BYTES_MAX = 32 * 1024 * 1024
BODY_BYTES_MAX = 8 * 1024 * 1024  # of what is handed on as one
KNOWN_MAX = 100_000  # exposures that are remembered, so that each is kept once


class _Body(Struct, frozen=True):
    """Exposures on their way: the same payload each time it is tried."""

    dialect: str
    environment: Id
    payload: str
    content: bytes
    events: int


class _Waiting:
    """What came to one environment since it was handed on."""

    def __init__(self) -> None:
        self.events: list[bytes] = []
        self.bytes = 0


class Exposures:
    """For one thread, that of the event loop."""

    def __init__(
        self,
        intake: Intake,
        clock: Clock,
        new_id: Callable[[], str],
        lost: Callable[[str, int], None] | None = None,
    ) -> None:
        """lost  told of what could not be kept: its dialect, and how many"""
        self._intake, self._clock, self._new_id, self._lost = intake, clock, new_id, lost
        self._waiting: dict[tuple[str, Id], _Waiting] = {}
        self._ready: list[_Body] = []
        self._ended: deque[tuple[_Body, bool]] = deque()  # by the journal's thread
        self._known: OrderedDict[int, None] = OrderedDict()
        self._held = 0

    def offer(self, dialect: str, environment: Id, name: Hashable, event: Callable[[int], bytes]) -> None:
        """Keeps an exposure, unless one of that name was kept a short while ago.

        event  writes it as JSON that the dialect's decoder reads; given the time, in milliseconds since 1970
        """
        known = hash((environment, name))  # names may be long; of 64 bits, two that are alike are no worry
        if known in self._known:
            self._known.move_to_end(known)
            return
        said = event(self._clock())
        if self._held + len(said) > HELD_BYTES_MAX:
            self._count_lost(dialect, 1)
            return
        self._known[known] = None
        if len(self._known) > KNOWN_MAX:
            self._known.popitem(last=False)
        self._held += len(said)
        self._add(dialect, environment, said)

    def flush(self) -> "list[Future[None]]":
        """Hands on what waits, and once more what could not be written the last time."""
        self._settle()
        for dialect, environment in list(self._waiting):
            self._close(dialect, environment)
        bodies, self._ready = self._ready, []
        return [self._hand_on(each) for each in bodies]

    def close(self, seconds: float) -> None:
        """Hands on everything and waits for it, no longer than that; nothing is offered any more."""
        wait(self.flush(), seconds)
        self._settle()
        for body in self._ready:
            self._count_lost(body.dialect, body.events)

    def _add(self, dialect: str, environment: Id, said: bytes) -> None:
        waiting = self._waiting.get((dialect, environment))
        if waiting is None:
            waiting = self._waiting[dialect, environment] = _Waiting()
        waiting.events.append(said)
        waiting.bytes += len(said)
        if waiting.bytes > BODY_BYTES_MAX:
            self._close(dialect, environment)

    def _close(self, dialect: str, environment: Id) -> None:
        """Makes a body of what came to the environment."""
        events = self._waiting.pop((dialect, environment)).events
        content = b"[" + b",".join(events) + b"]"
        self._ready.append(_Body(dialect, environment, self._new_id(), content, len(events)))

    def _hand_on(self, body: _Body) -> "Future[None]":
        done = self._intake.offer(
            body.dialect, body.environment, body.payload, body.content, events=body.events
        )
        done.add_done_callback(partial(self._end, body))
        return done

    def _end(self, body: _Body, done: "Future[None]") -> None:
        self._ended.append((body, done.exception() is None))

    def _settle(self) -> None:
        """Takes note of what became of bodies; those that were not written wait again."""
        while self._ended:
            body, written = self._ended.popleft()
            if written:
                self._held -= len(body.content) - body.events - 1
            else:
                self._ready.append(body)

    def _count_lost(self, dialect: str, many: int) -> None:
        if self._lost is not None:
            self._lost(dialect, many)
