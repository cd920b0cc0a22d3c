"""The doors of server-side SDKs, over a feed that is in memory."""

import asyncio
import gzip
import json
from typing import Any

import pytest
from msgspec.structs import replace

from equipoise.application.ports import Sighting
from equipoise.application.sightings import Sightings
from equipoise.dialects.launchdarkly.sdk import payload
from equipoise.dialects.launchdarkly.sdk.doors import DOORS
from equipoise.domain.segment.membership import Membership
from equipoise.domain.snapshot import Served
from equipoise.security.tokens import digest
from equipoise.translation.doors import Door, Outlets
from tests.dialects.launchdarkly.sdk.reader import a_snapshot
from tests.domain.builders import ID, a_flag, a_targeting
from tests.fakes import FakeClock
from tests.fakes.feed import SDK_KEY as KEY
from tests.fakes.feed import MemoryFeed, compiled
from tests.translation.visitor import Answered, visit

BY_OPERATION = {door.operation: door for door in DOORS}


@pytest.fixture
def feed() -> MemoryFeed:
    flags = (Served(a_flag(key=f"flag-{number}"), a_targeting(), 7) for number in range(20))
    return MemoryFeed(a_snapshot(*flags))


def ask(feed: Any, operation: str, *, path: dict[str, str] | None = None, **headers: str) -> Answered:
    said = {"authorization": KEY, **{name.replace("_", "-"): value for name, value in headers.items()}}
    door: Door = BY_OPERATION[operation]
    return asyncio.run(visit(door, Outlets(feed, None, None), said, path=path))  # type: ignore[arg-type]


def test_the_stream_says_what_it_is_and_begins_with_all_of_it(feed: MemoryFeed) -> None:
    answer = ask(feed, "streamAll")
    assert answer.status == 200
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert answer.headers["cache-control"] == "no-cache"
    assert answer.headers["x-accel-buffering"] == "no"
    assert answer.headers["x-ld-envid"] == ID
    assert "content-length" not in answer.headers
    assert answer.body == payload.put(feed.now.snapshot) + b":\n\n"


def test_a_key_that_is_used_is_seen_and_so_is_its_client(feed: MemoryFeed) -> None:
    clock = FakeClock()
    sightings = Sightings(clock)
    outlets = Outlets(feed, None, None, sightings=sightings)  # type: ignore[arg-type]

    def come(operation: str, key: str = KEY) -> None:
        said = {"authorization": key, "user-agent": "PythonClient/9.18.2"}
        asyncio.run(visit(BY_OPERATION[operation], outlets, said))

    come("pollAll")
    come("streamAll")
    assert sightings.take() == (Sighting(ID, digest(KEY), "PythonClient/9.18.2", clock()),)
    come("pollAll", "sdk-nobodys")
    assert sightings.take() == ()


def test_a_stream_that_is_read_is_a_key_in_use(feed: MemoryFeed) -> None:
    clock = FakeClock()
    outlets = Outlets(feed, None, None, sightings=Sightings(clock))  # type: ignore[arg-type]
    came = clock()

    def read(_: bytes) -> bool:
        clock.pass_ms(20_000)
        return False

    asyncio.run(visit(BY_OPERATION["streamAll"], outlets, {"authorization": KEY}, leave=read))
    assert outlets.sightings is not None
    assert [each.at for each in outlets.sightings.take()] == [came + 20_000]


def test_the_poll_answers_all_of_it_with_a_tag(feed: MemoryFeed) -> None:
    answer = ask(feed, "pollAll")
    assert (answer.status, answer.headers["x-ld-envid"]) == (200, ID)
    assert answer.body == payload.document(feed.now.snapshot)
    assert answer.headers["etag"].startswith('"')


def test_the_poll_answers_304_to_whoever_has_it_and_to_nobody_else(feed: MemoryFeed) -> None:
    tag = ask(feed, "pollAll").headers["etag"]
    again = ask(feed, "pollAll", if_none_match=tag)
    assert (again.status, again.body, again.headers["etag"]) == (304, b"", tag)
    assert ask(feed, "pollAll", if_none_match='"other"').status == 200
    assert ask(feed, "pollAll").status == 200
    feed.now = compiled(a_snapshot(Served(a_flag(), a_targeting(on=False), 8)))
    changed = ask(feed, "pollAll", if_none_match=tag)
    assert changed.status == 200
    assert changed.headers["etag"] != tag


def test_the_poll_compresses_where_that_is_accepted(feed: MemoryFeed) -> None:
    small = ask(feed, "pollAll", accept_encoding="gzip")
    assert small.headers["content-encoding"] == "gzip"
    assert gzip.decompress(small.body) == payload.document(feed.now.snapshot)
    assert int(small.headers["content-length"]) == len(small.body)
    refused = ask(feed, "pollAll", accept_encoding="gzip;q=0, identity")
    assert "content-encoding" not in refused.headers


def test_flags_can_be_asked_for_alone(feed: MemoryFeed) -> None:
    one = ask(feed, "pollFlag", path={"key": "flag-3"})
    assert json.loads(one.body)["key"] == "flag-3"
    every = json.loads(ask(feed, "pollFlags").body)
    assert len(every) == 20
    assert every["flag-3"] == json.loads(one.body)
    assert ask(feed, "pollFlag", path={"key": "nothing"}).status == 404
    assert ask(feed, "pollSegment", path={"key": "nothing"}).status == 404


def test_segments_can_be_asked_for_alone(feed: MemoryFeed) -> None:
    key = "0123:0:beta:kept out / by 1%"
    feed.now = compiled(replace(feed.now.snapshot, segments={key: Membership(key, ())}))
    answer = ask(feed, "pollSegment", path={"key": key})
    assert (answer.status, answer.headers["x-ld-envid"]) == (200, ID)
    assert answer.headers["content-type"] == "application/json"
    assert json.loads(answer.body) == json.loads(ask(feed, "pollAll").body)["segments"][key]
    assert ask(feed, "pollSegment", path={"key": "nothing"}).status == 404
    assert ask(feed, "pollFlag", path={"key": key}).status == 404


@pytest.mark.parametrize("operation", sorted(name for name in BY_OPERATION if not name.endswith("Newer")))
def test_a_key_of_nobody_is_401_and_a_feed_that_cannot_answer_503(feed: MemoryFeed, operation: str) -> None:
    path = {"key": "flag-3"}
    assert ask(feed, operation, path=path, authorization="sdk-other").status == 401
    assert ask(feed, operation, path=path, authorization="").status == 401
    feed.away = True
    later = ask(feed, operation, path=path)
    assert (later.status, later.headers["retry-after"]) == (503, "1")


@pytest.mark.parametrize("operation", ["pollNewer", "streamNewer"])
def test_the_newer_protocol_is_refused_with_the_way_back(feed: MemoryFeed, operation: str) -> None:
    answer = ask(feed, operation)
    assert (answer.status, answer.headers["x-ld-fd-fallback"]) == (404, "true")
