"""What happened to a layer."""

from equipoise.domain.change import Event
from equipoise.domain.gates import Range
from equipoise.domain.layer.state import Layer


class Created(Event, frozen=True):
    layer: Layer


class Reserved(Event, frozen=True):
    """All that is the experiment's from now on."""

    environment: str
    experiment: str
    ranges: tuple[Range, ...]


class Released(Event, frozen=True):
    environment: str
    experiment: str
