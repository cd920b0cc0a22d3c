"""One request at a door, as a server hands it on, and what was answered."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from msgspec import Struct

from equipoise.translation.doors import Door, Outlets, pass_through


class Answered(Struct):
    status: int
    headers: dict[str, str]
    parts: list[bytes]
    ended: bool
    observed: list[int]

    @property
    def body(self) -> bytes:
        return b"".join(self.parts)


async def visit(
    door: Door,
    outlets: Outlets,
    headers: Mapping[str, str],
    *,
    path: Mapping[str, str] | None = None,
    method: str = "",
    body: tuple[bytes, ...] = (b"",),
    query: str = "",
    leave: Callable[[bytes], bool] = lambda _: False,
    stuck: bool = False,
) -> Answered:
    """leave: whether the client is gone once it got this part. stuck: it takes no part at all."""
    answered = Answered(0, {}, [], False, [])
    coming: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    for position, part in enumerate(body):
        more = position + 1 < len(body)
        coming.put_nowait({"type": "http.request", "body": part, "more_body": more})

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            answered.status = message["status"]
            answered.headers = {name.decode(): value.decode() for name, value in message["headers"]}
            return
        if stuck:
            await asyncio.Event().wait()
        answered.parts.append(message["body"])
        answered.ended = not message.get("more_body", False)
        if leave(message["body"]):
            coming.put_nowait({"type": "http.disconnect"})

    scope = {
        "method": method or door.method,
        "query_string": query.encode(),
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }

    def observe(status: int, seconds: float) -> None:
        answered.observed.append(status)

    async with asyncio.timeout(20):
        await pass_through(door, path or {}, outlets, scope, coming.get, send, "request-1", observe)
    return answered
