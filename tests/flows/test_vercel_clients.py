"""Vercel's published clients, unmodified: that for providers in two versions, and that which reads stores.

Every answer passes the clients' own models and the published contract.
"""

import json
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import jwt
import pytest
from msgspec import Struct

from equipoise.application.installations import install_provider, read_access
from equipoise.application.sign_on import code_for
from equipoise.config import Settings
from equipoise.dialects.vercel import DIALECT, ids
from equipoise.domain.identity import Place
from equipoise.server import opened
from equipoise.translation.routes import Router
from tests.clients import node, run
from tests.contracts.vercel import CONTRACT
from tests.flows.shop import ok
from tests.flows.tenant import Tenancy

ROUTER = Router(DIALECT.routes)
PROGRAM, READER = (Path(__file__).with_name(name) for name in ("vercel_sdk.mjs", "edge_config.mjs"))
OURS = {"getInstallation", "getExperimentationItem", "getSigningKeys", "readItem", "readItems", "readDigest"}
SINCE = {"rotateInstallationCredential", "revokeInstallationCredential"}  # later than the older version
_numbers = count(1)


class Provider(Struct, frozen=True):
    """A provider that is let in: its installation, and one next door that it is not let into."""

    id: str
    project: str
    token: str
    client_id: str
    client_secret: str
    foreign: str
    code: str
    member: str
    experiment: str

    @property
    def said(self) -> str:
        return json.dumps(
            {
                "id": self.id,
                "token": self.token,
                "clientId": self.client_id,
                "clientSecret": self.client_secret,
                "foreign": self.foreign,
                "code": self.code,
                "member": self.member,
                "experiment": self.experiment,
            }
        )


@pytest.fixture
def provider(tenancy: Tenancy) -> Provider:
    project, number = tenancy.project(), next(_numbers)
    here, there = Place(project, "production"), Place(project, "test")
    member = ok(tenancy.server.client.get("/api/v2/caller-identity"))["memberId"]
    key, foreign = f"icfg_provider{number}", f"icfg_next{number}"
    with opened(_settings(tenancy)) as instance:
        made = install_provider(instance.desk, key, here)
        install_provider(instance.desk, foreign, there)
        code = code_for(instance.desk, key, member)
    running = _running(tenancy, project)
    client = made.installation.client
    return Provider(key, project, made.token, client, made.client_secret, foreign, code, member, running)


def test_the_client_for_providers_does_all_that_it_can_do(tenancy: Tenancy, provider: Provider) -> None:
    saw = _driven(tenancy, provider, *node("@vercel/sdk"))
    everything = {route.operation for route in DIALECT.routes} - OURS
    assert saw == {each for each in everything if "EdgeConfig" not in each}


def test_the_client_from_before_the_renaming_does_all_that_it_can_do(
    tenancy: Tenancy, provider: Provider
) -> None:
    saw = _driven(tenancy, provider, *node("@vercel/sdk", "vercel-sdk-1.28.12"))
    everything = {route.operation for route in DIALECT.routes} - OURS - SINCE
    assert saw == {each for each in everything if "GlobalConfig" not in each}


def test_the_client_for_applications_reads_what_a_provider_pushed(
    tenancy: Tenancy, provider: Provider
) -> None:
    binary, modules = node("@vercel/edge-config")
    items = {"flags": {"new-login": True}, "price": 4.5, "none": None}
    pushed = _pushed(tenancy, provider, items)
    with opened(_settings(tenancy)) as instance:
        store, secret = read_access(instance.store, instance.vault, provider.id, "shop")
    said = ids.connection(tenancy.server.url, store, secret)
    seen = json.loads(run([binary, str(READER), str(modules), said, "flags", "absent"]))
    assert seen == {
        "item": items["flags"],
        "absent": True,
        "has": [True, False],
        "all": items,
        "some": {"flags": items["flags"]},
        "digest": pushed["digest"],
        "consistent": items["flags"],
    }


def _driven(tenancy: Tenancy, provider: Provider, binary: str, modules: Path) -> set[str]:
    """The operations that were done and not refused."""
    saw = json.loads(run([binary, str(PROGRAM), str(modules), tenancy.server.url, provider.said]))
    _check_identity(tenancy, provider, saw["identity"])
    _check_what_others_see(tenancy, provider)
    done = set()
    for each in saw["exchanges"]:
        CONTRACT.check(each["method"], each["path"], each["status"], each["body"].encode())
        method = "GET" if each["method"] == "HEAD" else each["method"]
        operation = ROUTER.find(method, each["path"].encode())[0].operation
        done |= {operation} if each["status"] < 300 else set()
    return done


def _check_identity(tenancy: Tenancy, provider: Provider, identity: str) -> None:
    """As a provider does: by the keys that we publish."""
    keys = jwt.PyJWKClient(f"{tenancy.server.url}/.well-known/jwks")
    key = keys.get_signing_key_from_jwt(identity).key
    claims = jwt.decode(
        identity, key, algorithms=["RS256"], audience=provider.client_id, issuer=tenancy.server.url
    )
    assert (claims["installation_id"], claims["user_id"]) == (provider.id, provider.member)
    assert claims["user_role"] == "ADMIN"


def _check_what_others_see(tenancy: Tenancy, provider: Provider) -> None:
    """What the provider did to an experiment of ours, under another surface's words; and the catalog."""
    client = tenancy.server.client
    path = f"/api/v2/projects/{provider.project}/environments/production/experiments/{provider.experiment}"
    shown = ok(client.get(path))
    assert (shown["name"], shown["description"]) == ("Told by the provider", "Described")
    assert shown["currentIteration"]["status"] == "running"
    catalog = list(_catalog(tenancy, provider))
    ours = next(
        each for each in catalog if each["source"] == "equipoise" and each["category"] == "experiment"
    )
    assert (ours["slug"], ours["origin"]) == (provider.experiment, "https://provider.test/ours")
    assert len([each for each in catalog if each["source"] == provider.id]) == 51  # one is archived


def _catalog(tenancy: Tenancy, provider: Provider) -> Iterator[Any]:
    asked = {"project": provider.project, "environment": "production", "limit": "20"}
    following: str | None = ""
    while following is not None:
        page = ok(tenancy.server.client.get("/equipoise/v1/catalog", params={**asked, "from": following}))
        yield from page["items"]
        following = page.get("next")


def _pushed(tenancy: Tenancy, provider: Provider, items: dict[str, Any]) -> Any:
    root = f"/v1/installations/{provider.id}/resources/shop"
    bearer = {"Authorization": f"Bearer {provider.token}"}
    resource = {"productId": "experiments", "name": "The shop", "status": "ready"}
    ok(tenancy.server.client.put(root, json=resource, headers=bearer))
    store = f"{root}/experimentation/edge-config"
    return ok(tenancy.server.client.put(store, json={"data": items}, headers=bearer))


def _running(tenancy: Tenancy, project: str) -> str:
    """The key of an experiment that runs in the production environment, made with another vendor's client."""
    tenant = tenancy.client(project)
    made = tenant.experiment(tenant.flag(), "Fewer steps")
    tenant.experiments.update(made.id, status="active")
    return "fewer-steps"


def _settings(tenancy: Tenancy) -> Settings:
    return Settings(data=tenancy.place.data, database=tenancy.place.database or None)
