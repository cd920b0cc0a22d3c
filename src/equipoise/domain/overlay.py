"""What a running experiment lays over its flag: the flag itself is not edited.

Every reader sees the targeting with the overlays on it: flag documents, rulesets, payloads.
"""

from collections.abc import Iterable, Iterator
from enum import Enum
from typing import Final, Literal

from msgspec import Struct
from msgspec.structs import replace

from equipoise.domain.allocation import SHARE_WHOLE, Allocation, BySegment, SegmentArm, Split
from equipoise.domain.clauses import SEGMENT_MATCH, Clause, same
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
from equipoise.domain.identity import Id
from equipoise.domain.segment.membership import Membership, memberships


class Overlay(Struct, frozen=True):
    """What one phase of an iteration serves in place of a flag's rule.

    project, environment, flag   keys
    rule                         id of the rule, or FALLTHROUGH
    phase                        which of the iteration's phases, from 0
    unit                         context kind that is randomised
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

    @property
    def rules(self) -> tuple[str, ...]:
        """Ids of all rules that it serves by, as exposures name them: the rule's own is the first."""
        if isinstance(self.allocation, Split):
            return (self.rule,)
        return (self.rule, *(self.rule_of(arm) for arm in self.allocation.arms))

    def rule_of(self, arm: SegmentArm) -> str:
        """It follows from iteration and arm, so that it stays the same from one reading to the next."""
        return f"{self.iteration}.{arm.variation}.{arm.segment}"

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
    )


def overlaid(targeting: Targeting, overlays: Iterable[Overlay]) -> Targeting:
    """The targeting as it is served. The overlays are those of its flag and environment, a rule each;
    one on a rule that is gone does nothing."""
    for overlay in overlays:
        if targeting.serve(overlay.rule) is None:
            continue
        if isinstance(overlay.allocation, Split):
            targeting = _serving(targeting, overlay.rule, _rollout(overlay, overlay.allocation))
        else:
            targeting = _by_segment(targeting, overlay, overlay.allocation)
    return targeting


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


def _serving(targeting: Targeting, rule: str, serve: Serve) -> Targeting:
    if rule == FALLTHROUGH:
        return replace(targeting, fallthrough=serve)
    rules = (replace(each, serve=serve) if each.id == rule else each for each in targeting.rules)
    return replace(targeting, rules=tuple(rules))


def _by_segment(targeting: Targeting, overlay: Overlay, allocation: BySegment) -> Targeting:
    """A rule for each arm, asked before the rule under experiment, which serves the fallback."""
    fallback = _for_all(overlay, allocation.fallback)
    if overlay.rule == FALLTHROUGH:
        arms = _arm_rules(overlay, allocation, Rule(id=FALLTHROUGH, clauses=(), serve=fallback))
        return replace(targeting, rules=targeting.rules + arms, fallthrough=fallback)
    rules: list[Rule] = []
    for rule in targeting.rules:
        if rule.id == overlay.rule:
            rules += _arm_rules(overlay, allocation, rule)
            rules.append(replace(rule, serve=fallback))
        else:
            rules.append(rule)
    return replace(targeting, rules=tuple(rules))


def _arm_rules(overlay: Overlay, allocation: BySegment, owner: Rule) -> tuple[Rule, ...]:
    return tuple(
        Rule(
            id=overlay.rule_of(arm),
            clauses=(*owner.clauses, _in_segment(overlay, arm)),
            serve=_for_all(overlay, arm.variation),
            description=arm.name,
            disabled=owner.disabled,
        )
        for arm in allocation.arms
    )


def _for_all(overlay: Overlay, variation: str) -> Rollout:
    """One variation for all, as an experiment's rollout: SDKs report who got it, as they do of a split."""
    whole = (Weighted(variation, SHARE_WHOLE),)
    return Rollout(weights=whole, kind=overlay.unit, experiment=True, reshuffle=overlay.reshuffle)


def _in_segment(overlay: Overlay, arm: SegmentArm) -> Clause:
    segment = overlay.segment_of(arm)
    return Clause(id=segment, attribute="", op=SEGMENT_MATCH, values=(segment,), kind=overlay.unit)


def memberships_of(overlay: Overlay) -> Iterator[Membership]:
    """The segments that its rules ask for."""
    if isinstance(overlay.allocation, BySegment):
        for arm in overlay.allocation.arms:
            yield from memberships(overlay.segment_of(arm), arm.rules)


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
