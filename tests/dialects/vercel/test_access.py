"""Who is let in: a provider into its installation and nowhere else, a token of ours as far as it goes."""

from datetime import UTC, datetime
from typing import Any

import pytest

from equipoise.application.sign_in import Reception
from equipoise.dialects.vercel import DIALECT
from equipoise.domain.errors import Unknown
from equipoise.translation.routes import Route
from tests.dialects.vercel.provider import (
    CATALOG,
    ELSEWHERE,
    FOREIGN,
    HERE,
    KEY,
    OURS,
    RESOURCES,
    ROOT,
    SHOP,
    STORE,
    Provider,
    a_resource,
    an_item,
    at,
    installed,
    theirs,
)

MISSING_TOKEN = {
    "code": "forbidden",
    "message": "The request is missing an authentication token",
    "missingToken": True,
}
INVALID_TOKEN = {"code": "forbidden", "message": "Not authorized", "invalidToken": True}
PATHS = {
    "integrationConfigurationId": KEY,
    "resourceId": "shop",
    "itemId": "flag_1",
    "invoiceId": f"inv_{'0' * 24}",
    "memberId": "0" * 24,
    "integrationProductIdOrSlug": "experiments",
}
ROUTES = [route for route in DIALECT.routes if route.path.startswith("/v1/installations")]

every_route = pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.operation)


def path_of(route: Route, key: str = KEY) -> str:
    return route.path.format(**PATHS | {"integrationConfigurationId": key})


# nobody, and somebody else


@every_route
def test_who_brings_no_token_is_told_so(provider: Provider, route: Route) -> None:
    assert provider.refused(route.method, path_of(route), status=401, token=None) == MISSING_TOKEN


@every_route
@pytest.mark.parametrize(
    "token", ["Bearer ins-wrong", "ins-wrong", "Bearer x", "Basic eDp5", "Bearer api-" + "x" * 43]
)
def test_a_token_that_nobody_has_opens_nothing(provider: Provider, route: Route, token: str) -> None:
    assert provider.refused(route.method, path_of(route), status=401, token=token) == INVALID_TOKEN


@pytest.mark.parametrize("scheme", ["Bearer ", "bearer ", "BEARER ", "bEaReR  ", ""])
def test_the_word_before_a_token_is_read_in_any_case(provider: Provider, scheme: str) -> None:
    provider.get(SHOP, token=f"{scheme}{provider.surface.tokens['provider']}")


@pytest.mark.parametrize("cut", [slice(0, -1), slice(1, None)])
def test_a_token_is_whole_or_none(provider: Provider, cut: slice) -> None:
    provider.refused("GET", SHOP, status=401, token=provider.surface.tokens["provider"][cut])
    provider.refused("GET", SHOP, status=401, token=f"{provider.surface.tokens['provider']}x")


def test_what_is_stored_of_a_token_is_none(provider: Provider) -> None:
    for kept in provider.written().split('"'):
        if len(kept) == 64:
            provider.refused("GET", SHOP, status=401, token=kept)
            provider.refused("GET", SHOP, status=401, token=f"ins-{kept}")
    assert all(provider.surface.tokens[name] not in provider.written() for name in ("provider", "neighbour"))


@every_route
def test_a_token_of_another_installation_is_known_and_may_not(provider: Provider, route: Route) -> None:
    """Whether the other is beside it or elsewhere, whether it is there or not."""
    for token in ("neighbour", "foreigner"):
        provider.refused(route.method, path_of(route), status=403, token=token)
    provider.refused(route.method, path_of(route, "icfg_none"), status=403)


@every_route
def test_who_may_not_learns_nothing_else_first(provider: Provider, route: Route) -> None:
    """Not that the body is bad, nor that there is no such thing."""
    for content in (b"{", b"[" * 100_000, b'{"more": 1}'):
        provider.refused(route.method, path_of(route), status=401, token=None, content=content)
        provider.refused(route.method, path_of(route), status=403, token="neighbour", content=content)


@every_route
def test_an_installation_that_is_not_there_is_missing_to_who_may_see_all(
    provider: Provider, route: Route
) -> None:
    for key in ("icfg_none", KEY.upper(), "%20", "x" * 300):
        provider.refused(route.method, path_of(route, key), status=404, token="admin")


def test_a_token_of_its_own_installation_finds_only_what_is_there(provider: Provider) -> None:
    for path in (f"{RESOURCES}/none", at("flag_2"), f"{ROOT}/member/none", f"{ROOT}/billing/invoices/inv_x"):
        provider.refused("GET", path, status=404)


# tokens of ours


@pytest.mark.parametrize(
    "home", [{}, {"project": "default"}, {"project": "default", "environment": "production"}]
)
def test_a_token_of_ours_opens_what_lies_where_it_may_go(provider: Provider, home: dict[str, str]) -> None:
    token = provider.surface.token("writer", **home)
    provider.told("PATCH", SHOP, {"name": "Renamed"}, token=token)
    provider.publish(an_item(), token=token)
    provider.told("DELETE", at("flag_1"), status=204, token=token)


def test_a_reader_reads(provider: Provider) -> None:
    provider.get(SHOP, token="reader")
    provider.get(STORE, token="reader")
    provider.refused("PATCH", SHOP, {"name": "Renamed"}, 403, token="reader")
    provider.refused("PUT", f"{RESOURCES}/annex", a_resource(), 403, token="reader")
    provider.refused("DELETE", SHOP, status=403, token="reader")


