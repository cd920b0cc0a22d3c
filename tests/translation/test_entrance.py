"""Which requests are answered where they are read, and what is answered there."""

import logging
from typing import Any

import pytest
from msgspec.structs import replace

from equipoise.application.answers import Answer
from equipoise.translation.doors import Door, Outlets, Visit
from equipoise.translation.entrance import PATH_KNOWN_BYTES_MAX, Entrance
from equipoise.translation.errors import Fault
from tests.translation.test_http import dialect

OUTLETS: Any = Outlets(None, None, None)  # type: ignore[arg-type]
NOBODY: Any = ()


def refuse(error: Exception) -> Answer:
    if isinstance(error, Fault):
        return Answer(500, error.reference.encode())
    raise error


def brief(visit: Visit, body: bytes) -> Answer | None:
    if body == b"fail":
        raise RuntimeError("a bug")
    return None if body == b"wait" else Answer(200, visit.path["id"].encode() + body)


async def unhurried(visit: Visit) -> Answer:
    return Answer(200)


def door(path: str, **fields: Any) -> Door:
    return Door("POST", path, path, "A door.", unhurried, refuse, (200,), 10, **fields)


CORS = (("Access-Control-Allow-Origin", "https://a.example"),)


class Counting:
    """An entrance, and what was counted at it."""

    def __init__(self) -> None:
        doors = (door("/a/{id}", at_once=brief), door("/b"), door("/c/{id}", at_once=brief, cors=CORS))
        spoken = replace(dialect("some", ("/",)), doors=doors)
        self.counted: list[tuple[Any, ...]] = []
        self.entrance = Entrance((spoken,), OUTLETS, lambda *each: self.counted.append(each), lambda: "r-1")

    def ask(self, target: bytes, body: bytes, headers: Any = NOBODY) -> tuple[int, bytes] | None:
        answering = self.entrance.at_once(b"POST", target)
        assert answering is not None
        return answering({"method": "POST", "headers": headers}, body)


def test_an_answer_is_whole_and_counted() -> None:
    at = Counting()
    said = at.ask(b"/a/x%2Fy", b"!")
    assert said is not None
    status, rest = said
    assert status == 200
    assert rest == b"content-type: application/json\r\ncontent-length: 4\r\nx-request-id: r-1\r\n\r\nx/y!"
    assert [each[:4] for each in at.counted] == [("some", "/a/{id}", "POST", 200)]


@pytest.mark.parametrize(
    ("method", "target"),
    [
        (b"POST", b"/b"),
        (b"POST", b"/nowhere"),
        (b"GET", b"/a/x"),
        (b"\xff", b"/a/x"),
        (b"POST", b"/a/x?of=old"),
        (b"POST", b"/a/%ff"),
        (b"POST", b"/a/" + b"x" * PATH_KNOWN_BYTES_MAX),
    ],
)
def test_other_requests_go_the_longer_way(method: bytes, target: bytes) -> None:
    assert Counting().entrance.at_once(method, target) is None


@pytest.mark.parametrize("body", [b"wait", b"longer than it may be"])
def test_so_does_what_must_wait_or_be_refused_for_its_size(body: bytes) -> None:
    at = Counting()
    assert at.ask(b"/a/x", body) is None
    assert at.counted == [], "nothing was done"


def test_a_fault_is_refused_in_the_words_of_the_door(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.CRITICAL, "equipoise"):
        said = Counting().ask(b"/a/x", b"fail")
    assert said is not None
    assert said[0] == 500
    assert said[1].endswith(b"r-1")


def test_pages_of_other_origins_may_read_it() -> None:
    origin = ((b"origin", b"https://a.example"),)
    for target, allowed in ((b"/a/x", b"*"), (b"/c/x", b"https://a.example")):
        said = Counting().ask(target, b"", origin)
        assert said is not None
        assert said[1].count(b"access-control-allow-origin: " + allowed + b"\r\n") == 1
        assert said[1].count(b"access-control-allow-origin") == 1
