"""LaunchDarkly's published Python SDK, unmodified, is delivered to by real servers."""

import signal
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import Any

import httpx
import ldclient
import pytest
from ldclient.config import Config

from tests.flows.shop import BASE, SEMANTIC, make_experiment, make_flag, ok, patch
from tests.served import Place, Server, serving, start

WAIT_SECONDS_MAX = 20
START_SECONDS_MAX = 10
ANNA = ldclient.Context.create("anna")


@contextmanager
def sdk(server: Server, key: str, **config: Any) -> Iterator[Any]:
    """The SDK, once it is initialised."""
    config |= {"base_uri": server.url, "stream_uri": server.url, "events_uri": server.url}
    config |= {"send_events": False, "initial_reconnect_delay": 0.1}
    client: Any = ldclient.LDClient(Config(key, **config), start_wait=START_SECONDS_MAX)
    try:
        assert client.is_initialized()
        yield client
    finally:
        client.close()


def sdk_key(server: Server, environment: str = "production", project: str = "default") -> str:
    found = ok(server.client.get(f"{BASE}/projects/{project}/environments/{environment}"))
    key: str = found["apiKey"]
    return key


def eventually(holds: Callable[[], object], seconds: float = WAIT_SECONDS_MAX) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it did not come about in time"
        time.sleep(0.005)


def serves(client: Any, value: Any) -> bool:
    return bool(client.variation("checkout", ANNA, None) is value)


def instruct(
    server: Server, flag: str, *instructions: dict[str, Any], environment: str = "production"
) -> Any:
    body = {"environmentKey": environment, "instructions": list(instructions)}
    return ok(server.client.patch(f"{BASE}/flags/default/{flag}", json=body, headers=SEMANTIC))


def turn(server: Server, on: bool, flag: str = "checkout") -> None:
    instruct(server, flag, {"kind": "turnFlagOn" if on else "turnFlagOff"})


def test_by_stream_it_initialises_and_sees_each_change(server: Server) -> None:
    make_flag(server.client)
    with sdk(server, sdk_key(server)) as client:
        detail = client.variation_detail("checkout", ANNA, None)
        assert (detail.value, detail.reason) == (True, {"kind": "FALLTHROUGH"})
        turn(server, on=False)
        eventually(lambda: client.variation("checkout", ANNA, None) is False)
        make_flag(server.client, "second")
        eventually(lambda: client.variation("second", ANNA, None) is True)


def test_a_flag_that_is_deleted_and_made_again_comes_through(server: Server) -> None:
    make_flag(server.client)
    with sdk(server, sdk_key(server)) as client:
        for _ in range(2):
            ok(server.client.delete(f"{BASE}/flags/default/checkout"))
            eventually(lambda: client.variation("checkout", ANNA, "gone") == "gone")
            make_flag(server.client)
            eventually(lambda: client.variation("checkout", ANNA, "gone") is True)
        archive = [{"op": "replace", "path": "/archived", "value": True}]
        ok(server.client.patch(f"{BASE}/flags/default/checkout", json=archive))
        eventually(lambda: client.variation("checkout", ANNA, "gone") == "gone")
        archive[0]["value"] = False
        ok(server.client.patch(f"{BASE}/flags/default/checkout", json=archive))
        eventually(lambda: client.variation("checkout", ANNA, "gone") is True)


def test_an_experiment_that_is_started_puts_units_in_arms(place: Place) -> None:
    with serving(place) as server:
        make_experiment(server.client)
        with sdk(server, sdk_key(server)) as client:
            started = patch(
                server.client, "new-checkout", {"kind": "startIteration", "changeJustification": "now"}
            )
            assert started.status_code == 200, started.text
            expected = {"kind": "FALLTHROUGH", "inExperiment": True}
            eventually(lambda: client.variation_detail("checkout", ANNA, None).reason == expected)
            contexts = [ldclient.Context.create(f"unit-{number}") for number in range(200)]
            assert {client.variation("checkout", each, None) for each in contexts} == {True, False}


def test_by_polling_it_initialises_and_sees_a_change(server: Server) -> None:
    make_flag(server.client)
    key = sdk_key(server)
    with sdk(server, key, stream=False) as client:
        assert client.variation("checkout", ANNA, None) is True
    turn(server, on=False)
    with sdk(server, key, stream=False) as client:
        assert client.variation("checkout", ANNA, None) is False


def test_by_polling_it_asks_again_and_is_told_what_changed(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Config, "poll_interval", property(lambda _: 0.1))  # it would wait for 30 seconds
    make_flag(server.client)
    with sdk(server, sdk_key(server), stream=False) as client:
        time.sleep(0.5)  # some rounds of 304
        assert client.variation("checkout", ANNA, None) is True
        turn(server, on=False)
        eventually(lambda: client.variation("checkout", ANNA, None) is False)


def test_it_survives_a_restart_and_sees_what_is_changed_afterwards(place: Place) -> None:
    with serving(place) as server:
        make_flag(server.client)
        port = int(server.url.rsplit(":", 1)[1])
        with sdk(server, sdk_key(server)) as client:
            assert server.stop() == 0
            assert client.variation("checkout", ANNA, None) is True
            with serving(place, port=port) as again:
                turn(again, on=False)
                eventually(lambda: client.variation("checkout", ANNA, None) is False)
                turn(again, on=True)
                eventually(lambda: client.variation("checkout", ANNA, None) is True)


def test_what_another_process_changes_is_delivered(place: Place) -> None:
    with serving(place, "--workers", "2") as server, ExitStack() as stack:
        make_flag(server.client)
        key = sdk_key(server)
        clients = [stack.enter_context(sdk(server, key)) for _ in range(6)]
        with serving(place) as other:  # shares their store and nothing else
            turn(other, on=False)
            for client in clients:
                eventually(partial(serves, client, False))
        turn(server, on=True)
        for client in clients:
            eventually(partial(serves, client, True))