def test_a_token_that_is_confined_elsewhere_may_not(provider: Provider) -> None:
    confined = provider.surface.token("admin", ELSEWHERE.project, ELSEWHERE.environment)
    provider.refused("GET", SHOP, status=403, token=confined)
    provider.refused("PATCH", SHOP, {"name": "x"}, 403, token=confined)
    provider.refused("GET", theirs(ROOT, "icfg_none"), status=403, token=confined)
    provider.get(theirs(ROOT, FOREIGN), token=confined)


def test_only_an_admin_hands_out_credentials(provider: Provider) -> None:
    writer = provider.surface.token("writer", HERE.project, HERE.environment)
    body = {"client_secret": provider.client_secret}
    provider.refused("POST", f"{ROOT}/credentials/rotate", body, 403, token=writer)
    provider.refused("POST", f"{ROOT}/credentials/revoke", body | {"token": "x"}, 403, token=writer)


# nowhere else


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/api/v2/flags/default", None),
        ("POST", "/api/v2/flags/default", {"name": "x", "key": "x"}),
        ("GET", "/api/v2/projects", None),
        ("GET", "/api/v2/projects/default", None),
        ("GET", "/api/v2/projects/default/environments/production/experiments", None),
        ("PATCH", "/api/v2/flags/default/checkout", [{"op": "replace", "path": "/name", "value": "x"}]),
        ("GET", "/api/v2/tokens", None),
        ("POST", "/api/v2/tokens", {"role": "admin"}),
        ("GET", "/api/v2/experimentation/feature-flags", None),
        ("POST", "/api/v2/experimentation/feature-flags", {"name": "x"}),
        ("GET", "/api/v2/experimentation/experiments", None),
        ("GET", "/equipoise/v1/experiments/new-checkout/results", None),
        ("GET", f"{CATALOG}?project=default&environment=production", None),
        ("GET", CATALOG, None),
        ("GET", OURS, None),
        ("DELETE", OURS, None),
        ("POST", f"{OURS}/codes", {"member": "x"}),
        ("GET", f"{OURS}/resources/shop/store", None),
        ("GET", f"{OURS}/billing", None),
        ("POST", "/equipoise/v1/installations?project=default&environment=production", {"id": KEY}),
    ],
)
def test_a_token_of_an_installation_opens_no_other_surface(
    provider: Provider, method: str, path: str, body: Any
) -> None:
    provider.plant_experiment()
    before = provider.everything()
    response = provider.ask(method, path, body)
    assert response.status_code in (401, 403, 404), response.text
    assert provider.everything() == before
    assert "checkout" not in response.text.replace("new-checkout/results", "")


def test_nor_is_it_told_which_installations_there_are(provider: Provider) -> None:
    response = provider.ask("GET", "/equipoise/v1/installations")
    assert response.status_code in (401, 403, 404), response.text


def test_it_is_no_client_of_ours(provider: Provider) -> None:
    secret = provider.surface.tokens["provider"]
    for client, said in (
        (provider.client, provider.client_secret),
        (provider.id, secret),
        (provider.client, secret),
    ):
        body = {"grant_type": "client_credentials", "client_id": client, "client_secret": said}
        assert provider.ask("POST", "/oauth/token", body, token=None).status_code == 401


def test_nobody_signs_in_with_it(provider: Provider) -> None:
    served = provider.surface
    reception = Reception(served.store, served.clock, served.entropy, served.vault)
    for secret in (
        served.tokens["provider"],
        provider.client_secret,
        served.vault.open(provider.shop.read_key.sealed),
    ):
        with pytest.raises(Unknown):
            reception.admit(secret)


def test_it_opens_no_config_store_by_the_applications_way(provider: Provider) -> None:
    assert provider.ask("GET", f"/ecfg_{provider.shop.store}/items").status_code == 401


def test_the_key_of_a_config_store_opens_no_installation(provider: Provider) -> None:
    key = provider.surface.vault.open(provider.shop.read_key.sealed)
    for method, path in (("GET", SHOP), ("GET", STORE), ("GET", ROOT), ("DELETE", SHOP)):
        provider.refused(method, path, status=403, token=key)
    for path in ("/api/v2/flags/default", "/api/v2/experimentation/feature-flags", CATALOG, OURS):
        assert provider.ask("GET", path, token=key).status_code in (401, 403, 404)


@pytest.mark.parametrize("header", ["Bearer", "Bearer ", "bearer  ", ""])
def test_a_bearer_of_nothing_presents_no_token(provider: Provider, header: str) -> None:
    response = provider.ask("GET", SHOP, token=None, headers={"Authorization": header})
    assert response.status_code == 401
    assert response.json()["error"]["missingToken"] is True


def test_a_key_that_is_used_again_shows_nothing_of_its_predecessor(provider: Provider) -> None:
    provider.told("PUT", STORE, {"data": {"theirs": 1}})
    then = datetime.fromtimestamp(provider.surface.clock.now / 1_000, UTC).isoformat()
    provider.speak("DELETE", OURS)
    made = installed(provider.surface, KEY)
    for path in (ROOT, SHOP, STORE):
        provider.told("GET", path, status=404, token=made.token, params={"asOf": then})
    provider.told("PUT", SHOP, a_resource(), token=made.token)
    assert provider.told("GET", STORE, token=made.token)["items"] == {}
    provider.told("GET", STORE, status=404, token=made.token, params={"asOf": then})
