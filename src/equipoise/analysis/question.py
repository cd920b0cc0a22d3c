"""What a warehouse is asked, and what it answers: moments, never rows.

Times are microseconds since 1970, UTC.
"""

from enum import StrEnum

from msgspec import Struct

from equipoise.analysis.moments import Moments
from equipoise.domain.identity import Id


class Value(StrEnum):
    """How a unit's outcomes become its value."""

    OCCURRED = "occurred"  # 1 where there is any, else 0
    COUNT = "count"
    SUM = "sum"  # of their values
    MEAN = "mean"  # of their values


class Measured(Struct, frozen=True):
    """One metric as a number per unit.

    name      of the metric, what answers call it
    event     key of the outcomes
    value     how they become a number
    field     property of the outcome's data that is its value; "" for its own
    since     microseconds after first exposure from which outcomes count; None for the exposure itself
    until     microseconds after first exposure up to which they count; None for all there are
    missing   value of units without outcomes; None leaves them out and counts them
    before    microseconds before first exposure that make the covariate "x" (the same value of that
              time); 0 for none. Units without outcomes then have the same `missing`, or 0
    """

    name: str
    event: str
    value: Value
    field: str = ""
    since: int | None = None
    until: int | None = None
    missing: float | None = 0.0
    before: int = 0


class Question(Struct, frozen=True):
    """What is asked of the files of one environment.

    iteration  whose exposures count
    unit       context kind that was randomised
    arms       variation ids, in order
    started    when the iteration started
    until      neither exposures nor outcomes after this count (by `at`); None for all there are
    bucket     width of cohorts and of the timeline
    """

    environment: Id
    iteration: Id
    unit: str
    arms: tuple[str, ...]
    measured: tuple[Measured, ...]
    started: int
    until: int | None = None
    bucket: int = 86_400_000_000


class Cohort(Struct, frozen=True):
    """Units of one arm by the bucket of their first exposure; units seen in two arms are in none.

    bucket   start of it
    units    how many
    moments  metric → moments of it
    """

    arm: str
    bucket: int
    units: int
    moments: dict[str, Moments]


class Look(Struct, frozen=True):
    """What was known of one metric in one arm at the end of a bucket: outcomes up to then of units exposed
    up to then. `moments` has no cubes, and no bounds."""

    metric: str
    arm: str
    bucket: int
    moments: Moments


class Facts(Struct, frozen=True):
    """The answer.

    cohorts     every arm and bucket that has units
    looks       for each metric, arm and bucket from the first exposure on, without gaps
    doubled     units that were seen in two arms, and are left out everywhere
    strangers   units seen with a variation that is no arm of the question
    collisions  unit keys that stand for two units
    exposures   rows that were read, and outcomes
    watermark   newest received_at of the files that were read; 0 for none
    engine      name and version
    sql         what was run, as text
    """

    cohorts: tuple[Cohort, ...]
    looks: tuple[Look, ...]
    doubled: int = 0
    strangers: int = 0
    collisions: int = 0
    exposures: int = 0
    outcomes: int = 0
    watermark: int = 0
    engine: str = ""
    sql: tuple[str, ...] = ()
