"""What may be asked of an iteration's plan: of the draft nearly all, later very little."""

from typing import Any

import pytest
from msgspec.structs import replace

from equipoise.domain.allocation import BySegment, Split
from equipoise.domain.change import Command
from equipoise.domain.errors import Exceeded, Invalid, Refused
from equipoise.domain.experiment import EXPERIMENT
from equipoise.domain.experiment.commands import (
    AnnotateIteration,
    CloneIteration,
    DraftIteration,
    Place,
    ProposeAllocation,
    Resume,
    SetAside,
    SetAttributes,
    SetComparisons,
    SetHypothesis,
    SetMetrics,
    SetReshuffle,
    SetUnit,
    TakeUp,
)
from equipoise.domain.experiment.events import MetricsSet, PhaseOpened
from equipoise.domain.experiment.state import Comparison, MetricUse
from equipoise.domain.limits import ITERATIONS_KEPT_MAX, METRICS_PER_ITERATION_MAX
from equipoise.domain.proposal import Proposal
from tests.domain.builders import LATER, OFF, ON, a_segment_rule, after, events_of
from tests.domain.experiment.examples import (
    FIRST,
    SECOND,
    THIRD,
    a_ramp,
    an_arm,
    an_iteration,
    by_segment,
    drafted,
    halves,
    paused,
    running,
    stopped,
    the_facts,
    with_draft,
)

PURCHASES = MetricUse("purchases", version=3)
VISITS = MetricUse("visits", version=2)
NARROW = Proposal((an_arm(OFF, 10_000, control=True), an_arm(ON, 10_000)))

EDITS: list[tuple[Command, str, Any]] = [
    (SetHypothesis("it sells"), "hypothesis_text", "it sells"),
    (SetMetrics((MetricUse("visits"),), "visits"), "metrics", (MetricUse("visits"),)),
    (SetComparisons((Comparison("purchases"),)), "comparisons", (Comparison("purchases"),)),
    (SetAttributes(("country", "country", "age")), "attributes", ("country", "age")),
    (SetUnit("device"), "unit", "device"),
    (SetUnit(""), "unit", ""),
    (ProposeAllocation(NARROW), "proposal", NARROW),
    (ProposeAllocation(Proposal()), "proposal", Proposal()),
    (ProposeAllocation(a_ramp(1, 2)), "proposal", a_ramp(1, 2)),
    (Place("rule-1"), "rule", "rule-1"),
    (SetReshuffle(False), "reshuffle", False),
    (AnnotateIteration("some", "field", 1), "annotations", {"some.field": 1}),
]
named = pytest.mark.parametrize(("command", "field", "value"), EDITS, ids=lambda it: type(it).__name__)


@named
def test_a_draft_takes_any_plan_once(command: Command, field: str, value: Any) -> None:
    now = after(EXPERIMENT, drafted(), command)
    assert getattr(now.draft, field) == value
    assert events_of(EXPERIMENT, now, command) == ()


@named
def test_a_draft_beside_a_running_iteration_is_edited_and_nothing_else(
    command: Command, field: str, value: Any
) -> None:
    before = with_draft(running())
    now = after(EXPERIMENT, before, command)
    assert getattr(now.draft, field) == value
    assert now.current == before.current


@named
def test_without_a_draft_the_plan_stays(command: Command, field: str, value: Any) -> None:
    with pytest.raises(Refused, match="no draft"):
        events_of(EXPERIMENT, stopped(), command)


@pytest.mark.parametrize(
    "command",
    [
        SetHypothesis("\0"),
        SetMetrics((VISITS, VISITS)),
        SetMetrics((VISITS,), "purchases"),
        SetMetrics((MetricUse("no key"),)),
        SetMetrics((MetricUse("visits", unit="no key"),)),
        SetMetrics((MetricUse("visits", version=-1),)),
        SetComparisons((Comparison("purchases", margin=-0.1),)),
        SetComparisons((Comparison("purchases", margin=float("nan")),)),
        SetComparisons((Comparison("no key"),)),
        SetAttributes((" ",)),
        SetUnit("no key"),
        Place(""),
        DraftIteration(an_iteration(id="short")),
        DraftIteration(an_iteration(id=SECOND, winner=ON)),
        DraftIteration(an_iteration(id=SECOND, proposal=a_ramp(1, 2, step=1))),
        ProposeAllocation(a_ramp(1, 2, step=1)),
    ],
    ids=str,
)
def test_an_unsound_plan_is_invalid(command: Command) -> None:
    with pytest.raises(Invalid):
        events_of(EXPERIMENT, drafted(), command)


def test_metrics_are_at_most_so_many() -> None:
    many = tuple(MetricUse(f"m{number}") for number in range(METRICS_PER_ITERATION_MAX + 1))
    after(EXPERIMENT, drafted(), SetMetrics(many[1:]))
    with pytest.raises(Exceeded, match="METRICS_PER_ITERATION_MAX"):
        events_of(EXPERIMENT, drafted(), SetMetrics(many))


