"""What may be asked of an experiment. A command replaces a whole value that bears an invariant.

Commands on an iteration's fields edit the draft; `SetMetrics` and `SetAttributes` edit the running
iteration when they say so (`iteration="current"`).
"""

from typing import Literal

from msgspec import Struct

from equipoise.domain.barriers import NONE, Barriers
from equipoise.domain.change import Command
from equipoise.domain.clauses import Json
from equipoise.domain.experiment.state import Analysis, Comparison, Experiment, Iteration, MetricUse
from equipoise.domain.identity import Id
from equipoise.domain.proposal import Proposal, Segments

Which = Literal["draft", "current"]


class StartFacts(Struct, frozen=True):
    """What a start must know of the flag, and of the segments that arms name: read in the same change.

    variations  ids
    rules       ids, with or without FALLTHROUGH, which is always there
    segments    those that are not archived
    barriers    what its units must pass: a layer's, a holdout's
    """

    on: bool
    archived: bool
    variations: tuple[str, ...]
    rules: tuple[str, ...]
    salt: str
    segments: Segments = {}
    barriers: Barriers = NONE


class Create(Command, frozen=True):
    """`experiment` whole, revision 0, with its first draft; ids are made by the caller from the moment."""

    experiment: Experiment


class SetAnalysis(Command, frozen=True):
    analysis: Analysis


class JoinHoldout(Command, frozen=True):
    """A holdout's id; an empty one leaves it. Not while it runs: whoever has an arm would lose it."""

    holdout: str


class LeaveHoldout(Command, frozen=True):
    """At any time; what runs holds the holdout's units out until its next phase."""


class Claim(Command, frozen=True):
    """All that it claims beside its rule: while it runs, no other of its environment holds any of it."""

    claims: tuple[str, ...]


class SetHypothesis(Command, frozen=True):
    text: str


class SetMetrics(Command, frozen=True):
    """All metrics, and the key of the one that decides ("" for the first).

    On the current iteration metrics may be added, in the version they name, never taken away or
    altered. A draft names no versions: its start pins them.
    """

    metrics: tuple[MetricUse, ...]
    primary: str = ""
    iteration: Which = "draft"


class SetComparisons(Command, frozen=True):
    comparisons: tuple[Comparison, ...]


class SetAttributes(Command, frozen=True):
    """On the current iteration attributes may be added, never taken away."""

    attributes: tuple[str, ...]
    iteration: Which = "draft"


class SetUnit(Command, frozen=True):
    unit: str


class ProposeAllocation(Command, frozen=True):
    """On the draft; where none waits and the iteration is paused, it opens a new phase.

    flag  needed for a new phase alone, since units are served by it without another start
    """

    proposal: Proposal
    flag: StartFacts | None = None


class Advance(Command, frozen=True):
    """Takes the ramp to its next level, in thousandths of a percent, and so opens a new phase; nothing where
    it stands there already.

    flag  as it is by now; without it, the phase has the barriers of the one before
    """

    level: int
    flag: StartFacts | None = None


class Place(Command, frozen=True):
    """The rule (by id, or FALLTHROUGH) that is under experiment."""

    rule: str


class SetReshuffle(Command, frozen=True):
    reshuffle: bool


class DraftIteration(Command, frozen=True):
    """A new draft; one that waits already is replaced."""

    iteration: Iteration


class CloneIteration(Command, frozen=True):
    """A new draft like the current iteration, under the id; refused where a draft waits (SetAside first)."""

    id: Id


class SetAside(Command, frozen=True):
    """Puts the waiting draft by; nothing where none waits."""


class TakeUp(Command, frozen=True):
    """Brings back the draft that was put by; nothing where none was."""


class Start(Command, frozen=True):
    """Starts the draft. What runs must have been stopped before, in the same change at the latest.

    pins  metric key → version
    """

    flag: StartFacts
    reason: str = ""
    pins: dict[str, int] = {}


class Pause(Command, frozen=True): ...


class Resume(Command, frozen=True): ...


class Stop(Command, frozen=True):
    """Ends the current iteration; `winner` is an arm's variation id, or "" for none."""

    winner: str = ""
    reason: str = ""


class AnnotateIteration(Command, frozen=True):
    """A field that only one surface has, opaque to us; None removes it. Stored under "dialect.name".

    iteration  which iteration the field is of
    """

    dialect: str
    name: str
    value: Json
    iteration: Which = "draft"
