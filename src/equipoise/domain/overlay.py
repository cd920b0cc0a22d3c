"""What a running experiment lays over its flag: the flag itself is not edited.

Every reader sees the targeting with the overlays on it: flag documents, rulesets, payloads.
"""

from collections.abc import Iterable, Iterator
from enum import Enum
from itertools import chain
from typing import Final, Literal

from msgspec import Struct
from msgspec.structs import replace

from equipoise.domain.allocation import SHARE_WHOLE, Allocation, BySegment, SegmentArm, Split
from equipoise.domain.clauses import Clause, same
from equipoise.domain.experiment.state import Experiment, Status
from equipoise.domain.flag.state import (
    FALLTHROUGH,
    Flag,
    Rollout,
    Rule,
    Serve,
    Targeting,
    Weighted,
)
from equipoise.domain.gates import Gate, gates_of
from equipoise.domain.identity import Id
from equipoise.domain.segment.membership import Membership, inside, memberships
from equipoise.domain.segment.portions import Gated, portions


class Overlay(Struct, frozen=True):
    """What one phase of an iteration serves in place of a flag's rule.

    project, environment, flag   keys
    rule                         id of the rule, or FALLTHROUGH
    phase                        which of the iteration's phases, from 0
    unit                         context kind that is randomised
    gates                        who passes them all is given arms; nobody else is
    """

    project: str
    environment: str
    flag: str
    rule: str
    experiment: Id
    iteration: Id
    phase: int
    unit: str
    allocation: Allocation
    reshuffle: bool
    gates: tuple[Gate, ...] = ()

    @property
    def rules(self) -> tuple[str, ...]:
        """Ids of all rules that it serves by, as exposures name them: the rule's own is the first."""
        arms = () if isinstance(self.allocation, Split) else self.allocation.arms
        gated = (self.gated_rule,) if self.gates else ()
        return (self.rule, *(self.rule_of(arm) for arm in arms), *gated)

    @property
    def gated_rule(self) -> str:
        """Serves those who pass the gates what they would get without; the rule's own serves the others."""
        return f"{self.iteration}.gated"

    @property
    def gated(self) -> tuple[Gated, ...]:
        keys = (f"gate:{self.iteration}:{self.phase}:{at}" for at in range(len(self.gates)))
        return tuple(Gated(key, gate, self.unit) for key, gate in zip(keys, self.gates, strict=True))

    def rule_of(self, arm: SegmentArm) -> str:
        """It follows from iteration and arm, so that it stays the same from one reading to the next."""
        return f"{self.iteration}.{arm.variation}.{arm.segment}"

    def members_of(self, arm: SegmentArm) -> Iterator[Membership]:
        """The arm's segment, and those that it asks for."""
        return memberships(self.segment_of(arm), arm.rules)

    def segment_of(self, arm: SegmentArm) -> str:
        """The key under which those who were in the arm's segment when the phase began are known."""
        return f"{self.iteration}:{self.phase}:{arm.segment}"


class Everywhere(Enum):
    """Every environment, those without a targeting of their own too."""

    ALL = "all"


ALL: Final = Everywhere.ALL


def overlay_of(experiment: Experiment) -> Overlay | None:
    """What the experiment lays over its flag; None unless it runs: a paused one serves nothing."""
    current = experiment.current
    if current is None or current.allocation is None or experiment.status is not Status.RUNNING:
        return None
    return Overlay(
        project=experiment.project,
        environment=experiment.environment,
        flag=experiment.flag,
        rule=current.rule,
        experiment=experiment.id,
        iteration=current.id,
        phase=len(current.phases) - 1,
        unit=current.unit,
        allocation=current.allocation,
        reshuffle=current.reshuffle,
        gates=gates_of(current.allocation, current.phases[-1].gates),
    )


def overlaid(targeting: Targeting, overlays: Iterable[Overlay]) -> Targeting:
    """The targeting as it is served. The overlays are those of its flag and environment, a rule each;
    one on a rule that is gone does nothing."""
    for overlay in overlays:
        if overlay.rule == FALLTHROUGH:
            owner = Rule(id=FALLTHROUGH, clauses=(), serve=targeting.fallthrough)
            *before, last = _rules(overlay, owner)
            targeting = replace(targeting, rules=(*targeting.rules, *before), fallthrough=last.serve)
        else:
            laid = (_rules(overlay, rule) if rule.id == overlay.rule else (rule,) for rule in targeting.rules)
            targeting = replace(targeting, rules=tuple(chain.from_iterable(laid)))
    return targeting


