"""What the commands to an iteration's plan lead to: the draft's, and the little that may change later."""

from msgspec.structs import replace

from equipoise.domain.allocation import Hashing
from equipoise.domain.barriers import Barriers
from equipoise.domain.change import Command, Decide, Event, Moment
from equipoise.domain.clauses import same
from equipoise.domain.errors import Invalid, Refused, Violation, check
from equipoise.domain.experiment import checks
from equipoise.domain.experiment.commands import (
    Advance,
    AnnotateIteration,
    CloneIteration,
    DraftIteration,
    Place,
    ProposeAllocation,
    SetAside,
    SetAttributes,
    SetComparisons,
    SetHypothesis,
    SetMetrics,
    SetReshuffle,
    SetUnit,
    TakeUp,
)
from equipoise.domain.experiment.events import (
    AllocationProposed,
    AttributesSet,
    ComparisonsSet,
    HypothesisSet,
    IterationAnnotated,
    IterationDrafted,
    MetricsSet,
    PhaseOpened,
    Placed,
    PutAside,
    ReshuffleSet,
    TakenUp,
    UnitSet,
)
from equipoise.domain.experiment.readiness import unservable
from equipoise.domain.experiment.state import Experiment, Iteration, MetricUse, Status, unstarted
from equipoise.domain.gates import salted
from equipoise.domain.identity import text_rule, unique
from equipoise.domain.limits import within
from equipoise.domain.proposal import Proposal, Segments, allocate

Events = tuple[Event, ...]


def drafted(now: Experiment, action: str) -> Iteration:
    """The draft. Raises Refused where none waits."""
    if now.draft is None:
        raise Refused(action, now.said, "has no draft iteration")
    return now.draft


def draft_iteration(now: Experiment, command: DraftIteration, _: Moment) -> Events:
    draft = tidied(command.iteration)
    check(*checks.of_draft("iteration", draft), _new(now, draft.id))
    others = len(now.iterations) - (now.draft is not None)
    within("ITERATIONS_KEPT_MAX", others + 1)
    return () if same(draft, now.draft) else (IterationDrafted(draft),)


def clone_iteration(now: Experiment, command: CloneIteration, moment: Moment) -> Events:
    if now.draft is not None:
        raise Refused("clone the iteration", now.said, "has a draft iteration that waits")
    if now.current is None:
        raise Refused("clone the iteration", now.said, "has not started")
    clone = replace(unstarted(now.current), id=command.id, created_at=moment.at)
    return draft_iteration(now, DraftIteration(clone), moment)


def set_aside(now: Experiment, _command: SetAside, _: Moment) -> Events:
    if now.draft is None:
        return ()
    if now.aside is not None:
        raise Refused("put the draft by", now.said, "has another draft that was put by")
    return (PutAside(),)


def take_up(now: Experiment, _command: TakeUp, _: Moment) -> Events:
    if now.aside is None:
        return ()
    if now.draft is not None:
        raise Refused("take up the draft", now.said, "has another draft that waits")
    return (TakenUp(),)


def set_hypothesis(now: Experiment, command: SetHypothesis, _: Moment) -> Events:
    draft = drafted(now, "set the hypothesis")
    check(text_rule("hypothesis", command.text))
    return () if command.text == draft.hypothesis_text else (HypothesisSet(command.text),)


def set_metrics(now: Experiment, command: SetMetrics, _: Moment) -> Events:
    check(*checks.of_metrics(command.metrics, command.primary))
    if command.iteration == "current":
        return _add_metrics(now, command)
    draft = drafted(now, "set the metrics")
    metrics = _unpinned(command.metrics)
    if (metrics, command.primary) == (draft.metrics, draft.primary):
        return ()
    return (MetricsSet(metrics, command.primary),)


def _add_metrics(now: Experiment, command: SetMetrics) -> Events:
    current = _live(now, "add metrics")
    wanted = {use.key: use for use in command.metrics}
    kept = all(
        use.key in wanted and replace(wanted[use.key], version=use.version) == use for use in current.metrics
    )
    primary = command.primary or next(iter(wanted), "")
    if not kept or current.primary_key not in ("", primary):
        why = f"is {now.status}; metrics may be added, no more"
        raise Refused("alter the metrics", now.said, why)
    present = {use.key for use in current.metrics}
    added = tuple(use for use in command.metrics if use.key not in present)
    if not added:
        return ()
    decides = current.primary if current.metrics else command.primary
    return (MetricsSet(current.metrics + added, decides, "current"),)


def set_comparisons(now: Experiment, command: SetComparisons, _: Moment) -> Events:
    draft = drafted(now, "set the comparisons")
    check(*checks.of_comparisons(command.comparisons))
    if command.comparisons == draft.comparisons:
        return ()
    return (ComparisonsSet(command.comparisons),)


def set_attributes(now: Experiment, command: SetAttributes, _: Moment) -> Events:
    wanted = unique(command.attributes)
    check(*checks.of_attributes(wanted))
    if command.iteration == "current":
        return _add_attributes(now, wanted)
    draft = drafted(now, "set the attributes")
    return () if wanted == draft.attributes else (AttributesSet(wanted),)


def _add_attributes(now: Experiment, wanted: tuple[str, ...]) -> Events:
    current = _live(now, "add attributes")
    if not set(current.attributes) <= set(wanted):
        why = f"is {now.status}; attributes may be added, no more"
        raise Refused("take attributes away", now.said, why)
    merged = unique(current.attributes + wanted)
    return () if merged == current.attributes else (AttributesSet(merged, "current"),)


