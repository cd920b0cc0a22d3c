"""The door for what units do, and for what they saw of flags that were fetched ahead. It is ours: the
protocol has none."""

import re
from asyncio import to_thread, wrap_future
from collections.abc import Iterator
from functools import partial

from equipoise.application.answers import Answer
from equipoise.application.serving import Key
from equipoise.dialects.ofrep.contexts import parts
from equipoise.dialects.ofrep.documents import Shown, Tracked
from equipoise.dialects.ofrep.errors import Unfit, refuse_at_door
from equipoise.dialects.ofrep.events import buried
from equipoise.dialects.ofrep.exposing import DIALECT_NAME
from equipoise.dialects.ofrep.keys import environment
from equipoise.domain.errors import Violation, check
from equipoise.domain.limits import (
    BODY_BYTES_MAX,
    CLIENT_EVENT_BODY_BYTES_MAX,
    EVENT_CLOCK_AHEAD_HOURS_MAX,
    EVENT_DATA_LENGTH_MAX,
    EVENT_KEY_LENGTH_MAX,
    within,
)
from equipoise.translation.arrival import Unlike, happened_at
from equipoise.translation.decode import decode
from equipoise.translation.doors import Door, Visit
from equipoise.translation.errors import Unreadable
from equipoise.translation.intake import payload_of
from equipoise.translation.unpacking import encoding_of, unpacked

_ENDLESS = re.compile(b"[0-9]{4000}")  # a number that can be read, and perhaps not written again
AT_ONCE_BYTES_MAX = 64 * 1024  # reading more than that would keep others waiting
ACCEPTED = Answer(202)


async def track(visit: Visit) -> Answer:
    """Acknowledged once it is durable; what makes no sense is refused whole, with every reason."""
    id, kind = await environment(visit.feed, visit.headers)
    payload = _payload(visit.headers.get("idempotency-key"))
    encoding = encoding_of(visit.headers.get("content-encoding", ""))
    most = BODY_BYTES_MAX if kind is Key.SERVER else CLIENT_EVENT_BODY_BYTES_MAX
    body = await visit.body(most)
    checked = partial(_checked, body, encoding, most, visit.intake.now)
    short = not encoding and len(body) <= AT_ONCE_BYTES_MAX
    many = checked() if short else await to_thread(checked)
    if many:
        await wrap_future(visit.intake.offer(DIALECT_NAME, id, payload, body, encoding, many, kind))
    return ACCEPTED


def _payload(said: str | None) -> str:
    """The sender's name for the body, under which it counts once. raises Unreadable"""
    if said is not None and not said.strip():
        raise Unreadable("Idempotency-Key is empty")
    return payload_of(said or "")


def _checked(packed: bytes, encoding: str, most: int, now: int) -> int:
    """How many events are in it. raises Oversized, Unreadable, Invalid, Exceeded"""
    body = unpacked(packed, encoding, most)
    alone = body.lstrip()[:1] == b"{"
    said = [decode(body, Tracked)] if alone else decode(body, list[Tracked])
    within("EVENTS_TRACKED_AT_ONCE_MAX", len(said))
    check(*(_at(at, alone, wrong) for at, event in enumerate(said) for wrong in _wrong(event, now)))
    if len(body) * max(map(_kinds, said), default=0) > EVENT_DATA_LENGTH_MAX or _ENDLESS.search(body):
        check(*(_at(at, alone, Violation("", cause)) for at, cause in buried(body, now)))
    return len(said)


def _at(at: int, alone: bool, wrong: Violation) -> Violation:
    return wrong if alone else wrong.under(f"[{at}]")


def _kinds(said: Tracked) -> int:
    """How many kinds of unit it may be of: each is kept with all of its fields."""
    return len(said.context) if said.fields else 1


def _wrong(said: Tracked, now: int) -> Iterator[Violation]:
    """What its decoder would throw it away for, all of it."""
    if (said.name is None) == (said.exposure is None):
        yield Violation("", "has either a name or an exposure")
    elif said.exposure is None:
        yield from _wrong_key("name", said.name or "")
    else:
        yield from _wrong_key("exposure.flag", said.exposure.flag)
        yield from _wrong_exposure(said.exposure)
    if said.at is not None:
        yield from _wrong_time(said.at, now)
    yield from _wrong_units(said)


def _wrong_key(where: str, key: str) -> Iterator[Violation]:
    if not 0 < len(key) <= EVENT_KEY_LENGTH_MAX:
        yield Violation(where, f"is 1 to {EVENT_KEY_LENGTH_MAX} characters")


def _wrong_exposure(said: Shown) -> Iterator[Violation]:
    """What `metadata` of an evaluation inside an experiment has; outside, nothing is counted."""
    if not said.inExperiment:
        return
    if said.version is None or not 0 < said.version < 2**63:
        yield Violation("exposure.version", "is a whole number above 0, as the evaluation said it")
    if said.variation is None or said.variation < 0:
        yield Violation("exposure.variation", "is a whole number from 0 on, as the evaluation said it")
    if not said.rule:
        yield Violation("exposure.rule", "is a text, as the evaluation said it")


def _wrong_time(at: float, now: int) -> Iterator[Violation]:
    try:
        happened_at(at, now)
    except Unlike:
        rule = f"is milliseconds since 1970, after 1999 and not {EVENT_CLOCK_AHEAD_HOURS_MAX} hours ahead"
        yield Violation("at", rule)


def _wrong_units(said: Tracked) -> Iterator[Violation]:
    try:
        units = parts(said.context)
    except Unfit as error:
        yield Violation("context", str(error))
        return
    for kind, part in units.items():
        if len(part["key"]) > EVENT_KEY_LENGTH_MAX:
            yield Violation(
                "context", f"the key of kind {kind} has more than {EVENT_KEY_LENGTH_MAX} characters"
            )


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