def _rules(overlay: Overlay, owner: Rule) -> tuple[Rule, ...]:
    """What stands in place of the rule under experiment: rules that are asked before it, and itself, last."""
    allocation = overlay.allocation
    arms = () if isinstance(allocation, Split) else allocation.arms
    before = tuple(_arm_rule(overlay, arm, owner) for arm in arms)
    serve, kept_out = _served(overlay, allocation, owner)
    if not overlay.gates:
        return (*before, replace(owner, serve=serve))
    return (*before, _before(overlay, owner, overlay.gated_rule, serve), replace(owner, serve=kept_out))


def _served(overlay: Overlay, allocation: Allocation, owner: Rule) -> tuple[Serve, Serve]:
    """What those are served who are in no arm's segment, and those whom the gates keep out."""
    if isinstance(allocation, Split):
        return _rollout(overlay, allocation), _kept_out(overlay, allocation)
    return _for_all(overlay, allocation.fallback), owner.serve


def _arm_rule(overlay: Overlay, arm: SegmentArm, owner: Rule) -> Rule:
    """Whoever is in the arm's segment gets its variation."""
    asked = inside(overlay.segment_of(arm), overlay.unit)
    serve = _for_all(overlay, arm.variation)
    return _before(overlay, owner, overlay.rule_of(arm), serve, arm.name, asked)


def _before(
    overlay: Overlay, owner: Rule, id: str, serve: Serve, description: str = "", *asked: Clause
) -> Rule:
    """A rule for those whom the owner is for, and who pass the gates."""
    gates = tuple(inside(each.key, each.unit) for each in overlay.gated)
    clauses = (*owner.clauses, *asked, *gates)
    return Rule(id=id, clauses=clauses, serve=serve, description=description, disabled=owner.disabled)


def _rollout(overlay: Overlay, split: Split) -> Rollout:
    """The weights sum to SHARE_WHOLE. The rest is a weight of its own, since its units are in no arm
    even where they get the variation of one."""
    arms = tuple(Weighted(arm.variation, arm.share) for arm in split.arms)
    rest = (Weighted(split.outside, split.rest, untracked=True),) if split.rest else ()
    weights = (*arms[:1], *rest, *arms[1:]) if split.ramped else (*arms, *rest)
    return Rollout(
        weights=weights,
        kind=overlay.unit,
        seed=split.hashing.seed,
        experiment=True,
        outside=split.outside,
        reshuffle=overlay.reshuffle,
        scheme=split.hashing.scheme,
    )


def _kept_out(overlay: Overlay, split: Split) -> Rollout:
    """What those outside get. It is a rollout of the experiment still, in none of its arms: clients look for
    one on the rule that they put under experiment."""
    whole = (Weighted(split.outside, SHARE_WHOLE, untracked=True),)
    return replace(_rollout(overlay, split), weights=whole)


def _for_all(overlay: Overlay, variation: str) -> Rollout:
    """One variation for all, as an experiment's rollout: SDKs report who got it, as they do of a split."""
    whole = (Weighted(variation, SHARE_WHOLE),)
    return Rollout(weights=whole, kind=overlay.unit, experiment=True, reshuffle=overlay.reshuffle)


def memberships_of(overlays: Iterable[Overlay]) -> Iterator[Membership]:
    """The segments that their rules ask for: all overlays of an environment, since gates share segments."""
    every = tuple(overlays)
    for overlay in every:
        if isinstance(overlay.allocation, BySegment):
            for arm in overlay.allocation.arms:
                yield from overlay.members_of(arm)
    yield from portions(chain.from_iterable(overlay.gated for overlay in every))


def environments_touched(before: Flag | None, after: Flag | None) -> frozenset[str] | Literal[Everywhere.ALL]:
    """Keys of the environments in which what is delivered of a flag changed; ALL where that cannot be
    told by the environments it names: it is born, deleted, or changed in what they share."""
    if before is None and after is None:
        return frozenset()
    if before is None or after is None or not same(_shared(before), _shared(after)):
        return ALL
    named = {*before.targeting, *after.targeting}
    return frozenset(each for each in named if not same(_there(before, each), _there(after, each)))


def _shared(flag: Flag) -> tuple[object, ...]:
    """What of a flag is delivered to every environment, names and notes left out."""
    return (
        flag.key,
        flag.salt,
        flag.archived_at is not None,
        flag.client_side,
        flag.mobile,
        flag.on_at_birth,
        flag.on_variation,
        flag.off_variation,
        tuple((variation.id, variation.value) for variation in flag.variations),
    )


def _there(flag: Flag, environment: str) -> Targeting:
    return replace(flag.in_environment(environment), changed_at=0)
