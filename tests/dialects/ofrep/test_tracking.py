"""What units do, and what they saw of flags that were fetched ahead."""

import gzip
import json
from typing import Any

import pytest

from equipoise.application.lake import Full
from equipoise.application.serving import Key
from equipoise.dialects.ofrep.events import decode
from equipoise.domain.limits import EVENTS_TRACKED_AT_ONCE_MAX
from equipoise.domain.records import Dead, Done, Received, Seen, one_by_one
from tests.dialects.ofrep.room import ANNA, Room, in_experiment, said, served
from tests.domain.builders import ID
from tests.translation.visitor import Answered

PURCHASE = {"context": ANNA, "name": "purchase", "value": 49.5, "fields": {"sku": "a1"}}
SHOWN = {"flag": "checkout", "version": 7, "rule": "fallthrough", "variation": 1, "inExperiment": True}
NOW_MS = 1_760_000_000_000


def track(room: Room, body: Any, **headers: str) -> Answered:
    return room.ask("track", body, **headers)


def test_what_a_unit_did_is_an_outcome_with_its_number_and_data() -> None:
    room = Room()
    at = room.clock.now * 1_000
    assert track(room, PURCHASE).status == 202
    assert track(room, [{"context": {"targetingKey": "ben"}, "name": "signup"}]).status == 202
    assert room.records() == [
        Done("purchase", {"user": "anna"}, at, 49.5, '{"sku": "a1"}'),
        Done("signup", {"user": "ben"}, at),
    ]


def test_what_a_unit_saw_is_an_exposure_by_what_its_evaluation_said() -> None:
    room = Room(in_experiment(), served(key="plain"))
    flags = said(room.all())["flags"]
    shown = [
        {"context": {**ANNA, "plan": "gold"}, "exposure": {"flag": each["key"], **each["metadata"]}}
        for each in flags
    ]
    assert track(room, shown).status == 202
    (seen,) = room.records()
    assert isinstance(seen, Seen)
    assert (seen.flag, seen.version, seen.rule) == ("checkout", 7, "fallthrough")
    assert seen.variation == flags[0]["metadata"]["variation"]
    assert (seen.units, seen.attributes) == ({"user": "anna"}, '{"user":{"plan":"gold"}}')


def test_a_body_that_is_named_counts_once() -> None:
    room = Room()
    for _ in range(2):
        assert track(room, PURCHASE, idempotency_key="order-7").status == 202
    assert {each.payload for each in room.journal.received} == {"order-7"}
    assert track(room, PURCHASE, idempotency_key=" ").status == 400


def test_a_name_of_any_length_counts_once() -> None:
    room = Room()
    for last in "aab":
        assert track(room, PURCHASE, idempotency_key="k" * 64 + last).status == 202
    first, again, other = (each.payload for each in room.journal.received)
    assert first == again != other
    assert len(first) == 64


BAD: tuple[tuple[Any, tuple[str, ...]], ...] = (
    (b"", ("JSON",)),
    (b"{", ("JSON",)),
    (7, ("array",)),
    ({}, ("context: is required",)),
    ({"context": ANNA}, ("either a name or an exposure",)),
    ({"context": ANNA, "name": "a", "exposure": SHOWN}, ("either a name or an exposure",)),
    ({"context": {}, "name": ""}, ("name: is 1 to", "context: the context of kind user has no targetingKey")),
    ([PURCHASE, {"context": ANNA, "name": "n" * 1_025}], ("[1].name: is 1 to",)),
    ([{"context": {"targetingKey": "k" * 1_025}, "name": "a"}], ("[0].context: the key of kind user",)),
    ({**PURCHASE, "value": "49", "fields": []}, ("value: Expected", "fields: Expected")),
    (
        {"context": ANNA, "exposure": {"version": "7"}},
        ("exposure.flag: is required", "exposure.version: Expected"),
    ),
    (
        {"context": ANNA, "at": 7, "exposure": {"flag": "checkout", "inExperiment": True}},
        ("exposure.version: is", "exposure.variation: is", "exposure.rule: is", "at: is milliseconds"),
    ),
    ([PURCHASE] * (EVENTS_TRACKED_AT_ONCE_MAX + 1), ("EVENTS_TRACKED_AT_ONCE_MAX",)),
)


@pytest.mark.parametrize(("body", "causes"), BAD, ids=lambda each: str(each)[:40])
def test_what_makes_no_sense_is_refused_whole_and_every_cause_is_named(
    body: Any, causes: tuple[str, ...]
) -> None:
    room = Room()
    answer = track(room, body)
    assert answer.status == 400
    for cause in causes:
        assert cause in said(answer)["errorDetails"]
    assert room.journal.received == []


@pytest.mark.parametrize(
    ("key", "kind", "room_for"),
    [("sdk-one", Key.SERVER, 5), ("mob-one", Key.MOBILE, 1), (ID, Key.CLIENT, 1)],
)
def test_a_body_keeps_the_kind_of_its_key_and_has_less_room_by_a_public_one(
    key: str, kind: Key, room_for: int
) -> None:
    room = Room()
    bearer = {"authorization": f"Bearer {key}"}
    event = json.dumps(PURCHASE).encode()
    whole = event.ljust(room_for * 1024 * 1024)
    assert track(room, whole, **bearer).status == 202
    assert track(room, whole + b" ", **bearer).status == 413
    assert [(each.key, len(each.body)) for each in room.journal.received] == [(kind, len(whole))]


