"""The door for what units do, and for what they saw of flags that were fetched ahead. It is ours: the
protocol has none."""

from asyncio import to_thread, wrap_future
from collections.abc import Iterator
from typing import Any

from equipoise.application.answers import Answer
from equipoise.application.serving import Key
from equipoise.dialects.ofrep.contexts import parts
from equipoise.dialects.ofrep.documents import Tracked
from equipoise.dialects.ofrep.errors import Unfit, refuse_at_door
from equipoise.dialects.ofrep.exposing import DIALECT_NAME
from equipoise.dialects.ofrep.keys import environment
from equipoise.domain.errors import Violation, check
from equipoise.domain.limits import (
    BODY_BYTES_MAX,
    CLIENT_EVENT_BODY_BYTES_MAX,
    EVENT_KEY_LENGTH_MAX,
    within,
)
from equipoise.translation.decode import decode
from equipoise.translation.doors import Door, Visit
from equipoise.translation.errors import Unreadable
from equipoise.translation.intake import payload_of

AT_ONCE_BYTES_MAX = 64 * 1024  # reading more than that would keep others waiting
ACCEPTED = Answer(202)


async def track(visit: Visit) -> Answer:
    """Acknowledged once it is durable; what makes no sense is refused whole, with every reason."""
    id, kind = await environment(visit.feed, visit.headers)
    payload = _payload(visit.headers.get("idempotency-key"))
    body = await visit.body(BODY_BYTES_MAX if kind is Key.SERVER else CLIENT_EVENT_BODY_BYTES_MAX)
    many = _checked(body) if len(body) <= AT_ONCE_BYTES_MAX else await to_thread(_checked, body)
    if many:
        await wrap_future(visit.intake.offer(DIALECT_NAME, id, payload, body, events=many, key=kind))
    return ACCEPTED


def _payload(said: str | None) -> str:
    """The sender's name for the body, under which it counts once. raises Unreadable"""
    if said is not None and not said.strip():
        raise Unreadable("Idempotency-Key is empty")
    return payload_of(said or "")


def _checked(body: bytes) -> int:
    """How many events are in it. raises Unreadable, Invalid, Exceeded"""
    alone = body.lstrip()[:1] == b"{"
    said = [decode(body, Tracked)] if alone else decode(body, list[Tracked])
    within("EVENTS_TRACKED_AT_ONCE_MAX", len(said))
    check(*(wrong for at, each in enumerate(said) for wrong in _wrong("" if alone else f"[{at}]", each)))
    return len(said)


def _wrong(place: str, said: Tracked) -> Iterator[Violation]:
    if (said.name is None) == (said.exposure is None):
        yield Violation(place, "has either a name or an exposure")
    elif said.exposure is None:
        yield from _wrong_key(f"{place}.name".lstrip("."), said.name or "")
    else:
        yield from _wrong_key(f"{place}.exposure.flag".lstrip("."), said.exposure.flag)
    try:
        units: Any = parts(said.context)
    except Unfit as error:
        yield Violation(f"{place}.context".lstrip("."), str(error))
    else:
        for kind, part in units.items():
            if len(part["key"]) > EVENT_KEY_LENGTH_MAX:
                rule = f"the key of kind {kind} has more than {EVENT_KEY_LENGTH_MAX} characters"
                yield Violation(f"{place}.context".lstrip("."), rule)


def _wrong_key(place: str, key: str) -> Iterator[Violation]:
    if not 0 < len(key) <= EVENT_KEY_LENGTH_MAX:
        yield Violation(place, f"is 1 to {EVENT_KEY_LENGTH_MAX} characters")


DOORS = (
    Door(
        "POST",
        "/ofrep/v1/track",
        "track",
        "What units did, and saw: durable before it is acknowledged.",
        track,
        refuse_at_door,
        (202, 400, 401, 413, 503),
        BODY_BYTES_MAX,
    ),
)
