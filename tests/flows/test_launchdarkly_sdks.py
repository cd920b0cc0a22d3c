"""LaunchDarkly's published SDKs for Node and for browsers, unmodified, against real servers; the one for
browsers in a real one, in a page of another origin."""

import json
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from hashlib import sha256
from hmac import new
from typing import Any

import httpx
import pytest
from msgspec import Struct
from playwright.sync_api import Browser

from equipoise.application.lake import Kind
from tests.chromium import launched
from tests.flows.events import dead, eventually, rows, sdk_key, settled, start_experiment
from tests.flows.launchdarkly_sdks import (
    BrowserSdk,
    NodeSdk,
    available_to_browsers,
    browser_sdk,
    environment,
    node_sdk,
    site,
    turn,
)
from tests.flows.shop import BASE, make_flag, ok
from tests.flows.tenant import Tenancy
from tests.flows.test_sdk_delivery import eventually as soon
from tests.served import Place, serving

ANNA = {"kind": "user", "key": "anna", "plan": "gold"}
UNITS = 20


class Desk(Struct, frozen=True):
    """A browser, and the origin of its pages."""

    browser: Browser
    origin: str


@pytest.fixture(scope="module")
def desk() -> Iterator[Desk]:
    with ExitStack() as stack:
        origin = stack.enter_context(site())
        yield Desk(stack.enter_context(launched()), origin)


@pytest.fixture(scope="module")
def shop(tenancy: Tenancy) -> Tenancy:
    """A server with a flag of servers alone, one for all, and one in an experiment."""
    make_flag(tenancy.server.client, "of-servers")
    available_to_browsers(tenancy.server)
    make_flag(tenancy.server.client, "banner")
    start_experiment(tenancy.server)
    return tenancy


def shows(client: BrowserSdk, value: Any) -> bool:
    return bool(client.call("variation", "banner", None) is value)


def sees(client: NodeSdk, value: Any) -> bool:
    return bool(client.call("variation", "checkout", ANNA, None) is value)


def test_in_node_it_sees_each_change_by_stream_and_survives_a_restart(place: Place) -> None:
    with serving(place) as server:
        make_flag(server.client)
        port = int(server.url.rsplit(":", 1)[1])
        with node_sdk(server, sdk_key(server), sendEvents=False) as client:
            detail = client.call("variationDetail", "checkout", ANNA, None)
            assert (detail["value"], detail["reason"]) == (True, {"kind": "FALLTHROUGH"})
            turn(server, on=False)
            soon(lambda: sees(client, False))
            assert server.stop() == 0
            assert sees(client, False)
            with serving(place, port=port) as again:
                turn(again, on=True)
                soon(lambda: sees(client, True))


def test_whoever_was_pinged_by_one_process_finds_the_change_in_another(place: Place) -> None:
    with serving(place) as server, serving(place) as other:  # they share their store and nothing else
        available_to_browsers(server)
        make_flag(server.client, "banner")
        who = urlsafe_b64encode(json.dumps(ANNA).encode()).decode()
        id = environment(server)["_id"]
        with httpx.stream("GET", f"{server.url}/eval/{id}/{who}", timeout=30) as stream:
            pings = (piece for piece in stream.iter_raw() if b"ping" in piece)
            next(pings)
            for on in (False, True) * 4:
                turn(server, on, "banner")
                next(pings)
                found = ok(other.client.get(f"/sdk/evalx/{id}/contexts/{who}"))
                assert found["banner"]["value"] is on


def test_in_a_page_it_sees_each_change_and_never_a_flag_of_servers_alone(shop: Tenancy, desk: Desk) -> None:
    id = environment(shop.server)["_id"]
    with browser_sdk(desk.browser, desk.origin, shop.server, id, ANNA, streaming=True) as client:
        assert client.call("allFlags").keys() == {"banner", "checkout"}
        for on in (False, True):
            turn(shop.server, on, "banner")
            soon(partial(shows, client, on))
        assert client.call("variation", "of-servers", "unknown") == "unknown"
        client.call("identify", {"kind": "user", "key": "bert"})
        assert client.call("allFlags").keys() == {"banner", "checkout"}
        assert client.errors == []


