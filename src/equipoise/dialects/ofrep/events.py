"""Bodies of events as records: exposures that were decided here, and what clients track."""

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from equipoise.dialects.ofrep.contexts import Parts, parts
from equipoise.dialects.ofrep.documents import Kept, Shown
from equipoise.dialects.ofrep.errors import Unfit
from equipoise.domain.limits import EVENT_CLOCK_AHEAD_HOURS_MAX, EVENT_DATA_LENGTH_MAX, EVENT_KEY_LENGTH_MAX
from equipoise.domain.records import Dead, Decoded, Done, Received, Seen

EARLIEST_MS = 946_684_800_000  # the year 2000: before it, a clock was never set
AHEAD_US = EVENT_CLOCK_AHEAD_HOURS_MAX * 3_600_000_000
_NO_ATTRIBUTES = ("key", "kind")

_batch = msgspec.json.Decoder(list[Kept] | Kept).decode
_encode = msgspec.json.Encoder().encode


class _Useless(Exception):
    """Not an event that can be used; the text is the cause."""


def decode(received: Received) -> Iterator[Decoded]:
    """Its events, in their order; what was shown outside experiments is left out."""
    try:
        said = _batch(received.body)
    except (msgspec.DecodeError, RecursionError, UnicodeError):
        yield Dead("unreadable", received.body)
        return
    yield from _records(said if isinstance(said, list) else [said], received.received_at)


def _records(said: Iterable[Kept], received_at: int) -> Iterator[Decoded]:
    for each in said:
        if each.exposure is not None and not each.exposure.inExperiment:
            continue
        try:
            yield _record(each, received_at)
        except (_Useless, Unfit) as cause:
            yield Dead(str(cause) if isinstance(cause, _Useless) else "no context", _encode(each))


def _record(said: Kept, received_at: int) -> Decoded:
    at, found = _at(said.at, received_at), parts(said.context)
    units: dict[str, str] = {kind: part["key"] for kind, part in found.items()}
    if any(len(unit) > EVENT_KEY_LENGTH_MAX for unit in units.values()):
        raise _Useless("no context")
    if said.exposure is not None:
        return _seen(said.exposure, units, at, found)
    key = said.name
    if not key or len(key) > EVENT_KEY_LENGTH_MAX:
        raise _Useless("key too long" if key else "no key")
    data = str(said.fields, "utf-8")
    if len(data) * len(units) > EVENT_DATA_LENGTH_MAX:  # each kind has a row, with all of it
        raise _Useless("data too long")
    return Done(key, units, at, said.value, data if data and data != "null" else None)


def _seen(shown: Shown, units: dict[str, str], at: int, found: Parts) -> Seen:
    if not shown.flag or len(shown.flag) > EVENT_KEY_LENGTH_MAX:
        raise _Useless("key too long" if shown.flag else "no key")
    if shown.version is None or not 0 < shown.version < 2**63:
        raise _Useless("no version")
    if shown.variation is None or shown.variation < 0:
        raise _Useless("no variation")
    if not shown.rule:
        raise _Useless("no rule")
    return Seen(shown.flag, shown.version, shown.rule, shown.variation, units, at, _attributes(found))


def _attributes(found: Parts) -> str:
    """What is said of units, by kind."""
    said: dict[str, dict[str, Any]] = {}
    for kind, part in found.items():
        rest = {name: value for name, value in part.items() if name not in _NO_ATTRIBUTES}
        if rest.get("anonymous") is False:
            del rest["anonymous"]
        if rest:
            said[kind] = rest
    return _encode(said).decode()


def _at(said_ms: float | None, received_at: int) -> int:
    """In microseconds. A clock that is a little ahead is held back to the time of receipt."""
    if said_ms is None:
        return received_at
    if said_ms < EARLIEST_MS or said_ms * 1_000 > received_at + AHEAD_US:
        raise _Useless("clock far off")
    return min(int(said_ms) * 1_000, received_at)
