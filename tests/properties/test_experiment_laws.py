"""What holds of every experiment, whatever is asked of it and in whichever order."""

from collections.abc import Callable
from typing import Any

import msgspec
from hypothesis import event, given
from hypothesis import strategies as st
from msgspec import Struct
from msgspec.structs import replace

from equipoise.domain.allocation import SHARE_WHOLE, BySegment, Split
from equipoise.domain.change import Command, Moment, Outcome, apply, fold
from equipoise.domain.clauses import segments_named
from equipoise.domain.errors import DomainError
from equipoise.domain.experiment import EXPERIMENT
from equipoise.domain.experiment.commands import Advance, Create
from equipoise.domain.experiment.readiness import warnings
from equipoise.domain.experiment.state import Experiment, Iteration, Status
from equipoise.domain.flag.state import Fixed, Rollout, Targeting
from equipoise.domain.overlay import memberships_of, overlaid, overlay_of
from tests.properties.strategies.experiments import (
    VARIATIONS,
    experiment_commands,
    experiments,
)

BORN_AT = 1_700_000_000_000
STEPS_MAX = 25
BARE = Targeting(on=True, off_variation=VARIATIONS[0], fallthrough=Fixed(VARIATIONS[0]))


class Step(Struct, frozen=True):
    """One command and what came of it; no outcome where it was refused."""

    before: Experiment | None
    command: Command
    at: int
    outcome: Outcome[Experiment] | None

    @property
    def after(self) -> Experiment | None:
        return self.before if self.outcome is None else self.outcome.after


@st.composite
def lives(draw: st.DrawFn) -> tuple[Step, ...]:
    """A birth and what follows, to the end of the experiment at the latest."""
    steps = [_step(None, Create(draw(experiments())), 0)]
    for number in range(1, STEPS_MAX + 1):
        now = steps[-1].after
        if now is None:
            break
        steps.append(_step(now, draw(experiment_commands(now)), number))
    return tuple(steps)


def _step(now: Experiment | None, command: Command, number: int) -> Step:
    moment = Moment(BORN_AT + number * 1_000, b"%d" % number)
    try:
        return Step(now, command, moment.at, apply(EXPERIMENT, now, command, moment))
    except DomainError:
        return Step(now, command, moment.at, None)


def _always(holds: Callable[[Experiment], None]) -> Callable[[], None]:
    """A law of every state that a life passes through."""

    @given(lives())
    def law(life: tuple[Step, ...]) -> None:
        for step in life:
            if step.after is not None:
                event(f"{step.after.status}, {len(step.after.previous)} before")
                holds(step.after)

    return law


@given(lives())
def test_stored_events_rebuild_every_state(life: tuple[Step, ...]) -> None:
    now: Experiment | None = None
    for step in life:
        if step.outcome is not None:
            events = EXPERIMENT.decode_events(msgspec.json.encode(step.outcome.events))
            assert events == step.outcome.events
            now = fold(EXPERIMENT, now, events, step.at)
        assert now == step.after


@given(lives())
def test_a_refused_command_and_an_idle_one_change_nothing(life: tuple[Step, ...]) -> None:
    for step in life:
        if step.before is None:
            continue
        kept = EXPERIMENT.encode(step.before)
        again = _step(step.before, step.command, 99)
        assert EXPERIMENT.encode(step.before) == kept
        if again.outcome is None or not again.outcome.events:
            assert again.after is step.before
        elif again.after is not None:
            assert again.after.revision == step.before.revision + 1


@given(lives())
def test_what_runs_is_edited_by_additions_and_phases_alone(life: tuple[Step, ...]) -> None:
    for step in life:
        was = step.before.current if step.before is not None else None
        now = step.after.current if step.after is not None else None
        if was is None or now is None or was.id != now.id:
            continue
        assert _promised(now) == _promised(was)
        assert now.metrics[: len(was.metrics)] == was.metrics
        assert now.attributes[: len(was.attributes)] == was.attributes
        assert not was.metrics or now.primary_key == was.primary_key
        assert len(now.phases) >= len(was.phases)
        if isinstance(step.command, Advance) and now.phases != was.phases:
            assert now.proposal == replace(was.proposal, step=was.proposal.step + 1)
            assert now.proposal.level == step.command.level
        elif was.status is not Status.PAUSED:
            assert now.allocation == was.allocation
            assert now.proposal == was.proposal
        elif now.proposal.levels and was.proposal.levels:
            assert now.proposal.step == was.proposal.step


def _promised(iteration: Iteration) -> tuple[Any, ...]:
    return (
        iteration.hypothesis_text,
        iteration.unit,
        iteration.rule,
        iteration.reshuffle,
        iteration.comparisons,
        iteration.started_at,
        iteration.phases[0].allocation,
    )


@given(lives())
def test_a_change_of_what_ran_before_is_never_seen(life: tuple[Step, ...]) -> None:
    for step in life:
        if step.before is not None and step.after is not None:
            assert step.after.previous[: len(step.before.previous)] == step.before.previous


