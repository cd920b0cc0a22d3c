"""What each event makes of a statement. Nothing is checked here: what happened, happened."""

from msgspec.structs import replace

from equipoise.domain import labels
from equipoise.domain.change import Event, Evolve
from equipoise.domain.statement.events import Created, Restated

EVOLVE: dict[type[Event], Evolve] = {
    **labels.evolving(labels.Delete),
    Created: lambda now, event: event.statement,
    Restated: lambda now, event: replace(now, said_at=event.said_at, document=event.document),
}