def set_unit(now: Experiment, command: SetUnit, _: Moment) -> Events:
    draft = drafted(now, "set the unit")
    check(*checks.of_unit(command.unit))
    return () if command.unit == draft.unit else (UnitSet(command.unit),)


def place(now: Experiment, command: Place, _: Moment) -> Events:
    draft = drafted(now, "choose the rule")
    check(*checks.of_rule(command.rule))
    return () if command.rule == draft.rule else (Placed(command.rule),)


def set_reshuffle(now: Experiment, command: SetReshuffle, _: Moment) -> Events:
    draft = drafted(now, "set the reshuffling")
    return () if command.reshuffle == draft.reshuffle else (ReshuffleSet(command.reshuffle),)


def propose_allocation(now: Experiment, command: ProposeAllocation, moment: Moment) -> Events:
    if now.draft is None and now.current is not None and now.active:
        return _open_phase(now, now.current, command, moment)
    draft = drafted(now, "change the allocation")
    check(_at_step(command.proposal, 0))
    return () if command.proposal == draft.proposal else (AllocationProposed(command.proposal),)


def _open_phase(now: Experiment, current: Iteration, command: ProposeAllocation, moment: Moment) -> Events:
    if now.status is Status.RUNNING:
        raise Refused("change the allocation", now.said, "is running; pause it first")
    if command.proposal == current.proposal:
        return ()
    if command.flag is None:
        raise Invalid(Violation("flag", "must be known to open a phase"))
    step = current.proposal.step if command.proposal.levels else 0
    check(_at_step(command.proposal, step), *unservable(command.proposal, command.flag))
    return (_phase(current, command.proposal, command.flag.segments, command.flag.barriers, moment),)


def advance(now: Experiment, command: Advance, moment: Moment) -> Events:
    current = _live(now, "advance the ramp")
    ramp = current.proposal
    if not ramp.levels:
        raise Refused("advance the ramp", now.said, "has none")
    if command.level == ramp.level:
        return ()
    ahead = ramp.levels[ramp.step + 1 :]
    if command.level not in ahead[:1]:
        why = (
            f"goes from {ramp.levels[ramp.step] / 1000:g} to {ahead[0] / 1000:g} percent next"
            if ahead
            else ""
        )
        raise Refused("advance the ramp", now.said, why or "stands at its last level")
    last = current.phases[-1]
    before = Barriers(last.gates, last.reserved)
    barriers = before if command.flag is None else command.flag.barriers
    return (_phase(current, replace(ramp, step=ramp.step + 1), {}, barriers, moment),)


def _phase(
    current: Iteration, proposal: Proposal, segments: Segments, barriers: Barriers, moment: Moment
) -> PhaseOpened:
    hashing = current.hashing or hashing_of(current, moment)
    allocation = allocate(proposal, hashing, segments)
    return PhaseOpened(moment.at, proposal, allocation, barriers.gates, barriers.reserved)


def _at_step(proposal: Proposal, step: int) -> bool | Violation:
    return proposal.step == step or Violation("step", "changes by advancing alone", proposal.step)


def annotate_iteration(now: Experiment, command: AnnotateIteration, _: Moment) -> Events:
    iteration = now.draft if command.iteration == "draft" else now.current
    if iteration is None:
        raise Refused("annotate it", now.said, f"has no {command.iteration} iteration")
    field = f"{command.dialect}.{command.name}"
    if same(iteration.annotations.get(field), command.value):
        return ()
    return (IterationAnnotated(field, command.value, command.iteration),)


def hashing_of(iteration: Iteration, moment: Moment) -> Hashing:
    """How the units of an iteration are hashed from now on: under a seed of its own, and let in under a salt
    of its own."""
    traffic = salted(moment.token("traffic", iteration.id))
    seed = moment.seed("iteration", iteration.id)
    return Hashing(iteration.proposal.scheme, seed, traffic=traffic)


def tidied(iteration: Iteration) -> Iteration:
    """Without pinned versions, and each attribute once."""
    return replace(
        iteration,
        metrics=_unpinned(iteration.metrics),
        attributes=unique(iteration.attributes),
    )


def _unpinned(metrics: tuple[MetricUse, ...]) -> tuple[MetricUse, ...]:
    return tuple(replace(use, version=0) for use in metrics)


def _new(now: Experiment, id: str) -> bool | Violation:
    """An iteration's seed and results go by its id, so an id is never given to another."""
    taken = {each.id for each in now.iterations if each is not now.draft}
    return id not in taken or Violation("iteration.id", "must be new", id)


def _live(now: Experiment, action: str) -> Iteration:
    """The iteration that runs or is paused. Raises Refused where none does."""
    if now.current is None:
        raise Refused(action, now.said, "has not started")
    if not now.active:
        raise Refused(action, now.said, "has stopped")
    return now.current


DECIDE: dict[type[Command], Decide] = {
    DraftIteration: draft_iteration,
    CloneIteration: clone_iteration,
    SetAside: set_aside,
    TakeUp: take_up,
    SetHypothesis: set_hypothesis,
    SetMetrics: set_metrics,
    SetComparisons: set_comparisons,
    SetAttributes: set_attributes,
    SetUnit: set_unit,
    Place: place,
    SetReshuffle: set_reshuffle,
    ProposeAllocation: propose_allocation,
    Advance: advance,
    AnnotateIteration: annotate_iteration,
}
