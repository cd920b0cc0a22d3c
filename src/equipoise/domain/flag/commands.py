"""What may be asked of a flag. A command replaces a whole value that bears an invariant."""

from equipoise.domain.change import Command
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


class Create(Command, frozen=True):
    """`flag` whole, revision 0; ids are made by the caller from the moment."""

    flag: Flag


class SetLifetime(Command, frozen=True):
    temporary: bool


class SetAvailability(Command, frozen=True):
    client_side: bool
    mobile: bool


class SetProperties(Command, frozen=True):
    properties: tuple[Property, ...]


class SetVariations(Command, frozen=True):
    """All variations, and which of them new environments serve.

    Refused when a targeting still serves one that is left out.

    environments  keys of those that exist: one without a targeting of its own keeps what it serves
                  by default now, when the defaults change
    """

    variations: tuple[Variation, ...]
    on_variation: str
    off_variation: str
    environments: tuple[str, ...] = ()


class SetParameters(Command, frozen=True):
    """All parameters. Each variation keeps what it overrides, so that must still be there, and fit."""

    parameters: tuple[Parameter, ...]


class Deprecate(Command, frozen=True): ...


class Undeprecate(Command, frozen=True): ...


class Switch(Command, frozen=True):
    """Turns the flag on or off in one environment."""

    environment: str
    on: bool


class SetOffVariation(Command, frozen=True):
    environment: str
    variation: str


class SetFallthrough(Command, frozen=True):
    environment: str
    serve: Serve


class SetRules(Command, frozen=True):
    """All rules of an environment, in order."""

    environment: str
    rules: tuple[Rule, ...]


class SetTargets(Command, frozen=True):
    """All targets of an environment; one without keys is left out."""

    environment: str
    targets: tuple[Target, ...]


class SetPrerequisites(Command, frozen=True):
    environment: str
    prerequisites: tuple[Prerequisite, ...]


class SetTracking(Command, frozen=True):
    environment: str
    track_events: bool
    track_events_fallthrough: bool


class ServeVariation(Command, frozen=True):
    """One variation for all whom a rule (by id, or FALLTHROUGH) reaches: what a winner gets."""

    environment: str
    rule: str
    variation: str


class ForgetEnvironment(Command, frozen=True):
    """The environment is gone, and its targeting with it."""

    environment: str