def test_a_draft_pins_no_version() -> None:
    now = after(EXPERIMENT, drafted(), SetMetrics((VISITS,)))
    assert now.draft is not None
    assert now.draft.metrics == (MetricUse("visits"),)


def test_another_draft_replaces_the_one_that_waits() -> None:
    now = with_draft(drafted(), SECOND)
    assert now.draft == an_iteration(id=SECOND)
    assert [each.id for each in now.iterations] == [SECOND]
    assert events_of(EXPERIMENT, now, DraftIteration(an_iteration(id=SECOND))) == ()


def test_the_id_of_an_iteration_is_never_given_twice() -> None:
    for now in (running(), after(EXPERIMENT, drafted(), SetAside())):
        with pytest.raises(Invalid, match="must be new"):
            events_of(EXPERIMENT, now, DraftIteration(an_iteration(id=FIRST)))


def test_a_clone_has_the_plan_and_not_the_life() -> None:
    now = after(EXPERIMENT, stopped(ON), CloneIteration(SECOND))
    assert now.draft == an_iteration(id=SECOND, created_at=LATER)


def test_a_clone_needs_an_iteration_that_ran_and_no_draft() -> None:
    with pytest.raises(Refused, match="draft iteration that waits"):
        events_of(EXPERIMENT, with_draft(running()), CloneIteration(THIRD))
    with pytest.raises(Refused, match="has not started"):
        events_of(EXPERIMENT, after(EXPERIMENT, drafted(), SetAside()), CloneIteration(THIRD))


def test_iterations_are_kept_up_to_the_limit() -> None:
    history = tuple(an_iteration(id=f"{number + 9:024x}") for number in range(ITERATIONS_KEPT_MAX - 2))
    full = with_draft(replace(stopped(), previous=history))
    assert len(full.iterations) == ITERATIONS_KEPT_MAX
    assert len(with_draft(full, THIRD).iterations) == ITERATIONS_KEPT_MAX  # in place of the other
    aside = after(EXPERIMENT, full, SetAside())
    for command in (DraftIteration(an_iteration(id=THIRD)), CloneIteration(THIRD)):
        with pytest.raises(Exceeded, match="ITERATIONS_KEPT_MAX"):
            events_of(EXPERIMENT, aside, command)


def test_a_draft_is_put_by_and_taken_up() -> None:
    aside = after(EXPERIMENT, drafted(), SetAside())
    assert (aside.draft, aside.aside, aside.complete) == (None, an_iteration(), False)
    assert events_of(EXPERIMENT, aside, SetAside()) == ()
    assert after(EXPERIMENT, aside, TakeUp()).draft == an_iteration()
    assert events_of(EXPERIMENT, drafted(), TakeUp()) == ()


def test_no_draft_is_lost_to_another() -> None:
    both = with_draft(after(EXPERIMENT, drafted(), SetAside()))
    for command in (SetAside(), TakeUp()):
        with pytest.raises(Refused, match="another draft"):
            events_of(EXPERIMENT, both, command)


@pytest.mark.parametrize("now", [running(), paused()], ids=["running", "paused"])
def test_metrics_are_added_to_what_is_under_way_in_the_version_named(now: Any) -> None:
    command = SetMetrics((PURCHASES, VISITS), "purchases", "current")
    (added,) = events_of(EXPERIMENT, now, command)
    assert added == MetricsSet((PURCHASES, VISITS), "", "current")
    later = after(EXPERIMENT, now, command)
    assert later.current is not None
    assert later.current.metrics == (PURCHASES, VISITS)
    assert events_of(EXPERIMENT, later, command) == ()


def test_a_metric_under_way_keeps_its_version_and_its_place() -> None:
    newer = MetricUse("purchases", version=9)
    (added,) = events_of(EXPERIMENT, running(), SetMetrics((VISITS, newer), "purchases", "current"))
    assert added.metrics == (PURCHASES, VISITS)


@pytest.mark.parametrize(
    "command",
    [
        SetMetrics((), "", "current"),
        SetMetrics((VISITS,), "", "current"),
        SetMetrics((VISITS, PURCHASES), "visits", "current"),
        SetMetrics((VISITS, PURCHASES), "", "current"),
        SetMetrics((MetricUse("purchases", unit="device"),), "", "current"),
        SetMetrics((MetricUse("purchases", group=True),), "", "current"),
        SetAttributes((), "current"),
        SetAttributes(("age",), "current"),
    ],
    ids=str,
)
def test_what_is_measured_under_way_is_not_altered(command: Command) -> None:
    now = running(SetAttributes(("country",)))
    with pytest.raises(Refused, match="may be added, no more"):
        events_of(EXPERIMENT, now, command)


def test_an_iteration_that_measured_nothing_may_be_told_what_decides() -> None:
    now = running(SetMetrics(()))
    (added,) = events_of(EXPERIMENT, now, SetMetrics((VISITS, PURCHASES), "purchases", "current"))
    assert added.primary == "purchases"


