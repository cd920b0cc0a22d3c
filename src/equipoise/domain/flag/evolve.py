"""What each event makes of a flag. Nothing is checked here: what happened, happened."""

from typing import Any

from msgspec.structs import replace

from equipoise.domain import labels
from equipoise.domain.change import Event, Evolve
from equipoise.domain.flag.events import (
    AvailabilitySet,
    Created,
    DefaultKept,
    Deprecated,
    EnvironmentForgotten,
    FallthroughSet,
    LifetimeSet,
    OffVariationSet,
    ParametersSet,
    PrerequisitesSet,
    PropertiesSet,
    RulesSet,
    Switched,
    Targeted,
    TargetsSet,
    TrackingSet,
    Undeprecated,
    VariationServed,
    VariationsSet,
)
from equipoise.domain.flag.state import FALLTHROUGH, Fixed, Flag


def _set(now: Flag, event: Targeted, **values: Any) -> Flag:
    """The flag with these fields of one targeting set, which is the default one until now."""
    targeting = replace(now.in_environment(event.environment), changed_at=event.at, **values)
    return replace(now, targeting={**now.targeting, event.environment: targeting})


def _set_variations(now: Flag, event: VariationsSet) -> Flag:
    return replace(
        now,
        variations=event.variations,
        on_variation=event.on_variation,
        off_variation=event.off_variation,
    )


def _set_tracking(now: Flag, event: TrackingSet) -> Flag:
    return _set(
        now,
        event,
        track_events=event.track_events,
        track_events_fallthrough=event.track_events_fallthrough,
    )


def _serve_variation(now: Flag, event: VariationServed) -> Flag:
    serve = Fixed(event.variation)
    if event.rule == FALLTHROUGH:
        return _set(now, event, fallthrough=serve)
    rules = now.in_environment(event.environment).rules
    served = tuple(replace(each, serve=serve) if each.id == event.rule else each for each in rules)
    return _set(now, event, rules=served)


def _keep_default(now: Flag, event: DefaultKept) -> Flag:
    kept = now.in_environment(event.environment)
    return replace(now, targeting={**now.targeting, event.environment: kept})


def _forget(now: Flag, event: EnvironmentForgotten) -> Flag:
    left = {name: each for name, each in now.targeting.items() if name != event.environment}
    return replace(now, targeting=left)


EVOLVE: dict[type[Event], Evolve] = {
    **labels.evolving(
        labels.Rename,
        labels.Describe,
        labels.Tag,
        labels.AssignMaintainer,
        labels.Annotate,
        labels.Archive,
        labels.Restore,
        labels.Delete,
    ),
    Created: lambda now, event: event.flag,
    LifetimeSet: lambda now, event: replace(now, temporary=event.temporary),
    AvailabilitySet: lambda now, event: replace(now, client_side=event.client_side, mobile=event.mobile),
    PropertiesSet: lambda now, event: replace(now, properties=event.properties),
    VariationsSet: _set_variations,
    ParametersSet: lambda now, event: replace(now, parameters=event.parameters, variations=event.variations),
    Deprecated: lambda now, event: replace(now, deprecated_at=event.at),
    Undeprecated: lambda now, event: replace(now, deprecated_at=None),
    Switched: lambda now, event: _set(now, event, on=event.on),
    OffVariationSet: lambda now, event: _set(now, event, off_variation=event.variation),
    FallthroughSet: lambda now, event: _set(now, event, fallthrough=event.serve),
    RulesSet: lambda now, event: _set(now, event, rules=event.rules),
    TargetsSet: lambda now, event: _set(now, event, targets=event.targets),
    PrerequisitesSet: lambda now, event: _set(now, event, prerequisites=event.prerequisites),
    TrackingSet: _set_tracking,
    VariationServed: _serve_variation,
    DefaultKept: _keep_default,
    EnvironmentForgotten: _forget,
}
