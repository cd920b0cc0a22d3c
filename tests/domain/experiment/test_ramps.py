"""How a ramp is climbed: level by level, each a phase of its own under the one seed."""

from typing import Any

import pytest
from msgspec.structs import replace

from equipoise.domain.allocation import Allocation, Hashing
from equipoise.domain.errors import Invalid, Refused
from equipoise.domain.experiment import EXPERIMENT
from equipoise.domain.experiment.commands import (
    Advance,
    CloneIteration,
    Pause,
    ProposeAllocation,
    Resume,
    Stop,
)
from equipoise.domain.experiment.events import PhaseOpened
from equipoise.domain.experiment.state import Experiment
from equipoise.domain.proposal import Proposal, allocate
from tests.domain.builders import LATER, OFF, ON, after, events_of
from tests.domain.experiment.examples import (
    SECOND,
    a_ramp,
    a_start,
    an_arm,
    an_iteration,
    drafted,
    paused,
    running,
    stopped,
    the_facts,
    with_draft,
)

NARROW = Proposal((an_arm(OFF, 10_000, control=True), an_arm(ON, 10_000)))


def served(now: Experiment) -> Allocation:
    assert now.current is not None
    assert now.current.allocation is not None
    return now.current.allocation


def hashing(now: Experiment) -> Hashing:
    assert now.current is not None
    assert now.current.hashing is not None
    return now.current.hashing


def ramped(*levels: int, now: Any = running) -> Experiment:
    experiment: Experiment = now(draft=an_iteration(proposal=a_ramp(*levels)))
    return experiment


def test_nobody_else_says_what_those_outside_a_ramp_get() -> None:
    own, other = replace(a_ramp(10_000), outside=OFF), replace(a_ramp(10_000), outside=ON)
    assert allocate(own, Hashing("sha1/15hex", 7)) == allocate(a_ramp(10_000), Hashing("sha1/15hex", 7))
    with pytest.raises(Invalid, match="outside"):
        allocate(other, Hashing("sha1/15hex", 7))


def test_a_ramp_starts_at_its_first_level() -> None:
    now = ramped(10_000, 50_000)
    assert now.current is not None
    assert (now.current.proposal.level, now.current.shares) == (10_000, (10_000, 10_000))
    assert served(now) == allocate(a_ramp(10_000), hashing(now))


@pytest.mark.parametrize("how", [running, paused], ids=["running", "paused"])
def test_advancing_opens_a_phase_under_the_same_seed(how: Any) -> None:
    before = ramped(10_000, 60_000, now=how)
    (opened,) = events_of(EXPERIMENT, before, Advance(60_000))
    assert isinstance(opened, PhaseOpened)
    now = after(EXPERIMENT, before, Advance(60_000))
    assert now.status is before.status
    assert now.current is not None
    first, second = now.current.phases
    assert first.ended_at == second.started_at == opened.at == LATER
    assert now.current.proposal == a_ramp(10_000, 60_000, step=1)
    assert second.allocation == allocate(a_ramp(60_000), hashing(before))
    assert now.current.shares == (40_000, 50_000)


def test_advancing_leaves_a_draft_that_waits() -> None:
    before = with_draft(ramped(1, 2))
    assert after(EXPERIMENT, before, Advance(2)).draft == before.draft


def test_advancing_to_where_it_stands_is_no_event() -> None:
    assert events_of(EXPERIMENT, ramped(1, 2), Advance(1)) == ()
    once = after(EXPERIMENT, ramped(1, 2), Advance(2))
    assert events_of(EXPERIMENT, once, Advance(2)) == ()


@pytest.mark.parametrize("level", [0, 1_000, 15_000, 50_000, 100_000])
def test_a_ramp_goes_to_its_next_level_and_nowhere_else(level: int) -> None:
    now = after(EXPERIMENT, ramped(1_000, 10_000, 25_500, 50_000), Advance(10_000))
    with pytest.raises(Refused, match=r"goes from 10 to 25\.5 percent next"):
        events_of(EXPERIMENT, now, Advance(level))


@pytest.mark.parametrize(
    ("now", "why"),
    [
        (ramped(1), "stands at its last level"),
        (running(), "cannot advance the ramp: experiment new-checkout has none"),
        (ramped(1, 2, now=drafted), "has not started"),
        (ramped(1, 2, now=stopped), "has stopped"),
    ],
    ids=["at its end", "no ramp", "draft", "stopped"],
)
def test_only_a_ramp_under_way_is_advanced(now: Experiment, why: str) -> None:
    with pytest.raises(Refused, match=why):
        events_of(EXPERIMENT, now, Advance(2))


def test_advancing_needs_nothing_of_the_flag() -> None:
    """A ramp serves the same two variations at every level."""
    levels = [served(after(EXPERIMENT, ramped(0, 9, 100_000), *map(Advance, to))) for to in ((), (9,))]
    assert {each.variations for each in levels} == {frozenset({ON, OFF})}


def test_a_ramp_of_a_paused_iteration_is_changed_at_its_step() -> None:
    before = after(EXPERIMENT, ramped(1_000, 2_000, now=paused), Advance(2_000))
    slower = a_ramp(1_000, 1_500, 2_000, step=1)
    now = after(EXPERIMENT, before, ProposeAllocation(slower, the_facts()))
    assert served(now) == allocate(a_ramp(1_500), hashing(now))
    for step in (0, 2):
        with pytest.raises(Invalid, match="step: changes by advancing alone"):
            events_of(EXPERIMENT, before, ProposeAllocation(replace(slower, step=step), the_facts()))


def test_a_ramp_comes_and_goes_while_the_iteration_is_paused() -> None:
    now = after(EXPERIMENT, paused(), ProposeAllocation(a_ramp(1_000, 2_000), the_facts()), Resume())
    assert served(now) == allocate(a_ramp(1_000), hashing(now))
    now = after(EXPERIMENT, now, Advance(2_000), Pause(), ProposeAllocation(NARROW, the_facts()))
    assert served(now) == allocate(NARROW, hashing(now))
    assert now.current is not None
    assert len(now.current.phases) == 4
    late = ProposeAllocation(a_ramp(1_000, 2_000, step=1), the_facts())
    with pytest.raises(Invalid, match="step: changes by advancing alone"):
        events_of(EXPERIMENT, now, late)


def test_a_clone_starts_the_ramp_anew_and_under_another_seed() -> None:
    was = after(EXPERIMENT, ramped(1_000, 2_000), Advance(2_000), Stop())
    now = after(EXPERIMENT, was, CloneIteration(SECOND))
    assert now.draft == an_iteration(id=SECOND, created_at=LATER, proposal=a_ramp(1_000, 2_000))
    again = after(EXPERIMENT, now, a_start())
    assert served(again) == allocate(a_ramp(1_000), hashing(again))
    assert hashing(again) != hashing(was)
