"""What each event makes of a catalog entry. Nothing is checked here: what happened, happened."""

from msgspec.structs import replace

from equipoise.domain import labels
from equipoise.domain.catalog.events import Created, Published
from equipoise.domain.change import Event, Evolve

EVOLVE: dict[type[Event], Evolve] = {
    **labels.evolving(labels.Delete),
    Created: lambda now, event: event.entry,
    Published: lambda now, event: replace(now, content=event.content),
}
