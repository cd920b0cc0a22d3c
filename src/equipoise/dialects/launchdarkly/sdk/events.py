"""The events of SDKs as records: what a body says, read leniently.

A feature event whose reason says `inExperiment` is an exposure, a custom event an outcome. What else SDKs
send (index, identify, summary, debug, ...) is of no use here and is no fault.
"""

import json
from collections.abc import Iterator
from typing import Any, TypeGuard

import msgspec
from msgspec import Raw

from equipoise.dialects.launchdarkly.sdk.columns import columns
from equipoise.dialects.launchdarkly.sdk.event import (
    Custom,
    Debug,
    Feature,
    Identify,
    Index,
    Summary,
    record_of,
)
from equipoise.domain.limits import EVENT_BODY_UNPACKED_BYTES_MAX
from equipoise.domain.records import Dead, Decoded, Received
from equipoise.translation.arrival import Unlike, cause_of
from equipoise.translation.errors import TransportError, Unreadable
from equipoise.translation.unpacking import unpacked

SALVAGED_BYTES_MAX = 16 * 1024 * 1024  # of a body that only the slower reader takes


_Known = Feature | Custom | Index | Identify | Summary | Debug
_SYNTAX = msgspec.json.Decoder(list[Raw])
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
        return len(_loaded(body, error))


def decode(received: Received) -> Iterator[Decoded]:
    """Its events, in their order; those that are of no use are left out."""
    try:
        body = unpacked(received.body, received.encoding, EVENT_BODY_UNPACKED_BYTES_MAX)
    except TransportError:
        yield Dead("unreadable", received.body)
        return
    at = received.received_at
    try:
        events = [event for event in _BATCH.decode(body) if _counts(event)]
        records = columns(events, at) or [record_of(event, at) for event in events]
    except (Unlike, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        yield from _one_by_one(body, at)
    else:
        yield from records


def _counts(event: _Known) -> TypeGuard[Feature | Custom]:
    if type(event) is Feature:
        return event.reason is not None and event.reason.inExperiment
    return type(event) is Custom


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
        except Unlike as cause:
            yield Dead(str(cause), part)
        else:
            if record is not None:
                yield record


def _read(part: bytes, received_at: int) -> Decoded | None:
    """None for an event that is of no use. raises Unlike"""
    try:
        event = _ONE.decode(part)
        return record_of(event, received_at) if _counts(event) else None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        if _of_no_use(part):
            return None
        raise Unlike(cause_of(part, error)) from error


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
    """The events that are loaded, each written anew. raises Unreadable"""
    try:
        return [json.dumps(each).encode() for each in _loaded(body, error)]
    except (ValueError, RecursionError):
        raise _no_json(error) from error


def _loaded(body: bytes, error: Exception) -> list[Any]:
    """The events of a body as Python's own reader takes it: with NaN and halves of surrogate pairs, which
    SDKs do send. raises Unreadable"""
    if len(body) > SALVAGED_BYTES_MAX:
        raise _no_json(error)
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        raise _no_json(error) from error
    return found if isinstance(found, list) else []


def _no_json(error: Exception) -> Unreadable:
    return Unreadable(f"the body is no JSON: {error}")
