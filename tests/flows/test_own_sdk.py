"""Our own SDK and real servers: rulesets by stream and by polling, exposures and outcomes in a result."""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
from msgspec.structs import replace

from equipoise.application.lake import Kind
from equipoise.sdk import Client, State
from equipoise.sdk.timing import TIMING
from tests.flows.events import dead, eventually, rows, sdk_key, settled, start_experiment
from tests.flows.shop import make_flag, ok
from tests.flows.test_sdk_delivery import turn
from tests.served import Place, Server, serving

SDK = "/equipoise/v1/sdk"
RESULTS = "/equipoise/v1/experiments/new-checkout/results"
WAIT_SECONDS_MAX = 20
QUICK = replace(TIMING, backoff=0.05, backoff_max=0.2, poll=0.1, flush=0.2)
VISIT = '{"kind":"outcome","at":%d,"name":"visit","units":{"user":"anna"}}'
UNITS = 300


@contextmanager
def sdk(server: Server, key: str, **options: Any) -> Iterator[Client]:
    with Client(key, server.url, timing=QUICK, **options) as client:
        assert client.status.ready, client.status
        yield client


def come_about(holds: Callable[[], object]) -> None:
    end = time.monotonic() + WAIT_SECONDS_MAX
    while not holds():
        assert time.monotonic() < end, "it did not come about in time"
        time.sleep(0.005)


def test_by_stream_and_by_polling_it_sees_each_change_and_survives_a_restart(place: Place) -> None:
    with serving(place) as server:
        make_flag(server.client)
        a_key_opens_its_own_environment_alone(server)
        port, key = int(server.url.rsplit(":", 1)[1]), sdk_key(server)
        with sdk(server, key) as streamed, sdk(server, key, stream=False) as polled:
            changed: list[frozenset[str]] = []
            streamed.on_change(changed.append)

            def both_serve(value: Any, flag: str = "checkout") -> bool:
                return {each.variation(flag, "anna", "gone") for each in (streamed, polled)} == {value}

            assert both_serve(True)
            assert (streamed.status.state, polled.status.state) == (State.STREAMING, State.POLLING)
            turn(server, on=False)
            come_about(lambda: both_serve(False))
            make_flag(server.client, "second")
            come_about(lambda: both_serve(True, "second"))
            assert changed[:2] == [{"checkout"}, {"second"}]
            ok(server.client.delete("/api/v2/flags/default/checkout"))
            come_about(lambda: both_serve("gone"))
            make_flag(server.client)
            come_about(lambda: both_serve(True))
            assert server.stop() == 0
            come_about(lambda: streamed.status.state is polled.status.state is State.INTERRUPTED)
            assert both_serve(True)
            with serving(place, port=port) as again:
                turn(again, on=False)
                come_about(lambda: both_serve(False))


def a_key_opens_its_own_environment_alone(server: Server) -> None:
    ok(server.client.post("/api/v2/projects", json={"key": "other", "name": "Other"}))
    other: str = ok(server.client.get("/api/v2/projects/other/environments/production"))["apiKey"]
    for path in ("stream", "ruleset"):
        for key in (server.token, "sdk-nobody", ""):
            assert ask(server, path, key).status_code == 401
    assert list(ask(server, "ruleset", sdk_key(server)).json()["flags"]) == ["checkout"]
    assert ask(server, "ruleset", other).json()["flags"] == {}


def ask(server: Server, path: str, key: str) -> httpx.Response:
    return httpx.get(f"{server.url}{SDK}/{path}", headers={"Authorization": f"Bearer {key}".strip()})


def test_what_it_saw_and_what_came_of_it_is_recorded_once_and_stands_in_the_result(place: Place) -> None:
    with serving(place) as server:
        start_experiment(server)
        with sdk(server, sdk_key(server), attributes=("plan",)) as client:
            seen = {}
            for number in range(UNITS):
                user = {"kind": "user", "key": f"unit-{number}", "plan": "gold", "email": "private"}
                for _ in range(3):
                    seen[user["key"]] = client.variation("checkout", user, False)
                if number % 3 == 0:
                    client.track("purchase", user, 9.5, {"sku": "a1"})
            assert client.flush()
            assert (client.status.waiting, client.status.dropped) == (0, 0)
        send_twice(server, VISIT % int(time.time() * 1000), "nonsense")
        exposures = eventually(lambda: rows(place, Kind.EXPOSURE), UNITS)
        outcomes = eventually(lambda: rows(place, Kind.OUTCOME), UNITS // 3 + 1)
        settled(place)
        said = ok(server.client.get(RESULTS))
        counted = httpx.get(f"{server.url}/metrics").text
    assert {row["attributes"] for row in exposures} == {'{"user":{"plan":"gold"}}'}
    shown = {(row["arm"], seen[row["unit"]]) for row in exposures}
    assert len(exposures) == UNITS
    assert len(shown) == len(dict(shown)) == 2, "each arm served its own value"
    assert len(outcomes) == UNITS // 3 + 1
    assert {(row["event"], row["value"], row["data"]) for row in outcomes} == {
        ("purchase", 9.5, '{"sku":"a1"}'),
        ("visit", None, None),
    }
    arms = Counter(seen.values())
    assert {arm["control"]: arm["units"] for arm in said["arms"]} == {True: arms[False], False: arms[True]}
    assert 'equipoise_events_received_total{dialect="equipoise"} 404.0' in counted
    assert dead(place) == {"malformed": 1}


def send_twice(server: Server, *lines: str) -> None:
    headers = {"Authorization": f"Bearer {sdk_key(server)}", "Idempotency-Key": "same"}
    for _ in range(2):
        said = httpx.post(f"{server.url}{SDK}/events", content="\n".join(lines), headers=headers)
        assert (said.status_code, said.content) == (202, b"")
