"""One event as a record: what it says, read leniently."""

from collections.abc import Mapping
from typing import Any

from msgspec import Raw, Struct

from equipoise.domain.flag.state import FALLTHROUGH
from equipoise.domain.limits import EVENT_KEY_LENGTH_MAX
from equipoise.domain.records import Done, Seen, Served
from equipoise.evaluation.decision import Why
from equipoise.translation.arrival import (
    Unlike,
    attributes_of,
    data_of,
    happened_at,
    key_of,
    served_of,
    units_of,
)

_FALLTHROUGH = {Why.FALLTHROUGH.value: FALLTHROUGH}
NO_ATTRIBUTES = ("key", "kind", "_meta")


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


def record_of(event: Feature | Custom, received_at: int) -> Seen | Done:
    """raises Unlike, UnicodeDecodeError"""
    key, at, parts = key_of(event.key), happened_at(event.creationDate, received_at), _parts(event)
    units = units_of({kind: str(part["key"]) for kind, part in parts.items()})
    if type(event) is Custom:
        return Done(key, units, at, event.metricValue, data_of(event.data, len(units)))
    return Seen(*what_served(event), units, at, what_is_known(parts))  # type: ignore[arg-type]


def what_served(event: Feature) -> Served:
    """raises Unlike"""
    reason = event.reason
    assert reason is not None, "it is in an experiment"
    rule = reason.ruleId if reason.kind == Why.RULE_MATCH else _FALLTHROUGH.get(reason.kind)
    return served_of(event.key, event.version, rule, event.variation)


def what_is_known(parts: Mapping[str, dict[str, Any]]) -> str:
    """What is left of contexts once what is no attribute is taken off them. raises Unlike"""
    for part in parts.values():
        for name in NO_ATTRIBUTES:
            part.pop(name, None)
    return attributes_of(parts)


def _parts(event: Event) -> dict[str, dict[str, Any]]:
    """Kind → the context of that kind, of those that have a key. Where some keys are too long and others are
    not, it is these that count. raises Unlike"""
    found = {kind: part for kind, part in _said(event).items() if kind and _whole(part)}
    if not found:
        raise Unlike("no context")
    return {kind: part for kind, part in found.items() if _short(part["key"])} or found


def _said(event: Event) -> dict[str, Any]:
    """Kind → the context of that kind, of this day's SDKs or of older ones."""
    context = event.context
    if isinstance(context, dict):
        kind = context.get("kind", "user")
        if kind == "multi":
            return {name: part for name, part in context.items() if name != "kind"}
        return {kind: context} if isinstance(kind, str) else {}
    if isinstance(event.contextKeys, dict):
        return {kind: {"key": key} for kind, key in event.contextKeys.items()}
    return {"user": event.user}


def _whole(part: Any) -> bool:
    """Whether it is a context with a key. Keys of older SDKs may be numbers."""
    key = part.get("key") if isinstance(part, dict) else None
    return key != "" and isinstance(key, str | int | float) and not isinstance(key, bool)


def _short(key: str | float) -> bool:
    return len(str(key)) <= EVENT_KEY_LENGTH_MAX
