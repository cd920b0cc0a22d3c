"""One environment and those who listen to it. All of this happens on one event loop."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from equipoise.application.serving import Framing, Live, Update
from equipoise.domain.snapshot import Snapshot
from equipoise.evaluation.compile import Compiled, compile
from equipoise.evaluation.machine import Machine

PIECES_WAITING_MAX = 64  # a listener with more is too slow, and is cut off

Apart = Callable[[Callable[[], Any]], "asyncio.Future[Any]"]


class Listener:
    """What one listener has still to hear."""

    def __init__(self, framing: Framing) -> None:
        self.framing = framing
        self.ended = False
        self._pieces: deque[bytes] = deque()
        self._told = asyncio.Event()

    def tell(self, piece: bytes) -> None:
        if len(self._pieces) >= PIECES_WAITING_MAX:
            self.end()
        if not self.ended:
            self._pieces.append(piece)
            self._told.set()

    def end(self) -> None:
        """What was not heard yet, is not: who comes again is told all of it."""
        self.ended = True
        self._pieces.clear()
        self._told.set()

    async def next(self, seconds: float) -> bytes | None:
        """The next piece, a heartbeat after so many seconds of silence, None at the end."""
        try:
            async with asyncio.timeout(seconds):
                await self._told.wait()
        except TimeoutError:
            return self.framing.heartbeat
        if self.ended:
            return None
        piece = self._pieces.popleft()
        if not self._pieces:
            self._told.clear()
        return piece


class Channel:
    """What an environment serves now, and its listeners.

    apart    does work in a thread
    used_at  when somebody asked last, on a clock that never goes back
    """

    def __init__(self, snapshot: Snapshot, apart: Apart, used_at: float = 0.0) -> None:
        self.snapshot = snapshot
        self.listeners: set[Listener] = set()
        self.used_at = used_at
        self._apart = apart
        self._whole: dict[Framing, asyncio.Future[bytes]] = {}
        self._live: asyncio.Future[Live] | None = None
        self._ready: Live | None = None

    def whole(self, framing: Framing) -> "asyncio.Future[bytes]":
        """All of what is served now, made once."""
        made = self._whole.get(framing)
        if made is None or lost(made):
            made = self._whole[framing] = self._apart(partial(framing.whole, self.snapshot))
        return made

    @property
    def ready(self) -> Live | None:
        """What can be evaluated at once; None just after a change."""
        return self._ready if self._ready is not None and self._ready.snapshot is self.snapshot else None

    async def live(self) -> Live:
        """What is served now, made ready once."""
        made = self._live
        if made is None or lost(made):
            made = self._live = self._apart(partial(_ready, self.snapshot, self._ready))
        self._ready = await asyncio.shield(made)
        return self._ready

    async def follow(self, snapshot: Snapshot) -> None:
        """Serves this from now on, and tells whoever listens what changed."""
        update = update_of(self.snapshot, snapshot)
        if update is None:
            self.settle(snapshot)
            return
        pieces: dict[Framing, bytes] = {}
        for framing in {listener.framing for listener in self.listeners}:
            pieces[framing] = await self._apart(partial(framing.update, update))
        self.settle(snapshot)
        for listener in self.listeners:
            framing = listener.framing
            if framing not in pieces:  # it came while the others' was made
                pieces[framing] = framing.update(update)
            if pieces[framing]:
                listener.tell(pieces[framing])

    def settle(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self._whole.clear()
        self._live = None

    def turn(self, snapshot: Snapshot) -> None:
        """Ends those who have to come again: a key was replaced, or time went back. Who came with which is
        not known here, and whoever still has one does come again."""
        before, now = self.snapshot.environment, snapshot.environment
        keys = (before.sdk_key.digest, before.mobile_key.digest)
        if keys != (now.sdk_key.digest, now.mobile_key.digest) or snapshot.number < self.snapshot.number:
            self.end()

    def end(self) -> None:
        for listener in self.listeners:
            listener.end()
        self.listeners.clear()


def lost(made: "asyncio.Future[Any]") -> bool:
    """Whether nothing will come of it: then the next to ask makes it again."""
    return made.done() and (made.cancelled() or made.exception() is not None)


def _ready(snapshot: Snapshot, before: Live | None) -> Live:
    if before is None:
        return Live(snapshot, Machine(compile(snapshot)))
    machine = before.machine
    ruleset = compile(snapshot, before=Compiled(before.snapshot, machine.ruleset))
    return Live(snapshot, Machine(ruleset, before=machine))


def update_of(before: Snapshot, now: Snapshot) -> Update | None:
    """How they differ for whoever listens; None when they do not."""
    if before is now:
        return None
    changed = tuple(key for key, served in now.flags.items() if served.version != _version(before, key))
    gone = dict.fromkeys(_less(before.flags, now.flags), now.number)
    return Update(before, now, changed, gone) if changed or gone else None


def _version(snapshot: Snapshot, key: str) -> int | None:
    served = snapshot.flags.get(key)
    return None if served is None else served.version


def _less(these: Iterable[str], those: Iterable[str]) -> list[str]:
    there = set(those)
    return [each for each in these if each not in there]
