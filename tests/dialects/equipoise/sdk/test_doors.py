"""The doors of our SDK, over a feed and a journal that are in memory."""

import asyncio
import gzip
from typing import Any

import msgspec
import pytest

from equipoise.application.ingest import Intake
from equipoise.application.lake import Full
from equipoise.dialects.equipoise.sdk import payload
from equipoise.dialects.equipoise.sdk.doors import DOORS
from equipoise.domain.limits import EVENT_BODY_BYTES_MAX
from equipoise.domain.snapshot import Served, Snapshot
from equipoise.translation.doors import Outlets
from tests.domain.builders import ID, a_flag, a_targeting, an_environment
from tests.fakes import FakeClock
from tests.fakes.feed import SDK_KEY as KEY
from tests.fakes.feed import MemoryFeed
from tests.fakes.journal import MemoryJournal
from tests.translation.visitor import Answered, visit

EVENT = b'{"kind":"outcome"}'
BY_OPERATION = {door.operation: door for door in DOORS}


SERVED = [Served(a_flag(key=f"flag-{number}"), a_targeting(), 7) for number in range(20)]
SNAPSHOT = Snapshot(an_environment(), 9, {each.flag.key: each for each in SERVED})


class Doorway:
    """`key` is what the visitor says it is; the rest are headers and the parts of a body."""

    def __init__(self) -> None:
        self.feed, self.journal = MemoryFeed(SNAPSHOT), MemoryJournal()
        self.counted: list[tuple[str, int]] = []

    def ask(self, operation: str, *body: bytes, key: str = f"Bearer {KEY}", **headers: str) -> Answered:
        said = {name.replace("_", "-"): value for name, value in headers.items()}
        intake = Intake(self.journal, FakeClock(), lambda *each: self.counted.append(each))
        outlets: Any = Outlets(self.feed, intake, None)  # type: ignore[arg-type]
        door = BY_OPERATION[operation]
        return asyncio.run(visit(door, outlets, {"authorization": key, **said}, body=body or (b"",)))

    def send(self, *body: bytes, **said: str) -> Answered:
        return self.ask("postExposuresAndOutcomes", *body, **said)


@pytest.fixture
def doorway() -> Doorway:
    return Doorway()


def code(answer: Answered) -> str:
    said: str = msgspec.json.decode(answer.body)["code"]
    return said


def test_the_stream_says_what_it_is_and_begins_with_all_of_it(doorway: Doorway) -> None:
    answer = doorway.ask("streamRuleset")
    assert (answer.status, answer.headers["cache-control"]) == (200, "no-cache")
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert answer.body == payload.whole(doorway.feed.now.snapshot) + b":\n\n"


def test_the_ruleset_has_a_tag_and_is_compressed_where_that_is_accepted(doorway: Doorway) -> None:
    whole = doorway.ask("getRuleset")
    assert (whole.status, whole.body) == (200, payload.document(doorway.feed.now.snapshot))
    tag = whole.headers["etag"]
    again = doorway.ask("getRuleset", if_none_match=tag)
    assert (again.status, again.body, again.headers["etag"]) == (304, b"", tag)
    small = doorway.ask("getRuleset", accept_encoding="gzip")
    assert small.headers["content-encoding"] == "gzip"
    assert gzip.decompress(small.body) == whole.body


def test_events_are_journalled_as_they_came_under_the_senders_name(doorway: Doorway) -> None:
    plain = doorway.send(EVENT + b"\n", b"nonsense\n\n", idempotency_key="name")
    packed = doorway.send(gzip.compress(EVENT), content_encoding="gzip", idempotency_key="x" * 65)
    unnamed = [doorway.send(EVENT).status for _ in range(2)]
    assert (plain.status, plain.body, packed.status, unnamed) == (202, b"", 202, [202, 202])
    first, second, *rest = doorway.journal.received
    assert (first.dialect, first.environment, first.payload) == ("equipoise", ID, "name")
    assert first.body == EVENT + b"\nnonsense\n\n"
    assert (second.encoding, gzip.decompress(second.body), len(second.payload)) == ("gzip", EVENT, 64)
    assert len({each.payload for each in rest}) == 2
    assert doorway.counted[:2] == [("equipoise", 2), ("equipoise", 1)]


def test_a_body_without_events_is_taken_and_not_kept(doorway: Doorway) -> None:
    assert [doorway.send(body).status for body in (b"", b" \n\n")] == [202, 202]
    assert doorway.journal.received == []


@pytest.mark.parametrize("operation", list(BY_OPERATION))
def test_a_key_of_nobody_is_401_and_a_feed_that_cannot_answer_503(doorway: Doorway, operation: str) -> None:
    for key in ("Bearer sdk-other", "Bearer", ""):
        answer = doorway.ask(operation, EVENT, key=key)
        assert (answer.status, code(answer)) == (401, "unauthorized")
    assert doorway.ask(operation, EVENT, key=KEY).status == BY_OPERATION[operation].answers[0]
    doorway.feed.away = True
    later = doorway.ask(operation, EVENT)
    assert (later.status, code(later), later.headers["retry-after"]) == (503, "not_ready", "1")


def test_events_that_cannot_be_stored_are_to_come_again(doorway: Doorway) -> None:
    for failure in (Full("the journal is full"), OSError(28, "No space left on device")):
        doorway.journal.failure = failure
        answer = doorway.send(EVENT)
        assert (answer.status, code(answer), answer.headers["retry-after"]) == (503, "busy", "1")


def test_bodies_that_cannot_be_read_are_refused_with_a_word(doorway: Doorway) -> None:
    assert code(doorway.send(b"no gzip", content_encoding="gzip")) == "unreadable"
    assert code(doorway.send(EVENT, content_encoding="br")) == "unreadable"
    assert doorway.send(b" " * (EVENT_BODY_BYTES_MAX + 1)).status == 413
    bomb = gzip.compress(b" " * (65 * 1024 * 1024), 1)
    assert doorway.send(bomb, content_encoding="gzip").status == 413
    assert doorway.journal.received == []
