"""What each event makes of a project. Nothing is checked here: what happened, happened."""

from msgspec.structs import replace

from equipoise.domain import labels
from equipoise.domain.change import Event, Evolve
from equipoise.domain.project.events import AvailabilitySet, ContextKindPut, Created, UnitsSet
from equipoise.domain.project.state import Project


def _put_context_kind(now: Project, event: ContextKindPut) -> Project:
    """In its place where the key is known, else last."""
    kinds = {kind.key: kind for kind in now.context_kinds} | {event.kind.key: event.kind}
    return replace(now, context_kinds=tuple(kinds.values()))


EVOLVE: dict[type[Event], Evolve] = {
    **labels.evolving(labels.Rename, labels.Tag, labels.Annotate, labels.Delete),
    Created: lambda now, event: event.project,
    AvailabilitySet: lambda now, event: replace(now, client_side=event.client_side, mobile=event.mobile),
    ContextKindPut: _put_context_kind,
    UnitsSet: lambda now, event: replace(now, units=event.units),
}
