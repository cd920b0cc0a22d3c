"""The feed of one event loop: follows the change log and tells whoever listens.

Two threads work for it: one waits for commits, one reads the store and makes bytes. What they find is
handed to the loop whole, so that nobody sees half a change.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Thread
from time import monotonic
from typing import Any

from equipoise.application.ports import Store, Watch
from equipoise.application.serving import Framing, Key, Live, NotReady
from equipoise.delivery.channel import Channel, Listener
from equipoise.delivery.following import NOTHING, Known, look
from equipoise.domain.errors import Missing, Unknown
from equipoise.domain.identity import Id
from equipoise.domain.snapshot import Snapshot
from equipoise.security.tokens import digest

HEARTBEAT_SECONDS = 20.0
FLOOR_SECONDS = 1.0  # the log is looked at this often, told or not
REST_SECONDS = 0.01  # between two looks: what is written meanwhile is found together
IDLE_SECONDS = 600.0  # so long an environment is followed that nobody listens to
FOLLOWED_MAX = 1_000
CLOSE_SECONDS_MAX = 2.0

_log = logging.getLogger("equipoise.delivery")


class ChangeFeed:
    """Implements application.serving.Feed. Open it on its loop, stop it as soon as the server is told
    to stop, close it in the end."""

    def __init__(self, store: Store, watch: Watch, heartbeat_seconds: float = HEARTBEAT_SECONDS) -> None:
        self._store, self._watch, self._heartbeat = store, watch, heartbeat_seconds
        self._known: Known = NOTHING
        self._found: dict[tuple[Key, str], Id] = {}  # keys that came, and are somebody's
        self._fresh = False  # nothing was committed since the last look, as far as we were told
        self._blind = False
        self._stopped = self._closed = False
        self._channels: dict[Id, Channel] = {}
        self._wanted: dict[Id, float] = {}
        self._threads = ThreadPoolExecutor(1, "feed")
        self._looking = asyncio.Lock()
        self._next: asyncio.Task[None] | None = None
        self._woken = asyncio.Event()
        self._following: asyncio.Task[None] | None = None
        self._waiting: Thread | None = None

    # what doors ask

    async def environment(self, key: str, kind: Key = Key.SERVER) -> Id:
        found = self.recognised(key, kind)
        if found is None:
            await self._look()
            found = self._holder(key, kind)
        if found is None:
            raise Unknown
        return found

    def recognised(self, key: str, kind: Key = Key.SERVER) -> Id | None:
        return self._holder(key, kind) if self._fresh or self._blind else None

    def _holder(self, key: str, kind: Key) -> Id | None:
        if kind is Key.CLIENT:
            return key if key in self._known.homes else None
        found = self._found.get((kind, key))
        if found is None:
            found = self._known.holders.get((kind, digest(key)))
            if found is not None:
                self._found[kind, key] = found
        return found

    async def live(self, environment: Id) -> Live:
        return self.ready(environment) or await (await self._channel(environment)).live()

    def ready(self, environment: Id) -> Live | None:
        channel = self._channels.get(environment)
        if channel is None:
            return None
        channel.used_at = monotonic()
        return channel.ready

    async def snapshot(self, environment: Id) -> Snapshot:
        """It is as new as the question: who has just changed something finds it changed."""
        if environment in self._channels and not self._blind:
            with suppress(NotReady):  # what is known is served meanwhile
                await self._look()
        return (await self._channel(environment)).snapshot

    async def listen(self, environment: Id, framing: Framing) -> AsyncIterator[bytes]:
        channel = await self._channel(environment)
        listener = Listener(framing)
        channel.listeners.add(listener)
        try:
            piece: bytes | None = await asyncio.shield(channel.whole(framing))
            while piece is not None and not listener.ended:
                yield piece
                piece = await listener.next(self._heartbeat)
        finally:
            channel.listeners.discard(listener)
            channel.used_at = monotonic()

    @property
    def listening(self) -> int:
        """How many listen now."""
        return sum(len(channel.listeners) for channel in self._channels.values())

    # its life

    async def open(self) -> None:
        """Begins to follow; what is there is read when somebody asks for it."""
        loop = asyncio.get_running_loop()
        self._following = asyncio.create_task(self._follow())
        self._waiting = Thread(target=self._wait, args=(loop,), name="feed-watch", daemon=True)
        self._waiting.start()

    def stop(self) -> None:
        """Ends every stream, each as if it had come to its end; nobody may listen from here on."""
        self._stopped = True
        for channel in self._channels.values():
            channel.end()

    async def close(self) -> None:
        self.stop()
        self._closed = True
        self._watch.close()
        tasks = [task for task in (self._following, self._next) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._waiting is not None:
            await asyncio.to_thread(self._waiting.join, CLOSE_SECONDS_MAX)
        await asyncio.to_thread(self._threads.shutdown)

    # following

    def _wait(self, loop: asyncio.AbstractEventLoop) -> None:
        while not self._closed:
            self._watch.wait(FLOOR_SECONDS)
            with suppress(RuntimeError):  # the loop is closed
                loop.call_soon_threadsafe(self._woken.set)
        self._watch.wait(0)  # lets it put away what it has in this thread

    async def _follow(self) -> None:
        while True:
            await self._woken.wait()
            self._woken.clear()
            self._fresh = False
            self._forget_idle()
            if self._wanted or self._blind:
                with suppress(NotReady):
                    await self._look()
            await asyncio.sleep(REST_SECONDS)

    async def _look(self) -> None:
        """A look at the store that begins from here on; all who ask for one meanwhile share it.

        raises  NotReady when the store does not answer
        """
        if self._stopped:
            raise NotReady("the server stops")
        if self._next is None:
            self._next = asyncio.create_task(self._look_anew())
        await asyncio.shield(self._next)

    async def _look_anew(self) -> None:
        async with self._looking:
            self._next = None
            self._fresh = True  # until the next waking
            before, wanted = self._known, tuple(self._wanted)
            try:
                known = await self._in_thread(lambda: look(self._store, before, wanted))
                self._blind = False
            except Exception as error:
                self._fresh = False
                self._say_once(error)
                raise NotReady("the store does not answer") from error
            await self._take(known)

    async def _take(self, known: Known) -> None:
        """Who may listen changes at once, what they are told after that."""
        if known.holders is not self._known.holders:
            self._found.clear()
        self._known = known
        for id in self._channels.keys() - known.snapshots.keys():
            self._channels.pop(id).end()
            self._wanted.pop(id, None)
        others: list[tuple[Channel, Snapshot]] = []
        for id, snapshot in known.snapshots.items():
            channel = self._channels.get(id)
            if channel is None:
                self._channels[id] = Channel(snapshot, self._in_thread, monotonic())
            elif channel.snapshot is not snapshot:
                channel.turn(snapshot)
                others.append((channel, snapshot))
        for channel, snapshot in others:
            await self._tell(channel, snapshot)

    async def _tell(self, channel: Channel, snapshot: Snapshot) -> None:
        try:
            await channel.follow(snapshot)
        except Exception:  # whoever listens comes again and is told all of it
            _log.exception("environment %s cannot be told of a change", snapshot.id)
            channel.settle(snapshot)
            channel.end()

    async def _channel(self, environment: Id) -> Channel:
        """Of an environment that is followed from now on. raises Missing, NotReady"""
        if self._stopped:
            raise NotReady("the server stops")
        while True:
            self._wanted[environment] = monotonic()
            if environment not in self._channels:
                await self._look()
            channel = self._channels.get(environment)
            if channel is not None:
                channel.used_at = monotonic()
                return channel
            self._wanted.pop(environment, None)
            if (
                environment not in self._known.snapshots
            ):  # else it was found, and forgotten before we came to it
                raise Missing("environment", environment)

    def _forget_idle(self) -> None:
        """Those that nobody has asked for lately, and the longest unasked where there are too many."""
        now = monotonic()
        idle = sorted((each.used_at, id) for id, each in self._channels.items() if not each.listeners)
        surplus = len(self._channels) - FOLLOWED_MAX
        for position, (used_at, id) in enumerate(idle):
            if position < surplus or now - used_at > IDLE_SECONDS:
                del self._channels[id]
                self._wanted.pop(id, None)

    def _in_thread(self, work: Callable[[], Any]) -> "asyncio.Future[Any]":
        return asyncio.get_running_loop().run_in_executor(self._threads, work)

    def _say_once(self, error: Exception) -> None:
        if not self._blind:
            _log.warning("delivery cannot read the store, and serves what it knows: %s", error)
        self._blind = True
