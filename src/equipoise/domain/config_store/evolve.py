"""What each event makes of a config store. Nothing is checked here: what happened, happened."""

from msgspec.structs import replace

from equipoise.domain import labels
from equipoise.domain.change import Event, Evolve
from equipoise.domain.config_store.events import Created, Pushed

EVOLVE: dict[type[Event], Evolve] = {
    **labels.evolving(labels.Delete),
    Created: lambda now, event: event.store,
    Pushed: lambda now, event: replace(now, items=event.items, updated_at=event.at),
}
