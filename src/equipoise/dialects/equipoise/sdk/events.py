"""The events of our SDK as records. A body has one event a line, so that none harms another."""

from collections.abc import Iterator
from io import BytesIO
from itertools import islice

import msgspec

from equipoise.dialects.equipoise.sdk.event import Exposure, Outcome, record_of
from equipoise.domain.limits import EVENT_BODY_UNPACKED_BYTES_MAX, EVENTS_PER_BODY_MAX
from equipoise.domain.records import Dead, Decoded, Received
from equipoise.translation.arrival import Unlike, cause_of
from equipoise.translation.errors import TransportError
from equipoise.translation.unpacking import unpacked

_ONE = msgspec.json.Decoder(Exposure | Outcome)


def counted(body: bytes) -> int:
    """How many events are in an unpacked body, as far as its lines tell; no more than one too many."""
    return sum(1 for _ in islice(_lines(body), EVENTS_PER_BODY_MAX + 1))


def decode(received: Received) -> Iterator[Decoded]:
    """Its events, in their order. It raises nothing."""
    try:
        body = unpacked(received.body, received.encoding, EVENT_BODY_UNPACKED_BYTES_MAX)
    except TransportError:
        yield Dead("unreadable", received.body)
        return
    for line in _lines(body):
        yield _read(line, received.received_at)


def _lines(body: bytes) -> Iterator[bytes]:
    """One after the other: all at once, they would take many times the room of the body."""
    return (line.removesuffix(b"\n") for line in BytesIO(body) if not line.isspace())


def _read(line: bytes, received_at: int) -> Decoded:
    try:
        return record_of(_ONE.decode(line), received_at)
    except Unlike as cause:
        return Dead(str(cause), line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return Dead(cause_of(line, error), line)
