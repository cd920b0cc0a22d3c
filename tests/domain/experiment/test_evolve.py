"""Every event evolves every state, and each leads where it says."""

import pytest

from equipoise.domain.change import Event, fold
from equipoise.domain.experiment import EXPERIMENT
from equipoise.domain.experiment import events as said
from equipoise.domain.experiment.state import Experiment, Status
from equipoise.domain.proposal import Proposal, ProposedArm
from tests.domain.builders import ON
from tests.domain.experiment.examples import (
    SECOND,
    an_iteration,
    drafted,
    halves,
    paused,
    running,
    stopped,
    with_draft,
)

AT = 1_800_000_000_000


def _allocation() -> said.Started:
    current = running().current
    assert current is not None
    assert current.allocation is not None
    return said.Started(SECOND, AT, current.allocation)


STARTED = _allocation()
OF_ITERATIONS: list[Event] = [
    said.Claimed(("flow:login",)),
    said.HypothesisSet("text"),
    said.MetricsSet((), ""),
    said.MetricsSet((), "", "current"),
    said.ComparisonsSet(()),
    said.AttributesSet(("age",)),
    said.AttributesSet(("age",), "current"),
    said.UnitSet("device"),
    said.AllocationProposed(halves()),
    said.Placed("rule-1"),
    said.ReshuffleSet(False),
    said.IterationDrafted(an_iteration(id=SECOND)),
    said.IterationAnnotated("some.field", 1),
    said.PutAside(),
    said.TakenUp(),
    STARTED,
    said.PhaseOpened(AT, halves(), STARTED.allocation),
    said.Paused(AT),
    said.Resumed(AT),
    said.Stopped(AT, ON),
]


@pytest.mark.parametrize("event", OF_ITERATIONS, ids=lambda it: type(it).__name__)
@pytest.mark.parametrize(
    "now",
    [drafted(), running(), with_draft(paused()), stopped()],
    ids=["draft", "running", "paused", "stopped"],
)
def test_every_event_evolves_every_state(now: Experiment, event: Event) -> None:
    later = fold(EXPERIMENT, now, (event,), AT)
    assert later is not None
    assert later.revision == now.revision + 1


def test_an_event_on_an_iteration_that_is_not_there_changes_nothing() -> None:
    assert EXPERIMENT.evolve[said.UnitSet](running(), said.UnitSet("device")) == running()
    assert EXPERIMENT.evolve[said.Started](running(), STARTED) == running()
    assert EXPERIMENT.evolve[said.Stopped](drafted(), said.Stopped(AT)) == drafted()


def test_what_was_stored_before_a_field_was_added_can_be_read() -> None:
    """Events are stored for ever; the oldest form of each is this one."""
    stored = (
        b'[{"type":"Stopped","at":1},{"type":"MetricsSet","metrics":[],"primary":""},'
        b'{"type":"AllocationProposed","proposal":{"arms":[{"variation":"a","share":1}]}}]'
    )
    proposed = said.AllocationProposed(Proposal((ProposedArm("a", 1),)))
    assert EXPERIMENT.decode_events(stored) == (said.Stopped(1), said.MetricsSet((), ""), proposed)


def test_the_status_of_an_experiment_is_that_of_its_current_iteration() -> None:
    assert with_draft(stopped()).status is Status.STOPPED
