"""A provider that publishes, with words for what these tests do over and over."""

from functools import cache
from typing import Any
from urllib.parse import quote

import httpx
import msgspec

from equipoise.application.answers import Answer
from equipoise.application.installations import Installed, install
from equipoise.application.ports import LogRow, Query
from equipoise.application.requests import ChangeRequest
from equipoise.dialects.vercel.errors import refuse
from equipoise.domain.catalog import CATALOG_ENTRY
from equipoise.domain.change import Noun
from equipoise.domain.config_store import CONFIG_STORE
from equipoise.domain.experiment import EXPERIMENT
from equipoise.domain.experiment.commands import Create, Start
from equipoise.domain.flag import FLAG
from equipoise.domain.flag import commands as flags
from equipoise.domain.identity import INSTANCE, Place
from equipoise.domain.installation import INSTALLATION
from equipoise.domain.invoice import INVOICE
from equipoise.domain.metric import METRIC
from equipoise.domain.metric import commands as metrics
from equipoise.domain.resource import RESOURCE
from equipoise.domain.resource.state import Resource
from equipoise.domain.statement import STATEMENT
from equipoise.security.permissions import Act
from equipoise.security.signing import KeyPair, generate
from tests.conformance.requests.vercel import conforms
from tests.domain.builders import a_flag, a_metric, a_targeting
from tests.domain.experiment.examples import an_experiment, the_facts
from tests.fixtures_surface import Surface

KEY, OTHER, FOREIGN = "icfg_shop", "icfg_other", "icfg_foreign"
ROOT = f"/v1/installations/{KEY}"
RESOURCES = f"{ROOT}/resources"
SHOP, ANNEX = f"{RESOURCES}/shop", f"{RESOURCES}/annex"
ITEMS = f"{SHOP}/experimentation/items"
STORE, STORE_BEFORE = f"{SHOP}/experimentation/global-config", f"{SHOP}/experimentation/edge-config"
SECRETS = f"{SHOP}/secrets"
OURS = f"/equipoise/v1/installations/{KEY}"
CATALOG = "/equipoise/v1/catalog"
HERE, ELSEWHERE = Place("default", "production"), Place("default", "test")
EXPERIMENT_ID, FLAG_ID = "equipoise:experiment:new-checkout", "equipoise:flag:checkout"
KEPT: tuple[Noun[Any], ...] = (
    INSTALLATION,
    RESOURCE,
    CONFIG_STORE,
    CATALOG_ENTRY,
    INVOICE,
    STATEMENT,
    EXPERIMENT,
    FLAG,
)


