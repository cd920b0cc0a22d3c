"""Events, from the door to the files: real servers, real clients, on SQLite and PostgreSQL."""

import os
import signal
import time
from collections import Counter
from contextlib import suppress
from typing import Any

import httpx
import ldclient
import psutil
import pytest
from ldclient import Context
from ldclient.config import Config

from equipoise.application.lake import Kind
from equipoise.server.compactor import STOP_SECONDS_MAX
from tests.flows.events import (
    WAIT_SECONDS_MAX,
    custom,
    dead,
    eventually,
    feature,
    flag_version,
    journal,
    rows,
    sdk_key,
    send,
    settled,
    start_experiment,
)
from tests.flows.shop import EXPERIMENTS, experiment_body, ok, patch
from tests.served import Place, Server, serving, start

UNITS = 40


def client_of(server: Server, key: str, **options: Any) -> Any:
    """The published SDK, unmodified."""
    config = Config(
        key,
        base_uri=server.url,
        stream_uri=server.url,
        events_uri=server.url,
        flush_interval=60,
        **options,
    )
    client = ldclient.LDClient(config, start_wait=20)
    assert client.is_initialized()
    return client


def shop(client: Any, units: range) -> dict[str, bool]:
    """Units look at the checkout, and each third buys; what each saw."""
    seen = {}
    for number in units:
        context = Context.builder(f"unit-{number}").set("plan", "gold").build()
        seen[context.key] = client.variation("checkout", context, False)
        if number % 3 == 0:
            client.track("purchase", context, {"sku": "a1"}, 9.5)
    client.flush()
    return seen


def current(server: Server) -> Any:
    path = f"{EXPERIMENTS}/new-checkout"
    return ok(server.client.get(path, params={"expand": "treatments"}))["currentIteration"]


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
def test_what_the_published_sdk_sends_is_read_back_by_iteration(place: Place, packed: bool) -> None:
    with serving(place) as server:
        start_experiment(server)
        client = client_of(server, sdk_key(server), enable_event_compression=packed)
        first = current(server)["_id"]
        saw = shop(client, range(UNITS))
        treatment = current(server)["treatments"][0]["_id"]
        ok(patch(server.client, "new-checkout", stop_with(treatment)))
        wait_for(client, server)
        shop(client, range(1_000, 1_010))  # nobody is in an experiment now
        restart(server)
        wait_for(client, server)
        second = current(server)["_id"]
        saw_then = shop(client, range(2_000, 2_000 + UNITS))
        client.close()
        exposures = eventually(lambda: rows(place, Kind.EXPOSURE), 2 * UNITS)
        outcomes = eventually(lambda: rows(place, Kind.OUTCOME), len(range(0, UNITS, 3)))
    assert first != second
    assert Counter(row["iteration"] for row in exposures) == {first: UNITS, second: UNITS}
    shown = {(row["arm"], (saw | saw_then)[row["unit"]]) for row in exposures}
    assert len(shown) == len(dict(shown)) == 2, "each arm served its own value"
    assert all(row["unit_kind"] == "user" and row["attributes"] == ATTRIBUTES for row in exposures)
    bought = [row for row in outcomes if row["unit"].startswith("unit-") and row["event"] == "purchase"]
    assert {(row["value"], row["data"]) for row in bought} == {(9.5, '{"sku":"a1"}')}
    assert dead(place) == {}


ATTRIBUTES = '{"user":{"plan":"gold"}}'


def stop_with(treatment: str) -> dict[str, str]:
    return {"kind": "stopIteration", "winningTreatmentId": treatment, "winningReason": "enough"}


def restart(server: Server) -> None:
    """A new iteration of the same experiment."""
    flag = ok(server.client.get("/api/v2/flags/default/checkout"))
    ok(server.client.post(f"{EXPERIMENTS}/new-checkout/iterations", json=experiment_body(flag)["iteration"]))
    ok(patch(server.client, "new-checkout", {"kind": "startIteration", "changeJustification": "again"}))


def wait_for(client: Any, server: Server) -> None:
    """Until the client has the flag as it is now."""
    version = flag_version(server)
    deadline = time.monotonic() + WAIT_SECONDS_MAX
    context = Context.create("somebody-who-waits")
    while (
        client.all_flags_state(context, with_reasons=True).to_json_dict()["$flagsState"]["checkout"][
            "version"
        ]
        != version
    ):
        assert time.monotonic() < deadline, "the change never came"
        time.sleep(0.02)


def test_a_payload_sent_again_counts_once_by_two_workers_and_after_a_restart(place: Place) -> None:
    with serving(place, "--workers", "2") as server:
        key = sdk_key(server)
        for _ in range(6):  # a new connection each, so that either worker takes some
            with httpx.Client(base_url=server.url) as http:
                assert send(http, key, [custom("anna")], "same").status_code == 202
        eventually(lambda: rows(place, Kind.OUTCOME), 1)
    with serving(place) as server, httpx.Client(base_url=server.url) as http:
        assert send(http, key, [custom("anna")], "same").status_code == 202
        assert send(http, key, [custom("ben")], "other").status_code == 202
        eventually(lambda: rows(place, Kind.OUTCOME), 2)
        settled(place)
        assert Counter(row["unit"] for row in rows(place, Kind.OUTCOME)) == {"anna": 1, "ben": 1}


