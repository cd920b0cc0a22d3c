"""A layer: a line on which each of its experiments has a place of its own."""

from msgspec import Struct

from equipoise.domain.allocation import SHARE_WHOLE
from equipoise.domain.change import Facets
from equipoise.domain.gates import Gate, Range, length
from equipoise.domain.identity import Id, Place

PERCENT = SHARE_WHOLE // 100  # reservations are whole percents, so that a line has few bounds
BOUNDS = 99  # that whole percents can have


class Reservation(Struct, frozen=True):
    """What of a layer's line is an experiment's, in one environment; both by key.

    ranges  rising, none touching the next; () while nothing is reserved yet
    """

    environment: str
    experiment: str
    ranges: tuple[Range, ...] = ()

    @property
    def share(self) -> int:
        """In thousandths of a percent."""
        return length(self.ranges)


class Layer(Struct, frozen=True):
    """A layer of a project, with a line for each environment.

    salt          hashed with a unit's key: the unit's place on the line, the same in all environments
    reservations  an experiment stands once in an environment; no two of an environment overlap
    """

    id: Id
    project: str
    key: str
    name: str
    created_at: int
    salt: str
    reservations: tuple[Reservation, ...] = ()
    revision: int = 0
    description: str = ""
    touched_at: int = 0

    @property
    def place(self) -> Place:
        return Place(self.project)

    @property
    def territory(self) -> Place:
        return self.place

    @property
    def said(self) -> str:
        """What refusals call it."""
        return f"layer {self.key}"

    def within(self, environment: str) -> tuple[Reservation, ...]:
        return tuple(each for each in self.reservations if each.environment == environment)

    def of(self, environment: str, experiment: str) -> Reservation | None:
        found = (each for each in self.within(environment) if each.experiment == experiment)
        return next(found, None)

    def gate(self, environment: str, experiment: str) -> Gate:
        """Lets in whoever lies on what is the experiment's."""
        own = self.of(environment, experiment)
        return Gate(self.salt, () if own is None else own.ranges)


def reserved_link(environment: str, experiment: str) -> tuple[str, str]:
    """By which a layer is found that the experiment is in."""
    return "reserved", f"{environment}/{experiment}"


def facets(layer: Layer) -> Facets:
    """It links to its experiments; an experiment is in one layer, so each is claimed."""
    named = dict.fromkeys(each.experiment for each in layer.reservations)
    return Facets(
        name=layer.name,
        created_at=layer.created_at,
        links=(
            *(("experiment", key) for key in named),
            *(reserved_link(each.environment, each.experiment) for each in layer.reservations),
        ),
        claims=tuple(f"experiment:{each.environment}/{each.experiment}" for each in layer.reservations),
    )
