"""What happened to a flag: one event per aspect, so that the log tells what was changed and how."""

from equipoise.domain.change import Event
from equipoise.domain.flag.state import (
    Flag,
    Parameter,
    Prerequisite,
    Property,
    Rule,
    Serve,
    Target,
    Variation,
)


class Created(Event, frozen=True):
    flag: Flag


class LifetimeSet(Event, frozen=True):
    temporary: bool


class AvailabilitySet(Event, frozen=True):
    client_side: bool
    mobile: bool


class PropertiesSet(Event, frozen=True):
    properties: tuple[Property, ...]


class VariationsSet(Event, frozen=True):
    variations: tuple[Variation, ...]
    on_variation: str
    off_variation: str


class ParametersSet(Event, frozen=True):
    """With the variations as they are under these."""

    parameters: tuple[Parameter, ...]
    variations: tuple[Variation, ...]


class Deprecated(Event, frozen=True):
    at: int


class Undeprecated(Event, frozen=True): ...


class Targeted(Event, frozen=True):
    """What every change of a targeting says: where, and when in milliseconds since 1970."""

    environment: str
    at: int


class Switched(Targeted, frozen=True):
    on: bool


class OffVariationSet(Targeted, frozen=True):
    variation: str


class FallthroughSet(Targeted, frozen=True):
    serve: Serve


class RulesSet(Targeted, frozen=True):
    rules: tuple[Rule, ...]


class TargetsSet(Targeted, frozen=True):
    targets: tuple[Target, ...]


class PrerequisitesSet(Targeted, frozen=True):
    prerequisites: tuple[Prerequisite, ...]


class TrackingSet(Targeted, frozen=True):
    track_events: bool
    track_events_fallthrough: bool


class VariationServed(Targeted, frozen=True):
    """The rule (by id, or FALLTHROUGH) serves one variation to all whom it reaches."""

    rule: str
    variation: str


class DefaultKept(Event, frozen=True):
    """The environment had no targeting of its own; what it served by default is written down."""

    environment: str


class EnvironmentForgotten(Event, frozen=True):
    environment: str
