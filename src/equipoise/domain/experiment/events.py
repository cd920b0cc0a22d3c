"""What happened to an experiment or to one of its iterations; times in milliseconds since 1970."""

from equipoise.domain.allocation import Allocation
from equipoise.domain.change import Event
from equipoise.domain.clauses import Json
from equipoise.domain.experiment.commands import Which
from equipoise.domain.experiment.state import Analysis, Comparison, Experiment, Iteration, MetricUse
from equipoise.domain.gates import Gate, ReservedShare
from equipoise.domain.identity import Id
from equipoise.domain.proposal import Proposal


class Created(Event, frozen=True):
    experiment: Experiment


class AnalysisSet(Event, frozen=True):
    analysis: Analysis


class HoldoutJoined(Event, frozen=True):
    """A holdout's id; an empty one says that it left."""

    holdout: str


class Claimed(Event, frozen=True):
    claims: tuple[str, ...]


class HypothesisSet(Event, frozen=True):
    text: str


class MetricsSet(Event, frozen=True):
    metrics: tuple[MetricUse, ...]
    primary: str
    iteration: Which = "draft"


class ComparisonsSet(Event, frozen=True):
    comparisons: tuple[Comparison, ...]


class AttributesSet(Event, frozen=True):
    attributes: tuple[str, ...]
    iteration: Which = "draft"


class UnitSet(Event, frozen=True):
    unit: str


class AllocationProposed(Event, frozen=True):
    """On the draft; on a paused iteration a `PhaseOpened` comes instead."""

    proposal: Proposal


class Placed(Event, frozen=True):
    rule: str


class ReshuffleSet(Event, frozen=True):
    reshuffle: bool


class IterationDrafted(Event, frozen=True):
    """A new draft, in place of any that waited."""

    iteration: Iteration


class IterationAnnotated(Event, frozen=True):
    """The field is "dialect.name"; None removes it."""

    field: str
    value: Json
    iteration: Which = "draft"


class PutAside(Event, frozen=True): ...


class TakenUp(Event, frozen=True): ...


class Started(Event, frozen=True):
    """The draft of this id runs, under this allocation, with these metric versions (by key)."""

    iteration: Id
    at: int
    allocation: Allocation
    reason: str = ""
    pins: dict[str, int] = {}
    gates: tuple[Gate, ...] = ()
    reserved: ReservedShare | None = None


class PhaseOpened(Event, frozen=True):
    at: int
    proposal: Proposal
    allocation: Allocation
    gates: tuple[Gate, ...] = ()
    reserved: ReservedShare | None = None


class Paused(Event, frozen=True):
    at: int


class Resumed(Event, frozen=True):
    at: int


class Stopped(Event, frozen=True):
    """`winner` is the variation id of an arm, or "" for none."""

    at: int
    winner: str = ""
    reason: str = ""
