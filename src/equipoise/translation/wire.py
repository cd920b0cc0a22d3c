"""Bytes off the wire and onto it: headers, bodies within their limit, answers."""

import asyncio
import re
from collections.abc import (
    Awaitable,
    Callable,
    Coroutine,
    Generator,
    Iterable,
    Mapping,
    MutableMapping,
)
from types import coroutine
from typing import Any, cast

from msgspec import Struct

from equipoise.application.answers import Answer
from equipoise.translation.errors import Oversized, Unreadable

BODY_SECONDS_MAX = 120.0  # for all of it: whoever sends it drop by drop would hold what came so far

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

ALLOW_ORIGIN = b"access-control-allow-origin"
_FOREIGN = ((ALLOW_ORIGIN, b"*"), (b"access-control-expose-headers", b"*"))
_END = re.compile(b"[\r\n\0]")


class Ready(Struct, frozen=True):
    """An answer as it goes onto the wire: made once, and sent often.

    lines  the headers as they stand there
    """

    status: int
    body: bytes
    headers: tuple[tuple[bytes, bytes], ...]
    lines: bytes


def ready(answer: Answer) -> Ready:
    """The answer with all its headers, but for those that the request decides on."""
    named = {name.lower() for name, _ in answer.headers}
    said = [encoded(name, value) for name, value in answer.headers]
    if answer.body and "content-type" not in named:
        said.append((b"content-type", b"application/json"))
    if answer.status not in (204, 304):
        said.append((b"content-length", str(len(answer.body)).encode()))
    return Ready(answer.status, answer.body, tuple(said), _lines(said))


def with_headers(made: Ready, more: Iterable[tuple[str, str]]) -> Ready:
    said = tuple(encoded(*each) for each in more)
    return Ready(made.status, made.body, (*made.headers, *said), made.lines + _lines(said))


def _lines(headers: Iterable[tuple[bytes, bytes]]) -> bytes:
    said = [name + b": " + value for name, value in headers]
    if any(_END.search(line) for line in said):
        raise ValueError("a header ends before its time")
    return b"".join(line + b"\r\n" for line in said)


def spelled(made: Ready, asked: Mapping[str, str], request: str) -> bytes:
    """All of an answer but its first line, and what servers say of themselves."""
    foreign = _foreign(made.headers, asked)
    lines = made.lines + _lines(foreign) if foreign else made.lines
    return b"".join((lines, b"x-request-id: ", request.encode(), b"\r\n\r\n", made.body))


def headers_of(scope: Scope) -> dict[str, str]:
    """Names in lower case; the last of those that are said twice."""
    return {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}


def raw_path_of(scope: Scope) -> bytes:
    path: bytes = scope.get("raw_path") or scope["path"].encode()
    return path


async def body_of(receive: Receive, most: int) -> bytes:
    """The whole body. raises Oversized, Unreadable where it does not come in time"""
    coming = cast(Coroutine[Any, Any, Message], receive())
    try:
        waiting = coming.send(None)
    except StopIteration as came:
        message: Message = came.value
        if not message.get("more_body", False):  # it is here: a timer would cost more than it
            return _part(message, 0, most)
        first: Awaitable[Message] = _said(message)
    else:
        first = _resumed(coming, waiting)
    try:
        async with asyncio.timeout(BODY_SECONDS_MAX):
            return await _whole(await first, receive, most)
    except TimeoutError:
        raise Unreadable(f"the body did not come within {BODY_SECONDS_MAX:g} seconds") from None


async def _said(message: Message) -> Message:
    return message


@coroutine
def _resumed(begun: Coroutine[Any, Any, Message], waiting: Any) -> Generator[Any, Any, Message]:
    """Goes on with a coroutine that was begun, and waits."""
    try:
        while True:
            try:
                said = yield waiting
            except BaseException as error:
                waiting = begun.throw(error)
            else:
                waiting = begun.send(said)
    except StopIteration as ended:
        message: Message = ended.value
        return message


async def _whole(message: Message, receive: Receive, most: int) -> bytes:
    parts: list[bytes] = []
    size = 0
    while True:
        parts.append(_part(message, size, most))
        size += len(parts[-1])
        if not message.get("more_body", False):
            return b"".join(parts)
        message = await receive()


def _part(message: Message, before: int, most: int) -> bytes:
    """raises Oversized"""
    part: bytes = message.get("body", b"")
    if message["type"] == "http.disconnect" or before + len(part) > most:
        raise Oversized(most)
    return part


async def send_answer(
    send: Send, answer: Answer | Ready, method: str, asked: Mapping[str, str], request: str
) -> None:
    """`asked` are the headers of the request."""
    made = answer if isinstance(answer, Ready) else ready(answer)
    await send(_start(made.status, made.headers, asked, request))
    await send({"type": "http.response.body", "body": b"" if method == "HEAD" else made.body})


async def begin(
    send: Send, status: int, headers: Iterable[tuple[str, str]], asked: Mapping[str, str], request: str
) -> None:
    """Sends status and headers."""
    said = tuple(encoded(name, value) for name, value in headers)
    await send(_start(status, said, asked, request))


def _start(
    status: int, headers: tuple[tuple[bytes, bytes], ...], asked: Mapping[str, str], request: str
) -> Message:
    said = [*headers, (b"x-request-id", request.encode()), *_foreign(headers, asked)]
    return {"type": "http.response.start", "status": status, "headers": said}


def _foreign(
    headers: tuple[tuple[bytes, bytes], ...], asked: Mapping[str, str]
) -> tuple[tuple[bytes, bytes], ...]:
    """What lets a page of another origin read the answer, where one asks and nothing else is said."""
    if "origin" not in asked or any(name == ALLOW_ORIGIN for name, _ in headers):
        return ()
    return _FOREIGN


def encoded(name: str, value: str) -> tuple[bytes, bytes]:
    return name.lower().encode(), value.encode("latin-1", "replace")
