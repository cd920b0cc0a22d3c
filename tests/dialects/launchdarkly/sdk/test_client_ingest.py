"""The doors for events of browsers and phones, over a journal that is in memory."""

import asyncio
import gzip
import json
from base64 import b64encode
from typing import Any
from urllib.parse import quote

import pytest

from equipoise.application.ingest import Intake
from equipoise.dialects.launchdarkly.sdk.client_ingest import DOORS
from equipoise.dialects.launchdarkly.sdk.cors import CORS
from equipoise.dialects.launchdarkly.sdk.events import decode
from equipoise.dialects.launchdarkly.sdk.keys import NO_MOBILE_KEY
from equipoise.domain.limits import (
    CLIENT_EVENT_BODY_BYTES_MAX,
    CLIENT_EVENT_BODY_UNPACKED_BYTES_MAX,
    EVENTS_PER_CLIENT_BODY_MAX,
)
from equipoise.domain.records import Done, Seen, one_by_one
from equipoise.translation.doors import Outlets
from tests.dialects.launchdarkly.sdk.reader import a_snapshot
from tests.dialects.launchdarkly.sdk.test_events import NOW_MS, custom, feature
from tests.domain.builders import ID
from tests.fakes import FakeClock
from tests.fakes.feed import MOBILE_KEY, MemoryFeed
from tests.fakes.journal import MemoryJournal
from tests.translation.visitor import Answered, visit

BY_OPERATION = {door.operation: door for door in DOORS}
EVENTS = sorted(name for name in BY_OPERATION if "Events" in name)
POSTED = sorted(name for name in BY_OPERATION if name.startswith("post"))
ANNA = {"kind": "user", "key": "anna"}
OF_A_PAGE = [
    {"kind": "identify", "creationDate": NOW_MS, "context": ANNA},
    feature(),
    custom(url="https://shop.example/", data=None),
    {
        "kind": "click",
        "creationDate": NOW_MS,
        "key": "buy",
        "contextKeys": {"user": "anna"},
        "url": "https://shop.example/",
        "selector": "#buy",
    },
    {
        "kind": "pageview",
        "creationDate": NOW_MS,
        "key": "home",
        "contextKeys": {"user": "anna"},
        "url": "https://shop.example/",
    },
    {"kind": "summary", "startDate": NOW_MS, "endDate": NOW_MS, "context": ANNA, "features": {}},
    {"kind": "debug", **{name: each for name, each in feature().items() if name != "kind"}},
]


class Desk:
    def __init__(self) -> None:
        self.feed, self.journal = MemoryFeed(a_snapshot()), MemoryJournal()
        self.clock = FakeClock()

    def send(
        self,
        operation: str,
        body: bytes = b"",
        *,
        id: str = ID,
        key: str = MOBILE_KEY,
        query: str = "",
        **headers: str,
    ) -> Answered:
        said = {name.replace("_", "-"): value for name, value in headers.items()}
        said |= {"authorization": key} if "Phone" in operation else {}
        outlets: Any = Outlets(self.feed, Intake(self.journal, self.clock), None)  # type: ignore[arg-type]
        path = {"envId": id, "image": f"{id}.gif"}
        return asyncio.run(
            visit(BY_OPERATION[operation], outlets, said, path=path, body=(body,), query=query)
        )


@pytest.fixture
def desk() -> Desk:
    return Desk()


def encoded(events: Any) -> bytes:
    return json.dumps(events).encode()


@pytest.mark.parametrize("operation", EVENTS)
def test_events_are_kept_as_they_came_with_the_kind_of_key(desk: Desk, operation: str) -> None:
    body = encoded(OF_A_PAGE)
    answer = desk.send(operation, body, x_launchdarkly_payload_id="payload")
    assert (answer.status, answer.body) == (202, b"")
    (received,) = desk.journal.received
    assert (received.environment, received.payload, received.body) == (ID, "payload", body)
    assert received.key == ("mobile" if "Phone" in operation else "client")
    desk.send(operation, gzip.compress(body), content_encoding="gzip")
    assert desk.journal.received[1].encoding == "gzip"


