"""What a list of experiments may be asked."""

from msgspec import Struct

from equipoise.application.ports import Query
from equipoise.application.world import World
from equipoise.domain.errors import Violation, check
from equipoise.domain.experiment.state import Status
from equipoise.domain.identity import Place
from equipoise.domain.limits import LIST_ITEMS_MAX
from equipoise.translation.call import Call
from equipoise.translation.routes import Parameter

LIMIT = 20
OFFSET_MAX = 2**31 - 1
STATUSES: dict[str, tuple[Status, ...]] = {  # what is paused shows as running
    "not_started": (Status.DRAFT,),
    "running": (Status.RUNNING, Status.PAUSED),
    "stopped": (Status.STOPPED,),
}
FILTERS = ("flagKey", "metricKey", "status")
LIFECYCLE = ("active", "archived")

EXPAND = Parameter(
    "expand",
    "Comma-separated: previousIterations, draftIteration, secondaryMetrics, treatments, analysisConfig, "
    "and on one experiment mutableFieldsByStatus.",
)
AS_OF = Parameter("asOf", "A number of the change log, or an ISO 8601 time: the experiment as it was then.")
LIST = (
    Parameter("limit", "How many experiments to answer.", "integer"),
    Parameter("offset", "How many experiments to skip.", "integer"),
    Parameter("filter", "Comma-separated `field:value` over flagKey, metricKey and status; all must hold."),
    EXPAND,
    Parameter("lifecycleState", "Comma-separated: active (the default), archived, or both."),
)


class Asked(Struct, frozen=True):
    """A list as it was asked for.

    nothing  the filters contradict each other
    """

    limit: int
    offset: int
    links: tuple[tuple[str, str], ...]
    statuses: tuple[str, ...]
    archived: bool | None
    nothing: bool

    def query(self, world: World, place: Place) -> Query:
        """The query, confined to what the principal may see."""
        own = world.principal.environment
        inside = Place(place.project, place.environment or own)
        return Query(
            inside,
            everywhere=not inside.environment,
            keys=() if self.nothing else None,
            archived=self.archived,
            statuses=self.statuses,
            links=self.links,
            limit=self.limit,
            offset=self.offset,
        )


def asked(call: Call) -> Asked:
    """raises Invalid, with everything that is wrong with the query"""
    pairs = [part.partition(":")[::2] for part in call.listed("filter")]
    states = call.listed("lifecycleState") or ("active",)
    check(
        *(_known(name, value) for name, value in pairs),
        *(
            each in LIFECYCLE or Violation("lifecycleState", f"must be over {', '.join(LIFECYCLE)}", each)
            for each in states
        ),
    )
    statuses = [set(STATUSES[value]) for name, value in pairs if name == "status"]
    common = set.intersection(*statuses) if statuses else set[Status]()
    links = tuple(
        (relation, value)
        for field, relation in (("flagKey", "flag"), ("metricKey", "metric"))
        for name, value in pairs
        if name == field
    )
    return Asked(
        limit=call.number("limit", LIMIT, LIST_ITEMS_MAX),
        offset=call.number("offset", 0, OFFSET_MAX),
        links=links,
        statuses=tuple(sorted(common)),
        archived=None if set(states) == set(LIFECYCLE) else "archived" in states,
        nothing=bool(statuses) and not common,
    )


def _known(name: str, value: str) -> bool | Violation:
    if name not in FILTERS or not value:
        return Violation("filter", f"must be field:value over {', '.join(FILTERS)}", f"{name}:{value}")
    rule = f"status must be one of {', '.join(STATUSES)}"
    return name != "status" or value in STATUSES or Violation("filter", rule, value)