def test_attributes_are_added_to_what_is_under_way() -> None:
    now = running(SetAttributes(("country",)))
    command = SetAttributes(("age", "country"), "current")
    later = after(EXPERIMENT, now, command)
    assert later.current is not None
    assert later.current.attributes == ("country", "age")
    assert events_of(EXPERIMENT, later, command) == ()


@pytest.mark.parametrize(
    "command",
    [SetMetrics((PURCHASES, VISITS), "", "current"), SetAttributes(("age",), "current")],
    ids=str,
)
def test_what_has_stopped_or_never_ran_measures_nothing_more(command: Command) -> None:
    for now, why in ((stopped(), "has stopped"), (drafted(), "has not started")):
        with pytest.raises(Refused, match=why):
            events_of(EXPERIMENT, now, command)


def test_a_running_iteration_keeps_its_allocation() -> None:
    with pytest.raises(Refused, match="pause it first"):
        events_of(EXPERIMENT, running(), ProposeAllocation(NARROW, the_facts()))


def test_another_allocation_of_a_paused_iteration_opens_a_phase_under_the_same_seed() -> None:
    before = paused()
    (opened,) = events_of(EXPERIMENT, before, ProposeAllocation(NARROW, the_facts()))
    assert isinstance(opened, PhaseOpened)
    now = after(EXPERIMENT, before, ProposeAllocation(NARROW, the_facts()), Resume())
    assert before.current is not None
    assert now.current is not None
    first, second = now.current.phases
    assert first.ended_at == second.started_at == LATER
    assert isinstance(first.allocation, Split)
    assert isinstance(second.allocation, Split)
    assert second.allocation.hashing == first.allocation.hashing
    assert (second.allocation.traffic, second.allocation.rest) == (20_000, 0)
    assert now.current.proposal == NARROW


def test_the_same_allocation_opens_no_phase() -> None:
    assert events_of(EXPERIMENT, paused(), ProposeAllocation(halves())) == ()


def test_a_phase_opens_only_with_what_the_flag_can_serve() -> None:
    strange = Proposal((an_arm("elsewhere"), an_arm(OFF, control=True)))
    with pytest.raises(Invalid, match="variation of the flag"):
        events_of(EXPERIMENT, paused(), ProposeAllocation(strange, the_facts()))
    with pytest.raises(Invalid, match="must be known"):
        events_of(EXPERIMENT, paused(), ProposeAllocation(NARROW))
    with pytest.raises(Invalid, match="above zero"):
        events_of(EXPERIMENT, paused(), ProposeAllocation(Proposal(), the_facts()))
    off = the_facts(on=False)
    assert events_of(EXPERIMENT, paused(), ProposeAllocation(NARROW, off)) != ()


def test_the_seed_outlives_a_phase_by_segment() -> None:
    facts = the_facts()
    now = after(EXPERIMENT, paused(), ProposeAllocation(by_segment(), facts))
    assert now.current is not None
    assert isinstance(now.current.allocation, BySegment)
    now = after(EXPERIMENT, now, ProposeAllocation(NARROW, facts))
    assert now.current is not None
    allocations = [phase.allocation for phase in now.current.phases]
    assert [type(each) for each in allocations] == [Split, BySegment, Split]
    assert now.current.hashing == allocations[2].hashing  # type: ignore[union-attr]


def test_an_iteration_that_began_by_segment_gets_its_seed_with_its_first_split() -> None:
    now = paused(draft=an_iteration(proposal=by_segment()))
    assert now.current is not None
    assert now.current.hashing is None
    now = after(EXPERIMENT, now, ProposeAllocation(NARROW, the_facts()))
    assert now.current is not None
    assert now.current.hashing is not None
    assert now.current.hashing.seed is not None


def test_a_phase_by_segment_keeps_the_segment_as_it_was_when_it_opened() -> None:
    rules = (a_segment_rule("other"),)
    now = after(EXPERIMENT, paused(), ProposeAllocation(by_segment(), the_facts(segments={"beta": rules})))
    assert now.current is not None
    by = now.current.allocation
    assert isinstance(by, BySegment)
    assert [arm.rules for arm in by.arms] == [rules]
    assert events_of(EXPERIMENT, now, ProposeAllocation(by_segment(), the_facts())) == ()
    with pytest.raises(Invalid, match="each segment is one of the environment"):
        events_of(EXPERIMENT, paused(), ProposeAllocation(by_segment(), the_facts(segments={})))


def test_annotations_go_to_the_iteration_they_name_whatever_its_status() -> None:
    now = after(EXPERIMENT, stopped(), AnnotateIteration("some", "field", 1, "current"))
    assert now.current is not None
    assert now.current.annotations == {"some.field": 1}
    assert events_of(EXPERIMENT, now, AnnotateIteration("some", "field", True, "current")) != ()
    gone = after(EXPERIMENT, now, AnnotateIteration("some", "field", None, "current"))
    assert gone.current is not None
    assert gone.current.annotations == {}
    with pytest.raises(Refused, match="no current"):
        events_of(EXPERIMENT, drafted(), AnnotateIteration("some", "field", 1, "current"))
