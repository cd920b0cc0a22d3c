"""A dialect in this process: the gateway over a fresh store with a founded instance, no socket between.

`surface.call("GET", path)` answers as the server would; `conforms` holds an answer to the published contract
and to the published client's own models.
"""

import asyncio
import re
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import launchdarkly_api
import pytest

from equipoise.application.changes import Desk
from equipoise.application.founding import found
from equipoise.application.intents import Step
from equipoise.application.ports import Entry, LogRow, Store
from equipoise.application.queries import Library
from equipoise.application.results import ResultsDesk
from equipoise.dialects.launchdarkly import DIALECT
from equipoise.domain.change import Moment, apply
from equipoise.domain.identity import INSTANCE, Place
from equipoise.domain.limits import BODY_BYTES_MAX
from equipoise.domain.project import PROJECT
from equipoise.domain.token import TOKEN
from equipoise.domain.token.commands import Create
from equipoise.domain.token.state import Token
from equipoise.security.tokens import digest, ending, spell
from equipoise.server import discovered
from equipoise.translation.dialect import Dialect
from equipoise.translation.http import Gateway, Services
from equipoise.translation.limiter import Limiter, Rates
from equipoise.web import shown_at
from tests.contracts.launchdarkly import Contract, shared
from tests.fakes import FakeClock, FakeEntropy, FakeVault, MemoryStore
from tests.fakes.answering import AnsweringWarehouse

SEMANTIC = {"Content-Type": "application/json; domain-model=launchdarkly.semanticpatch"}
CONTRACT = Contract(shared())
RATES = Rates()

_OPERATION = re.compile(r"    def (\w+)_with_http_info\(.*?_response_types_map: [^{]*\{(.*?)\}", re.DOTALL)
_MODEL = re.compile(r"'(\d+)': \"(\w+)\"")


class Surface:
    """One dialect over one store, the others beside it, founded with project default
    (environments production and test).

    tokens  name → secret: admin of the instance; writer and reader of project default
    seen    (operation, status) of each answer
    """

    def __init__(self, store: Store, dialect: Dialect = DIALECT, rates: Rates = RATES) -> None:
        self.store, self.clock, self.entropy, self.vault = store, FakeClock(), FakeEntropy(), FakeVault()
        self.desk = Desk(store, self.clock, self.entropy, self.vault)
        self.library = Library(store, self.clock, self.entropy, self.vault)
        self.warehouse = AnsweringWarehouse()
        self.seen: list[tuple[str, int]] = []
        self._threads = ThreadPoolExecutor(2)
        services = Services(
            desk=self.desk,
            library=self.library,
            limiter=Limiter(rates, self.clock),
            readers=self._threads,
            writers=self._threads,
            body_bytes_max=BODY_BYTES_MAX,
            observe=self._observe,
            results=ResultsDesk(self.library, self.warehouse),
            pages=shown_at,
        )
        others = (each for each in discovered() if each.name != dialect.name)
        self.gateway = Gateway((dialect, *others), services)
        admin = found(store, self.clock, self.entropy, self.vault)
        assert admin is not None, "the store is fresh"
        self.tokens = {"admin": admin}
        self.tokens["writer"] = self.token("writer", "default")
        self.tokens["reader"] = self.token("reader", "default")

    def call(
        self,
        method: str,
        path: str,
        *,
        json: Any = None,
        content: bytes | None = None,
        token: str | None = "admin",
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        """One request. `token` is a name in `tokens`, a secret, or None for no credential."""
        sent = dict(headers or {})
        if token is not None:
            sent.setdefault("Authorization", self.tokens.get(token, token))
        return asyncio.run(self._send(method, path, json, content, sent, params))

    def made(self, path: str, document: Any, **said: Any) -> Any:
        """The document of what a POST made."""
        response = self.call("POST", path, json=document, **said)
        assert response.is_success, response.text
        return response.json()

    def token(self, role: str, project: str = "", environment: str = "", **fields: Any) -> str:
        """The secret of a new token, confined to what is named; `call` takes it as `token`."""
        secret = spell("token", self.entropy(32))
        moment = Moment(self.clock(), self.entropy(32))
        born: dict[str, Any] = {
            "id": moment.id("token"),
            "digest": digest(secret),
            "ending": ending(secret),
            "role": role,
            "created_at": moment.at,
            "changed_at": moment.at,
            "member": self.owner,
            "name": role,
            "project": project,
            "environment": environment,
            "home": Place(project, environment),
        }
        self.plant((TOKEN, None, Create(Token(**{**born, **fields}))))
        return secret

    def plant(self, *steps: Step) -> None:
        """Makes these so, past every route and guard: what a test needs to be there."""
        moment = Moment(self.clock(), self.entropy(32))
        outcomes = [apply(noun, subject, command, moment) for noun, subject, command in steps]
        with self.store.write() as transaction:
            transaction.settle(outcomes, Entry(moment.at, "tests", "tests"))

    def rows(self, space: str) -> tuple[LogRow, ...]:
        """The change log of a number space."""
        return self.library.follow(space, 0)

    @property
    def owner(self) -> str:
        """The id of the instance's first member."""
        with self.store.read() as reader:
            project = reader.named(PROJECT, INSTANCE, "default")
        assert project is not None, "the project was founded"
        return project.members[0].id

    def close(self) -> None:
        self._threads.shutdown()

    async def _send(
        self,
        method: str,
        path: str,
        document: Any,
        content: bytes | None,
        headers: dict[str, str],
        params: Mapping[str, str] | None,
    ) -> httpx.Response:
        transport = httpx.ASGITransport(self.gateway)  # type: ignore[arg-type]
        async with httpx.AsyncClient(transport=transport, base_url="http://equipoise.test") as client:
            return await client.request(
                method, path, json=document, content=content, headers=headers, params=params
            )

    def _observe(self, dialect: str, operation: str, method: str, status: int, seconds: float) -> None:
        self.seen.append((operation, status))


@pytest.fixture
def surface() -> Iterator[Surface]:
    served = Surface(MemoryStore())
    yield served
    served.close()


def conforms(response: httpx.Response, operation: str) -> Any:
    """The document of an answer (None where it has none), held to the contract, where this clone has one,
    and to the client's model. `operation` is its id in the contract."""
    asked = response.request
    path = asked.url.raw_path.split(b"?")[0].decode()
    CONTRACT.check(asked.method, path, response.status_code, response.content)
    if not response.content:
        assert response.status_code == 204, response
        return None
    said = response.json()
    expected = _models()[operation.lower()].get(str(response.status_code))
    if expected is not None:
        getattr(launchdarkly_api, expected).from_dict(said)
    elif not response.is_success:
        assert {"code", "message"} <= said.keys(), said
    return said


@cache
def _models() -> dict[str, dict[str, str]]:
    """operation, in lower case without "_" → status → name of the client's model."""
    found = {}
    for source in (Path(launchdarkly_api.__file__).parent / "api").glob("*_api.py"):
        for name, body in _OPERATION.findall(source.read_text()):
            found[name.replace("_", "")] = dict(_MODEL.findall(body))
    return found
