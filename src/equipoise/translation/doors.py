"""Doors: the hot ways in and those that stay open, beside the routes.

A route is asked in a thread and answers bytes. A door is a coroutine of the event loop: it may wait for a
disk, or stream for hours. Its callers hold an SDK key rather than a token.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import aclosing
from time import perf_counter

from msgspec import Struct
from msgspec.structs import replace

from equipoise.application.answers import Answer
from equipoise.application.exposures import Exposures
from equipoise.application.ingest import Intake
from equipoise.application.serving import Feed, Fits, nothing_fits
from equipoise.application.sightings import Recognised, Sightings, client_said
from equipoise.translation.errors import Fault
from equipoise.translation.wire import (
    Message,
    Ready,
    Receive,
    Scope,
    Send,
    begin,
    body_of,
    headers_of,
    ready,
    send_answer,
    spelled,
    with_headers,
)

SEND_SECONDS_MAX = 30.0  # a client that takes nothing for so long does not read its stream
# An extension of the scope: its `now` lets go of the connection and of what waits there.
ABORT = "equipoise.abort"


class Stream(Struct, frozen=True):
    """An answer that goes on: its parts are sent as they come."""

    status: int
    parts: AsyncIterator[bytes]
    headers: tuple[tuple[str, str], ...] = ()


class Outlets(Struct, frozen=True):
    """What doors lead to.

    fits            whether a hash was made with the SDK key of an environment
    sightings       told of each key that is used
    client_headers  in which clients name themselves, in lower case
    """

    feed: Feed
    intake: Intake
    exposures: Exposures
    fits: Fits = nothing_fits
    sightings: Sightings | None = None
    client_headers: tuple[str, ...] = ()


class Visit:
    """One request at a door.

    path     parameters of the path
    headers  names in lower case
    feed     it remembers which key this visit came with
    request  its id, for logs
    """

    __slots__ = ("_most", "_receive", "_scope", "feed", "headers", "outlets", "path", "request")

    def __init__(
        self,
        path: Mapping[str, str],
        scope: Scope,
        receive: Receive,
        outlets: Outlets,
        request: str,
        body_max: int,
    ) -> None:
        self.path, self.headers, self.outlets, self.request = path, headers_of(scope), outlets, request
        self.feed = Recognised(outlets.feed)
        self._scope, self._receive, self._most = scope, receive, body_max

    @property
    def query(self) -> str:
        """The raw query string."""
        said: bytes = self._scope["query_string"]
        return said.decode("latin-1")

    @property
    def intake(self) -> Intake:
        return self.outlets.intake

    @property
    def fits(self) -> Fits:
        return self.outlets.fits

    def body(self, most: int | None = None) -> Awaitable[bytes]:
        """Reads it. raises Oversized, Unreadable where it does not come in time

        most  bytes, where this visit has less room than others at the door
        """
        return body_of(self._receive, self._most if most is None else min(most, self._most))

    def note(self) -> None:
        """That its key is used; nothing where none was recognised."""
        sightings, found = self.outlets.sightings, self.feed.found
        if sightings is not None and found is not None:
            sightings.see(*found, client_said(self.headers, self.outlets.client_headers))

    async def noted(self, parts: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        """The parts of its stream: as long as it is read, its key is used."""
        async with aclosing(parts) as pieces:  # type: ignore[type-var]
            async for piece in pieces:
                self.note()
                yield piece


class Door(Struct, frozen=True):
    """One operation for SDKs.

    path      segments, those in braces are parameters
    refuse    what went wrong, as SDKs of this surface understand it: they stop for good at some statuses
    answers   statuses of success, and those it may refuse with
    body_max  bytes of its body; 0 where it takes none
    cors      headers of every answer, refusals included, for pages of other origins: what they may ask and
              read. OPTIONS is answered with the same
    at_once   answers the same as `enter`, given the body, where nothing need be waited for; None where
              something must
    """

    method: str
    path: str
    operation: str
    about: str
    enter: Callable[[Visit], Awaitable[Answer | Ready | Stream]]
    refuse: Callable[[Exception], Answer]
    answers: tuple[int, ...]
    body_max: int = 0
    cors: tuple[tuple[str, str], ...] = ()
    at_once: Callable[[Visit, bytes], Answer | Ready | None] | None = None


def pass_at_once(
    door: Door,
    path: Mapping[str, str],
    outlets: Outlets,
    scope: Scope,
    body: bytes,
    request: str,
    observe: Callable[[int, float], None],
) -> tuple[int, bytes] | None:
    """The status of an answer and, as it stands on the wire, the rest of it; None where nothing was done,
    since something must be waited for."""
    if door.at_once is None or len(body) > door.body_max:
        return None
    began = perf_counter()
    visit = Visit(path, scope, _nothing_more, outlets, request, door.body_max)
    said: Answer | Ready | None
    try:
        said = door.at_once(visit, body)
    except Exception as error:
        said = _refused(door, error, request)
    if said is None:
        return None
    made = said if isinstance(said, Ready) else ready(said)
    observe(made.status, perf_counter() - began)
    visit.note()
    if door.cors:
        made = with_headers(made, door.cors)
    return made.status, spelled(made, visit.headers, request)


async def _nothing_more() -> Message:
    return {"type": "http.disconnect"}


def refusing(door: Door, error: Exception) -> Door:
    """The door, shut: whoever comes is refused in its words."""

    async def enter(_: Visit) -> Answer:
        raise error

    return replace(door, enter=enter, at_once=None)


async def pass_through(
    door: Door,
    path: Mapping[str, str],
    outlets: Outlets,
    scope: Scope,
    receive: Receive,
    send: Send,
    request: str,
    observe: Callable[[int, float], None],
) -> None:
    """Answers one request at a door; `observe` is told the status and the seconds to the first byte."""
    began = perf_counter()
    visit = Visit(path, scope, receive, outlets, request, door.body_max)
    said: Answer | Ready | Stream
    try:
        said = await door.enter(visit)
    except Exception as error:
        said = _refused(door, error, request)
    observe(said.status, perf_counter() - began)
    visit.note()
    if door.cors:
        said = _readable_there(said, door.cors)
    if not isinstance(said, Stream):
        await send_answer(send, said, scope["method"], visit.headers, request)
        return
    await begin(send, said.status, said.headers, visit.headers, request)
    if scope["method"] == "HEAD":
        await send({"type": "http.response.body", "body": b""})
    else:
        await _send_parts(visit.noted(said.parts), receive, send, request, _abort_of(scope))


def _readable_there(
    said: Answer | Ready | Stream, cors: tuple[tuple[str, str], ...]
) -> Answer | Ready | Stream:
    """By pages of other origins."""
    if isinstance(said, Ready):
        return with_headers(said, cors)
    return replace(said, headers=(*said.headers, *cors))


def _refused(door: Door, error: Exception, request: str) -> Answer:
    try:
        return door.refuse(error)
    except Exception:
        logging.getLogger("equipoise").exception("request %s failed", request, exc_info=error)
        return door.refuse(Fault(request))


def _abort_of(scope: Scope) -> Callable[[], None]:
    """What there is to do about a client that reads no more: to close the connection would wait for it."""
    extension = scope.get("extensions", {}).get(ABORT, {})
    abort: Callable[[], None] = extension.get("now", lambda: None)
    return abort


async def _send_parts(
    parts: AsyncIterator[bytes], receive: Receive, send: Send, request: str, abort: Callable[[], None]
) -> None:
    """Until they end or the client is gone; then they are closed."""
    gone = asyncio.ensure_future(_gone(receive))
    pouring = asyncio.ensure_future(_pour(parts, send, request, abort))
    try:
        await asyncio.wait({gone, pouring}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (gone, pouring):
            task.cancel()
        await asyncio.gather(gone, pouring, return_exceptions=True)


async def _pour(parts: AsyncIterator[bytes], send: Send, request: str, abort: Callable[[], None]) -> None:
    """What fails in the midst cannot be refused any more: the stream ends, and the client comes again."""
    try:
        async with aclosing(parts) as pieces:  # type: ignore[type-var]
            async for piece in pieces:
                async with asyncio.timeout(SEND_SECONDS_MAX):
                    await send({"type": "http.response.body", "body": piece, "more_body": True})
    except TimeoutError:
        logging.getLogger("equipoise").warning("request %s: the client stopped reading its stream", request)
        abort()
        return
    except Exception as error:
        logging.getLogger("equipoise").exception("request %s failed", request, exc_info=error)
    await send({"type": "http.response.body", "body": b""})


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
