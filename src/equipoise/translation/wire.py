"""Bytes off the wire and onto it: headers, bodies within their limit, answers."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, MutableMapping
from typing import Any

from equipoise.application.answers import Answer
from equipoise.translation.errors import Oversized, Unreadable

BODY_SECONDS_MAX = 120.0  # for all of it: whoever sends it drop by drop would hold what came so far

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


def headers_of(scope: Scope) -> dict[str, str]:
    """Names in lower case; the last of those that are said twice."""
    return {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}


def raw_path_of(scope: Scope) -> bytes:
    path: bytes = scope.get("raw_path") or scope["path"].encode()
    return path


async def body_of(receive: Receive, most: int) -> bytes:
    """The whole body. raises Oversized, Unreadable where it does not come in time"""
    try:
        async with asyncio.timeout(BODY_SECONDS_MAX):
            return await _whole(receive, most)
    except TimeoutError:
        raise Unreadable(f"the body did not come within {BODY_SECONDS_MAX:g} seconds") from None


async def _whole(receive: Receive, most: int) -> bytes:
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Oversized(most)
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > most:
            raise Oversized(most)
        if not message.get("more_body", False):
            return b"".join(parts)


async def send_answer(
    send: Send, answer: Answer, method: str, asked: Mapping[str, str], request: str
) -> None:
    """`asked` are the headers of the request."""
    named = {name.lower() for name, _ in answer.headers}
    more = []
    if answer.body and "content-type" not in named:
        more.append(("content-type", "application/json"))
    if answer.status not in (204, 304):
        more.append(("content-length", str(len(answer.body))))
    await begin(send, answer.status, (*answer.headers, *more), asked, request)
    body = b"" if method == "HEAD" else answer.body
    await send({"type": "http.response.body", "body": body})


async def begin(
    send: Send, status: int, headers: Iterable[tuple[str, str]], asked: Mapping[str, str], request: str
) -> None:
    """Sends status and headers."""
    said = [(name.lower().encode(), value.encode("latin-1", "replace")) for name, value in headers]
    said.append((b"x-request-id", request.encode()))
    if "origin" in asked and not any(name == b"access-control-allow-origin" for name, _ in said):
        said += [
            (b"access-control-allow-origin", b"*"),
            (b"access-control-expose-headers", b"*"),
        ]
    await send({"type": "http.response.start", "status": status, "headers": said})
