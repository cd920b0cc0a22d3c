"""One event of our SDK as a record, read leniently."""

from typing import Any

import msgspec
from msgspec import Raw, Struct

from equipoise.domain.limits import (
    CONTEXT_KINDS_PER_PROJECT_MAX,
    EVENT_DATA_LENGTH_MAX,
    EVENT_KEY_LENGTH_MAX,
)
from equipoise.domain.records import Done, Seen
from equipoise.translation.arrival import happened_at

_encode = msgspec.json.Encoder().encode


class Event(Struct, gc=False):
    """at  milliseconds since 1970, by the client's clock
    units  context kind → key
    """

    at: float | None = None
    units: dict[str, str] = {}


class Exposure(Event, tag_field="kind", tag="exposure", gc=False):
    """version, rule, variation  as the SDK's decision says them; the rule is "fallthrough" where none matched
    attributes                   context kind → what the SDK was told to send
    """

    flag: str = ""
    version: int = 0
    rule: str = ""
    variation: int = -1
    attributes: dict[str, dict[str, Any]] = {}


class Outcome(Event, tag_field="kind", tag="outcome", gc=False):
    name: str = ""
    value: float | None = None
    data: Raw = Raw()


class Unlike(Exception):
    """Not an event that can be used; the text is the cause."""


def record_of(event: Exposure | Outcome, received_at: int) -> Seen | Done:
    """raises Unlike"""
    at, units = _at(event.at, received_at), _units(event.units)
    if isinstance(event, Exposure):
        return _seen(event, units, at)
    return Done(_key(event.name), units, at, event.value, _data(event.data, len(units)))


def _seen(event: Exposure, units: dict[str, str], at: int) -> Seen:
    if not 0 < event.version < 2**63:
        raise Unlike("no version")
    if event.variation < 0:
        raise Unlike("no variation")
    if not event.rule:
        raise Unlike("no rule")
    return Seen(
        _key(event.flag), event.version, event.rule, event.variation, units, at, _attributes(event.attributes)
    )


def _key(key: str) -> str:
    if not key or len(key) > EVENT_KEY_LENGTH_MAX:
        raise Unlike("key too long" if key else "no key")
    return key


def _at(created_ms: float | None, received_at: int) -> int:
    if created_ms is None:
        raise Unlike("no time")
    at = happened_at(created_ms, received_at)
    if at is None:
        raise Unlike("clock far off")
    return at


def _units(units: dict[str, str]) -> dict[str, str]:
    if not units or "" in units:
        raise Unlike("no context")
    if len(units) > CONTEXT_KINDS_PER_PROJECT_MAX:
        raise Unlike("too many kinds")
    for key in units.values():
        if not 0 < len(key) <= EVENT_KEY_LENGTH_MAX:
            raise Unlike("key too long" if key else "no context")
    return units


def _attributes(attributes: dict[str, dict[str, Any]]) -> str:
    try:
        return _encode(attributes).decode() if attributes else "{}"
    except (RecursionError, ValueError) as error:
        raise Unlike("unwritable") from error


def _data(data: Raw, rows: int) -> str | None:
    """As it stands in the body; None for nothing. Each kind of unit has a row, with all of it."""
    text = str(data, "utf-8")
    if len(text) * rows > EVENT_DATA_LENGTH_MAX:
        raise Unlike("data too long")
    return text if text and text != "null" else None
