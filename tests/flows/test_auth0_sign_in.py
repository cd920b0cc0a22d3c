"""Auth0's stock client asks for its own tokens, over TLS, with what `equipoise token create` printed."""

import asyncio
import json
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from auth0.management import AsyncManagementClient, ForbiddenError, ManagementClient, UnauthorizedError

from tests.clients import run
from tests.flows.shop import ok
from tests.flows.tenant import PARAMETERS, Exchange, Watched
from tests.served import Place, Server, command, environment, serving

WRITER = ("--project", "default", "--environment", "production", "--role", "writer")


@pytest.fixture
def server(place: Place, certificate: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """Over TLS. Clients of this process trust its certificate; idle ones are closed, as it waits for them."""
    public, private = str(certificate / "certificate.pem"), str(certificate / "key.pem")
    monkeypatch.setenv("SSL_CERT_FILE", public)
    trust = ssl.create_default_context(cafile=public)
    with serving(place, "--tls-cert", public, "--tls-key", private, trust=trust) as server:
        yield server
        server.client.close()


def credentials(place: Place, *options: str) -> Any:
    """A client's id and secret, as the command prints them."""
    arguments = ("token", "create", *WRITER, "--json", *options, *place.arguments)
    said = json.loads(run(command(*arguments), **environment()))
    return {name: said[name] for name in ("client_id", "client_secret")}


def domain(server: Server) -> str:
    return server.url.removeprefix("https://")


def test_the_stock_client_signs_in_by_id_and_secret_and_works(server: Server, place: Place) -> None:
    said = credentials(place)
    watched = Watched(verify=server.trust)
    with httpx.Client(transport=watched) as http:
        client = ManagementClient(domain=domain(server), httpx_client=http, **said)
        flags = client.experimentation.feature_flags
        made = flags.create(name="Checkout", parameters=PARAMETERS)
        flags.variations.create(made.id, name="Control", overrides={})
        assert watched.exchanges == [Exchange("create_feature_flag", 201), Exchange("create_variation", 201)]
    assert asyncio.run(listed_asynchronously(server, said)) == [made.id]

    # what the access token stands for ends, and so does it
    with httpx.Client() as http:
        flags = ManagementClient(
            domain=domain(server), httpx_client=http, **said
        ).experimentation.feature_flags
        assert [each.id for each in flags.list()] == [made.id]
        ok(server.client.delete(f"/api/v2/tokens/{said['client_id']}"))
        with pytest.raises(UnauthorizedError):
            flags.list()
    with pytest.raises(httpx.HTTPStatusError, match="401"):
        ManagementClient(domain=domain(server), **said).experimentation.feature_flags.list()


async def listed_asynchronously(server: Server, said: Any) -> list[str]:
    async with httpx.AsyncClient() as http:
        client = AsyncManagementClient(domain=domain(server), httpx_client=http, **said)
        return [each.id async for each in await client.experimentation.feature_flags.list()]


def test_a_client_that_was_narrowed_to_reading_is_refused_what_it_would_write(
    server: Server, place: Place
) -> None:
    said = credentials(place, "--act", "read")
    form = {"grant_type": "client_credentials", "audience": "https://any.example/api/v2/", **said}
    granted = ok(httpx.post(f"{server.url}/oauth/token", data=form))
    assert (granted["scope"], granted["token_type"]) == ("read:experimentation", "Bearer")
    wider = httpx.post(f"{server.url}/oauth/token", data={**form, "scope": "delete:experimentation"})
    assert (wider.status_code, wider.json()["error"]) == (403, "access_denied")
    with httpx.Client() as http:
        client = ManagementClient(domain=domain(server), httpx_client=http, **said)
        assert list(client.experimentation.segments.list()) == []
        with pytest.raises(ForbiddenError) as narrow:
            client.experimentation.feature_flags.create(name="Checkout", parameters=PARAMETERS)
    assert narrow.value.body["errorCode"] == "insufficient_scope"
    assert "create:experimentation" in narrow.value.body["message"]
