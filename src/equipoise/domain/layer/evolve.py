"""What each event makes of a layer. Nothing is checked here: what happened, happened."""

from msgspec.structs import replace

from equipoise.domain import labels
from equipoise.domain.change import Event, Evolve
from equipoise.domain.layer.events import Created, Released, Reserved
from equipoise.domain.layer.state import Layer, Reservation


def _reserve(now: Layer, event: Reserved) -> Layer:
    """In its old place, or last."""
    said = Reservation(event.environment, event.experiment, event.ranges)
    which = (event.environment, event.experiment)
    if now.of(*which) is None:
        return replace(now, reservations=(*now.reservations, said))
    kept = (said if (each.environment, each.experiment) == which else each for each in now.reservations)
    return replace(now, reservations=tuple(kept))


def _release(now: Layer, event: Released) -> Layer:
    which = (event.environment, event.experiment)
    kept = (each for each in now.reservations if (each.environment, each.experiment) != which)
    return replace(now, reservations=tuple(kept))


EVOLVE: dict[type[Event], Evolve] = {
    **labels.evolving(labels.Rename, labels.Describe, labels.Delete),
    Created: lambda now, event: event.layer,
    Reserved: _reserve,
    Released: _release,
}
