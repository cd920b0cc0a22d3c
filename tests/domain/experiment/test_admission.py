"""Which units an experiment is given at all."""

from typing import Any

import pytest
from msgspec.structs import replace

from equipoise.domain.allocation import SHA1, Arm, Hashing, Split
from equipoise.domain.experiment.admission import Admission, Beside, HeldOut, InLayer, admission
from equipoise.domain.experiment.state import Experiment
from equipoise.domain.holdout.state import Holdout
from equipoise.domain.layer.state import Layer, Reservation
from equipoise.domain.proposal import Proposal, ProposedArm
from tests.domain.builders import OFF, ON, a_holdout, a_layer
from tests.domain.experiment.examples import STOPPED_AT, drafted, running

HOLDOUT = a_holdout()


def a_full_layer(percent: int = 40) -> Layer:
    own = Reservation("production", drafted().key, ((0, percent * 1_000),))
    other = Reservation("production", "new-banner", ((60_000, 90_000),))
    return a_layer(reservations=(own, other, Reservation("test", "elsewhere", ((0, 99_000),))))


def said(now: Experiment, layer: Layer | None = None, holdout: Holdout | None = None) -> Admission:
    assert now.shown is not None
    layers = (a_layer(key="other", salt="other"), *((layer,) if layer else ()))
    return admission(now, now.shown, layers, (holdout,) if holdout else ())


def started(gates: Any = (), **fields: Any) -> Experiment:
    now = running()
    assert now.current is not None
    (phase,) = now.current.phases
    phases = (replace(phase, gates=gates, **fields),)
    return replace(now, current=replace(now.current, phases=phases))


def test_where_nothing_stands_before_it_everybody_may_be_in_it() -> None:
    assert said(started()) == Admission()
    assert not said(started()).gated


def test_a_draft_is_told_of_what_is_there_now() -> None:
    now = replace(drafted(), holdout=HOLDOUT.id)
    told = said(now, a_full_layer(), HOLDOUT)
    assert told.layer == InLayer("checkout", "Checkout", 40_000, 40_000, (Beside("new-banner", 30_000),))
    assert told.layer.free == 30_000
    assert told.holdout == HeldOut("q4", "Fourth quarter", 10_000)
    assert told.share == told.traffic * 40 // 100 * 90 // 100


def test_what_runs_keeps_what_its_phase_was_told() -> None:
    gates = (HOLDOUT.gate, a_full_layer().gate("production", drafted().key))
    told = said(started(gates), a_full_layer(55), replace(HOLDOUT, ended_at=STOPPED_AT))
    assert told.layer is not None
    assert (told.layer.share, told.layer.reserved) == (40_000, 55_000)
    assert told.holdout is not None
    assert (told.holdout.share, told.share) == (10_000, 36_000)
    joined_later = replace(started(), holdout=HOLDOUT.id)
    assert said(joined_later, a_full_layer(), HOLDOUT) == Admission()


def test_of_what_has_ended_nobody_is_told_who_shares_its_layer_now() -> None:
    gates = (a_full_layer().gate("production", drafted().key),)
    now = started(gates)
    assert now.current is not None
    told = said(replace(now, current=replace(now.current, ended_at=STOPPED_AT)), a_full_layer())
    assert told.layer == InLayer("checkout", "Checkout", 40_000, 40_000)


@pytest.mark.parametrize(
    ("split", "traffic"),
    [
        (
            Split((Arm(OFF, 50_000), Arm(ON, 50_000)), Hashing(SHA1, seed=1, traffic="t"), traffic=20_000),
            20_000,
        ),
        (Split((Arm(OFF, 10_000), Arm(ON, 10_000)), Hashing(SHA1, seed=1), 80_000, OFF), 20_000),
    ],
)
def test_traffic_is_the_share_that_is_in_an_arm(split: Split, traffic: int) -> None:
    told = said(started(allocation=split))
    assert (told.traffic, told.share) == (traffic, traffic)


def test_a_ramp_that_has_not_started_counts_as_many_in_both_arms() -> None:
    arms = (ProposedArm(OFF, control=True), ProposedArm(ON))
    now = drafted()
    assert now.draft is not None
    ramp = replace(now.draft, proposal=Proposal(arms, levels=(10_000, 50_000)))
    told = said(replace(now, draft=ramp))
    assert (told.traffic, told.levels, told.level) == (20_000, (10_000, 50_000), None)
