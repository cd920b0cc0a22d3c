"""What each event makes of a segment. Nothing is checked here: what happened, happened."""

from msgspec.structs import replace

from equipoise.domain import labels
from equipoise.domain.change import Event, Evolve
from equipoise.domain.segment.events import Created, RulesSet

EVOLVE: dict[type[Event], Evolve] = {
    **labels.evolving(
        labels.Rename,
        labels.Describe,
        labels.Tag,
        labels.Annotate,
        labels.Archive,
        labels.Restore,
        labels.Delete,
    ),
    Created: lambda now, event: event.segment,
    RulesSet: lambda now, event: replace(now, rules=event.rules),
}
