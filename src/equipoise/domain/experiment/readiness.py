"""What must hold for a draft to start: the weak set that evaluation needs. Dialects may ask for more."""

from collections.abc import Iterable, Iterator

from equipoise.domain.allocation import Hashing, Split, scheme_rule
from equipoise.domain.barriers import NONE, Barriers
from equipoise.domain.errors import Invalid, Violation
from equipoise.domain.experiment.commands import StartFacts
from equipoise.domain.experiment.state import Iteration
from equipoise.domain.flag.state import FALLTHROUGH, Flag
from equipoise.domain.proposal import Proposal, allocate
from equipoise.domain.segment.state import Segment


def facts_of(
    flag: Flag, environment: str, segments: Iterable[Segment] = (), barriers: Barriers = NONE
) -> StartFacts:
    """What a start in this environment must know of the flag, and of the segments that arms name."""
    targeting = flag.in_environment(environment)
    return StartFacts(
        on=targeting.on,
        archived=flag.archived_at is not None,
        variations=tuple(variation.id for variation in flag.variations),
        rules=tuple(rule.id for rule in targeting.rules),
        salt=flag.salt,
        segments={each.key: each.rules for each in segments if each.archived_at is None},
        barriers=barriers,
    )


def shortcomings(iteration: Iteration, facts: StartFacts) -> tuple[Violation, ...]:
    """Every reason why the iteration cannot start; none when it can."""
    findings = (
        facts.on or Violation("flag", "must be on in this environment before it starts"),
        not facts.archived or Violation("flag", "must not be archived"),
        bool(iteration.unit) or Violation("unit", "must be set"),
        iteration.rule in (FALLTHROUGH, *facts.rules)
        or Violation("rule", "must be a rule of the flag", iteration.rule),
        *facts.barriers.shortcomings(iteration.unit),
        *unservable(iteration.proposal, facts),
    )
    return tuple(each for each in findings if isinstance(each, Violation))


def unservable(proposal: Proposal, facts: StartFacts) -> tuple[Violation, ...]:
    """Every reason why the flag could not serve this proposal; what opens a phase must hold to it too."""
    known = frozenset(facts.variations)
    strange = [arm.variation for arm in proposal.arms if arm.variation not in known]
    findings = (
        not strange or Violation("arms", "each arm serves a variation of the flag", strange),
        not proposal.outside
        or proposal.outside in known
        or Violation("outside", "must be a variation of the flag", proposal.outside),
        scheme_rule("scheme", proposal.scheme),
    )
    here = tuple(each for each in findings if isinstance(each, Violation))
    try:
        allocation = allocate(proposal, Hashing(proposal.scheme), facts.segments)
    except Invalid as error:
        return here + error.violations
    unsaid = isinstance(allocation, Split) and not allocation.outside and allocation
    if unsaid and (unsaid.unarmed or not facts.barriers.open):
        rule = (
            "must be said where shares leave a rest, or a layer or a holdout does, and no arm is the control"
        )
        return (*here, Violation("outside", rule))
    return here


def warnings(iteration: Iteration) -> tuple[Violation, ...]:
    """What is merely unwise about starting it."""
    return tuple(_warnings(iteration))


def _warnings(iteration: Iteration) -> Iterator[Violation]:
    arms = iteration.proposal.arms
    if len(arms) < 2:
        yield Violation("arms", "one arm has nothing to be compared with", len(arms))
    if iteration.proposal.control is None:
        yield Violation("arms", "no arm is the control")
    if not iteration.proposal.levels and not any(arm.fallback or arm.segment for arm in arms):
        for arm in arms:
            if not arm.share:
                yield Violation("arms", "an arm without a share is given to nobody", arm.variation)
    if not iteration.primary_key:
        yield Violation("metrics", "no metric decides")
    yield from _unanswerable(iteration)


def _unanswerable(iteration: Iteration) -> Iterator[Violation]:
    measured = {use.key for use in iteration.metrics}
    arms = {"", *(arm.variation for arm in iteration.proposal.arms)}
    for each in iteration.comparisons:
        if each.metric not in measured:
            yield Violation("comparisons", "the metric is not measured", each.metric)
        for side in (each.contrast.arm, each.contrast.against):
            if side not in arms:
                yield Violation("comparisons", "there is no such arm", side)
