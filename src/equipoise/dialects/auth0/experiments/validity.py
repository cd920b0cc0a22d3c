"""Whether an experiment may be activated, and every cause why not: the one set of checks behind `is_valid`,
behind validate and behind activation."""

from collections.abc import Iterable, Iterator

from msgspec import Struct

from equipoise.dialects.auth0.experiments.allocations import PERCENT, strategy_of
from equipoise.dialects.auth0.experiments.documents import Cause
from equipoise.dialects.auth0.experiments.statuses import flow_of, shown, status_of
from equipoise.domain.allocation import SHARE_WHOLE, ProposedArm
from equipoise.domain.experiment.commands import StartFacts
from equipoise.domain.experiment.readiness import shortcomings
from equipoise.domain.experiment.state import Experiment, Status

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
    return own or tuple(_unready(now, standing))


def _causes(now: Experiment, standing: Standing) -> Iterator[Cause]:
    iteration, facts = shown(now), standing.facts
    arms = iteration.proposal.arms
    if facts is None or facts.archived or not facts.on:
        yield Cause("feature_flag_not_active", "The feature flag is not active.")
    if not arms:
        yield Cause("experiment_missing_allocations", "There are no allocations.")
    known = set() if facts is None else set(facts.variations)
    if any(arm.variation not in known for arm in arms):
        yield Cause("variation_not_from_flag", "A variation does not belong to the feature flag.")
    if sum(arm.control for arm in arms) != 1:
        yield Cause("experiment_missing_control", "Exactly one allocation is the control.")
    if strategy_of(now) == "segment":
        yield from _by_segment(arms, facts)
    elif iteration.proposal.levels:
        yield from _ramp(arms)
    else:
        yield from _weights(arms)
    yield from _limits(now, standing.rivals)


def _weights(arms: tuple[ProposedArm, ...]) -> Iterator[Cause]:
    shares = [arm.share or 0 for arm in arms]
    if sum(shares) != SHARE_WHOLE:
        found = f"{sum(shares) / PERCENT:g}"
        yield Cause("experiment_invalid_allocation_weights", f"Weights sum to 100, not to {found}.")
    if any(share % PERCENT for share in shares):
        why = "Another surface made weights finer than a percent; here they are rounded."
        yield Cause("experiment_invalid_allocation_weights", why)
    if len({arm.variation for arm in arms}) != len(arms):
        yield Cause("experiment_duplicate_variation", "Each variation stands in one allocation.")


def _ramp(arms: tuple[ProposedArm, ...]) -> Iterator[Cause]:
    if len(arms) != 2 or len({arm.variation for arm in arms}) != 2:
        yield Cause("experiment_invalid_levels", "Levels need one control and one other variation.")


def _by_segment(arms: tuple[ProposedArm, ...], facts: StartFacts | None) -> Iterator[Cause]:
    if sum(arm.fallback for arm in arms) != 1:
        yield Cause("experiment_missing_default", "Exactly one allocation is the fallback.")
    if any(not arm.segment and not arm.fallback for arm in arms):
        yield Cause("experiment_missing_segment", "An allocation that is no fallback has a segment.")
    known = {} if facts is None else facts.segments
    if any(arm.segment and arm.segment not in known for arm in arms):
        yield Cause("segment_not_active", "A segment is archived or gone.")


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


def _unready(now: Experiment, standing: Standing) -> Iterator[Cause]:
    """What evaluation needs besides."""
    if standing.facts is not None:
        for each in shortcomings(shown(now), standing.facts):
            yield Cause("experiment_not_ready", str(each))
