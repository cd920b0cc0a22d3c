"""Bodies of events at a door: counted, named, and made durable; and what is said when that cannot be now."""

import asyncio
from collections.abc import Callable
from hashlib import sha256
from secrets import token_hex

from msgspec import Struct

from equipoise.application.lake import Full
from equipoise.application.serving import Key, NotReady
from equipoise.domain.errors import Missing
from equipoise.domain.identity import Id
from equipoise.domain.limits import (
    EVENT_PAYLOAD_LENGTH_MAX,
    EVENTS_PER_BODY_MAX,
    EVENTS_PER_CLIENT_BODY_MAX,
)
from equipoise.translation.doors import Visit
from equipoise.translation.errors import Oversized, Unreadable
from equipoise.translation.unpacking import encoding_of, unpacked

COUNTED_AT_ONCE_BYTES_MAX = 1024 * 1024  # unpacked; reading more than that would keep others waiting
RETRY_AFTER_SECONDS = 1

Passing = NotReady | Missing | Full | OSError  # what the same request may not meet in a moment


class Sender(Struct, frozen=True):
    """How a dialect's SDKs send events.

    counted  how many are in an unpacked body; may raise Unreadable
    name     header that names a body, so that it counts once; in lower case
    """

    dialect: str
    counted: Callable[[bytes], int]
    name: str


async def take(visit: Visit, sender: Sender, environment: Id, body: bytes, most: int, key: Key) -> None:
    """Done once the body is durable, whatever its events say; the compactor finds the bad ones. A body
    without events is not kept.

    most    bytes that it may unpack to
    key     the kind of key that it came with
    raises  Oversized, Unreadable, Full, OSError
    """
    encoding = encoding_of(visit.headers.get("content-encoding", ""))
    found = await _counted(sender, body, encoding, most)
    room = EVENTS_PER_BODY_MAX if key is Key.SERVER else EVENTS_PER_CLIENT_BODY_MAX
    if found > room:  # a small body may hold millions of nothing, each of which would be looked at
        raise Unreadable(f"more than {room} events in one body")
    if found:
        payload = payload_of(visit.headers.get(sender.name, ""))
        durable = visit.intake.offer(sender.dialect, environment, payload, body, encoding, found, key)
        await asyncio.wrap_future(durable)


async def _counted(sender: Sender, body: bytes, encoding: str, most: int) -> int:
    """How many events are in it. raises Oversized, Unreadable"""
    try:
        return sender.counted(unpacked(body, encoding, min(COUNTED_AT_ONCE_BYTES_MAX, most)))
    except Oversized:
        return await asyncio.to_thread(_counted_apart, sender, body, encoding, most)


def _counted_apart(sender: Sender, body: bytes, encoding: str, most: int) -> int:
    return sender.counted(unpacked(body, encoding, most))


def payload_of(said: str) -> str:
    """The sender's name for the body; one of ours where there is none, or where it is too long to keep."""
    if len(said) > EVENT_PAYLOAD_LENGTH_MAX:
        return sha256(said.encode()).hexdigest()
    return said or token_hex(16)


def later(error: Passing) -> tuple[str, str]:
    """A code and a sentence for what may pass. They go with 503."""
    match error:
        case Full():
            return "busy", f"Events are not taken just now: {error}."
        case OSError():
            return "busy", f"Events cannot be stored just now: {error.strerror}."
        case _:
            return "not_ready", f"Try again in a moment: {error}."


def retry_after(status: int) -> tuple[tuple[str, str], ...]:
    """The header that says when to come again, where that helps."""
    return (("Retry-After", str(RETRY_AFTER_SECONDS)),) if status == 503 else ()
