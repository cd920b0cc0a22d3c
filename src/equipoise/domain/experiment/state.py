"""An experiment: a flag's rule, its iterations, and what is compared."""

from collections.abc import Iterator
from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace

from equipoise.domain.allocation import Allocation, Hashing, Split
from equipoise.domain.change import Facets
from equipoise.domain.clauses import Json
from equipoise.domain.flag.state import FALLTHROUGH
from equipoise.domain.gates import Gate, ReservedShare
from equipoise.domain.identity import Id, Place
from equipoise.domain.proposal import Proposal


class Status(StrEnum):
    """Where an experiment, or one iteration of it, is in its life."""

    DRAFT = "draft"
    RUNNING = "running"
    PAUSED = "paused"
    STOPPED = "stopped"


ACTIVE = (Status.RUNNING, Status.PAUSED)  # it holds its rule


class Side(StrEnum):
    """Which change of the metric the alternative hypothesis speaks of."""

    TWO = "two"
    GREATER = "greater"
    LESS = "less"


class Role(StrEnum):
    """What a comparison is for: it decides, it guards, or it is looked at."""

    PRIMARY = "primary"
    SECONDARY = "secondary"
    GUARDRAIL = "guardrail"


class Contrast(Struct, frozen=True):
    """Which arms are set against each other, by variation id; "" for `arm` is every arm but the control,
    "" for `against` is the control."""

    arm: str = ""
    against: str = ""


class Comparison(Struct, frozen=True):
    """A testable statement: a metric (by key), a contrast, a margin, a side, a role.

    margin  on the relative scale; 0 for superiority, above 0 for non-inferiority by that much
    """

    metric: str
    contrast: Contrast = Contrast()
    margin: float = 0.0
    side: Side = Side.TWO
    role: Role = Role.SECONDARY


class MetricUse(Struct, frozen=True):
    """A metric (or group, by key) that an iteration measures.

    unit     context kind it is analysed by; "" for the randomisation unit
    version  the metric's version, pinned when the iteration starts; 0 before
    """

    key: str
    group: bool = False
    unit: str = ""
    version: int = 0


class Phase(Struct, frozen=True):
    """A stretch of an iteration under one allocation; times in milliseconds since 1970.

    gates     what its units must pass beside the allocation's own: as they were when it began
    reserved  what its layer held for it then; None where it was in none
    """

    allocation: Allocation
    started_at: int
    ended_at: int | None = None
    gates: tuple[Gate, ...] = ()
    reserved: ReservedShare | None = None


class Pause(Struct, frozen=True):
    """A span in which nobody was assigned."""

    started_at: int
    ended_at: int | None = None


class Iteration(Struct, frozen=True):
    """One period of an experiment with one seed.

    unit           context kind that is randomised; "" while nobody has said
    attributes     context attributes by which results are sliced
    primary        key of the metric (or group) that decides; "" for the first of `metrics`
    comparisons    statements said explicitly; the plan derives the rest from `metrics`
    rule           id of the flag's rule under experiment, or FALLTHROUGH
    reshuffle      whether a change of shares may move units between arms
    winner         variation id of the arm that was declared the winner; "" for none
    """

    id: Id
    created_at: int
    status: Status = Status.DRAFT
    hypothesis_text: str = ""
    unit: str = ""
    metrics: tuple[MetricUse, ...] = ()
    primary: str = ""
    comparisons: tuple[Comparison, ...] = ()
    attributes: tuple[str, ...] = ()
    rule: str = FALLTHROUGH
    proposal: Proposal = Proposal()
    reshuffle: bool = True
    phases: tuple[Phase, ...] = ()
    pauses: tuple[Pause, ...] = ()
    started_at: int | None = None
    ended_at: int | None = None
    start_reason: str = ""
    winner: str = ""
    winner_reason: str = ""
    annotations: dict[str, Json] = {}

    @property
    def allocation(self) -> Allocation | None:
        """What is served now, or was served last."""
        return self.phases[-1].allocation if self.phases else None

    @property
    def shares(self) -> tuple[int, ...]:
        """Of each proposed arm: those served now or last where a ramp says them, else those proposed."""
        served = self.allocation
        ramped = {arm.variation: arm.share for arm in served.arms} if isinstance(served, Split) else {}
        said = ramped if self.proposal.levels else {}
        return tuple(said.get(arm.variation, arm.share or 0) for arm in self.proposal.arms)

    @property
    def hashing(self) -> Hashing | None:
        """How its units are hashed, the same in all its phases; None while no phase went by share."""
        splits = (each.allocation for each in self.phases if isinstance(each.allocation, Split))
        return next((split.hashing for split in splits), None)

    @property
    def primary_key(self) -> str:
        """The metric that decides: the one named, else the first; "" when there is none."""
        return self.primary or (self.metrics[0].key if self.metrics else "")