def _is_read_as_stored(now: Experiment) -> None:
    stored = EXPERIMENT.encode(now)
    assert EXPERIMENT.decode(stored) == now
    assert EXPERIMENT.facets(EXPERIMENT.decode(stored)) == EXPERIMENT.facets(now)


def _has_one_draft_and_one_that_runs(now: Experiment) -> None:
    drafts = [each for each in now.iterations if each.status is Status.DRAFT]
    active = [each for each in now.iterations if each.status in (Status.RUNNING, Status.PAUSED)]
    assert len(drafts) == (now.draft is not None) + (now.aside is not None)
    assert active == ([now.current] if now.active else [])
    assert all(each.status is Status.STOPPED for each in now.previous)
    assert len({each.id for each in now.iterations}) == len(now.iterations)


def _started_with_an_allocation(now: Experiment) -> None:
    for iteration in now.iterations:
        started = iteration.status is not Status.DRAFT
        assert (iteration.started_at is not None) is bool(iteration.phases) is started
        assert isinstance(iteration.allocation, Split | BySegment) is started
        assert (iteration.ended_at is not None) is (iteration.status is Status.STOPPED)
        if iteration.allocation is not None:
            assert iteration.allocation.variations <= set(VARIATIONS)


def _has_spans_in_order(now: Experiment) -> None:
    """One after the other; the last is open while the iteration is under way, a pause while it is paused."""
    for iteration in now.iterations:
        for spans in (iteration.phases, iteration.pauses):
            ends = [span.ended_at for span in spans[:-1]]
            starts = [span.started_at for span in spans[1:]]
            assert all(end is not None and end <= start for end, start in zip(ends, starts, strict=True))
        open_phase = bool(iteration.phases) and iteration.phases[-1].ended_at is None
        open_pause = bool(iteration.pauses) and iteration.pauses[-1].ended_at is None
        assert open_phase is (iteration.status in (Status.RUNNING, Status.PAUSED))
        assert open_pause is (iteration.status is Status.PAUSED)


def _has_seeds_of_its_own(now: Experiment) -> None:
    seeds = []
    for iteration in now.iterations:
        splits = [each.allocation for each in iteration.phases if isinstance(each.allocation, Split)]
        assert len({split.hashing for split in splits}) <= 1
        seeds += [split.hashing.seed for split in splits[:1]]
    assert None not in seeds
    assert len(set(seeds)) == len(seeds)


def _is_archived_at_rest(now: Experiment) -> None:
    assert not (now.active and now.archived_at is not None)
    claims = EXPERIMENT.facets(now).claims
    assert claims[1:] == (now.claims if now.status is Status.RUNNING else ())
    assert bool(claims) is now.active
    assert len(set(claims)) == len(claims)


def _waits_at_the_foot_of_its_ramp(now: Experiment) -> None:
    assert all(each.proposal.step == 0 for each in now.iterations if each.status is Status.DRAFT)
    for iteration in now.iterations:
        assert len(iteration.shares) == len(iteration.proposal.arms)
        for phase in iteration.phases:
            if isinstance(phase.allocation, Split) and phase.allocation.ramped:
                control, treatment = phase.allocation.arms
                assert control.control
                assert treatment.share <= SHARE_WHOLE // 2
                assert treatment.share >= control.share


def _is_served_whole(now: Experiment) -> None:
    overlay = overlay_of(now)
    assert (overlay is not None) is (now.status is Status.RUNNING)
    if overlay is None or overlay.rule != "fallthrough":
        return
    served = overlaid(BARE, (overlay,))
    assert served == overlaid(BARE, (overlay,))
    assert isinstance(served.fallthrough, Rollout)
    assert sum(each.weight for each in served.fallthrough.weights) == SHARE_WHOLE
    assert sum(each.untracked for each in served.fallthrough.weights) <= 1
    assert overlay.rules == ("fallthrough", *(rule.id for rule in served.rules))
    clauses = tuple(clause for rule in served.rules for clause in rule.clauses)
    given = {each.key: each for each in memberships_of((overlay,))}
    inner = (clause for each in given.values() for group in each.groups for clause in group)
    assert {*segments_named(clauses), *segments_named(inner)} == given.keys()
    assert served.variations <= set(VARIATIONS)


def _can_be_warned_of(now: Experiment) -> None:
    for iteration in now.iterations:
        assert all(each.where and each.rule for each in warnings(iteration))


test_every_state_is_read_as_it_was_stored = _always(_is_read_as_stored)
test_one_iteration_waits_and_one_runs_at_most = _always(_has_one_draft_and_one_that_runs)
test_what_has_started_carries_an_allocation = _always(_started_with_an_allocation)
test_phases_and_pauses_follow_one_another = _always(_has_spans_in_order)
test_every_iteration_has_one_seed_and_no_other_has_it = _always(_has_seeds_of_its_own)
test_what_is_active_is_not_archived_and_claims_its_rule = _always(_is_archived_at_rest)
test_what_runs_is_served_to_all_by_weights_that_make_a_whole = _always(_is_served_whole)
test_a_draft_waits_at_the_foot_of_its_ramp = _always(_waits_at_the_foot_of_its_ramp)
test_any_iteration_can_be_warned_of = _always(_can_be_warned_of)
