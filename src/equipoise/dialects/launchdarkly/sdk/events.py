"""The events of SDKs as records: what a body says, read leniently.

A feature event whose reason says `inExperiment` is an exposure, a custom event an outcome. What else SDKs
send (index, identify, summary, debug, ...) is of no use here and is no fault.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any, TypeGuard

import msgspec
from msgspec import Raw, Struct

from equipoise.domain.clauses import Json
from equipoise.domain.limits import (
    EVENT_BODY_UNPACKED_BYTES_MAX,
    EVENT_CLOCK_AHEAD_HOURS_MAX,
    EVENT_KEY_LENGTH_MAX,
)
from equipoise.domain.records import Dead, Decoded, Done, Received, Seen
from equipoise.translation.errors import TransportError, Unreadable
from equipoise.translation.unpacking import unpacked

SALVAGED_BYTES_MAX = 16 * 1024 * 1024  # of a body that only the slower reader takes
EARLIEST_MS = 946_684_800_000  # the year 2000: before it, a clock was never set
_AHEAD_US = EVENT_CLOCK_AHEAD_HOURS_MAX * 3_600_000_000
_FALLTHROUGH = {"FALLTHROUGH": "fallthrough"}
_NO_ATTRIBUTES = ("key", "kind", "_meta")


class _Reason(Struct, gc=False):
    kind: str = ""
    inExperiment: bool = False  # noqa: N815
    ruleId: str = ""  # noqa: N815


class _Event(Struct, gc=False):
    """What is read of an event that counts; the rest is passed over."""

    creationDate: float | None = None  # noqa: N815
    key: str = ""
    context: Any = None
    contextKeys: Any = None  # noqa: N815
    user: Any = None


class _Feature(_Event, tag_field="kind", tag="feature", gc=False):
    version: int | None = None
    variation: int | None = None
    reason: _Reason | None = None


class _Custom(_Event, tag_field="kind", tag="custom", gc=False):
    metricValue: float | None = None  # noqa: N815
    data: Json = None


class _Index(Struct, tag_field="kind", tag="index", gc=False):
    """Known, and of no use here; so are those that follow."""


class _Identify(Struct, tag_field="kind", tag="identify", gc=False):
    pass


class _Summary(Struct, tag_field="kind", tag="summary", gc=False):
    pass


class _Debug(Struct, tag_field="kind", tag="debug", gc=False):
    pass


class _Unlike(Exception):
    """Not an event that can be used; the text is the cause."""


_Known = _Feature | _Custom | _Index | _Identify | _Summary | _Debug
_SYNTAX = msgspec.json.Decoder(list[Raw])
_ANY = msgspec.json.Decoder(Raw)
_BATCH = msgspec.json.Decoder(list[_Known])
_ONE = msgspec.json.Decoder(_Known)
_KIND = msgspec.json.Decoder(Any)


def counted(body: bytes) -> int:
    """How many events are in an unpacked body; 0 where it is no array. raises Unreadable"""
    try:
        return len(_SYNTAX.decode(body))
    except msgspec.ValidationError:
        return 0
    except (msgspec.DecodeError, RecursionError) as error:
        return len(_salvaged(body, error))


def decode(received: Received) -> Iterator[Decoded]:
    """Its events, in their order; those that are of no use are left out."""
    try:
        body = unpacked(received.body, received.encoding, EVENT_BODY_UNPACKED_BYTES_MAX)
    except TransportError:
        yield Dead("unreadable", received.body)
        return
    at = received.received_at
    try:
        records = [_record(event, at) for event in _BATCH.decode(body) if _counts(event)]
    except (_Unlike, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        yield from _one_by_one(body, at)
    else:
        yield from records


def _counts(event: _Known) -> TypeGuard[_Feature | _Custom]:
    if type(event) is _Feature:
        return event.reason is not None and event.reason.inExperiment
    return type(event) is _Custom


def _one_by_one(body: bytes, received_at: int) -> Iterator[Decoded]:
    """For a batch with something in it that is not as it should be."""
    try:
        parts = [bytes(each) for each in _SYNTAX.decode(body)]
    except (msgspec.DecodeError, RecursionError) as error:
        try:
            parts = _salvaged(body, error)
        except Unreadable:
            yield Dead("unreadable", body)
            return
    for part in parts:
        try:
            record = _read(part, received_at)
        except _Unlike as cause:
            yield Dead(str(cause), part)
        else:
            if record is not None:
                yield record


def _read(part: bytes, received_at: int) -> Decoded | None:
    """None for an event that is of no use. raises _Unlike"""
    try:
        event = _ONE.decode(part)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        if _of_no_use(part):
            return None
        raise _Unlike(_cause(part, error)) from error
    return _record(event, received_at) if _counts(event) else None


def _cause(part: bytes, error: Exception) -> str:
    numbers = "out of range" in str(error) or b"NaN" in part or b"Infinity" in part
    return "bad number" if numbers else "malformed"


def _of_no_use(part: bytes) -> bool:
    """Whether it is an event of a kind that counts for nothing here, or a flag served outside experiments."""
    try:
        event = _KIND.decode(part)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
    if not isinstance(event, dict) or not isinstance(event.get("kind"), str):
        return False
    if event["kind"] == "feature":
        reason = event.get("reason")
        return not isinstance(reason, dict) or reason.get("inExperiment") in (None, False)
    return bool(event["kind"] != "custom")


def _salvaged(body: bytes, error: Exception) -> list[bytes]:
    """The events of a body as Python's own reader takes it: with NaN and halves of surrogate pairs, which
    SDKs do send. Each is written anew. raises Unreadable"""
    bad = Unreadable(f"the body is no JSON: {error}")
    if len(body) > SALVAGED_BYTES_MAX:
        raise bad
    try:
        found = json.loads(body)
        return [json.dumps(each).encode() for each in found] if isinstance(found, list) else []
    except (ValueError, RecursionError):
        raise bad from error


def _record(event: _Feature | _Custom, received_at: int) -> Decoded:
    """raises _Unlike"""
    if not event.key or len(event.key) > EVENT_KEY_LENGTH_MAX:
        raise _Unlike("no key" if not event.key else "key too long")
    at = _at(event.creationDate, received_at)
    parts = _parts(event)
    units = {kind: _key(part) for kind, part in parts.items()}
    if type(event) is _Custom:
        return Done(event.key, units, at, event.metricValue, event.data)
    return _seen(event, parts, units, at)  # type: ignore[arg-type]


def _seen(event: _Feature, parts: Mapping[str, dict[str, Any]], units: dict[str, str], at: int) -> Seen:
    if event.version is None or not 0 < event.version < 2**63:
        raise _Unlike("no version")
    if event.variation is None or event.variation < 0:
        raise _Unlike("no variation")
    assert event.reason is not None, "it is in an experiment"
    rule = event.reason.ruleId if event.reason.kind == "RULE_MATCH" else _FALLTHROUGH.get(event.reason.kind)
    if not rule:
        raise _Unlike("no rule")
    attributes = {kind: _attributes(part) for kind, part in parts.items() if len(part) > 2}
    return Seen(event.key, event.version, rule, event.variation, units, at, attributes)


def _attributes(part: dict[str, Any]) -> dict[str, Json]:
    return {name: value for name, value in part.items() if name not in _NO_ATTRIBUTES}


def _at(created_ms: float | None, received_at: int) -> int:
    """In microseconds. A clock that is a little ahead is held back to the time of receipt."""
    if created_ms is None:
        raise _Unlike("no time")
    if created_ms < EARLIEST_MS or created_ms * 1_000 > received_at + _AHEAD_US:
        raise _Unlike("clock far off")
    return min(int(created_ms) * 1_000, received_at)


def _parts(event: _Event) -> dict[str, dict[str, Any]]:
    """Kind → the context of that kind, of this day's SDKs or of older ones."""
    context = event.context
    if isinstance(context, dict):
        kind = context.get("kind", "user")
        if kind == "multi":
            return {
                name: part for name, part in context.items() if name != "kind" and _whole(part)
            } or _none()
        return {kind: context} if isinstance(kind, str) and kind and _whole(context) else _none()
    if isinstance(event.contextKeys, dict):
        named = {kind: {"key": key} for kind, key in event.contextKeys.items()}
        return {kind: part for kind, part in named.items() if _whole(part)} or _none()
    return {"user": event.user} if _whole(event.user) else _none()


def _none() -> dict[str, dict[str, Any]]:
    raise _Unlike("no context")


def _whole(part: Any) -> bool:
    """Whether it is a context with a key. Keys of older SDKs may be numbers."""
    if not isinstance(part, dict):
        return False
    key = part.get("key")
    if isinstance(key, str):
        return 0 < len(key) <= EVENT_KEY_LENGTH_MAX
    return isinstance(key, int | float) and not isinstance(key, bool)


def _key(part: dict[str, Any]) -> str:
    return str(part["key"])
