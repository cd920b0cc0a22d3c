"""What every event has to say, however its wire says it; read leniently.

A dialect's decoder knows the shape of its wire alone. What is asked of an event, and the cause under which it
is dead, is the same for all of them.
"""

from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import Raw

from equipoise.domain.limits import (
    CONTEXT_KINDS_PER_PROJECT_MAX,
    EVENT_CLOCK_AHEAD_HOURS_MAX,
    EVENT_DATA_LENGTH_MAX,
    EVENT_KEY_LENGTH_MAX,
)
from equipoise.domain.records import Served

EARLIEST_MS = 946_684_800_000  # the year 2000: before it, a clock was never set
AHEAD_US = EVENT_CLOCK_AHEAD_HOURS_MAX * 3_600_000_000
_encode = msgspec.json.Encoder().encode


class Unlike(Exception):
    """Not an event that can be used; the text is the cause."""


def happened_at(created_ms: float | None, received_at: int) -> int:
    """In microseconds, by a client's clock, which may be wrong. One that is a little ahead is held back to
    the time of receipt. raises Unlike"""
    if created_ms is None:
        raise Unlike("no time")
    if created_ms < EARLIEST_MS or created_ms * 1_000 > received_at + AHEAD_US:
        raise Unlike("clock far off")
    return min(int(created_ms) * 1_000, received_at)


def key_of(key: str | None) -> str:
    """The key of an event, or of a flag. raises Unlike"""
    if not key:
        raise Unlike("no key")
    if len(key) > EVENT_KEY_LENGTH_MAX:
        raise Unlike("key too long")
    return key


def units_of(units: Mapping[str, str]) -> Mapping[str, str]:
    """Context kind → key. raises Unlike"""
    if not units or "" in units:
        raise Unlike("no context")
    if len(units) > CONTEXT_KINDS_PER_PROJECT_MAX:
        raise Unlike("too many kinds")
    for key in units.values():
        if not key:
            raise Unlike("no context")
        if len(key) > EVENT_KEY_LENGTH_MAX:
            raise Unlike("key too long")
    return units


def served_of(flag: str, version: int | None, rule: str | None, variation: int | None) -> Served:
    """What was served. raises Unlike"""
    key = key_of(flag)
    if version is None or not 0 < version < 2**63:
        raise Unlike("no version")
    if variation is None or variation < 0:
        raise Unlike("no variation")
    if not rule:
        raise Unlike("no rule")
    return key, version, rule, variation


def data_of(data: Raw, rows: int) -> str | None:
    """As it stands in the body; None for nothing. Each kind of unit has a row, with all of it.

    raises  Unlike, UnicodeDecodeError
    """
    text = str(data, "utf-8")
    if len(text) * rows > EVENT_DATA_LENGTH_MAX:
        raise Unlike("data too long")
    return text if text and text != "null" else None


def attributes_of(parts: Mapping[str, Mapping[str, Any]]) -> str:
    """Context kind → attributes, as JSON; without kinds that have none. raises Unlike"""
    try:
        return _encode({kind: part for kind, part in parts.items() if part}).decode()
    except (RecursionError, ValueError, OverflowError) as error:  # a number of 5,000 digits
        raise Unlike("unwritable") from error


def cause_of(event: bytes, error: Exception) -> str:
    """Why an event cannot be read at all."""
    number = "out of range" in str(error) or b"NaN" in event or b"Infinity" in event
    return "bad number" if number else "malformed"
