"""A project with two environments in a store, and a feed over it whose clockwork is the test's."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager
from threading import Event
from typing import Any

from msgspec.structs import replace

from equipoise.application.ports import Store
from equipoise.application.serving import Framing, Update
from equipoise.delivery.feed import ChangeFeed
from equipoise.domain.environment import ENVIRONMENT
from equipoise.domain.environment.state import Environment, SealedKey
from equipoise.domain.flag import FLAG
from equipoise.domain.snapshot import Snapshot
from equipoise.security.tokens import digest
from tests.domain.builders import a_targeting, an_environment
from tests.storage.desk import an_id, bear, flag

PRODUCTION, TEST = an_id("production"), an_id("test")
HEARTBEAT = b"still here"


class Bell:
    """A watch that tells when the test says so, and every hundredth of a second in any case."""

    def __init__(self) -> None:
        self._rung, self._closed = Event(), False

    def wait(self, seconds: float) -> None:
        if not self._closed:
            self._rung.wait(0.01)
        self._rung.clear()

    def close(self) -> None:
        self._closed = True
        self._rung.set()


def environment(key: str, **fields: Any) -> Environment:
    sealed = SealedKey("sealed", digest(f"sdk-{key}"))
    return an_environment(id=an_id(key), key=key, sdk_key=sealed, **fields)


def furnish(store: Store, *flags: str) -> None:
    """Flags that are on in production and untouched in test."""
    bear(store, ENVIRONMENT, environment("production"), environment("test"))
    for key in flags:
        bear(store, FLAG, flag(key, targeting={"production": a_targeting()}))


def whole(snapshot: Snapshot) -> bytes:
    flags = ",".join(f"{key}@{served.version}" for key, served in snapshot.flags.items())
    return f"all {flags}".encode()


def update(told: Update) -> bytes:
    changed = [f"{key}@{told.snapshot.flags[key].version}" for key in told.changed]
    gone = [f"{key} gone@{version}" for key, version in told.gone.items()]
    return ",".join(changed + gone).encode()


def a_framing() -> Framing:
    return Framing(whole, update, HEARTBEAT)


def counted(calls: list[str]) -> Framing:
    """A framing that says what it was asked for."""

    def noted(name: str, render: Callable[[Any], bytes]) -> Callable[[Any], bytes]:
        def made(said: Any) -> bytes:
            calls.append(name)
            return render(said)

        return made

    return replace(a_framing(), whole=noted("whole", whole), update=noted("update", update))


@asynccontextmanager
async def fed(store: Store, heartbeat_seconds: float = 60.0) -> AsyncIterator[ChangeFeed]:
    feed = ChangeFeed(store, Bell(), heartbeat_seconds)
    await feed.open()
    try:
        yield feed
    finally:
        await feed.close()


@asynccontextmanager
async def listening(
    feed: ChangeFeed, id: str = PRODUCTION, framing: Framing | None = None
) -> AsyncIterator[Callable[[], Any]]:
    """What gives the next piece; None at the end."""
    async with aclosing(feed.listen(id, framing or a_framing())) as pieces:  # type: ignore[type-var]

        async def heard() -> bytes | None:
            async with asyncio.timeout(10):
                return await anext(pieces, None)

        yield heard