def test_a_key_that_was_made_a_moment_ago_is_known_to_every_worker(place: Place) -> None:
    with serving(place, "--workers", "2") as server:
        for number in range(10):
            body = {"key": f"env-{number}", "name": "New", "color": "112233"}
            made = ok(server.client.post(f"{BASE}/projects/default/environments", json=body))
            said = httpx.get(f"{server.url}/sdk/latest-all", headers={"Authorization": made["apiKey"]})
            assert said.status_code == 200, said.text


def test_an_sdk_of_the_newer_protocol_is_sent_to_the_poll(server: Server) -> None:
    for path in ("/sdk/poll", "/sdk/stream?basis=x"):
        said = httpx.get(server.url + path, headers={"Authorization": sdk_key(server)})
        assert (said.status_code, said.headers["x-ld-fd-fallback"]) == (404, "true")


def test_doors_answer_other_methods_in_the_way_of_http(server: Server) -> None:
    key = {"Authorization": sdk_key(server)}
    head = httpx.head(f"{server.url}/all", headers=key)
    assert head.status_code == 200
    assert head.headers["content-type"].startswith("text/event-stream")
    posted = httpx.post(f"{server.url}/all", headers=key)
    assert (posted.status_code, posted.headers["allow"]) == (405, "GET")
    asked = {"Origin": "https://shop.example", "Access-Control-Request-Method": "GET"}
    preflight = httpx.options(f"{server.url}/all", headers=asked)
    assert preflight.status_code == 204
    assert preflight.headers["access-control-allow-origin"] == "*"
    filtered = httpx.get(f"{server.url}/sdk/latest-all?filter=mobile", headers=key)
    assert filtered.status_code == 200


def test_a_key_that_is_replaced_is_nobodys_at_once_and_its_streams_end(server: Server) -> None:
    old = sdk_key(server)
    with httpx.stream("GET", f"{server.url}/all", headers={"Authorization": old}, timeout=10) as stream:
        pieces = stream.iter_bytes()
        assert next(pieces).startswith(b"event: put\n")
        renewed = server.client.post(f"{BASE}/projects/default/environments/production/apiKey")
        new = ok(renewed)["apiKey"]
        assert list(pieces) == []
    assert ask(server, old) == 401
    assert ask(server, new) == 200


def test_an_environment_that_is_deleted_ends_its_streams(server: Server) -> None:
    key = sdk_key(server, "test")
    with httpx.stream("GET", f"{server.url}/all", headers={"Authorization": key}, timeout=10) as stream:
        pieces = stream.iter_bytes()
        next(pieces)
        ok(server.client.delete(f"{BASE}/projects/default/environments/test"))
        assert list(pieces) == []
    assert ask(server, key) == 401


def test_a_key_opens_its_own_environment_alone(server: Server) -> None:
    make_flag(server.client)
    ok(server.client.post(f"{BASE}/projects", json={"key": "other", "name": "Other"}))
    other_flag = {"key": "checkout", "name": "Other", "variations": [{"value": "x"}, {"value": "y"}]}
    ok(server.client.post(f"{BASE}/flags/other", json=other_flag))
    key = sdk_key(server)
    seen = {
        (project, name): latest(server, sdk_key(server, name, project))["flags"]["checkout"]
        for project in ("default", "other")
        for name in ("production", "test")
    }
    assert seen["default", "production"]["on"] is True
    assert seen["default", "test"]["on"] is False
    assert seen["default", "production"]["variations"] == [True, False]
    assert seen["other", "production"]["variations"] == ["x", "y"]
    assert ask(server, server.token) == 401
    assert ask(server, f"Bearer {key}") == 401
    assert httpx.get(f"{server.url}/sdk/latest-all").status_code == 401
    as_token = httpx.get(f"{server.url}{BASE}/flags/default", headers={"Authorization": key})
    assert as_token.status_code == 401


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_server_with_open_streams_stops_at_once_and_closes_them_well(place: Place, workers: str) -> None:
    server = start(place, "--workers", workers)
    try:
        key = sdk_key(server)
        streams = [_open_stream(server, key) for _ in range(100)]
        server.client.close()
        began = time.monotonic()
        server.process.send_signal(signal.SIGTERM)
        ends = [_rest(stream) for stream in streams]
        assert time.monotonic() - began < 3
        assert server.process.wait(15) == 0
    finally:
        server.stop()
    assert all(end.endswith(b"\r\n0\r\n\r\n") for end in ends)
    log = server.log.read_text()
    assert "Traceback" not in log
    assert "error" not in log.lower()


def _open_stream(server: Server, key: str) -> socket.socket:
    """A stream whose first event has begun to arrive."""
    port = int(server.url.rsplit(":", 1)[1])
    stream = socket.create_connection(("127.0.0.1", port), timeout=10)
    stream.sendall(f"GET /all HTTP/1.1\r\nHost: here\r\nAuthorization: {key}\r\n\r\n".encode())
    seen = b""
    while b"event: put" not in seen:
        part = stream.recv(65_536)
        assert part, seen
        seen += part
    assert seen.startswith(b"HTTP/1.1 200")
    return stream


def _rest(stream: socket.socket) -> bytes:
    parts = b""
    with stream:
        while part := stream.recv(65_536):
            parts += part
    return b"\r\n" + parts


def ask(server: Server, key: str) -> int:
    return httpx.get(f"{server.url}/sdk/latest-all", headers={"Authorization": key}).status_code


def latest(server: Server, key: str) -> Any:
    return ok(httpx.get(f"{server.url}/sdk/latest-all", headers={"Authorization": key}))
