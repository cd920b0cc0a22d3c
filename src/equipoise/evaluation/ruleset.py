"""Rulesets: flags and segments as the machine reads them, variations by their index.

A ruleset may hold what makes no sense (an index out of range, a rollout without slots, a reference that
leads nowhere): evaluation answers with an error where it meets that, and serves no variation.
"""

from collections.abc import Mapping

from msgspec import Struct

from equipoise.domain.allocation import SHA1, SHARE_WHOLE
from equipoise.domain.clauses import Json
from equipoise.evaluation.reference import Path


class Clause(Struct, frozen=True):
    """One question: does the attribute, under the operator, match any of the values?

    kind  the context kind it is asked of
    path  of the attribute; MALFORMED is an error where it is met. Not read when `op` asks for segments
    """

    kind: str
    path: Path
    op: str
    values: tuple[Json, ...]
    negate: bool = False


class Slot(Struct, frozen=True):
    """A variation and its weight in thousandths of a percent.

    untracked  whoever falls here is in no arm of the experiment
    """

    variation: int
    weight: int
    untracked: bool = False


class Rollout(Struct, frozen=True):
    """Serve by bucket: the first slot at which the weights so far exceed it, or else the last.

    scheme     by which it is hashed; one that is not known is malformed
    coverage   the part of every slot that is served, from where it begins, in thousandths of a percent;
               whoever is in no such part, or has nothing to be hashed, gets the last slot
    kind       context kind that is hashed; where it is absent the first slot is served, in no experiment
    seed       None: the flag's key and salt are hashed instead. Zero is a seed
    bucket_by  attribute that is hashed; None for the key, as always in an experiment
    """

    slots: tuple[Slot, ...]
    kind: str = "user"
    seed: int | None = None
    bucket_by: Path | None = None
    experiment: bool = False
    scheme: str = SHA1
    coverage: int = SHARE_WHOLE


Serve = int | Rollout | None  # a variation's index, a rollout, or nothing, which is malformed


class Rule(Struct, frozen=True):
    """When every clause holds, serve this."""

    id: str
    clauses: tuple[Clause, ...]
    serve: Serve
    track_events: bool = False


class Keys(Struct, frozen=True):
    """Keys of one context kind."""

    keys: frozenset[str]
    kind: str = "user"


class Target(Struct, frozen=True):
    """Those who get a variation before any rule is asked. The first target that names a key serves it."""

    variation: int
    who: Keys


class Prerequisite(Struct, frozen=True):
    """Another flag that must be on and serve a variation first."""

    flag: str
    variation: int


class RuledFlag(Struct, frozen=True):
    """A flag, whole. `off_variation` None: the caller's default is served when it is off."""

    key: str
    version: int
    on: bool
    salt: str
    variations: tuple[Json, ...]
    off_variation: int | None
    fallthrough: Serve
    targets: tuple[Target, ...] = ()
    rules: tuple[Rule, ...] = ()
    prerequisites: tuple[Prerequisite, ...] = ()
    track_events: bool = False
    track_events_fallthrough: bool = False


class SegmentRule(Struct, frozen=True):
    """Whoever answers every clause is in, or only a share of them.

    weight  thousandths of a percent; None for all
    """

    clauses: tuple[Clause, ...]
    weight: int | None = None
    bucket_by: Path | None = None
    kind: str = "user"


class Segment(Struct, frozen=True):
    """A set of contexts: those named in, then those named out, then whoever a rule lets in.

    unbounded  its members are kept somewhere else; here it holds nobody
    """

    key: str
    salt: str = ""
    included: tuple[Keys, ...] = ()
    excluded: tuple[Keys, ...] = ()
    rules: tuple[SegmentRule, ...] = ()
    unbounded: bool = False


class Ruleset(Struct, frozen=True):
    """All that an environment serves, by key. It is swapped whole."""

    flags: Mapping[str, RuledFlag]
    segments: Mapping[str, Segment] = {}
