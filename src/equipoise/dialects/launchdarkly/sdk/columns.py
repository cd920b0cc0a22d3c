"""A body of plain events as columns: several times as fast as one after the other.

Plain is what SDKs of this day send for contexts of one kind. Of a body with anything else in it nothing is
taken here, so what is odd is judged in one place only (event.py).
"""

from collections.abc import Sequence
from typing import Any

from equipoise.dialects.launchdarkly.sdk.event import Custom, Feature, what_is_known, what_served
from equipoise.domain.limits import EVENT_KEY_LENGTH_MAX
from equipoise.domain.records import Decoded, DoneMany, SeenMany, Served
from equipoise.translation.arrival import AHEAD_US, EARLIEST_MS, data_of


def columns(events: Sequence[Feature | Custom], received_at: int) -> list[Decoded]:
    """Exposures, then outcomes; nothing where an event is not plain. raises Unlike for one that is bad"""
    seen = [event for event in events if type(event) is Feature]
    done = [event for event in events if type(event) is Custom]
    contexts = [event.context for event in (*seen, *done)]
    kind = _kind(contexts)
    units = _units(contexts) if kind else None
    times = _times([event.creationDate for event in (*seen, *done)], received_at)
    if not (units and times and _named(events)):
        return []
    found: list[Decoded] = []
    many = len(seen)
    if seen:
        served, which = _served(seen)
        attributes = [what_is_known({kind: context}) for context in contexts[:many]]
        found.append(SeenMany(kind, served, which, units[:many], times[:many], attributes))
    if done:
        keys = [event.key for event in done]
        values, data = [event.metricValue for event in done], [data_of(event.data, 1) for event in done]
        found.append(DoneMany(kind, keys, units[many:], times[many:], values, data))
    return found


def _kind(contexts: Sequence[Any]) -> str:
    """The one kind of all; "" where there is none."""
    if set(map(type, contexts)) != {dict}:
        return ""
    kinds = [context.get("kind") for context in contexts]
    kind = kinds[0]
    one = isinstance(kind, str) and kind != "multi" and kinds.count(kind) == len(kinds)
    return kind if one else ""


def _units(contexts: Sequence[dict[str, Any]]) -> list[str] | None:
    units: list[Any] = [context.get("key") for context in contexts]
    if set(map(type, units)) != {str}:
        return None
    lengths = set(map(len, units))
    return units if min(lengths) > 0 and max(lengths) <= EVENT_KEY_LENGTH_MAX else None


def _times(said: Sequence[float | None], received_at: int) -> list[int] | None:
    """In microseconds; as in arrival.py."""
    created = [each for each in said if each is not None]
    if len(created) < len(said) or not created:
        return None
    latest = max(created) * 1_000
    if min(created) < EARLIEST_MS or latest > received_at + AHEAD_US:
        return None
    times = [int(each) * 1_000 for each in created]
    return times if latest <= received_at else [min(each, received_at) for each in times]


def _named(events: Sequence[Feature | Custom]) -> bool:
    lengths = set(map(len, {event.key for event in events}))
    return min(lengths) > 0 and max(lengths) <= EVENT_KEY_LENGTH_MAX


def _served(seen: Sequence[Feature]) -> tuple[list[Served], list[int]]:
    """What was served, each once, and for each event which of it. raises Unlike"""
    known: dict[tuple[str, int | None, int | None, str, str], int] = {}
    served: list[Served] = []
    which: list[int] = []
    for event in seen:
        reason = event.reason
        assert reason is not None, "it is in an experiment"
        name = (event.key, event.version, event.variation, reason.kind, reason.ruleId)
        number = known.get(name)
        if number is None:
            number = known[name] = len(served)
            served.append(what_served(event))
        which.append(number)
    return served, which
