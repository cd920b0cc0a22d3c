"""What each event makes of an environment. Nothing is checked here: what happened, happened."""

from msgspec.structs import asdict, replace

from equipoise.domain import labels
from equipoise.domain.change import Event, Evolve
from equipoise.domain.environment.events import (
    Configured,
    Created,
    MobileKeyReplaced,
    Painted,
    SdkKeyReplaced,
)
from equipoise.domain.environment.state import Environment


def _configure(now: Environment, event: Configured) -> Environment:
    changed = {name: value for name, value in asdict(event).items() if value is not None}
    return replace(now, **changed)


EVOLVE: dict[type[Event], Evolve] = {
    **labels.evolving(labels.Rename, labels.Tag, labels.Annotate, labels.Delete),
    Created: lambda now, event: event.environment,
    Painted: lambda now, event: replace(now, color=event.color),
    Configured: _configure,
    SdkKeyReplaced: lambda now, event: replace(now, sdk_key=event.key),
    MobileKeyReplaced: lambda now, event: replace(now, mobile_key=event.key),
}
