"""Refusals: one shape for all of them, and the state of the rate limit with every answer."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from equipoise.dialects.vercel import DIALECT
from equipoise.domain.limits import BODY_BYTES_MAX
from equipoise.translation.limiter import WINDOW_MS, Rates
from equipoise.translation.openapi import document
from tests.dialects.vercel.provider import (
    ITEMS,
    RESOURCES,
    ROOT,
    SHOP,
    STORE,
    Provider,
    a_patch,
    a_resource,
    an_item,
    at,
    theirs,
)
from tests.fakes import MemoryStore
from tests.fixtures_surface import Surface

Asked = Callable[[Provider], httpx.Response]


def uninstalled(provider: Provider) -> Provider:
    provider.told("PATCH", ROOT, {"status": "uninstalled"}, 204)
    return provider


def closed(provider: Provider) -> Provider:
    provider.update(status="uninstalled")
    return provider


def reused(provider: Provider) -> httpx.Response:
    once = {"Idempotency-Key": "once"}
    provider.told("PATCH", SHOP, {"name": "Once"}, headers=once)
    return provider.ask("PATCH", SHOP, {"name": "Twice"}, headers=once)


def spent(_: Provider) -> httpx.Response:
    with within(Rates(token=8, route=8)) as provider:
        return spend(provider)


def spend(provider: Provider) -> httpx.Response:
    """The last of more answers than a window has room for."""
    return [provider.surface.call("GET", SHOP, token="provider") for _ in range(9)][-1]


@contextmanager
def within(rates: Rates) -> Iterator[Provider]:
    surface = Surface(MemoryStore(), DIALECT, rates)
    yield Provider(surface)
    surface.close()


REFUSALS: dict[str, tuple[int, str, Asked]] = {
    "no JSON": (400, "bad_request", lambda own: own.ask("POST", ITEMS, content=b"{")),
    "no body": (400, "bad_request", lambda own: own.ask("POST", ITEMS, content=b"")),
    "a NUL": (400, "bad_request", lambda own: own.ask("PATCH", SHOP, {"name": "\0"})),
    "not as it must be": (400, "bad_request", lambda own: own.ask("POST", ITEMS, {"items": [{}]})),
    "a limit": (400, "bad_request", lambda own: own.ask("POST", ITEMS, {"items": [an_item()] * 51})),
    "too deep": (400, "bad_request", lambda own: own.ask("POST", ITEMS, content=b"[" * 100)),
    "nobody": (401, "forbidden", lambda own: own.ask("GET", SHOP, token=None)),
    "somebody else": (401, "forbidden", lambda own: own.ask("GET", SHOP, token="ins-wrong")),
    "another's": (403, "forbidden", lambda own: own.ask("GET", theirs(SHOP))),
    "a reader": (403, "forbidden", lambda own: own.ask("PATCH", SHOP, {"name": "x"}, token="reader")),
    "no installation": (404, "not_found", lambda own: own.ask("GET", theirs(SHOP, "x"), token="admin")),
    "no resource": (404, "not_found", lambda own: own.ask("GET", f"{RESOURCES}/none")),
    "no item": (404, "not_found", lambda own: own.ask("PATCH", at("none"), a_patch())),
    "no member": (404, "not_found", lambda own: own.ask("GET", f"{ROOT}/member/none")),
    "no route": (404, "not_found", lambda own: own.ask("GET", f"{ROOT}/levers")),
    "no route at all": (404, "not_found", lambda own: own.ask("GET", "/v1/installations")),
    "no method": (405, "method_unknown", lambda own: own.ask("PUT", ITEMS, {})),
    "uninstalled resource": (409, "conflict", lambda own: closed(own).ask("PUT", STORE, {"data": {"a": 1}})),
    "uninstalled": (410, "gone", lambda own: uninstalled(own).ask("GET", SHOP)),
    "stale": (
        412,
        "precondition_failed",
        lambda own: own.ask("PATCH", SHOP, {"name": "x"}, headers={"If-Match": '"vercel-99-0"'}),
    ),
    "too large": (
        413,
        "payload_too_large",
        lambda own: own.ask("POST", ITEMS, content=b" " * (BODY_BYTES_MAX + 1)),
    ),
    "used before": (422, "idempotency_key_reused", reused),
    "too often": (429, "rate_limited", spent),
}
over_refusals = pytest.mark.parametrize("why", REFUSALS)


@over_refusals
def test_a_refusal_says_a_code_and_a_sentence(provider: Provider, why: str) -> None:
    status, code, asked = REFUSALS[why]
    response = asked(provider)
    document = response.json()
    assert response.headers["content-type"] == "application/json"
    assert (response.status_code, document.keys()) == (status, {"error"}), document
    error = document["error"]
    assert error["code"] == code
    assert isinstance(error["message"], str)
    assert error["message"]
    assert error.keys() <= {"code", "message", "missingToken", "invalidToken", "limit"}


@over_refusals
def test_a_refusal_tells_what_is_left_of_the_rate_limit(provider: Provider, why: str) -> None:
    _, _, asked = REFUSALS[why]
    response = asked(provider)
    limit, left, reset = (
        int(response.headers[f"x-ratelimit-{name}"]) for name in ("limit", "remaining", "reset")
    )
    assert 0 <= left <= limit
    assert abs(reset * 1_000 - provider.surface.clock.now) <= 2 * WINDOW_MS


def test_who_asks_too_often_is_told_until_when() -> None:
    with within(Rates(token=8, route=8)) as provider:
        refused = spend(provider)
        said, clock = refused.json()["error"]["limit"], provider.surface.clock
        assert (said["remaining"], said["total"]) == (0, 8)
        assert clock.now < said["resetMs"] <= clock.now + WINDOW_MS
        assert said["reset"] == said["resetMs"] // 1_000
        assert int(refused.headers["retry-after"]) > 0
        assert provider.surface.call("GET", theirs(SHOP), token="neighbour").status_code == 200
        clock.now = said["resetMs"]
        assert provider.surface.call("GET", SHOP, token="provider").status_code == 200


def test_a_method_that_is_not_served_names_those_that_are(provider: Provider) -> None:
    assert provider.ask("DELETE", ITEMS).headers["allow"] == "POST"


def test_who_is_not_known_is_told_how_to_present_itself(provider: Provider) -> None:
    assert provider.ask("GET", SHOP, token=None).headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("PUT", SHOP, a_resource(), 200),
        ("PATCH", SHOP, {"name": "Renamed"}, 200),
        ("PUT", f"{SHOP}/secrets", {"secrets": []}, 201),
        ("POST", ITEMS, {"items": [an_item("flag_2")]}, 204),
        ("PATCH", at("flag_1"), a_patch(name="x"), 204),
        ("DELETE", at("flag_1"), None, 204),
        ("PUT", STORE, {"data": {}}, 200),
        ("PATCH", ROOT, {}, 204),
        ("POST", f"{ROOT}/events", {"event": {"type": "installation.updated"}}, 201),
        ("POST", f"{ROOT}/billing/finalize", None, 204),
        ("DELETE", SHOP, None, 204),
    ],
    ids=str,
)
def test_a_client_that_is_strict_gets_the_status_it_waits_for(
    provider: Provider, method: str, path: str, body: Any, status: int
) -> None:
    """Another 2xx is an error to it; 201 and 204 have no body, and 200 is JSON."""
    provider.publish(an_item())
    response = provider.ask(method, path, body)
    assert response.status_code == status, response.text
    assert bool(response.content) is (status == 200)
    if status == 200:
        assert response.headers["content-type"].startswith("application/json")


def test_a_request_that_comes_twice_under_one_key_is_answered_alike_and_done_once(provider: Provider) -> None:
    once, body = {"Idempotency-Key": "once"}, {"items": [an_item()]}
    provider.publish(an_item(), headers=once)
    provider.told("DELETE", at("flag_1"), status=204)
    provider.unchanged("POST", ITEMS, body, 204, headers=once)
    provider.refused("GET", at("flag_1"), status=404)


def test_whatever_is_asked_of_an_installation_says_that_it_may_be_uninstalled() -> None:
    paths = json.loads(document(DIALECT))["paths"].items()
    about = [path.startswith("/v1/installations/{") for path, asked in paths for _ in asked]
    said = ["410" in each["responses"] for _, asked in paths for each in asked.values()]
    assert said == about
    assert len(set(about)) == 2
