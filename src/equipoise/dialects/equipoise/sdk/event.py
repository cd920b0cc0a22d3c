"""One event of our SDK as a record, read leniently."""

from typing import Any

from msgspec import Raw, Struct

from equipoise.domain.records import Done, Seen
from equipoise.translation.arrival import attributes_of, data_of, happened_at, key_of, served_of, units_of


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


def record_of(event: Exposure | Outcome, received_at: int) -> Seen | Done:
    """raises Unlike, UnicodeDecodeError"""
    at, units = happened_at(event.at, received_at), units_of(event.units)
    if isinstance(event, Outcome):
        return Done(key_of(event.name), units, at, event.value, data_of(event.data, len(units)))
    served = served_of(event.flag, event.version, event.rule, event.variation)
    return Seen(*served, units, at, attributes_of(event.attributes))
