"""Allocations as they are said, as arms of a proposal, and back.

Percentages are whole here. What another surface made finer is told rounded by the largest remainder.
"""

from collections.abc import Mapping, Sequence
from itertools import zip_longest
from typing import Any, Final

from msgspec import UNSET
from msgspec.structs import replace

from equipoise.dialects.auth0 import ids
from equipoise.dialects.auth0.experiments import documents
from equipoise.dialects.auth0.experiments.documents import AllocationInput, Strategy
from equipoise.dialects.auth0.experiments.statuses import shown
from equipoise.dialects.auth0.flags.render import name_of
from equipoise.domain.allocation import SHARE_WHOLE
from equipoise.domain.clauses import Json
from equipoise.domain.experiment.state import Experiment, Iteration
from equipoise.domain.flag.state import Flag
from equipoise.domain.proposal import ProposedArm
from equipoise.domain.segment.state import Segment

DIALECT: Final = "auth0"
STRATEGY = "allocation_strategy"  # annotation of an experiment, which may have no arms yet to tell
BESIDE = "allocations"  # annotation of an iteration: keys of the other strategy, by position
STATEFUL = "is_stateful"  # annotation of an experiment
SNAPSHOTS = "snapshots"  # annotation of an iteration
PERCENT = SHARE_WHOLE // 100
_OTHERS = {"percentage": ("segment_id", "priority", "is_fallback"), "segment": ("weight",)}


def annotation(of: Experiment | Iteration, name: str) -> Json:
    """What this surface keeps there under the name; None for nothing."""
    return of.annotations.get(f"{DIALECT}.{name}")


def frozen(iteration: Iteration) -> Mapping[str, Any]:
    """What its activation froze, {} before; what a copy brings along of another iteration is not its own."""
    kept = annotation(iteration, SNAPSHOTS) or {}
    return kept if kept.get("iteration") == iteration.id else {}


def strategy_of(now: Experiment) -> Strategy:
    """Arms with shares go by percentage, arms of segments by segment; else it is what was said at birth."""
    arms = shown(now).proposal.arms
    if any(arm.share is not None for arm in arms):
        return "percentage"
    if any(arm.segment or arm.fallback for arm in arms):
        return "segment"
    return "segment" if annotation(now, STRATEGY) == "segment" else "percentage"


def arms_of(
    said: Sequence[AllocationInput], strategy: str, flag: Flag, segments: Mapping[str, Segment]
) -> tuple[ProposedArm, ...]:
    """Arms of allocations in which nothing is wrong. `segments` by the id that was said."""
    names = {each.id: name_of(each) for each in flag.variations}
    return tuple(_arm(each, strategy, names, segments) for each in said)


def _arm(
    said: AllocationInput, strategy: str, names: Mapping[str, str], segments: Mapping[str, Segment]
) -> ProposedArm:
    id = ids.read("variation", said.variation_id)
    arm = ProposedArm(id, control=said.is_control, name=names[id])
    if strategy == "percentage":
        return replace(arm, share=None if said.weight is UNSET else said.weight * PERCENT)
    return replace(
        arm,
        segment="" if said.segment_id is UNSET else segments[said.segment_id].key,
        priority=None if said.priority is UNSET else said.priority,
        fallback=said.is_fallback is True,
    )


def beside(said: Sequence[AllocationInput], strategy: str) -> Json:
    """The keys of the other strategy as they came, each beside its variation; None where there are none."""
    names = _OTHERS[strategy]
    kept = [{name: value for name in names if (value := getattr(each, name)) is not UNSET} for each in said]
    return [[each.variation_id, more] for each, more in zip(said, kept, strict=True)] if any(kept) else None


def weights_of(shares: Sequence[int]) -> tuple[int, ...]:
    """Whole percentages nearest to the shares, by largest remainder; the rest is one of the parts."""
    parts = [*shares, max(SHARE_WHOLE - sum(shares), 0)]
    whole = [part // PERCENT for part in parts]
    short = sum(parts) // PERCENT - sum(whole)
    by_remainder = sorted(range(len(parts)), key=lambda at: -(parts[at] % PERCENT))
    for at in by_remainder[:short]:
        whole[at] += 1
    return tuple(whole[:-1])


def allocations_shown(
    now: Experiment, names: Mapping[str, str], segments: Mapping[str, Segment]
) -> list[documents.Allocation]:
    """names     variation id → its name
    segments  by key
    """
    iteration = shown(now)
    strategy, arms = strategy_of(now), iteration.proposal.arms
    weights = weights_of([arm.share or 0 for arm in arms])
    snapshots = frozen(iteration)
    shown_arms = (
        _shown(arm, weight, strategy, names, segments, snapshots)
        for arm, weight in zip(arms, weights, strict=True)
    )
    kept = zip_longest(shown_arms, annotation(iteration, BESIDE) or (), fillvalue=())
    return [replace(each, **_extra(each, beside)) for each, beside in kept if each]


def _extra(shown: documents.Allocation, beside: Any) -> dict[str, Any]:
    """What was said beside it, where it still stands for the same variation."""
    return beside[1] if beside and beside[0] == shown.variation_id else {}


def _shown(
    arm: ProposedArm,
    weight: int,
    strategy: str,
    names: Mapping[str, str],
    segments: Mapping[str, Segment],
    snapshots: Mapping[str, Any],
) -> documents.Allocation:
    allocation = documents.Allocation(
        variation_id=ids.spelled("variation", arm.variation),
        is_control=arm.control,
        variation_name=names.get(arm.variation, arm.name) or UNSET,
        variation_snapshot=snapshots.get("variations", {}).get(arm.variation),
    )
    if strategy == "percentage":
        return replace(allocation, weight=UNSET if arm.share is None else weight)
    segment = segments.get(arm.segment)
    gone = ids.GONE if arm.segment else ""
    id = segment.id if segment is not None else gone
    return replace(
        allocation,
        segment_id=ids.spelled("segment", id) if id else UNSET,
        segment_name=UNSET if segment is None else segment.name,
        priority=UNSET if arm.priority is None else arm.priority,
        is_fallback=arm.fallback,
        segment_snapshot=snapshots.get("segments", {}).get(arm.segment) if arm.segment else UNSET,
    )