class Provider:
    """Let into KEY, in HERE, with the resource SHOP; `neighbour` is let into OTHER, in HERE too, with a shop
    of its own, and `foreigner` into FOREIGN, ELSEWHERE. Each request comes a second after the one before."""

    def __init__(self, surface: Surface) -> None:
        self.surface = surface
        made = installed(surface, KEY)
        self.id, self.client, self.client_secret = (
            made.installation.id,
            made.installation.client,
            made.client_secret,
        )
        surface.tokens["provider"] = made.token
        surface.tokens["neighbour"] = installed(surface, OTHER).token
        surface.tokens["foreigner"] = installed(surface, FOREIGN, ELSEWHERE).token
        self.told("PUT", SHOP, a_resource())
        self.told("PUT", theirs(SHOP), a_resource(), token="neighbour")

    # requests

    def ask(
        self, method: str, path: str, body: Any = None, token: str | None = "provider", **said: Any
    ) -> httpx.Response:
        self.surface.clock.pass_ms(1_000)
        return self.surface.call(method, path, json=body, token=token, **said)

    def told(self, method: str, path: str, body: Any = None, status: int = 200, **said: Any) -> Any:
        """The document of an answer that has this status, held to the contract."""
        response = self.ask(method, path, body, **said)
        assert response.status_code == status, response.text
        return self.held(response)

    def get(self, path: str, **said: Any) -> Any:
        return self.told("GET", path, **said)

    def refused(
        self, method: str, path: str, body: Any = None, status: int = 400, **said: Any
    ) -> dict[str, Any]:
        """What a refusal says, which changed nothing."""
        before = self.everything()
        response = self.ask(method, path, body, **said)
        assert response.status_code == status, response.text
        error: dict[str, Any] = self.held(response)["error"]
        assert error["code"] == CODES[status], error
        assert error["message"], error
        assert self.everything() == before, "a refusal changes nothing"
        return error

    def unchanged(self, method: str, path: str, body: Any = None, status: int = 200, **said: Any) -> Any:
        """The document of an answer to what changes nothing: no state, no row of the log."""
        before = self.everything()
        document = self.told(method, path, body, status, **said)
        assert self.everything() == before, "it changes nothing"
        return document

    def held(self, response: httpx.Response) -> Any:
        return conforms(response, self.surface.seen[-1][0])

    def publish(self, *items: Any, status: int = 204, path: str = ITEMS, **said: Any) -> None:
        self.told("POST", path, {"items": list(items)}, status, **said)

    def patch(self, item: str, **said: Any) -> None:
        self.told("PATCH", at(item), {"slug": "login", "origin": "https://provider.test/1"} | said, 204)

    def item(self, item: str = "flag_1") -> Any:
        return self.get(at(item))

    def update(self, **said: Any) -> Any:
        return self.told("PATCH", SHOP, said)

    def speak(self, method: str, path: str, body: Any = None, **said: Any) -> Any:
        """The same through another surface, as an admin of the instance."""
        self.surface.clock.pass_ms(1_000)
        response = self.surface.call(method, path, json=body, **said)
        assert response.is_success, response.text
        return response.json() if response.content else None

    # what stands around

    def plant_flag(self, **fields: Any) -> None:
        """A flag of ours, `checkout`, that serves here."""
        targeting = {"production": a_targeting()}
        self.surface.plant((FLAG, None, flags.Create(a_flag(**{"targeting": targeting, **fields}))))

    def plant_experiment(self, running: bool = False) -> None:
        """An experiment of ours, `new-checkout`, on that flag."""
        self.plant_flag()
        self.surface.plant((EXPERIMENT, None, Create(an_experiment())))
        if running:
            self.surface.plant((METRIC, None, metrics.Create(a_metric())))
            start = Start(the_facts(), pins={"purchases": 1})
            self.surface.plant((EXPERIMENT, self.only(EXPERIMENT), start))

    # what is stored

    def all(self, noun: Noun[Any]) -> tuple[Any, ...]:
        with self.surface.store.read() as reader:
            return reader.select(noun, Query(INSTANCE, everywhere=True)).items

    def only(self, noun: Noun[Any]) -> Any:
        (found,) = self.all(noun)
        return found

    def everything(self) -> Any:
        """States with their revisions, and the numbers of the log."""
        with self.surface.store.read() as reader:
            return [self.all(noun) for noun in KEPT], reader.numbers()

    def rows(self) -> list[LogRow]:
        """The whole change log."""
        _, numbers = self.everything()
        return [row for space in numbers for row in self.surface.rows(space)]

    def written(self) -> str:
        """All that is stored and logged, as text."""
        return msgspec.json.encode((self.everything()[0], self.rows())).decode()

    @property
    def shop(self) -> Resource:
        found: Resource = next(each for each in self.all(RESOURCE) if each.key == f"{KEY}/shop")
        return found


CODES = {
    400: "bad_request",
    401: "forbidden",
    403: "forbidden",
    404: "not_found",
    405: "method_unknown",
    409: "conflict",
    410: "gone",
    412: "precondition_failed",
}


@cache
def pair() -> KeyPair:
    return generate()


def installed(surface: Surface, key: str, place: Place = HERE) -> Installed:
    """An installation as an admin makes one, with a key pair that is made once for all tests."""
    made: list[Installed] = []

    def answer(_: Any, result: Installed) -> Answer:
        made.append(result)
        return Answer(204)

    request: ChangeRequest[Installed] = ChangeRequest(
        credential=surface.tokens["admin"],
        act=Act.ADMINISTER,
        place=place,
        intent=lambda world: install(world, key, place, pair()),
        surface="tests",
        refuse=refuse,
    )
    surface.desk.change(request, answer)
    return made[0]


def theirs(path: str, key: str = OTHER) -> str:
    return path.replace(KEY, key)


def at(item: str) -> str:
    return f"{ITEMS}/{quote(item, safe='')}"


def a_resource(**fields: Any) -> dict[str, Any]:
    return said({"productId": "experiments", "name": "The shop", "status": "ready"} | fields)


def an_item(id: Any = "flag_1", **fields: Any) -> dict[str, Any]:
    """What must be said of one; `...` leaves a field out."""
    return said({"id": id, "slug": "login", "origin": "https://provider.test/1"} | fields)


def a_patch(**fields: Any) -> dict[str, Any]:
    return said({"slug": "login", "origin": "https://provider.test/1"} | fields)


def a_secret(name: str = "TOKEN", value: str = "s3cret", **fields: Any) -> dict[str, Any]:
    return {"name": name, "value": value, **fields}


def said(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not ...}
