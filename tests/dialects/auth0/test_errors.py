"""Refusals: one shape for all of them, and the state of the rate limit with every answer."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus

import httpx
import pytest

from equipoise.dialects.auth0 import DIALECT
from equipoise.domain.limits import BODY_BYTES_MAX
from equipoise.translation.limiter import WINDOW_MS, Rates
from tests.dialects.auth0.shop import API, EXPERIMENTS, FLAGS, SEGMENTS, Shop, a_flag, an_experiment
from tests.fakes import MemoryStore
from tests.fixtures_surface import Surface

Asked = Callable[[Shop], httpx.Response]


def reused(shop: Shop) -> httpx.Response:
    once = {"Idempotency-Key": "once"}
    shop.made(FLAGS, a_flag(), headers=once)
    return shop.ask("POST", FLAGS, a_flag("Another"), headers=once)


def taken(shop: Shop) -> httpx.Response:
    shop.made(FLAGS, a_flag())
    return shop.ask("POST", FLAGS, a_flag())


def stale(shop: Shop) -> httpx.Response:
    return shop.ask("PATCH", shop.flag().path, {"name": "Another"}, headers={"If-Match": '"auth0-1-0"'})


def spent(_: Shop) -> httpx.Response:
    with within(Rates(token=3, route=3)) as surface:
        return [surface.call("GET", FLAGS, token="home") for _ in range(4)][-1]


@contextmanager
def within(rates: Rates) -> Iterator[Surface]:
    surface = Surface(MemoryStore(), DIALECT, rates)
    Shop(surface)
    yield surface
    surface.close()


REFUSALS: dict[str, tuple[int, str, Asked]] = {
    "no JSON": (400, "invalid_body", lambda shop: shop.ask("POST", FLAGS, content=b"{")),
    "no body": (400, "invalid_body", lambda shop: shop.ask("POST", FLAGS, content=b"")),
    "not as it must be": (400, "invalid_request", lambda shop: shop.ask("POST", FLAGS, {})),
    "a query that is no text": (400, "invalid_body", lambda shop: shop.ask("GET", f"{FLAGS}?take=%FF")),
    "a path that is no text": (400, "invalid_body", lambda shop: shop.ask("GET", f"{FLAGS}/%FF")),
    "nobody": (401, "invalid_token", lambda shop: shop.ask("GET", FLAGS, token=None)),
    "somebody else": (401, "invalid_token", lambda shop: shop.ask("GET", FLAGS, token="api-wrong")),
    "a reader": (403, "insufficient_scope", lambda shop: shop.ask("POST", FLAGS, a_flag(), "guest")),
    "no home": (403, "no_tenant", lambda shop: shop.ask("GET", FLAGS, token=shop.surface.token("writer"))),
    "no flag": (
        404,
        "inexistent_feature_flag",
        lambda shop: shop.ask("GET", f"{FLAGS}/flg_{'1' * 17}"),
    ),
    "no experiment": (404, "inexistent_experiment", lambda shop: shop.ask("GET", f"{EXPERIMENTS}/x")),
    "no segment": (404, "inexistent_segment", lambda shop: shop.ask("PATCH", f"{SEGMENTS}/x", {})),
    "no variation": (
        404,
        "inexistent_variation",
        lambda shop: shop.ask("GET", f"{shop.flag().path}/variations/x"),
    ),
    "no route": (404, "not_found", lambda shop: shop.ask("GET", f"{API}/levers")),
    "no route at all": (404, "not_found", lambda shop: shop.ask("POST", API, {})),
    "no route of sign-in": (404, "not_found", lambda shop: shop.ask("GET", "/oauth/userinfo")),
    "no method": (405, "method_not_allowed", lambda shop: shop.ask("PUT", FLAGS, {})),
    "no options": (405, "method_not_allowed", lambda shop: shop.ask("OPTIONS", EXPERIMENTS)),
    "taken": (409, "name_already_exists", taken),
    "stale": (412, "precondition_failed", stale),
    "too large": (
        413,
        "payload_too_large",
        lambda shop: shop.ask("POST", FLAGS, content=b" " * (BODY_BYTES_MAX + 1)),
    ),
    "used before": (422, "idempotency_key_reused", reused),
    "too often": (429, "too_many_requests", spent),
}
over_refusals = pytest.mark.parametrize("why", REFUSALS)


@over_refusals
def test_a_refusal_says_its_status_its_phrase_its_reason_and_its_code(shop: Shop, why: str) -> None:
    status, code, asked = REFUSALS[why]
    response = asked(shop)
    document = response.json()
    assert response.headers["content-type"] == "application/json"
    assert document.keys() == {"statusCode", "error", "message", "errorCode"}
    assert (response.status_code, document["statusCode"]) == (status, status), document
    assert document["error"] == HTTPStatus(status).phrase
    assert document["errorCode"] == code
    assert document["message"]


@over_refusals
def test_a_refusal_tells_what_is_left_of_the_rate_limit(shop: Shop, why: str) -> None:
    _, _, asked = REFUSALS[why]
    response = asked(shop)
    assert_counted(response, shop.surface.clock.now)


def answers(shop: Shop) -> Iterator[httpx.Response]:
    offer = shop.flag()
    yield shop.ask("GET", FLAGS)
    yield shop.ask("HEAD", FLAGS)
    yield shop.ask("POST", EXPERIMENTS, an_experiment(offer))
    yield shop.ask("DELETE", f"{SEGMENTS}/x")
    yield shop.ask("GET", FLAGS, headers={"If-None-Match": shop.ask("GET", FLAGS).headers["etag"]})


def test_so_does_every_other_answer(shop: Shop) -> None:
    found = list(answers(shop))
    assert [each.status_code for each in found] == [200, 200, 201, 204, 304]
    for each in found:
        assert_counted(each, shop.surface.clock.now)


def assert_counted(response: httpx.Response, now: int) -> None:
    """The time is in Unix seconds, and not far off: a client waits for a time to come."""
    limit, left, reset = (
        int(response.headers[f"x-ratelimit-{name}"]) for name in ("limit", "remaining", "reset")
    )
    assert 0 <= left < limit
    assert abs(reset * 1_000 - now) <= 2 * WINDOW_MS
    assert len(str(reset)) == 10


def test_a_client_has_nothing_to_wait_for_while_something_is_left(shop: Shop) -> None:
    """Published ones wait for the reset after a 409 too."""
    response = taken(shop)
    assert int(response.headers["x-ratelimit-remaining"]) > 0
    assert int(response.headers["x-ratelimit-reset"]) * 1_000 <= shop.surface.clock.now


def test_whoever_asks_too_often_is_told_how_long_to_wait() -> None:
    with within(Rates(token=5, route=3)) as surface:
        found = [surface.call("GET", FLAGS, token="home") for _ in range(5)]
        assert [each.status_code for each in found] == [200, 200, 200, 429, 429]
        now, reset = surface.clock.now, int(found[-1].headers["x-ratelimit-reset"]) * 1_000
        assert now < reset <= now + WINDOW_MS
        assert reset <= now + int(found[-1].headers["retry-after"]) * 1_000 <= reset + 1_000
        assert surface.call("GET", FLAGS, token="guest").status_code == 200
        surface.clock.now = reset
        assert surface.call("GET", FLAGS, token="home").status_code == 200


def test_what_is_not_served_is_counted_as_well() -> None:
    with within(Rates(token=3, route=2)) as surface:
        found = [surface.call("GET", f"{API}/levers", token="home").status_code for _ in range(3)]
        assert found == [404, 404, 429]
        assert surface.call("GET", FLAGS, token="home").status_code == 429


def test_a_method_that_is_not_served_names_those_that_are(shop: Shop) -> None:
    assert shop.ask("PUT", FLAGS, {}).headers["allow"] == "GET, POST"


def test_who_is_not_known_is_told_how_to_present_itself(shop: Shop) -> None:
    assert shop.ask("GET", FLAGS, token=None).headers["www-authenticate"] == "Bearer"


def test_a_refusal_for_want_of_a_scope_names_the_scope(shop: Shop) -> None:
    path = shop.flag().path
    for method, scope in (("POST", "create"), ("PATCH", "update"), ("DELETE", "delete")):
        at = FLAGS if method == "POST" else path
        message = shop.refused(method, at, a_flag("Another"), 403, "insufficient_scope", token="guest")
        assert f"{scope}:experimentation" in message


@pytest.mark.parametrize("path", [FLAGS, EXPERIMENTS, SEGMENTS, f"{FLAGS}/x", f"{EXPERIMENTS}/x/status"])
def test_who_may_not_learns_nothing_else_first(shop: Shop, path: str) -> None:
    """Not that the body is bad, nor that there is no such thing."""
    method = "PATCH" if path.endswith("/x") else "POST"
    for content in (b"{", b"{}", b"[" * 100_000, b'{"name": 1}'):
        assert shop.ask(method, path, content=content, token=None).status_code == 401
        assert shop.ask(method, path, content=content, token="guest").status_code == 403


def test_a_tenant_that_is_gone_is_missing(shop: Shop) -> None:
    shop.speak("DELETE", "/api/v2/projects/default/environments/test")
    assert shop.ask("POST", FLAGS, a_flag(), "elsewhere").status_code == 404