def unstarted(iteration: Iteration) -> Iteration:
    """The same plan without a life of its own: no phase, no time, no winner, no pinned version, and at the
    first step of a ramp."""
    return replace(
        iteration,
        status=Status.DRAFT,
        proposal=replace(iteration.proposal, step=0),
        metrics=tuple(replace(use, version=0) for use in iteration.metrics),
        phases=(),
        pauses=(),
        started_at=None,
        ended_at=None,
        start_reason="",
        winner="",
        winner_reason="",
    )


class Analysis(Struct, frozen=True):
    """How results are to be read; numbers stay the text in which they were said.

    methodology  frequentist, bayesian or export_only
    settings     the sending surface's own settings (thresholds, corrections), by their names
    """

    methodology: str = "frequentist"
    settings: dict[str, Json] = {}


class Experiment(Struct, frozen=True):
    """An experiment of an environment, on one rule of one flag (by key).

    design    experiment, bandit or holdout
    draft     the iteration that waits for its start
    current   the iteration that runs, is paused or ran last
    previous  those before, the oldest first
    aside     a draft put by while another iteration is made and started in one change
    claims    what it holds beside its rule while it runs; paused, it lets others have it
    holdout   id of the holdout that it joined; "" for none
    """

    id: Id
    project: str
    environment: str
    key: str
    name: str
    flag: str
    created_at: int
    maintainer: str
    revision: int = 0
    description: str = ""
    design: str = "experiment"
    analysis: Analysis = Analysis()
    tags: tuple[str, ...] = ()
    holdout: str = ""
    archived_at: int | None = None
    draft: Iteration | None = None
    current: Iteration | None = None
    previous: tuple[Iteration, ...] = ()
    aside: Iteration | None = None
    claims: tuple[str, ...] = ()
    annotations: dict[str, Json] = {}
    touched_at: int = 0

    @property
    def place(self) -> Place:
        return Place(self.project, self.environment)

    @property
    def territory(self) -> Place:
        return self.place

    @property
    def status(self) -> Status:
        return self.current.status if self.current is not None else Status.DRAFT

    @property
    def active(self) -> bool:
        """Whether it holds its rule: it runs, or is paused."""
        return self.status in ACTIVE

    @property
    def shown(self) -> Iteration | None:
        """The iteration a reader means: the current one, else the draft."""
        return self.current or self.draft

    @property
    def iterations(self) -> tuple[Iteration, ...]:
        """All there are, the oldest first; a draft comes last, or the one put by."""
        rest = (self.current, self.draft, self.aside)
        return (*self.previous, *(each for each in rest if each is not None))

    @property
    def complete(self) -> bool:
        """Whether a change may end here: a draft that was put by has been taken up again."""
        return self.aside is None

    @property
    def said(self) -> str:
        """What refusals call it."""
        return f"experiment {self.key}"


def facets(experiment: Experiment) -> Facets:
    """It links to its flag, to metrics, groups and segments (now and in the draft), tags, maintainer and
    holdout; while it is active it claims its rule, and what it claims beside that while it runs."""
    return Facets(
        name=experiment.name,
        status=experiment.status.value,
        archived=experiment.archived_at is not None,
        created_at=experiment.created_at,
        links=(
            ("flag", experiment.flag),
            *_measured(experiment),
            *_segments(experiment),
            *(("tag", tag) for tag in experiment.tags),
            *((("maintainer", experiment.maintainer),) if experiment.maintainer else ()),
            *((("holdout", experiment.holdout),) if experiment.holdout else ()),
        ),
        claims=tuple(_claims(experiment)),
    )


def _claims(experiment: Experiment) -> Iterator[str]:
    if experiment.active and experiment.current is not None:
        yield f"rule:{experiment.flag}:{experiment.current.rule}"
    if experiment.status is Status.RUNNING:
        yield from experiment.claims


def _measured(experiment: Experiment) -> tuple[tuple[str, str], ...]:
    uses = (use for iteration in _looked_at(experiment) for use in iteration.metrics)
    return tuple(dict.fromkeys(("group" if use.group else "metric", use.key) for use in uses))


def _segments(experiment: Experiment) -> tuple[tuple[str, str], ...]:
    named = (key for iteration in _looked_at(experiment) for key in iteration.proposal.segments)
    return tuple(dict.fromkeys(("segment", key) for key in named))


def _looked_at(experiment: Experiment) -> tuple[Iteration, ...]:
    return tuple(each for each in (experiment.shown, experiment.draft) if each is not None)
