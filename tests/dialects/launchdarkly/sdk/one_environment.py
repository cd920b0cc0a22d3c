"""A feed with one environment, in memory."""

from collections.abc import AsyncIterator

from equipoise.application.serving import Framing, Key, Live, NotReady
from equipoise.domain.errors import Missing, Unknown
from equipoise.domain.snapshot import Snapshot
from equipoise.evaluation.compile import compile
from equipoise.evaluation.machine import Machine

SDK_KEY, MOBILE_KEY = "sdk-of-production", "mob-of-production"


def live(snapshot: Snapshot) -> Live:
    return Live(snapshot, Machine(compile(snapshot)))


class OneEnvironment:
    """`away` while it cannot answer, `gone` once it was deleted."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.now, self.away, self.gone = snapshot, False, False

    async def environment(self, key: str, kind: Key = Key.SERVER) -> str:
        if self.away:
            raise NotReady("the store does not answer")
        keys = {Key.SERVER: SDK_KEY, Key.MOBILE: MOBILE_KEY, Key.CLIENT: self.now.id}
        if key != keys[kind]:
            raise Unknown
        return self.now.id

    async def snapshot(self, environment: str) -> Snapshot:
        if self.gone:
            raise Missing("environment", environment)
        return self.now

    async def live(self, environment: str) -> Live:
        return live(self.now)

    async def listen(self, environment: str, framing: Framing) -> AsyncIterator[bytes]:
        yield framing.whole(self.now)
        yield framing.heartbeat
