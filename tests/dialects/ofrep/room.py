"""Doors of the protocol over an environment in memory, and what was exposed behind them."""

import asyncio
import json
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from equipoise.application.exposures import Exposures
from equipoise.application.ingest import Intake
from equipoise.application.serving import Live
from equipoise.application.vouching import Hashes
from equipoise.dialects.ofrep import DIALECT
from equipoise.domain.environment.state import SealedKey
from equipoise.domain.records import One, one_by_one
from equipoise.domain.snapshot import Served, Snapshot
from equipoise.translation.doors import Door, Outlets
from tests.contracts.ofrep import CONTRACT
from tests.domain.builders import a_flag, a_rollout, a_targeting, an_environment
from tests.fakes import FakeClock, FakeVault
from tests.fakes.feed import SDK_KEY, MemoryFeed, compiled
from tests.fakes.journal import MemoryJournal
from tests.translation.visitor import Answered, visit, visit_at_once

FLAGS = "/ofrep/v1/evaluate/flags"
DOORS: dict[str, Door] = {door.operation: door for door in DIALECT.doors}
ANNA = {"targetingKey": "anna"}
VAULT = FakeVault()


class Room(MemoryFeed):
    """A feed, its clock, its journal."""

    def __init__(self, *served: Served) -> None:
        super().__init__(snapshot_of(*served))
        self.clock, self.journal, self.lost = FakeClock(), MemoryJournal(), 0
        intake = Intake(self.journal, self.clock)
        names = iter(range(10_000))
        self.exposures = Exposures(intake, self.clock, lambda: f"payload-{next(names)}", self._lose)
        self.outlets = Outlets(self, intake, self.exposures, Hashes(VAULT))

    def serve(self, *served: Served) -> None:
        self.now = live_of(*served)

    def secure(self) -> None:
        """From now on, pages need a hash made with the SDK key."""
        sealed = SealedKey(VAULT.seal(SDK_KEY), "digest")
        environment = an_environment(secure_mode=True, sdk_key=sealed)
        self.now = replace(self.now, snapshot=replace(self.now.snapshot, environment=environment))

    # asking

    def ask(
        self, operation: str, body: Any = None, *, path: Any = None, query: str = "", **headers: str
    ) -> Answered:
        said = {"authorization": f"Bearer {SDK_KEY}"}
        said |= {name.replace("_", "-"): value for name, value in headers.items()}
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        going = visit(DOORS[operation], self.outlets, said, path=path, query=query, body=(content,))
        answered = asyncio.run(going)
        at_once = None if query else visit_at_once(DOORS[operation], self.outlets, said, path or {}, content)
        assert at_once is None or at_once == answered, "what needs no waiting is answered as everything is"
        return answered

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


def snapshot_of(*served: Served) -> Snapshot:
    return Snapshot(an_environment(), 9, {each.flag.key: each for each in served})


def live_of(*served: Served) -> Live:
    return compiled(snapshot_of(*served))


def served(version: int = 7, targeting: Any = None, **fields: Any) -> Served:
    return Served(a_flag(**fields), targeting or a_targeting(), version)


def in_experiment(version: int = 7, **fields: Any) -> Served:
    targeting = a_targeting(fallthrough=a_rollout(seed=7, experiment=True))
    return served(version, targeting, **fields)


def said(answer: Answered) -> Any:
    return json.loads(answer.body)
