"""What an experiment has to pass: its layer's gate, its holdout's, and whose units they ask for."""

import msgspec
from msgspec.structs import replace

from equipoise.domain.barriers import Barriers, Demand
from equipoise.domain.experiment import EXPERIMENT
from equipoise.domain.experiment.barriers import barriers_of, unit_of
from equipoise.domain.experiment.commands import Advance, LeaveHoldout, Pause, ProposeAllocation
from equipoise.domain.experiment.readiness import shortcomings
from equipoise.domain.experiment.state import Phase
from equipoise.domain.gates import Gate, ReservedShare, gates_of
from equipoise.domain.layer.state import Reservation
from equipoise.domain.proposal import Proposal
from tests.domain.builders import ID, LATER, OFF, ON, a_holdout, a_layer, after
from tests.domain.experiment.examples import (
    a_ramp,
    a_start,
    an_arm,
    an_experiment,
    an_iteration,
    drafted,
    halves,
    running,
    the_facts,
)

OWN = Reservation("production", "new-checkout", ((0, 20_000),))
OTHER = Reservation("production", "other", ((20_000, 50_000),))
ELSEWHERE = Reservation("test", "new-checkout", ((0, 90_000),))
LAYER = a_layer(reservations=(OWN, OTHER, ELSEWHERE))
FELLOW = replace(running(), id="f" * 24, key="other")


def test_it_passes_the_gates_of_its_layer_and_of_its_holdout() -> None:
    found = barriers_of(drafted(), LAYER, (), a_holdout())
    assert found.gates == (a_holdout().gate, Gate(LAYER.salt, OWN.ranges))
    assert found.reserved == ReservedShare("checkout", "Checkout", 20_000, 30_000)
    assert found.demands == (Demand("holdout q4", "user"),)
    assert barriers_of(drafted(), None, (), None) == Barriers()


def test_a_holdout_that_has_ended_asks_for_nothing() -> None:
    found = barriers_of(drafted(), None, (), a_holdout(ended_at=LATER))
    assert found.demands == ()
    assert all(each.open for each in found.gates)


def test_where_everybody_passes_nothing_need_be_said_of_those_outside() -> None:
    arms = Proposal((an_arm(ON, 50_000), an_arm(OFF, 50_000)))
    draft = an_iteration(proposal=arms)
    ended = barriers_of(drafted(), None, (), a_holdout(ended_at=LATER))
    assert shortcomings(draft, replace(the_facts(), barriers=ended)) == ()
    held = barriers_of(drafted(), None, (), a_holdout())
    assert [each.where for each in shortcomings(draft, replace(the_facts(), barriers=held))] == ["outside"]


def test_the_unit_of_a_layer_is_that_of_the_first_that_started_in_it() -> None:
    of_devices = running(draft=an_iteration(unit="device"))
    later = replace(of_devices, id="e" * 24, key="other")
    stranger = replace(of_devices, id="d" * 24, key="stranger")
    assert unit_of(LAYER, (drafted(), stranger)) == ""
    assert unit_of(LAYER, (drafted(), later)) == "device"
    assert barriers_of(drafted(), LAYER, (later,), None).demands == (Demand("layer checkout", "device"),)
    assert barriers_of(of_devices, LAYER, (of_devices,), None).demands == ()


def test_another_unit_or_nothing_reserved_keeps_it_from_starting() -> None:
    nothing = replace(LAYER, reservations=(replace(OWN, ranges=()),))
    behind = barriers_of(drafted(), nothing, (), a_holdout(unit="device"))
    found = shortcomings(an_iteration(), the_facts(barriers=behind))
    assert [each.where for each in found] == ["layer", "unit"]
    assert (
        shortcomings(an_iteration(), the_facts(barriers=barriers_of(drafted(), LAYER, (FELLOW,), None))) == ()
    )


def test_behind_a_gate_somebody_must_say_what_those_outside_get() -> None:
    nobody = Proposal((an_arm(ON), an_arm(OFF)))
    facts = the_facts(barriers=Barriers((Gate("g.0", ((0, 5),)),)))
    assert [each.where for each in shortcomings(an_iteration(proposal=nobody), facts)] == ["outside"]
    assert shortcomings(an_iteration(proposal=halves()), facts) == ()


def test_a_phase_keeps_what_was_reserved_when_it_began() -> None:
    held = barriers_of(drafted(), LAYER, (), None)
    now = after(EXPERIMENT, drafted(), a_start(flag=the_facts(barriers=held)), Pause())
    facts = the_facts(barriers=Barriers())
    narrower = Proposal((an_arm(OFF, 10_000, control=True), an_arm(ON, 10_000)))
    now = after(EXPERIMENT, now, ProposeAllocation(narrower, facts))
    assert now.current is not None
    assert [each.reserved for each in now.current.phases] == [held.reserved, None]


def test_a_phase_that_was_stored_before_there_were_gates_has_none() -> None:
    stored = (
        b'{"allocation":{"type":"split","arms":[{"variation":"a","share":40000},{"variation":"b","share":40000}],'
        b'"hashing":{"scheme":"sha1/15hex","seed":7},"rest":20000,"outside":"a"},"started_at":5}'
    )
    phase = msgspec.json.decode(stored, type=Phase)
    assert (phase.gates, phase.reserved) == ((), None)
    assert gates_of(phase.allocation, phase.gates) == ()


def test_a_step_of_a_ramp_takes_the_barriers_of_now_or_else_those_it_had() -> None:
    ramp = an_iteration(proposal=a_ramp(10_000, 20_000, 30_000))
    held = Barriers((Gate("g.0", ((0, 5),)),))
    now = after(EXPERIMENT, drafted(draft=ramp), a_start(flag=the_facts(barriers=held)))
    now = after(EXPERIMENT, now, Advance(20_000), Advance(30_000, the_facts()))
    assert now.current is not None
    assert [each.gates for each in now.current.phases] == [held.gates, held.gates, ()]


def test_it_may_leave_its_holdout_while_it_runs_and_is_behind_it_until_its_next_phase() -> None:
    held = barriers_of(drafted(), None, (), a_holdout())
    joined = after(EXPERIMENT, drafted(holdout=ID), a_start(flag=the_facts(barriers=held)))
    left = after(EXPERIMENT, joined, LeaveHoldout())
    assert left.holdout == ""
    assert left.current == joined.current
    assert after(EXPERIMENT, left, LeaveHoldout()) == left
    assert an_experiment().holdout == ""
