"""A feed of one environment, in memory."""

from collections.abc import AsyncIterator

from equipoise.application.serving import Framing, Key, Live, NotReady
from equipoise.domain.errors import Missing, Unknown
from equipoise.domain.snapshot import Snapshot
from equipoise.evaluation.compile import compile
from equipoise.evaluation.machine import Machine

SDK_KEY, MOBILE_KEY = "sdk-one", "mob-one"


def compiled(snapshot: Snapshot) -> Live:
    return Live(snapshot, Machine(compile(snapshot)))


class MemoryFeed:
    """It serves `now`, or `later` once that is set and a snapshot was asked for; `looked` counts these.

    `away` while it cannot answer, `gone` once its environment was deleted.
    """

    def __init__(self, snapshot: Snapshot) -> None:
        self.now = compiled(snapshot)
        self.later: Live | None = None
        self.looked = 0
        self.away = self.gone = False

    async def environment(self, key: str, kind: Key = Key.SERVER) -> str:
        if self.away:
            raise NotReady("the store does not answer")
        id = self.now.snapshot.id
        if key != {Key.SERVER: SDK_KEY, Key.MOBILE: MOBILE_KEY, Key.CLIENT: id}[kind]:
            raise Unknown
        return id

    def recognised(self, key: str, kind: Key = Key.SERVER) -> str | None:
        id = self.now.snapshot.id
        known = {Key.SERVER: SDK_KEY, Key.MOBILE: MOBILE_KEY, Key.CLIENT: id}[kind]
        return id if key == known and not self.away else None

    async def live(self, environment: str) -> Live:
        return self.now

    def ready(self, environment: str) -> Live | None:
        return self.now

    async def snapshot(self, environment: str) -> Snapshot:
        if self.gone:
            raise Missing("environment", environment)
        self.looked += 1
        self.now = self.later or self.now
        return self.now.snapshot

    async def listen(self, environment: str, framing: Framing) -> AsyncIterator[bytes]:
        yield framing.whole(self.now.snapshot)
        yield framing.heartbeat