def test_nothing_is_acknowledged_that_is_not_durable() -> None:
    room = Room()
    for failure in (Full("the disk is full"), OSError(28, "No space left on device")):
        room.journal.failure = failure
        answer = track(room, PURCHASE)
        assert (answer.status, answer.headers["retry-after"]) == (503, "1")
    assert track(room, PURCHASE, authorization="Bearer sdk-other").status == 401


def test_an_empty_list_is_nothing_to_keep() -> None:
    room = Room()
    assert track(room, []).status == 202
    assert room.journal.received == []


def read(*events: Any) -> list[Any]:
    body = json.dumps(events).encode()
    return list(one_by_one(decode(Received("ofrep", "e", "p", NOW_MS * 1_000, body))))


PLAIN = json.dumps(PURCHASE).encode()


def test_a_packed_body_is_kept_as_it_came_and_read_as_it_was() -> None:
    room = Room()
    assert track(room, gzip.compress(PLAIN), content_encoding="gzip").status == 202
    (kept,) = room.journal.received
    assert (kept.encoding, gzip.decompress(kept.body)) == ("gzip", PLAIN)


@pytest.mark.parametrize(
    ("body", "encoding", "status"),
    [
        (PLAIN, "gzip", 400),
        (gzip.compress(PLAIN), "", 400),
        (gzip.compress(PLAIN)[:-9], "gzip", 400),
        (gzip.compress(json.dumps({**PURCHASE, "name": ""}).encode()), "gzip", 400),
        (PLAIN, "br", 400),
        (gzip.compress(b" " * 6 * 1024 * 1024), "gzip", 413),
    ],
    ids=["not packed", "not said", "cut off", "none that counts", "another way", "unpacked too large"],
)
def test_what_is_packed_badly_or_otherwise_is_refused(body: bytes, encoding: str, status: int) -> None:
    room = Room()
    assert track(room, body, content_encoding=encoding).status == status
    assert room.journal.received == []


KINDS = tuple(f"kind-{number}" for number in range(101))
DEAD: tuple[tuple[Any, str], ...] = (
    ({**PURCHASE, "name": ""}, "no key"),
    ({**PURCHASE, "name": "n" * 1_025}, "key too long"),
    ({**PURCHASE, "context": {}}, "no context"),
    ({**PURCHASE, "context": {"targetingKey": "k" * 1_025}}, "key too long"),
    ({**PURCHASE, "context": {"kind": "multi", **dict.fromkeys(KINDS, ANNA)}}, "too many kinds"),
    ({**PURCHASE, "fields": {"a": "d" * 300_000}}, "data too long"),
    ({**PURCHASE, "at": 1}, "clock far off"),
    ({**PURCHASE, "at": NOW_MS + 25 * 3_600_000}, "clock far off"),
    ({"context": ANNA, "exposure": {**SHOWN, "flag": ""}}, "no key"),
    ({"context": ANNA, "exposure": {**SHOWN, "version": 0}}, "no version"),
    ({"context": ANNA, "exposure": {**SHOWN, "version": None}}, "no version"),
    ({"context": ANNA, "exposure": {**SHOWN, "variation": -1}}, "no variation"),
    ({"context": ANNA, "exposure": {**SHOWN, "rule": ""}}, "no rule"),
    ({"context": ANNA, "exposure": {"flag": "checkout", "inExperiment": True}}, "no version"),
)


@pytest.mark.parametrize("event", [event for event, _ in DEAD], ids=lambda each: str(each)[:40])
def test_what_would_be_dead_is_refused_at_the_door(event: Any) -> None:
    room = Room()
    room.clock.now = NOW_MS
    answer = track(room, [PURCHASE, event])
    assert (answer.status, room.journal.received) == (400, [])
    assert said(answer)["errorDetails"].startswith("[1]")


def test_an_exposure_outside_experiments_need_not_say_what_was_served() -> None:
    room = Room()
    assert track(room, {"context": ANNA, "exposure": {"flag": "checkout"}}).status == 202
    assert room.records() == []


@pytest.mark.parametrize(("event", "cause"), DEAD, ids=lambda each: str(each)[:40])
def test_an_event_that_cannot_be_used_is_dead_with_its_cause_and_harms_no_other(
    event: Any, cause: str
) -> None:
    before, dead, after = read(PURCHASE, event, PURCHASE)
    assert before == after
    assert isinstance(before, Done)
    assert isinstance(dead, Dead)
    assert (dead.cause, dead.event) == (cause, json.dumps(event).encode())


def test_one_that_came_alone_is_dead_with_its_bytes() -> None:
    body = json.dumps({**PURCHASE, "name": ""}).encode()
    assert list(decode(Received("ofrep", "e", "p", NOW_MS * 1_000, body))) == [Dead("no key", body)]


def test_data_that_is_no_text_is_dead_alone() -> None:
    good = json.dumps(PURCHASE).encode()
    bad = good.replace(b"a1", b"\xff")
    kept, dead = decode(Received("ofrep", "e", "p", NOW_MS * 1_000, b"[" + good + b"," + bad + b"]"))
    assert isinstance(kept, Done)
    assert dead == Dead("malformed", bad)


def test_a_body_that_cannot_be_read_is_dead_whole() -> None:
    for body in (b"", b"{", b"\xff", b"[" * 100_000, b"7"):
        (dead,) = decode(Received("ofrep", "e", "p", NOW_MS * 1_000, body))
        assert dead == Dead("unreadable", body)


def test_a_clock_that_is_a_little_ahead_is_held_back_to_the_receipt() -> None:
    early, late = read({**PURCHASE, "at": NOW_MS - 5}, {**PURCHASE, "at": NOW_MS + 3_600_000})
    assert (early.at, late.at) == ((NOW_MS - 5) * 1_000, NOW_MS * 1_000)
