"""The steps of a decision, as an explanation tells them: a tree of facts, a struct for each kind of step.

`held` and `met` are None where the step could not be finished: what was asked makes no sense, or nobody can
tell here.
"""

from collections.abc import Mapping
from enum import StrEnum

from msgspec import Struct

from equipoise.domain.allocation import SHA1
from equipoise.domain.clauses import Json
from equipoise.domain.identity import Id
from equipoise.evaluation.decision import Decision, Fault, Why


class Trial(Struct, frozen=True, rename="camel"):
    """The phase of an experiment that serves by a rule. `experiment` is its key, `phase` counts from 1."""

    experiment: str
    iteration: Id
    phase: int


class Role(StrEnum):
    """What a segment that an experiment brings along is for."""

    ARM = "arm"
    OUTSIDERS = "outsiders"
    LAYER = "layer"
    HOLDOUT = "holdout"
    TRAFFIC = "traffic"
    BELOW = "below"


class Generated(Struct, frozen=True, rename="camel"):
    """A segment that an experiment brings along.

    name   of the arm, the layer or the holdout; of those below a bound, what the bound is of
    share  of units that a layer, a holdout or the traffic lets in, in thousandths of a percent
    """

    role: Role
    name: str
    trial: Trial | None = None
    share: int | None = None


class Origins(Struct, frozen=True):
    """What in a ruleset comes from experiments.

    rules     (flag key, rule id or FALLTHROUGH) → what runs there
    segments  segment key → what it is
    """

    rules: Mapping[tuple[str, str], Trial] = {}
    segments: Mapping[str, Generated] = {}


class Cause(StrEnum):
    """Why a clause holds or does not, before it is negated."""

    MATCH = "match"
    NO_MATCH = "noMatch"
    NO_KIND = "noKind"
    NO_ATTRIBUTE = "noAttribute"
    WRONG_TYPE = "wrongType"
    NO_OPERATOR = "noOperator"
    NO_VALUE = "noValue"
    MALFORMED = "malformed"
    UNMATCHED = "unmatched"


class Belonging(StrEnum):
    """Why a segment holds the context or does not."""

    INCLUDED = "included"
    EXCLUDED = "excluded"
    RULE = "rule"
    NO_RULE = "noRule"
    MISSING = "missing"
    UNBOUNDED = "unbounded"
    MALFORMED = "malformed"


class Step(Struct, frozen=True, tag_field="kind", rename="camel"):
    """Something that was asked on the way."""


class Switched(Step, frozen=True, tag="flag"):
    flag: str
    on: bool


class Needed(Step, frozen=True, tag="prerequisite"):
    """A flag that must be on and serve `wanted`; `got` is what it serves."""

    flag: str
    wanted: int
    there: bool
    got: int | None
    met: bool | None


class Targeted(Step, frozen=True, tag="target"):
    """Whether the key of a context kind is among `keys` listed ones; `key` None: the kind is absent."""

    context_kind: str
    key: str | None
    keys: int
    variation: int
    held: bool


class Ruled(Step, frozen=True, tag="rule"):
    """A rule of the flag; `index` counts from 0."""

    index: int
    id: str
    held: bool | None
    trial: Trial | None = None


class Asked(Step, frozen=True, tag="clause"):
    """A clause: the attribute's value, the first values it is compared with, and how many there are.

    problem  why nobody can tell whether a pattern matches; "" where that is not asked, or told
    """

    context_kind: str
    attribute: str
    value: Json
    op: str
    values: tuple[Json, ...]
    count: int
    negate: bool
    held: bool | None
    because: Cause
    problem: str = ""


class AskedSegments(Step, frozen=True, tag="segments"):
    """A clause that asks whether the context is in any of some segments."""

    count: int
    negate: bool
    held: bool | None


class Belonged(Step, frozen=True, tag="segment"):
    segment: str
    held: bool | None
    because: Belonging
    generated: Generated | None = None


class SegmentRuled(Step, frozen=True, tag="segmentRule"):
    """A rule of a segment; `index` counts from 0."""

    index: int
    held: bool | None


class Hashed(Struct, frozen=True, rename="camel"):
    """What was hashed. `text` is None where the attribute is no text and no whole number: that is bucket 0.

    text    with what stands for the flag before it; the value alone by another scheme than `sha1/15hex`
    digits  the first 15 hexadecimal digits of SHA-1 of the text; None by another scheme
    bucket  from 0 to 1, as every client computes it; None where the context lacks the kind
    """

    context_kind: str
    attribute: str
    text: str | None
    digits: str | None
    bucket: float | None
    scheme: str = SHA1


class Sampled(Step, frozen=True, tag="share"):
    """Whether the bucket is below a share. `weight` is in thousandths of a percent."""

    weight: int
    end: float
    hashed: Hashed
    held: bool


class Bounded(Struct, frozen=True, rename="camel"):
    """A slot of a rollout. It begins where the one before ends; `weight` in thousandths of a percent."""

    variation: int
    weight: int
    untracked: bool
    end: float


class RolledOut(Step, frozen=True, tag="rollout"):
    """`chosen` is the index of a slot: the first whose end lies above the bucket, else the last."""

    hashed: Hashed
    slots: tuple[Bounded, ...]
    chosen: int
    experiment: bool
    in_experiment: bool
    trial: Trial | None = None


class Served(Step, frozen=True, tag="serve"):
    """One variation for all; None where the rule serves nothing."""

    variation: int | None


class Decided(Step, frozen=True, tag="decision"):
    """What the flag serves. Without a variation the caller's default is served."""

    flag: str
    value: Json
    variation: int | None
    reason: Why
    rule_index: int | None
    rule_id: str
    prerequisite: str
    error: Fault | None
    in_experiment: bool


class CutShort(Step, frozen=True, tag="more"):
    """There were more steps than are told."""


AnyStep = (
    Switched
    | Needed
    | Targeted
    | Ruled
    | Asked
    | AskedSegments
    | Belonged
    | SegmentRuled
    | Sampled
    | RolledOut
    | Served
    | Decided
    | CutShort
)


class Node(Struct, frozen=True):
    """A step, and what was asked within it."""

    step: AnyStep
    within: tuple["Node", ...] = ()


class Explanation(Struct, frozen=True):
    """A decision, and how it came about; the last node says what was decided."""

    decision: Decision
    nodes: tuple[Node, ...]
