"""What each event makes of a metric. Nothing is checked here: what happened, happened."""

from msgspec.structs import replace

from equipoise.domain import labels
from equipoise.domain.change import Event, Evolve
from equipoise.domain.metric.events import Created, Defined
from equipoise.domain.metric.state import Metric


def _define(now: Metric, event: Defined) -> Metric:
    return replace(now, definition=event.definition, version=event.version, changed_at=event.at)


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
    Created: lambda now, event: event.metric,
    Defined: _define,
}
