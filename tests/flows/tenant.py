"""A tenant, as Auth0's published client for Python sees it: watched, and with what most tests make first."""

import json
from itertools import count
from typing import Any, NamedTuple

import httpx
from auth0.management import AllocationRequestItem, Auth0, FeatureFlagConfigParam

from equipoise.application.administration import Minted, make_token
from equipoise.config import Settings
from equipoise.dialects.auth0 import DIALECT
from equipoise.domain import identity
from equipoise.server import opened
from equipoise.translation.routes import Router
from tests.contracts.auth0 import CONTRACT
from tests.flows.shop import ok
from tests.served import Place, Server

ROUTER = Router(DIALECT.routes)
OF_THE_BETA = {"update_experiment_status", "update_feature_flag_status"}
OPERATIONS = {each.operation for each in DIALECT.routes} - {"create_token"}
COUNTED = {"x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset"}


def operations_of(noun: str) -> set[str]:
    """Those of the early access that speak of the noun."""
    return {each for each in OPERATIONS if noun in each} - OF_THE_BETA


class Exchange(NamedTuple):
    operation: str
    status: int


class Watched(httpx.HTTPTransport):
    """Real HTTP. Each exchange is held against the contract as it passes."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.exchanges: list[Exchange] = []

    @property
    def operations(self) -> set[str]:
        """What was done, and not refused."""
        return {each.operation for each in self.exchanges if each.status < 300}

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        response = super().handle_request(request)
        body, path = response.read(), request.url.raw_path.partition(b"?")[0]
        operation = ROUTER.find(request.method, path)[0].operation
        self.exchanges.append(Exchange(operation, response.status_code))
        assert response.headers.keys() >= COUNTED
        if operation != "create_token":
            CONTRACT.check(request.method, path.decode(), response.status_code, body)
        if response.is_error:
            said = json.loads(body)
            assert said["statusCode"] == response.status_code
            assert all(isinstance(said[name], str) and said[name] for name in ("error", "message"))
            assert said["errorCode"].isidentifier()
        return response


class Flag(NamedTuple):
    """Ids of an active feature flag and of two of its variations."""

    id: str
    control: str
    treatment: str

    def weighted(self, weight: int = 50) -> list[AllocationRequestItem]:
        """The treatment with the weight, the control with the rest."""
        return [
            AllocationRequestItem(variation_id=self.control, is_control=True, weight=100 - weight),
            AllocationRequestItem(variation_id=self.treatment, is_control=False, weight=weight),
        ]


class Tenant:
    """The client. Without `retries`, what it would repeat comes once."""

    def __init__(self, url: str, token: str, retries: int = 0) -> None:
        self.watched = Watched()
        self.client = Auth0(
            base_url=url + "/api/v2",
            token=token,
            httpx_client=httpx.Client(transport=self.watched, timeout=60),
            max_retries=retries,
        )
        self.experiments = self.client.experimentation.experiments
        self.flags = self.client.experimentation.feature_flags
        self.variations = self.flags.variations
        self.segments = self.client.experimentation.segments

    def flag(self, name: str = "Checkout", active: bool = True) -> Flag:
        made = self.flags.create(name=name, parameters=PARAMETERS)
        control = self.variations.create(made.id, name="Control", overrides={})
        treatment = self.variations.create(made.id, name="Fewer", overrides={"steps": {"value": 1}})
        if active:
            self.flags.update(made.id, status="active")
        return Flag(made.id, control.id, treatment.id)

    def experiment(self, flag: Flag, name: str = "Fewer steps", **said: Any) -> Any:
        """A draft, on half of all."""
        said = {"authentication_flow": "authentication", "allocations": flag.weighted(), **said}
        return self.experiments.create(name=name, feature_flag_id=flag.id, **said)


PARAMETERS = {
    "steps": FeatureFlagConfigParam(type="number", value=4, description="How many there are"),
    "title": FeatureFlagConfigParam(type="string", value="Pay"),
}


class Tenancy:
    """A server with many tenants: the production environments of as many projects."""

    def __init__(self, server: Server, place: Place) -> None:
        self.server, self.place = server, place
        self._numbers = count(1)

    def project(self) -> str:
        key = f"tenant-{next(self._numbers)}"
        ok(self.server.client.post("/api/v2/projects", json={"key": key, "name": key}))
        return key

    def tenant(self) -> Tenant:
        """A new one, and nothing in it."""
        return self.client(self.project())

    def client(self, project: str, *acts: str, retries: int = 0) -> Tenant:
        """Another client of a tenant, narrowed to the acts if any are said."""
        return Tenant(self.server.url, self.token(project, *acts).secret, retries)

    def token(self, project: str, *acts: str) -> Minted:
        settings = Settings(data=self.place.data, database=self.place.database or None)
        with opened(settings) as instance:
            return make_token(instance.desk, identity.Place(project, "production"), "writer", acts=acts)