def test_bad_events_in_a_good_batch_are_counted_and_kept_and_nothing_is_refused(place: Place) -> None:
    with serving(place) as server, httpx.Client(base_url=server.url) as http:
        version = start_experiment(server)
        key = sdk_key(server)
        events = [feature("anna", version), {"kind": "custom"}, 7, feature("ben", 10**9), custom("anna")]
        answer = send(http, key, events, packed=False)
        assert (answer.status_code, answer.content) == (202, b"")
        assert "date" in answer.headers
        assert send(http, key, b'[{"kind":"custom","metricValue":NaN}]').status_code == 202
        eventually(lambda: rows(place, Kind.DEAD), 4)
        assert len(rows(place, Kind.EXPOSURE)) == len(rows(place, Kind.OUTCOME)) == 1
        causes = {"no key": 1, "malformed": 1, "no experiment": 1, "bad number": 1}
        assert dead(place) == causes
        counted = http.get("/metrics").text
        assert 'equipoise_events_received_total{dialect="launchdarkly"} 6.0' in counted
        assert 'equipoise_events_dead_total{cause="no experiment"} 1.0' in counted


def test_nothing_that_is_sent_makes_an_sdk_stop_but_a_key_that_is_nobody_s(place: Place) -> None:
    with serving(place) as server, httpx.Client(base_url=server.url) as http:
        key = sdk_key(server)
        assert send(http, "sdk-nobody", []).status_code == 401
        assert send(http, "", []).status_code == 401
        assert send(http, key, []).status_code == 202
        assert send(http, key, {"kind": "diagnostic"}).status_code == 202
        assert send(http, key, b"[{").status_code == 400
        assert send(http, key, [], **{"Content-Encoding": "br"}, packed=False).status_code == 400
        assert send(http, key, b"[]", packed=False, **{"Content-Encoding": "gzip"}).status_code == 400
        bomb = b"[" + b" " * (65 * 1024 * 1024) + b"]"
        assert send(http, key, bomb).status_code == 400
        large = b"[" + b" " * (17 * 1024 * 1024) + b"]"
        assert send(http, key, large, packed=False).status_code == 400
        answer = http.post("/diagnostic", content=b"{}", headers={"Authorization": key})
        assert (answer.status_code, answer.content) == (202, b"")


def test_a_journal_that_is_full_says_try_again_and_takes_events_once_it_is_not(place: Place) -> None:
    settings = {"EQUIPOISE_JOURNAL_BYTES_MAX": "1"}
    with serving(place, settings=settings) as server, httpx.Client(base_url=server.url) as http:
        key = sdk_key(server)
        statuses: list[int] = []
        deadline = time.monotonic() + WAIT_SECONDS_MAX
        while not {202, 503} <= set(statuses[-20:]) or statuses[-1] != 202:
            assert time.monotonic() < deadline, Counter(statuses)
            statuses.append(send(http, key, [custom(f"unit-{len(statuses)}")]).status_code)
            time.sleep(0.02)
        settled(place)
        assert len(rows(place, Kind.OUTCOME)) == statuses.count(202)


def compactor_of(server: Server) -> psutil.Process:
    """The child of the server that has the compactor's lock open, once there is one."""
    parent, deadline = psutil.Process(server.process.pid), time.monotonic() + WAIT_SECONDS_MAX
    while time.monotonic() < deadline:
        for child in parent.children():
            with suppress(psutil.Error):
                if any(file.path.endswith("compactor.lock") for file in child.open_files()):
                    return child
        time.sleep(0.05)
    raise AssertionError("no compactor was started")


def test_a_compactor_that_is_killed_is_started_again_and_no_event_is_lost(place: Place) -> None:
    with serving(place) as server, httpx.Client(base_url=server.url) as http:
        key = sdk_key(server)
        assert send(http, key, [custom("before")]).status_code == 202
        eventually(lambda: rows(place, Kind.OUTCOME), 1)
        compactor_of(server).kill()
        assert send(http, key, [custom("after")]).status_code == 202
        found = eventually(lambda: rows(place, Kind.OUTCOME), 2)
        assert sorted(row["unit"] for row in found) == ["after", "before"]


def test_a_compactor_ends_when_its_server_is_killed(place: Place) -> None:
    server = start(place)
    compactor = compactor_of(server)
    os.kill(server.process.pid, signal.SIGKILL)  # the server alone
    server.process.wait()
    compactor.wait(WAIT_SECONDS_MAX)
    with serving(place) as again:
        assert send(again.client, sdk_key(again), [custom("anna")]).status_code == 202
        eventually(lambda: rows(place, Kind.OUTCOME), 1)


def test_a_server_that_is_stopped_leaves_nothing_to_compact(place: Place) -> None:
    with serving(place) as server:
        key = sdk_key(server)
        compactor_of(server).terminate()  # as where all processes of a service are told at once
        assert send(server.client, key, [custom("anna")]).status_code == 202
        assert server.stop() == 0
    assert journal(place) == []
    assert [row["unit"] for row in rows(place, Kind.OUTCOME)] == ["anna"]


def test_a_server_that_is_stopped_while_no_compactor_runs_leaves_nothing_to_compact(place: Place) -> None:
    with serving(place) as server:
        key = sdk_key(server)
        compactor = compactor_of(server)
        compactor.kill()
        compactor.wait(WAIT_SECONDS_MAX)  # the next one is a while in coming
        assert send(server.client, key, [custom("anna")]).status_code == 202
        assert server.stop() == 0
    assert journal(place) == []
    assert [row["unit"] for row in rows(place, Kind.OUTCOME)] == ["anna"]


def test_a_server_that_is_stopped_with_nothing_to_compact_does_not_wait_for_its_compactor(
    place: Place,
) -> None:
    with serving(place) as server:
        began = time.monotonic()
        assert server.stop() == 0
        assert time.monotonic() - began < STOP_SECONDS_MAX / 2
