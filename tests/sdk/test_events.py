"""Exposures and outcomes: recorded once, sent until the server has them, never in the caller's way."""

import threading
from typing import Any

import pytest
from msgspec.structs import replace

from equipoise.evaluation.decision import Decision, Reason, Why
from equipoise.sdk import Client, prepare
from equipoise.sdk.events import BATCH_MAX, Events, lines
from tests.fakes import FakeClock
from tests.sdk.conftest import QUICK, Connect, eventually
from tests.sdk.rules import flag, needing, rules, tried
from tests.sdk.server import FakeServer

SAW = Decision(True, 1, Reason(Why.FALLTHROUGH, in_experiment=True), 7)
RULE = Decision(True, 0, Reason(Why.RULE_MATCH, 0, "rule-1", in_experiment=True), 7)
ANNA = prepare("anna")


def events(clock: FakeClock, **options: Any) -> Events:
    return Events(lambda: clock.now / 1000, 600.0, lambda: None, **options)


def said(events: Events, *attributes: str) -> list[bytes]:
    happened, _ = events.take()
    return lines(happened, attributes)


def ready(connect: Connect, server: FakeServer, **options: Any) -> Client:
    server.ruleset = rules(tried(), flag("plain"), needing("upper", "middle"), needing("middle", "checkout"))
    client = connect(**options)
    assert client.wait_ready(20)
    return client


def test_an_exposure_says_what_was_served_to_whom_and_when() -> None:
    waiting = events(FakeClock(1_700_000_000_123))
    waiting.saw("checkout", SAW, ANNA)
    waiting.saw("checkout", RULE, prepare({"kind": "multi", "user": {"key": "a"}, "org": {"key": "b"}}))
    assert said(waiting) == [
        b'{"kind":"exposure","at":1700000000123,"flag":"checkout","version":7,"rule":"fallthrough",'
        b'"variation":1,"units":{"user":"anna"}}',
        b'{"kind":"exposure","at":1700000000123,"flag":"checkout","version":7,"rule":"rule-1",'
        b'"variation":0,"units":{"user":"a","org":"b"}}',
    ]


def test_attributes_are_sent_only_where_they_are_named() -> None:
    waiting = events(FakeClock())
    waiting.saw("checkout", SAW, prepare({"kind": "user", "key": "anna", "plan": "gold", "email": "x"}))
    (line,) = said(waiting, "plan", "key", "other")
    assert b'"attributes":{"user":{"plan":"gold"}}' in line


def test_a_unit_that_sees_the_same_again_is_recorded_once_a_window() -> None:
    clock = FakeClock()
    waiting = events(clock)
    for ms in (0, 599_999, 1):
        clock.pass_ms(ms)
        waiting.saw("checkout", SAW, ANNA)
    assert len(waiting) == 2
    for other in (replace(SAW, version=8), replace(SAW, variation=0), RULE):
        waiting.saw("checkout", other, ANNA)
    waiting.saw("checkout", SAW, prepare({"kind": "org", "key": "anna"}))
    waiting.saw("other", SAW, ANNA)
    assert len(waiting) == 7


def test_a_full_buffer_drops_what_comes_and_counts_it() -> None:
    waiting = events(FakeClock(), most=3)
    for number in range(10):
        waiting.did(f"event-{number}", ANNA, None, None)
    assert (len(waiting), waiting.dropped) == (3, 7)
    assert [b"event-0" in said(waiting)[0], len(waiting)] == [True, 0]


def test_an_outcome_has_value_and_data_where_they_are_said() -> None:
    waiting = events(FakeClock(1_700_000_000_000))
    waiting.did("purchase", ANNA, 9, {"sku": ["a1"]})
    waiting.did("visit", ANNA, None, None)
    assert said(waiting) == [
        b'{"kind":"outcome","at":1700000000000,"name":"purchase","units":{"user":"anna"},"value":9.0,'
        b'"data":{"sku":["a1"]}}',
        b'{"kind":"outcome","at":1700000000000,"name":"visit","units":{"user":"anna"}}',
    ]


@pytest.mark.parametrize("value", [float("nan"), float("inf"), "9"])
def test_what_is_no_number_is_no_value(value: Any) -> None:
    waiting = events(FakeClock())
    waiting.did("purchase", ANNA, value, None)
    waiting.did("purchase", ANNA, None, object())
    waiting.did("purchase", prepare("\ud800"), None, None)
    waiting.did("purchase", ANNA, 1.0, None)
    assert len(said(waiting)) == 1


def test_threads_that_append_at_once_lose_nothing() -> None:
    waiting = events(FakeClock())

    def append(number: int) -> None:
        for at in range(500):
            waiting.saw("checkout", SAW, prepare(f"unit-{number}-{at % 250}"))

    threads = [threading.Thread(target=append, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(waiting) == 8 * 250


def test_only_who_is_in_an_experiment_is_recorded_and_once(server: FakeServer, connect: Connect) -> None:
    client = ready(connect, server)
    for _ in range(3):
        client.variation("plain", "anna")
        client.detail("checkout", "anna")
    client.all("ben")
    assert client.flush(20)
    assert [(each["kind"], each["units"]) for each in server.events] == [("exposure", {"user": "anna"})]


def test_who_needs_an_experiment_first_has_seen_it(server: FakeServer, connect: Connect) -> None:
    client = ready(connect, server)
    decision = client.detail("upper", "anna")
    assert client.flush(20)
    assert decision.reason.in_experiment is False
    assert [(each["flag"], each["version"]) for each in server.events] == [("checkout", 7)]


def test_what_the_server_does_not_take_is_sent_again_under_the_same_name(
    server: FakeServer, connect: Connect
) -> None:
    server.refusing["events"] = (503, "1")
    client = ready(connect, server)
    client.track("purchase", "anna", 9.5)
    eventually(lambda: server.asked.count("events") >= 3)
    assert client.flush(0.01) is False
    del server.refusing["events"]
    assert client.flush(20)
    assert [body[0]["name"] for _, body in server.bodies] == ["purchase"]
    assert client.status.dropped == 0


def test_what_the_server_never_takes_is_given_up_and_counted(server: FakeServer, connect: Connect) -> None:
    server.refusing["events"] = (400, "")
    client = ready(connect, server)
    client.track("purchase", "anna")
    assert client.flush(20)
    assert (server.bodies, client.status.dropped) == ([], 1)
    del server.refusing["events"]
    client.track("purchase", "anna")
    assert client.flush(20)
    assert len(server.events) == 1


def test_much_is_sent_in_bodies_with_names_of_their_own(server: FakeServer, connect: Connect) -> None:
    client = ready(connect, server, timing=replace(QUICK, flush=60.0))
    for number in range(2 * BATCH_MAX + 1):
        client.track(f"event-{number}", "anna")
    eventually(lambda: len(server.bodies) >= 2)  # nobody asked for it
    assert client.flush(20)
    assert [each["name"] for each in server.events] == [
        f"event-{number}" for number in range(2 * BATCH_MAX + 1)
    ]
    assert len({name for name, _ in server.bodies}) == len(server.bodies)


def test_what_waits_is_sent_before_it_closes(server: FakeServer, connect: Connect) -> None:
    client = ready(connect, server, timing=replace(QUICK, flush=60.0))
    client.variation("checkout", "anna")
    client.close()
    assert len(server.events) == 1


def test_a_context_that_is_none_is_dropped_and_counted(server: FakeServer, connect: Connect) -> None:
    client = ready(connect, server)
    client.track("purchase", {"kind": "user"})
    assert client.flush(20)
    assert (server.events, client.status.dropped) == ([], 1)
