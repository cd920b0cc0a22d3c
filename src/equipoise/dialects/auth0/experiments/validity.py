"""Whether an experiment may be activated, and every cause why not: the one set of checks behind `is_valid`,
behind validate and behind activation."""

from collections.abc import Iterable, Iterator

from msgspec import Struct

from equipoise.dialects.auth0.experiments.allocations import PERCENT, strategy_of
from equipoise.dialects.auth0.experiments.documents import Cause
from equipoise.dialects.auth0.experiments.statuses import flow_of, shown, status_of
from equipoise.domain.allocation import SHARE_WHOLE
from equipoise.domain.experiment.commands import StartFacts
from equipoise.domain.experiment.readiness import shortcomings
from equipoise.domain.experiment.state import Experiment, Iteration, Status
from equipoise.domain.proposal import ProposedArm

LIMIT = "experiment_active_limit_exceeded"


class Standing(Struct, frozen=True):
    """What an experiment stands among.

    facts   of its flag and its segments; None where the flag is gone
    rivals  active experiments of the tenant, itself aside
    """

    facts: StartFacts | None
    rivals: tuple[Experiment, ...]


def causes(now: Experiment, standing: Standing) -> tuple[Cause, ...]:
    """Every cause; none where it may be activated."""
    own = tuple(_causes(now, standing))
    if own or standing.facts is None or shown(now).phases:
        return own
    return unready(shown(now), standing.facts)


def _causes(now: Experiment, standing: Standing) -> Iterator[Cause]:
    facts = standing.facts
    if facts is None or facts.archived or not facts.on:
        yield Cause("feature_flag_not_active", "The feature flag must be active.")
    yield from of_allocations(now, facts)
    yield from _limits(now, standing.rivals)


def of_allocations(now: Experiment, facts: StartFacts | None) -> Iterator[Cause]:
    """Every cause that lies in the allocations alone."""
    iteration = shown(now)
    arms = iteration.proposal.arms
    if not arms:
        yield Cause("experiment_missing_allocations", "There must be an allocation.")
    known = set() if facts is None else set(facts.variations)
    if any(arm.variation not in known for arm in arms):
        yield Cause("variation_not_from_flag", "Every variation must belong to the feature flag.")
    if sum(arm.control for arm in arms) != 1:
        yield Cause("experiment_missing_control", "Exactly one allocation must be the control.")
    if strategy_of(now) == "segment":
        yield from _by_segment(iteration, facts)
    elif iteration.proposal.levels:
        yield from _ramp(arms)
    else:
        yield from _weights(arms)


def _weights(arms: tuple[ProposedArm, ...]) -> Iterator[Cause]:
    shares = [arm.share or 0 for arm in arms]
    if sum(shares) != SHARE_WHOLE:
        found = f"{sum(shares) / PERCENT:g}"
        yield Cause("experiment_invalid_allocation_weights", f"Weights must sum to 100; they sum to {found}.")
    if any(arm.share is None for arm in arms):
        yield Cause("experiment_invalid_allocation_weights", "Every allocation must have a weight.")
    if any(share % PERCENT for share in shares):
        why = "Another surface made weights finer than a percent; here they are rounded."
        yield Cause("experiment_invalid_allocation_weights", why)
    if len({arm.variation for arm in arms}) != len(arms):
        yield Cause("experiment_duplicate_variation", "Each variation must stand in one allocation alone.")


def _ramp(arms: tuple[ProposedArm, ...]) -> Iterator[Cause]:
    if len(arms) != 2 or len({arm.variation for arm in arms}) != 2:
        yield Cause("experiment_invalid_levels", "Levels need one control and one other variation alone.")


def _by_segment(iteration: Iteration, facts: StartFacts | None) -> Iterator[Cause]:
    """Once it was activated it holds to the rules of then, whatever became of the segments."""
    arms = iteration.proposal.arms
    if sum(arm.fallback for arm in arms) != 1:
        yield Cause("experiment_missing_default", "Exactly one allocation must be the fallback.")
    if any(not arm.segment and not arm.fallback for arm in arms):
        yield Cause("experiment_missing_segment", "An allocation that is no fallback must have a segment.")
    known = {} if facts is None else facts.segments
    if not iteration.phases and any(arm.segment and arm.segment not in known for arm in arms):
        yield Cause("segment_not_active", "Every segment must be active; one is archived or gone.")
    named = [arm.segment for arm in arms if arm.segment and not arm.fallback]
    if len(set(named)) != len(named):
        why = "Each segment must stand in one allocation: whoever is in it gets the first alone."
        yield Cause("experiment_duplicate_segment", why)


def _limits(now: Experiment, rivals: Iterable[Experiment]) -> Iterator[Cause]:
    """One active experiment for each flow, and one on each flag, which a paused one keeps."""
    others, rule = tuple(rivals), shown(now).rule
    for other in others:
        if other.status is Status.RUNNING and set(now.claims) & set(other.claims):
            flow = flow_of(now) if flow_of(now) == flow_of(other) else f"{flow_of(now)} and {flow_of(other)}"
            yield Cause(LIMIT, f"“{other.name}” is active on the same authentication flow ({flow}).")
    for other in others:
        if (other.flag, shown(other).rule) == (now.flag, rule):
            stands = f"“{other.name}” is {status_of(other)} on the same feature flag."
            yield Cause("feature_flag_in_use", stands)


def unready(iteration: Iteration, facts: StartFacts) -> tuple[Cause, ...]:
    """What evaluation needs besides."""
    return tuple(Cause("experiment_not_ready", str(each)) for each in shortcomings(iteration, facts))
