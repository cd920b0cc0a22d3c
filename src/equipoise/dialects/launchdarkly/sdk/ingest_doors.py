"""The doors for events of server-side SDKs: `/bulk`, and `/diagnostic`, which is taken and not kept.

An SDK stops sending until it is restarted when it is answered 401, 403, 404, 413 or 422, so only a key that
is nobody's is told 401. What cannot be read is 400, what may pass is 503: both are sent once more.
"""

import asyncio
from hashlib import sha256
from secrets import token_hex

from equipoise.application.answers import Answer
from equipoise.application.lake import Full
from equipoise.application.serving import Key
from equipoise.dialects.launchdarkly.sdk import events, keys
from equipoise.domain.errors import Missing
from equipoise.domain.identity import Id
from equipoise.domain.limits import EVENT_BODY_BYTES_MAX, EVENT_BODY_UNPACKED_BYTES_MAX
from equipoise.translation.doors import Door, Visit
from equipoise.translation.errors import Oversized, Unreadable
from equipoise.translation.unpacking import encoding_of, unpacked

DIALECT_NAME = "launchdarkly"
ACCEPTED = Answer(202)
AT_ONCE_BYTES_MAX = 1024 * 1024  # unpacked; reading more than that would keep others waiting
PAYLOAD_LENGTH_MAX = 64


async def bulk(visit: Visit) -> Answer:
    environment = await keys.environment(visit.feed, visit.headers)
    await take(visit, environment, await visit.body(), EVENT_BODY_UNPACKED_BYTES_MAX, Key.SERVER)
    return ACCEPTED


async def take(visit: Visit, environment: Id, body: bytes, most: int, key: Key) -> None:
    """Done once the body is durable, whatever its events say; the compactor finds the bad ones.

    most    bytes that it may unpack to
    key     the kind of key that it came with
    raises  Oversized, Unreadable, Full, OSError
    """
    encoding = encoding_of(visit.headers.get("content-encoding", ""))
    found = await _counted(body, encoding, most)
    if found:  # an SDK retries diagnostics here, which are no array
        payload = _payload(visit.headers.get("x-launchdarkly-payload-id", ""))
        durable = visit.intake.offer(DIALECT_NAME, environment, payload, body, encoding, found, key)
        await asyncio.wrap_future(durable)


async def diagnostic(visit: Visit) -> Answer:
    """What an SDK says of itself is counted as a request, and not read."""
    await keys.environment(visit.feed, visit.headers)
    await visit.body()
    return ACCEPTED


def refuse(error: Exception) -> Answer:
    match error:
        case Oversized() | Unreadable():
            return keys.said(400, "invalid_request", f"These events cannot be read: {error}.")
        case Full():
            return keys.said(503, "busy", f"Events are not taken just now: {error}.")
        case OSError():
            return keys.said(503, "busy", f"Events cannot be stored just now: {error.strerror}.")
        case Missing():
            return keys.said(503, "not_ready", str(error))
        case _:
            return keys.refuse(error)


async def _counted(body: bytes, encoding: str, most: int) -> int:
    """How many events are in it. raises Oversized, Unreadable"""
    try:
        return events.counted(unpacked(body, encoding, AT_ONCE_BYTES_MAX))
    except Oversized:
        return await asyncio.to_thread(_counted_apart, body, encoding, most)


def _counted_apart(body: bytes, encoding: str, most: int) -> int:
    return events.counted(unpacked(body, encoding, most))


def _payload(said: str) -> str:
    """The sender's name for the body; one of ours where there is none, or where it is too long to keep."""
    if len(said) > PAYLOAD_LENGTH_MAX:
        return sha256(said.encode()).hexdigest()
    return said or token_hex(16)


_ANSWERS = (202, 400, 401, 503)

DOORS = (
    Door(
        "POST",
        "/bulk",
        "postEvents",
        "Events of server-side SDKs: durable before they are acknowledged.",
        bulk,
        refuse,
        _ANSWERS,
        EVENT_BODY_BYTES_MAX,
    ),
    Door(
        "POST",
        "/diagnostic",
        "postDiagnostic",
        "What SDKs say of themselves: taken, counted, not kept.",
        diagnostic,
        refuse,
        _ANSWERS,
        EVENT_BODY_BYTES_MAX,
    ),
)