@pytest.mark.parametrize("operation", [name for name in BY_OPERATION if "Phone" in name])
def test_a_phone_is_told_that_its_key_is_no_mobile_key(desk: Desk, operation: str) -> None:
    answer = desk.send(operation, encoded(OF_A_PAGE), key="mob-other")
    assert (answer.status, json.loads(answer.body)["message"]) == (401, NO_MOBILE_KEY)


def test_what_a_page_sends_is_read_and_what_is_of_no_use_is_passed_over(desk: Desk) -> None:
    desk.clock.now = NOW_MS + 10_000
    desk.send("postBrowserEvents", encoded(OF_A_PAGE))
    seen, done = one_by_one(decode(desk.journal.received[0]))
    assert isinstance(seen, Seen)
    assert isinstance(done, Done)
    assert (seen.units, done.units, done.key) == ({"user": "anna"}, {"user": "anna"}, "purchase")


@pytest.mark.parametrize("operation", POSTED)
def test_an_id_or_key_of_nobody_stops_a_sender_and_what_may_pass_does_not(desk: Desk, operation: str) -> None:
    phone = "Phone" in operation
    assert desk.send(operation, b"[]", id="f" * 24, key="mob-other").status == (401 if phone else 404)
    desk.feed.away = True
    assert desk.send(operation, b"[]").status == 503


@pytest.mark.parametrize("operation", EVENTS)
def test_what_is_too_large_or_no_json_is_400_and_nothing_is_kept(desk: Desk, operation: str) -> None:
    assert desk.send(operation, b"nonsense").status == 400
    assert desk.send(operation, b" " * (CLIENT_EVENT_BODY_BYTES_MAX + 1)).status == 400
    bomb = gzip.compress(b" " * (CLIENT_EVENT_BODY_UNPACKED_BYTES_MAX + 1))
    assert desk.send(operation, bomb, content_encoding="gzip").status == 400
    assert desk.journal.received == []


@pytest.mark.parametrize("nothing", [b"[]", b"NaN"])
def test_millions_of_nothing_in_a_small_body_are_not_taken(desk: Desk, nothing: bytes) -> None:
    bomb = gzip.compress(b"[" + (nothing + b",") * EVENTS_PER_CLIENT_BODY_MAX + nothing + b"]")
    refused = desk.send("postBrowserEvents", bomb, content_encoding="gzip")
    assert (refused.status, desk.journal.received) == (400, [])
    assert b"more than 10000 events in one body" in refused.body


@pytest.mark.parametrize("operation", [name for name in POSTED if "Diagnostic" in name])
def test_diagnostics_are_taken_and_not_kept(desk: Desk, operation: str) -> None:
    assert desk.send(operation, encoded({"kind": "diagnostic-init"})).status == 202
    assert desk.journal.received == []


def test_an_image_brings_events_as_well(desk: Desk) -> None:
    packed = b64encode(encoded([custom()])).decode()
    answer = desk.send("getPixel", query=f"d={quote(packed)}")
    assert (answer.status, answer.headers["content-type"], answer.body[:6]) == (200, "image/gif", b"GIF89a")
    (received,) = desk.journal.received
    assert (received.body, received.key) == (encoded([custom()]), "client")
    assert desk.send("getPixel", query="d=%3F").status == 400
    assert desk.send("getPixel", query="d=" + "A" * 2 * CLIENT_EVENT_BODY_BYTES_MAX).status == 400
    assert desk.send("getPixel", id="f" * 24, query=f"d={quote(packed)}").status == 404
    assert len(desk.journal.received) == 1


def test_pages_of_every_origin_may_send_events(desk: Desk) -> None:
    for answer in (
        desk.send("postBrowserEvents", b"[]"),
        desk.send("postBrowserEvents", b"?", origin="https://a.example"),
    ):
        assert {name.lower(): value for name, value in CORS}.items() <= answer.headers.items()
