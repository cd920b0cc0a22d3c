"""One request at a door, as a server hands it on, and what was answered."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from msgspec import Struct

from equipoise.translation.doors import ABORT, Door, Outlets, pass_at_once, pass_through


class Answered(Struct):
    status: int
    headers: dict[str, str]
    parts: list[bytes]
    ended: bool
    observed: list[int]
    aborted: int = 0

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

    def abort() -> None:
        answered.aborted += 1

    scope = {
        "extensions": {ABORT: {"now": abort}},
        "method": method or door.method,
        "query_string": query.encode(),
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }

    def observe(status: int, seconds: float) -> None:
        answered.observed.append(status)

    async with asyncio.timeout(20):
        await pass_through(door, path or {}, outlets, scope, coming.get, send, "request-1", observe)
    return answered


def visit_at_once(
    door: Door, outlets: Outlets, headers: Mapping[str, str], path: Mapping[str, str], body: bytes
) -> Answered | None:
    """The same, where the door answers without waiting; None where it does not."""
    named = [(name.encode(), value.encode()) for name, value in headers.items()]
    scope = {"method": door.method, "query_string": b"", "headers": named}
    observed: list[int] = []
    said = pass_at_once(
        door, path, outlets, scope, body, "request-1", lambda status, _: observed.append(status)
    )
    if said is None:
        return None
    status, rest = said
    head, _, content = rest.partition(b"\r\n\r\n")
    lines = (line.split(": ", 1) for line in head.decode("latin-1").split("\r\n"))
    return Answered(status, dict(lines), [content], True, observed)
