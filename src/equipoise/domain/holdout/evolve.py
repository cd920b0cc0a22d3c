"""What each event makes of a holdout. Nothing is checked here: what happened, happened."""

from msgspec.structs import replace

from equipoise.domain import labels
from equipoise.domain.change import Event, Evolve
from equipoise.domain.holdout.events import Created, Ended

EVOLVE: dict[type[Event], Evolve] = {
    **labels.evolving(labels.Rename, labels.Describe, labels.Delete),
    Created: lambda now, event: event.holdout,
    Ended: lambda now, event: replace(now, ended_at=event.at),
}
