"""The doors of browsers and phones, over a feed that is in memory."""

import asyncio
import json
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from hashlib import sha256
from hmac import new
from typing import Any

import pytest
from msgspec.structs import replace

from equipoise.application.vouching import Hashes
from equipoise.delivery.channel import update_of
from equipoise.dialects.launchdarkly.sdk.audiences import BROWSERS, PHONES, PING
from equipoise.dialects.launchdarkly.sdk.client_doors import DOORS
from equipoise.dialects.launchdarkly.sdk.cors import CORS
from equipoise.domain.environment.state import SealedKey
from equipoise.domain.flag.state import Prerequisite
from equipoise.domain.limits import CONTEXT_BYTES_MAX
from equipoise.domain.snapshot import Served
from equipoise.translation.doors import Door, Outlets
from tests.dialects.launchdarkly.sdk.reader import a_snapshot
from tests.domain.builders import ID, ON, a_flag, a_targeting
from tests.fakes import FakeVault
from tests.fakes.feed import MOBILE_KEY, SDK_KEY, MemoryFeed, compiled
from tests.translation.visitor import Answered, visit

BY_OPERATION = {door.operation: door for door in DOORS}
ASKED = sorted(name for name in BY_OPERATION if "Newer" not in name)
VALUES = [name for name in ASKED if name.endswith(("Context", "User"))]
STREAMS = [name for name in ASKED if "tream" in name or "ping" in name]
WITH_CONTEXT = [name for name in ASKED if "ping" not in name and "Goals" not in name]
ANNA = {"kind": "user", "key": "anna"}


def a_served(
    key: str, client: bool = True, mobile: bool = True, version: int = 7, **targeting: Any
) -> Served:
    return Served(a_flag(key=key, client_side=client, mobile=mobile), a_targeting(**targeting), version)


@pytest.fixture
def feed() -> MemoryFeed:
    return MemoryFeed(
        a_snapshot(
            a_served("of-browsers", mobile=False),
            a_served("of-phones", client=False),
            a_served("of-servers", False, False),
        )
    )


def packed(context: Any) -> str:
    body = context if isinstance(context, bytes) else json.dumps(context).encode()
    return urlsafe_b64encode(body).decode().rstrip("=")


def ask(
    feed: Any,
    operation: str,
    context: Any = ANNA,
    *,
    id: str = ID,
    query: str = "",
    headers: Mapping[str, str] | None = None,
) -> Answered:
    door: Door = BY_OPERATION[operation]
    phone = "Phone" in operation
    said = {"authorization": MOBILE_KEY} if phone else {}
    body = context if isinstance(context, bytes) else json.dumps(context).encode()
    outlets: Any = Outlets(feed, None, None, Hashes(FakeVault()))  # type: ignore[arg-type]
    path = {"envId": id, "context": packed(context)}
    reported = (body,) if door.method == "REPORT" else (b"",)
    return asyncio.run(visit(door, outlets, headers or said, path=path, query=query, body=reported))


@pytest.mark.parametrize("operation", VALUES)
def test_a_context_is_told_what_is_served_to_it(feed: MemoryFeed, operation: str) -> None:
    answer = ask(feed, operation)
    assert (answer.status, answer.headers["content-type"]) == (200, "application/json")
    assert answer.headers["cache-control"] == "no-store"
    known = "of-phones" if "Phone" in operation else "of-browsers"
    assert json.loads(answer.body) == {known: {"value": True, "variation": 0, "version": 7, "flagVersion": 7}}
    with_reasons = json.loads(ask(feed, operation, query="withReasons=true").body)
    assert with_reasons[known]["reason"] == {"kind": "FALLTHROUGH"}


@pytest.mark.parametrize("operation", STREAMS)
def test_a_stream_begins_with_a_ping(feed: MemoryFeed, operation: str) -> None:
    answer = ask(feed, operation)
    assert answer.status == 200
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert answer.body == b"event: ping\ndata:  \n\n:\n\n"


def test_there_are_no_goals(feed: MemoryFeed) -> None:
    answer = ask(feed, "getGoals")
    assert (answer.status, answer.body) == (200, b"[]")


