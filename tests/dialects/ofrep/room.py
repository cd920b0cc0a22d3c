"""Doors of the protocol over an environment in memory, and what was exposed behind them."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from equipoise.application.exposures import Exposures
from equipoise.application.hashes import Hashes
from equipoise.application.ingest import Intake
from equipoise.application.serving import Framing, Key, Live, NotReady
from equipoise.dialects.ofrep import DIALECT
from equipoise.domain.environment.state import SealedKey
from equipoise.domain.errors import Unknown
from equipoise.domain.records import One, one_by_one
from equipoise.domain.snapshot import Served, Snapshot
from equipoise.evaluation.compile import compile
from equipoise.evaluation.machine import Machine
from equipoise.translation.doors import Door, Outlets
from tests.contracts.ofrep import CONTRACT
from tests.domain.builders import ID, a_flag, a_rollout, a_targeting, an_environment
from tests.fakes import FakeClock, FakeVault
from tests.fakes.journal import MemoryJournal
from tests.translation.visitor import Answered, visit

KEYS = {("sdk-one", Key.SERVER), ("mob-one", Key.MOBILE), (ID, Key.CLIENT)}
FLAGS = "/ofrep/v1/evaluate/flags"
DOORS: dict[str, Door] = {door.operation: door for door in DIALECT.doors}
ANNA = {"targetingKey": "anna"}
VAULT = FakeVault()


class Room:
    """A feed with one environment, which `away` cannot be asked; its clock, its journal."""

    def __init__(self, *served: Served) -> None:
        self.away = False
        self.looked = 0
        self.clock, self.journal, self.lost = FakeClock(), MemoryJournal(), 0
        self.serve(*served)
        self.later: Live | None = None
        intake = Intake(self.journal, self.clock)
        names = iter(range(10_000))
        self.exposures = Exposures(intake, self.clock, lambda: f"payload-{next(names)}", self._lose)
        self.outlets = Outlets(self, intake, self.exposures, Hashes(VAULT))

    def serve(self, *served: Served) -> None:
        self.now = live_of(*served)

    def secure(self) -> None:
        """From now on, pages need a hash made with the SDK key."""
        sealed = SealedKey(VAULT.seal("sdk-one"), "digest")
        environment = an_environment(secure_mode=True, sdk_key=sealed)
        self.now = replace(self.now, snapshot=replace(self.now.snapshot, environment=environment))

    # the feed

    async def environment(self, key: str, kind: Key = Key.SERVER) -> str:
        if self.away:
            raise NotReady("the store does not answer")
        if (key, kind) not in KEYS:
            raise Unknown
        return ID

    async def live(self, environment: str) -> Live:
        return self.now

    async def snapshot(self, environment: str) -> Snapshot:
        self.looked += 1
        self.now = self.later or self.now
        return self.now.snapshot

    async def listen(self, environment: str, framing: Framing) -> AsyncIterator[bytes]:
        yield framing.whole(self.now.snapshot)
        yield framing.heartbeat

    # asking

    def ask(
        self, operation: str, body: Any = None, *, path: Any = None, query: str = "", **headers: str
    ) -> Answered:
        said = {"authorization": "Bearer sdk-one"}
        said |= {name.replace("_", "-"): value for name, value in headers.items()}
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        going = visit(DOORS[operation], self.outlets, said, path=path, query=query, body=(content,))
        return asyncio.run(going)

    def one(self, context: Any = ANNA, key: str = "checkout", **headers: str) -> Answered:
        """One flag, held to the contract."""
        body = context if isinstance(context, bytes) else {"context": context}
        answer = self.ask("evaluateFlag", body, path={"key": key}, **headers)
        CONTRACT.check("POST", f"{FLAGS}/flag", answer.status, answer.body)
        return answer

    def all(self, context: Any = ANNA, query: str = "", **headers: str) -> Answered:
        """All flags, held to the contract."""
        body = context if isinstance(context, bytes) else {"context": context}
        answer = self.ask("evaluateFlagsBulk", body, query=query, **headers)
        CONTRACT.check("POST", FLAGS, answer.status, answer.body)
        return answer

    def records(self) -> list[One]:
        """What came to the journal, as the decoder reads it."""
        self.exposures.flush()
        decode = DIALECT.decode
        assert decode is not None
        return [record for each in self.journal.received for record in one_by_one(decode(each))]

    def _lose(self, dialect: str, many: int) -> None:
        self.lost += many


class Said(Struct):
    """What is answered for one flag."""

    value: Any = None
    reason: str = ""
    variant: str = ""
    errorCode: str = ""  # noqa: N815


def live_of(*served: Served) -> Live:
    flags = {each.flag.key: each for each in served}
    snapshot = Snapshot(an_environment(), 9, flags)
    return Live(snapshot, Machine(compile(snapshot)))


def served(version: int = 7, targeting: Any = None, **fields: Any) -> Served:
    return Served(a_flag(**fields), targeting or a_targeting(), version)


def in_experiment(version: int = 7, **fields: Any) -> Served:
    targeting = a_targeting(fallthrough=a_rollout(seed=7, experiment=True))
    return served(version, targeting, **fields)


def said(answer: Answered) -> Any:
    return json.loads(answer.body)