def test_in_a_page_it_comes_back_from_the_newer_protocol(shop: Tenancy, desk: Desk) -> None:
    id = environment(shop.server)["_id"]
    newer: dict[str, Any] = {"streaming": True, "dataSystem": {}}
    with browser_sdk(desk.browser, desk.origin, shop.server, id, ANNA, **newer) as client:
        assert client.call("allFlags").keys() == {"banner", "checkout"}


def test_in_secure_mode_a_page_needs_the_hash_of_its_context(shop: Tenancy, desk: Desk) -> None:
    path = f"{BASE}/projects/default/environments/test"
    ok(shop.server.client.patch(path, json=[{"op": "replace", "path": "/secureMode", "value": True}]))
    here: Any = environment(shop.server, "test")
    made = new(here["apiKey"].encode(), b"anna", sha256).hexdigest()
    with browser_sdk(
        desk.browser, desk.origin, shop.server, here["_id"], ANNA, made, streaming=True
    ) as client:
        turn(shop.server, True, "banner", "test")
        soon(partial(shows, client, True))
    with (
        pytest.raises(AssertionError),
        browser_sdk(desk.browser, desk.origin, shop.server, here["_id"], ANNA),
    ):
        pass


@pytest.mark.parametrize(("stream", "packed"), [(True, False), (False, True)], ids=["stream", "poll-gzip"])
def test_what_it_sends_from_node_is_recorded_once(shop: Tenancy, stream: bool, packed: bool) -> None:
    saw: dict[str, bool] = {}
    options = {"stream": stream, "enableEventCompression": packed}
    with node_sdk(shop.server, sdk_key(shop.server), **options) as client:
        for number in range(UNITS):
            unit = {"kind": "user", "key": f"node-{stream}-{number}", "plan": "gold"}
            saw[unit["key"]] = client.call("variation", "checkout", unit, None)
            client.call("track", "purchase", unit, {"sku": "a1"}, 9.5)
        client.call("flush")
    recorded_once(shop.place, saw)


@pytest.mark.parametrize("streaming", [True, False], ids=["stream", "poll"])
def test_what_it_sends_from_a_page_is_recorded_once_and_every_sdk_finds_the_same_arm(
    shop: Tenancy, desk: Desk, streaming: bool
) -> None:
    saw: dict[str, bool] = {}
    id = environment(shop.server)["_id"]
    with browser_sdk(desk.browser, desk.origin, shop.server, id, ANNA, streaming=streaming) as client:
        for number in range(UNITS):
            unit = f"page-{streaming}-{number}"
            client.call("identify", {"kind": "user", "key": unit})
            saw[unit] = client.call("variation", "checkout", None)
            client.call("track", "purchase", {"sku": "a1"}, 9.5)
        assert client.call("flush") == {"result": True}
        assert client.errors == []
    recorded_once(shop.place, saw)
    with node_sdk(shop.server, sdk_key(shop.server), sendEvents=False) as other:
        arms = {key: other.call("variation", "checkout", {"kind": "user", "key": key}, None) for key in saw}
    assert arms == saw


def recorded_once(place: Place, saw: dict[str, bool]) -> None:
    """Each unit in the arm that it saw, and what it bought."""

    def of_them(kind: Kind) -> list[dict[str, Any]]:
        return [row for row in rows(place, kind) if row["unit"] in saw]

    eventually(lambda: of_them(Kind.OUTCOME), len(saw))
    settled(place)
    exposures, outcomes = of_them(Kind.EXPOSURE), of_them(Kind.OUTCOME)
    assert {row["unit"]: row["variation"] == 0 for row in exposures} == saw
    assert sorted(row["unit"] for row in outcomes) == sorted(saw)
    assert {row["value"] for row in outcomes} == {9.5}
    assert len(exposures) == len(saw)
    assert dead(place) == {}
    assert set(saw.values()) == {True, False}
