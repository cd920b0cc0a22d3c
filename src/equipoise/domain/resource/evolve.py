"""What each event makes of a resource. Nothing is checked here: what happened, happened."""

from msgspec.structs import replace

from equipoise.domain import labels
from equipoise.domain.change import Event, Evolve
from equipoise.domain.free import given
from equipoise.domain.resource.events import Configured, Created, SecretsSet

EVOLVE: dict[type[Event], Evolve] = {
    **labels.evolving(labels.Delete),
    Created: lambda now, event: event.resource,
    Configured: lambda now, event: replace(now, **given(event)),
    SecretsSet: lambda now, event: replace(now, secrets=event.secrets),
}