@pytest.mark.parametrize("operation", ASKED)
def test_an_id_or_a_key_of_nobody_is_refused_for_good_and_what_may_pass_is_503(
    feed: MemoryFeed, operation: str
) -> None:
    phone = "Phone" in operation
    wrong = ({"authorization": SDK_KEY}, {"authorization": ID}, {"authorization": ""}, {"no": "key"})
    if phone:
        assert [ask(feed, operation, headers=each).status for each in wrong] == [401] * 4
    else:
        assert [ask(feed, operation, id=each).status for each in ("f" * 24, SDK_KEY, "")] == [404] * 3
    feed.gone = operation not in ("getGoals",)
    if feed.gone:
        assert ask(feed, operation).status == 404
    feed.away = True
    later = ask(feed, operation)
    assert (later.status, later.headers["retry-after"]) == (503, "1")


def test_a_phone_may_say_the_scheme_before_its_key(feed: MemoryFeed) -> None:
    said = {"authorization": f"api_key {MOBILE_KEY}"}
    assert ask(feed, "getPhoneContext", headers=said).status == 200


@pytest.mark.parametrize("operation", WITH_CONTEXT)
def test_what_is_no_context_is_400_and_one_that_is_too_large_413(feed: MemoryFeed, operation: str) -> None:
    for bad in (b"nonsense", b"[]", {"kind": "user"}, b'{"kind":"user","key":"a","x":' + b"[" * 999):
        assert ask(feed, operation, bad).status == 400
    room = CONTEXT_BYTES_MAX - len(json.dumps({**ANNA, "note": ""}))
    assert ask(feed, operation, {**ANNA, "note": "x" * room}).status == 200
    assert ask(feed, operation, {**ANNA, "note": "x" * (room + 3)}).status == 413


@pytest.mark.parametrize("operation", WITH_CONTEXT)
def test_in_secure_mode_a_browser_brings_the_hash_of_its_context(feed: MemoryFeed, operation: str) -> None:
    sealed = SealedKey(FakeVault().seal(SDK_KEY), "digest")
    secure = replace(feed.now.snapshot.environment, secure_mode=True, sdk_key=sealed)
    feed.now = compiled(replace(feed.now.snapshot, environment=secure))
    made = new(SDK_KEY.encode(), b"anna", sha256).hexdigest()
    of_another = new(SDK_KEY.encode(), b"bert", sha256).hexdigest()
    asked = [
        ask(feed, operation, query=query).status
        for query in (f"h={made}", f"h={of_another}", "h=", "", "h=%ff")
    ]
    assert asked == ([200] * 5 if "Phone" in operation else [200, 400, 400, 400, 400])
    assert SDK_KEY.encode() not in ask(feed, operation).body


@pytest.mark.parametrize("operation", [*ASKED, "pollNewerContext"])
def test_pages_of_every_origin_may_read_every_answer_to_a_browser(feed: MemoryFeed, operation: str) -> None:
    origin = {"origin": "https://shop.example", "authorization": MOBILE_KEY}
    answers = [
        ask(feed, operation, headers=origin),
        ask(feed, operation, b"nonsense", id="f" * 24, headers=origin),
    ]
    for answer in answers:
        seen = {name: value for name, value in answer.headers.items() if name.startswith("access-control")}
        if "Phone" in operation:
            assert "access-control-allow-methods" not in seen
        else:
            assert seen == {name.lower(): value for name, value in CORS}


@pytest.mark.parametrize("operation", sorted(name for name in BY_OPERATION if "Newer" in name))
def test_the_newer_protocol_is_refused_with_the_way_back(feed: MemoryFeed, operation: str) -> None:
    answer = ask(feed, operation)
    assert (answer.status, answer.headers["x-ld-fd-fallback"]) == (404, "true")
    assert "X-LD-FD-Fallback" in answer.headers["access-control-expose-headers"]


def test_a_change_is_told_to_whom_it_concerns() -> None:
    needs = (Prerequisite("inner", ON),)
    before = a_snapshot(
        a_served("outer", mobile=False, prerequisites=needs),
        a_served("inner", False, False),
        a_served("of-phones", client=False),
        a_served("of-servers", False, False),
    )
    changes = {
        "outer": (True, False),
        "inner": (True, False),
        "of-phones": (False, True),
        "of-servers": (False, False),
    }
    for key, expected in changes.items():
        changed = replace(before.flags[key], version=8)
        gone = {name: each for name, each in before.flags.items() if name != key}
        for flags in ({**before.flags, key: changed}, gone):
            update = update_of(before, replace(before, number=8, flags=flags))
            assert update is not None
            told = tuple(each.stream.update(update) for each in (BROWSERS, PHONES))
            assert told == tuple(PING if concerned else b"" for concerned in expected)
