"""A holdout: a share of units that is kept out of all experiments that joined it."""

from msgspec import Struct

from equipoise.domain.allocation import SHARE_WHOLE
from equipoise.domain.change import Facets
from equipoise.domain.clauses import Json
from equipoise.domain.experiment.state import MetricUse
from equipoise.domain.gates import Gate
from equipoise.domain.identity import Id, Place


class Holdout(Struct, frozen=True):
    """A holdout of an environment. Experiments say by its id that they joined.

    share       of all units that is held out, in thousandths of a percent; it never changes, and neither do
                unit and salt: whoever is held out stays so
    unit        context kind that is held out
    metrics     by which it is to be judged, the primary one by key ("" for the first)
    attributes  context attributes by which that is to be sliced
    flag        key of the flag that it depends on; "" for none
    """

    id: Id
    project: str
    environment: str
    key: str
    name: str
    created_at: int
    share: int
    unit: str
    salt: str
    maintainer: str = ""
    revision: int = 0
    description: str = ""
    metrics: tuple[MetricUse, ...] = ()
    primary: str = ""
    attributes: tuple[str, ...] = ()
    flag: str = ""
    ended_at: int | None = None
    annotations: dict[str, Json] = {}
    touched_at: int = 0

    @property
    def place(self) -> Place:
        return Place(self.project, self.environment)

    @property
    def territory(self) -> Place:
        return self.place

    @property
    def said(self) -> str:
        """What refusals call it."""
        return f"holdout {self.key}"

    @property
    def gate(self) -> Gate:
        """Lets in whoever is not held out; everybody, once it has ended."""
        held_out = self.share if self.ended_at is None else 0
        return Gate(self.salt, ((held_out, SHARE_WHOLE),))


def facets(holdout: Holdout) -> Facets:
    """It links to its maintainer."""
    return Facets(
        name=holdout.name,
        status="ended" if holdout.ended_at is not None else "",
        created_at=holdout.created_at,
        links=((("maintainer", holdout.maintainer),) if holdout.maintainer else ()),
    )
