"""Bodies of events as records: exposures that were decided here, and what clients track."""

from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec import Raw

from equipoise.dialects.ofrep.contexts import Parts, parts
from equipoise.dialects.ofrep.documents import Kept
from equipoise.dialects.ofrep.errors import Unfit
from equipoise.domain.limits import CONTEXT_KINDS_PER_PROJECT_MAX
from equipoise.domain.records import Dead, Decoded, Done, Received, Seen
from equipoise.translation.arrival import (
    Unlike,
    attributes_of,
    cause_of,
    data_of,
    happened_at,
    key_of,
    served_of,
    units_of,
)

_NO_ATTRIBUTES = ("key", "kind")

_batch = msgspec.json.Decoder(list[Kept] | Kept).decode
_apart = msgspec.json.Decoder(list[Raw]).decode


def decode(received: Received) -> Iterator[Decoded]:
    """Its events, in their order; what was shown outside experiments is left out. It raises nothing."""
    body = received.body
    try:
        said = _batch(body)
    except (msgspec.DecodeError, RecursionError, UnicodeError):
        yield Dead("unreadable", body)
        return
    yield from _records(body, said, received.received_at)


def buried(body: bytes, received_at: int) -> Iterator[tuple[int, str]]:
    """Position and cause of each event that `decode` would give up; of a body that it can read."""
    said = _batch(body)
    for position, each in enumerate(said if isinstance(said, list) else [said]):
        try:
            if _counts(each):
                _record(each, received_at)
        except (Unlike, UnicodeDecodeError) as error:
            yield position, str(error)


def _counts(said: Kept) -> bool:
    return said.exposure is None or said.exposure.inExperiment


def _records(body: bytes, said: list[Kept] | Kept, received_at: int) -> Iterator[Decoded]:
    pieces: list[Raw] = []
    for position, each in enumerate(said if isinstance(said, list) else [said]):
        if not _counts(each):
            continue
        try:
            yield _record(each, received_at)
        except (Unlike, UnicodeDecodeError) as error:
            pieces = pieces or (_apart(body) if isinstance(said, list) else [Raw(body)])
            event = bytes(pieces[position])
            yield Dead(str(error) if isinstance(error, Unlike) else cause_of(event, error), event)


def _record(said: Kept, received_at: int) -> Decoded:
    """raises Unlike, UnicodeDecodeError"""
    at = received_at if said.at is None else happened_at(said.at, received_at)
    found = _parts(said.context)
    units = units_of({kind: part["key"] for kind, part in found.items()})
    shown = said.exposure
    if shown is None:
        return Done(key_of(said.name), units, at, said.value, data_of(said.fields, len(units)))
    served = served_of(shown.flag, shown.version, shown.rule, shown.variation)
    return Seen(*served, units, at, attributes_of(_attributes(found)))


def _parts(context: dict[str, Any]) -> Parts:
    """raises Unlike"""
    crowded = context.get("kind") == "multi" and len(context) - 1 > CONTEXT_KINDS_PER_PROJECT_MAX
    try:
        return parts(context)
    except Unfit:
        raise Unlike("too many kinds" if crowded else "no context") from None


def _attributes(found: Parts) -> dict[str, dict[str, Any]]:
    """What is said of units, by kind."""
    said = {}
    for kind, part in found.items():
        rest = {name: value for name, value in part.items() if name not in _NO_ATTRIBUTES}
        if rest.get("anonymous") is False:
            del rest["anonymous"]
        said[kind] = rest
    return said
