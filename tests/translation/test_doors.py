"""Doors: answers, streams, and all the ways in which either can end."""

import asyncio
import logging
from collections.abc import AsyncIterator
from typing import Any

import pytest

from equipoise.application.answers import Answer
from equipoise.translation import doors
from equipoise.translation.doors import Door, Outlets, Stream, Visit
from equipoise.translation.errors import Fault, Oversized
from tests.translation.visitor import Answered, visit

OUTLETS: Any = Outlets(None, None, None)  # type: ignore[arg-type]


def refuse(error: Exception) -> Answer:
    if isinstance(error, Oversized):
        return Answer(413)
    if isinstance(error, Fault):
        return Answer(500, b'{"id":"' + error.reference.encode() + b'"}')
    raise error


def a_door(enter: Any, **fields: Any) -> Door:
    return Door("GET", "/door", "door", "A door.", enter, refuse, (200,), **fields)


def go(enter: Any, **said: Any) -> Answered:
    fields = {"body_max": said.pop("body_max", 0)}
    headers = said.pop("headers", {})
    return asyncio.run(visit(a_door(enter, **fields), OUTLETS, headers, **said))


class Parts:
    """A stream, and whether it was closed."""

    def __init__(self, *parts: bytes, fail: bool = False, open_ended: bool = False) -> None:
        self.parts, self.fail, self.open_ended = parts, fail, open_ended
        self.begun = self.closed = False

    async def __call__(self, _: Visit) -> Stream:
        return Stream(200, self._pour(), (("Content-Type", "text/event-stream"),))

    async def _pour(self) -> AsyncIterator[bytes]:
        self.begun = True
        try:
            for part in self.parts:
                yield part
            if self.fail:
                raise RuntimeError("in the midst")
            if self.open_ended:
                await asyncio.Event().wait()
        finally:
            self.closed = True


async def hello(visit: Visit) -> Answer:
    return Answer(200, b"hello", (("Content-Type", "text/plain"),))


def test_an_answer_is_sent_whole_with_the_requests_id() -> None:
    answer = go(hello)
    assert (answer.status, answer.body, answer.ended, answer.observed) == (200, b"hello", True, [200])
    assert answer.headers["content-length"] == "5"
    assert answer.headers["x-request-id"] == "request-1"


def test_a_stream_is_sent_as_it_comes_and_ended() -> None:
    parts = Parts(b"one", b"two")
    answer = go(parts)
    assert (answer.parts, answer.ended, answer.observed) == ([b"one", b"two", b""], True, [200])
    assert not answer.aborted
    assert "content-length" not in answer.headers
    assert parts.closed


def test_a_stream_is_closed_when_the_client_is_gone() -> None:
    parts = Parts(b"one", open_ended=True)
    answer = go(parts, leave=lambda part: part == b"one")
    assert (answer.parts, answer.ended) == ([b"one"], False)
    assert parts.closed


def test_a_client_that_takes_nothing_is_let_go(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "equipoise")  # whatever another test made of it
    monkeypatch.setattr(doors, "SEND_SECONDS_MAX", 0.05)
    parts = Parts(b"one", open_ended=True)
    answer = go(parts, stuck=True)
    assert (answer.parts, answer.aborted) == ([], 1)
    assert parts.closed
    assert "stopped reading" in caplog.text


def test_what_fails_in_the_midst_of_a_stream_ends_it_and_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    parts = Parts(b"one", fail=True)
    answer = go(parts)
    assert (answer.parts, answer.ended) == ([b"one", b""], True)
    assert parts.closed
    assert "request-1" in caplog.text
    assert "in the midst" in caplog.text


def test_what_fails_before_it_is_refused_and_logged_with_the_reference(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def broken(_: Visit) -> Answer:
        raise RuntimeError("a secret of ours")

    answer = go(broken)
    assert (answer.status, answer.body, answer.observed) == (500, b'{"id":"request-1"}', [500])
    assert "a secret of ours" in caplog.text


def test_a_head_of_a_stream_has_its_headers_and_waits_for_nothing() -> None:
    parts = Parts(b"one", open_ended=True)
    answer = go(parts, method="HEAD")
    assert (answer.status, answer.body, answer.ended) == (200, b"", True)
    assert answer.headers["content-type"] == "text/event-stream"
    assert not parts.begun


def test_a_head_of_an_answer_has_its_length_and_no_body() -> None:
    answer = go(hello, method="HEAD")
    assert (answer.body, answer.headers["content-length"]) == (b"", "5")


def test_a_page_of_another_origin_may_read_the_answer() -> None:
    assert go(hello, headers={"origin": "https://shop.example"}).headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-origin" not in go(hello).headers


@pytest.mark.parametrize(("most", "status"), [(10, 200), (9, 413), (0, 413)])
def test_a_body_is_read_within_the_doors_limit(most: int, status: int) -> None:
    async def echo(visit: Visit) -> Answer:
        return Answer(200, await visit.body())

    answer = go(echo, body=(b"12345", b"67890"), body_max=most)
    assert answer.status == status
    assert answer.body == (b"1234567890" if status == 200 else b"")
