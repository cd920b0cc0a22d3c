"""One event as a record: what it says, read leniently."""

from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import Raw, Struct

from equipoise.domain.limits import (
    CONTEXT_KINDS_PER_PROJECT_MAX,
    EVENT_DATA_LENGTH_MAX,
    EVENT_KEY_LENGTH_MAX,
)
from equipoise.domain.records import Done, Seen, Served
from equipoise.translation.arrival import happened_at

FALLTHROUGH = {"FALLTHROUGH": "fallthrough"}
NO_ATTRIBUTES = ("key", "kind", "_meta")

encode = msgspec.json.Encoder().encode


class Reason(Struct, gc=False):
    kind: str = ""
    inExperiment: bool = False  # noqa: N815
    ruleId: str = ""  # noqa: N815


class Event(Struct, gc=False):
    """What is read of an event that counts; the rest is passed over."""

    creationDate: float | None = None  # noqa: N815
    key: str = ""
    context: Any = None
    contextKeys: Any = None  # noqa: N815
    user: Any = None


class Feature(Event, tag_field="kind", tag="feature", gc=False):
    version: int | None = None
    variation: int | None = None
    reason: Reason | None = None


class Custom(Event, tag_field="kind", tag="custom", gc=False):
    metricValue: float | None = None  # noqa: N815
    data: Raw = Raw()


class Index(Struct, tag_field="kind", tag="index", gc=False):
    """Known, and of no use here; so are those that follow."""


class Identify(Struct, tag_field="kind", tag="identify", gc=False):
    pass


class Summary(Struct, tag_field="kind", tag="summary", gc=False):
    pass


class Debug(Struct, tag_field="kind", tag="debug", gc=False):
    pass


class Unlike(Exception):
    """Not an event that can be used; the text is the cause."""


def record_of(event: Feature | Custom, received_at: int) -> Seen | Done:
    """raises Unlike"""
    key = event.key
    if not key or len(key) > EVENT_KEY_LENGTH_MAX:
        raise Unlike("no key" if not key else "key too long")
    at = _at(event.creationDate, received_at)
    parts = _parts(event)
    if len(parts) > CONTEXT_KINDS_PER_PROJECT_MAX:
        raise Unlike("too many kinds")
    if type(event) is Custom:
        data = text_of(event.data)
        if data and len(data) * len(parts) > EVENT_DATA_LENGTH_MAX:  # each kind has a row, with all of it
            raise Unlike("data too long")
        return Done(key, _units(parts), at, event.metricValue, data)
    return _seen(event, parts, at)  # type: ignore[arg-type]


def text_of(data: Raw) -> str | None:
    """As it stands in the body; None for nothing. raises UnicodeDecodeError"""
    text = str(data, "utf-8")
    return text if text and text != "null" else None


def _units(parts: Mapping[str, dict[str, Any]]) -> dict[str, str]:
    return {kind: str(part["key"]) for kind, part in parts.items()}


def _seen(event: Feature, parts: Mapping[str, dict[str, Any]], at: int) -> Seen:
    served, units = served_of(event), _units(parts)  # before the keys are taken off
    return Seen(*served, units, at, attributes_of(parts))


def served_of(event: Feature) -> Served:
    """Flag, version, rule and variation. raises Unlike"""
    version, variation, reason = event.version, event.variation, event.reason
    if version is None or not 0 < version < 2**63:
        raise Unlike("no version")
    if variation is None or variation < 0:
        raise Unlike("no variation")
    assert reason is not None, "it is in an experiment"
    rule = reason.ruleId if reason.kind == "RULE_MATCH" else FALLTHROUGH.get(reason.kind)
    if not rule:
        raise Unlike("no rule")
    return event.key, version, rule, variation


def attributes_of(parts: Mapping[str, dict[str, Any]]) -> str:
    """What is left of contexts, as JSON, once what is no attribute is taken off them. raises Unlike"""
    for part in parts.values():
        for name in NO_ATTRIBUTES:
            part.pop(name, None)
    try:
        return encode({kind: part for kind, part in parts.items() if part}).decode()
    except (RecursionError, ValueError) as error:  # a number of 5,000 digits
        raise Unlike("unwritable") from error


def _at(created_ms: float | None, received_at: int) -> int:
    """In microseconds. raises Unlike"""
    if created_ms is None:
        raise Unlike("no time")
    at = happened_at(created_ms, received_at)
    if at is None:
        raise Unlike("clock far off")
    return at


def _parts(event: Event) -> dict[str, dict[str, Any]]:
    """Kind → the context of that kind, of this day's SDKs or of older ones. raises Unlike"""
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
    raise Unlike("no context")


def _whole(part: Any) -> bool:
    """Whether it is a context with a key. Keys of older SDKs may be numbers."""
    if not isinstance(part, dict):
        return False
    key = part.get("key")
    if isinstance(key, str):
        return 0 < len(key) <= EVENT_KEY_LENGTH_MAX
    return isinstance(key, int | float) and not isinstance(key, bool)
