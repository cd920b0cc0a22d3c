"""A metric: what is measured of each unit. A change of meaning is a new version."""

from msgspec import Struct

from equipoise.domain.change import Facets
from equipoise.domain.clauses import Clause, Json
from equipoise.domain.identity import Id, Place

KINDS = ("custom", "click", "pageview", "trace")
ANALYSES = ("mean", "percentile")
AGGREGATIONS = ("sum", "average", "count_distinct")
URL_MATCHES = ("exact", "canonical", "substring", "regex")
GROUP = "group"  # the filter is a tree: its operator joins its values, which are filters themselves


class UrlMatch(Struct, frozen=True):
    """Which pages a click or pageview metric counts: exact, canonical, substring or regex."""

    kind: str
    pattern: str


class Winsor(Struct, frozen=True):
    """Percentiles (0 to 100) beyond which values are clamped; None for no clamp on that side."""

    lower: float | None = None
    upper: float | None = None
    imputed: bool = False


class Measure(Struct, frozen=True):
    """One series of events as a number per unit.

    event        key of the event
    numeric      whether the event's value counts, rather than its occurrence
    aggregation  sum, average or count_distinct of a unit's events
    field        property of the event that is the value; "" for the event's own
    filters      which events count; filter_kind says what the attribute is of, or GROUP
    window       milliseconds from first exposure (start, end); None for open
    """

    event: str = ""
    numeric: bool = False
    aggregation: str = "sum"
    field: str = ""
    filters: Clause | None = None
    filter_kind: str = ""
    window: tuple[int | None, int | None] = (None, None)
    winsor: Winsor = Winsor()


class Definition(Struct, frozen=True):
    """What a metric means; replaced whole, which makes a new version.

    kind          custom, click, pageview or trace
    analysis      mean or percentile
    percentile    1 to 99 where analysis is percentile
    higher        whether more is better
    units         context kinds by which it may be analysed
    missing       value of units without events; None leaves them out
    denominator   makes it a ratio
    """

    kind: str
    measure: Measure = Measure()
    analysis: str = "mean"
    percentile: int | None = None
    higher: bool = True
    unit: str = ""
    units: tuple[str, ...] = ("user",)
    missing: float | None = 0.0
    denominator: Measure | None = None
    selector: str = ""
    urls: tuple[UrlMatch, ...] = ()
    query: str = ""
    source: str = "events"


class Metric(Struct, frozen=True):
    """A metric of a project. `version` counts meanings, `revision` counts changes of any sort.

    changed_at  when its meaning last changed, in milliseconds since 1970
    """

    id: Id
    project: str
    key: str
    name: str
    created_at: int
    changed_at: int
    definition: Definition
    version: int = 1
    revision: int = 0
    description: str = ""
    tags: tuple[str, ...] = ()
    maintainer: str = ""
    archived_at: int | None = None
    annotations: dict[str, Json] = {}
    touched_at: int = 0

    @property
    def place(self) -> Place:
        return Place(self.project)

    @property
    def territory(self) -> Place:
        return self.place


def facets(metric: Metric) -> Facets:
    """It links to its tags, its maintainer, and the events (by key) that it counts."""
    measures = (metric.definition.measure, metric.definition.denominator)
    events = dict.fromkeys(measure.event for measure in measures if measure and measure.event)
    return Facets(
        name=metric.name,
        archived=metric.archived_at is not None,
        created_at=metric.created_at,
        links=(
            *(("tag", tag) for tag in metric.tags),
            *(("event", event) for event in events),
            *((("maintainer", metric.maintainer),) if metric.maintainer else ()),
        ),
    )
