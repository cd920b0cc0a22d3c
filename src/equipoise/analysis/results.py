"""The document of a result: what was found, how sure that is, and how it was computed.

Times are microseconds since 1970, UTC. A bound that is None is not there: the interval is open.
"""

from enum import StrEnum

from msgspec import Struct

from equipoise.domain.experiment.admission import Admission
from equipoise.domain.experiment.state import Role, Side
from equipoise.domain.identity import Id


class Interval(Struct, frozen=True):
    """From low to high; None for no bound."""

    low: float | None
    high: float | None

    def excludes(self, value: float) -> bool:
        """Whether the value lies beyond a bound; one on it does not."""
        return (self.low is not None and value < self.low) or (self.high is not None and value > self.high)


class Estimate(Struct, frozen=True):
    """One method's answer to one contrast; p-value and both intervals invert the same test.

    method             welch, exact, confidence-sequence
    adjusted           whether the covariate was used
    difference         arm less the other, in the metric's unit
    standard_error     of the difference; None where the method has none
    degrees            of freedom, of a t-distribution
    interval           of the difference
    relative           difference over the other's mean; None where that mean is not clearly off zero
    relative_interval  by Fieller; None where no bounded set exists ("not enough to state a lift")
    p_value            of no difference; `p_log10` also where the p-value underflows
    level              what the intervals cover, 0.95 for example
    """

    method: str
    adjusted: bool
    difference: float
    standard_error: float | None
    degrees: float | None
    interval: Interval
    relative: float | None
    relative_interval: Interval | None
    p_value: float
    p_log10: float
    level: float


class Warned(Struct, frozen=True):
    """Something that keeps a figure from being trusted: a word for programs, a sentence, a remedy."""

    code: str
    sentence: str
    remedy: str


class Compared(Struct, frozen=True):
    """One metric in one arm against another.

    always     valid however often one looks: what verdicts are made of
    fixed      valid for one look at a time that was planned before; None when it cannot be computed
    direction  1 where more is better, -1 where less is
    binary     whether each unit's value is 0 or 1, so that means are shares of units
    """

    metric: str
    name: str
    version: int
    role: Role
    side: Side
    margin: float
    direction: int
    arm: str
    against: str
    always: Estimate | None
    fixed: Estimate | None
    warnings: tuple[Warned, ...] = ()
    binary: bool = False


class Measurement(Struct, frozen=True):
    """A metric within one arm."""

    metric: str
    n: int
    missing: int
    mean: float | None
    deviation: float | None
    total: float | None


class ArmResult(Struct, frozen=True):
    """One arm: its share as planned, of the units that layer and holdout let in (thousandths of a percent),
    and its units as found."""

    id: str
    name: str
    control: bool
    share: int
    units: int
    measurements: tuple[Measurement, ...]


class Grade(StrEnum):
    """How a check of health went."""

    GOOD = "good"
    UNKNOWN = "unknown"
    WARNING = "warning"
    BAD = "bad"


class Check(Struct, frozen=True):
    """One thing that must be well for results to be believed."""

    code: str
    title: str
    grade: Grade
    sentence: str
    remedy: str = ""
    figures: dict[str, float] = {}


class Call(StrEnum):
    """What the evidence says so far."""

    NO_DATA = "no_data"
    UNTRUSTED = "untrusted"
    UNDECIDED = "undecided"
    BETTER = "better"
    NOT_WORSE = "not_worse"  # by the margin that was planned: what non-inferiority asks
    WORSE = "worse"


class Verdict(Struct, frozen=True):
    """In a word, in a sentence, and what to do next; `arm` and `metric` are those it speaks of."""

    call: Call
    sentence: str
    next_step: str
    arm: str = ""
    metric: str = ""


class Bounds(Struct, frozen=True):
    """The always-valid estimate of one metric and arm as it stood at the end of a bucket, on the relative
    scale and in the metric's unit; None where there was none.

    naive             what a t-test that ignores all earlier looks would have said, on the relative scale
    naive_difference  the same in the metric's unit
    against           the arm it was compared with
    """

    metric: str
    arm: str
    at: int
    difference: float | None
    interval: Interval | None
    relative: float | None
    relative_interval: Interval | None
    naive: Interval | None = None
    naive_difference: Interval | None = None
    against: str = ""


class Exposed(Struct, frozen=True):
    """Units first exposed in one bucket."""

    arm: str
    at: int
    units: int


class Computation(Struct, frozen=True):
    """How it was computed, so that it can be asked why and computed again.

    plan          digest of the plan: the same plan and watermark give the same figures
    alpha         what all that decides may err by, together
    metrics       key → the version that is measured
    watermark     newest event that was read, by receipt; 0 for none
    engine        name and version; `sql` is what it ran, as text
    files         how many were read; `exposures` and `outcomes` are their rows
    seed, scheme  by which units were hashed; None and "" where it has not started
    """

    plan: str
    alpha: float
    metrics: dict[str, int]
    watermark: int
    computed_at: int
    engine: str
    sql: tuple[str, ...]
    files: int
    exposures: int
    outcomes: int
    seed: int | None
    scheme: str


class Results(Struct, frozen=True):
    """All of it; `admission` says which units are given to the experiment at all."""

    project: str
    environment: str
    experiment: str
    name: str
    flag: str
    unit: str
    status: str
    iteration: Id
    started_at: int | None
    ended_at: int | None
    bucket: int
    verdict: Verdict
    arms: tuple[ArmResult, ...]
    comparisons: tuple[Compared, ...]
    health: tuple[Check, ...]
    bounds: tuple[Bounds, ...]
    exposed: tuple[Exposed, ...]
    computation: Computation
    admission: Admission = Admission()

    @property
    def arm_names(self) -> dict[str, str]:
        """Variation id → what the arm is called."""
        return {arm.id: arm.name for arm in self.arms}
