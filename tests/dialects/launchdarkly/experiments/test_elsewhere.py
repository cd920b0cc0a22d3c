"""Experiments of shapes that only another surface can say: by segment, and by ramp."""

from typing import Any

import pytest

from equipoise.domain.allocation import BySegment
from equipoise.domain.experiment import EXPERIMENT
from equipoise.domain.experiment.commands import Advance, ProposeAllocation
from equipoise.domain.proposal import Proposal, ProposedArm
from equipoise.domain.segment import SEGMENT
from equipoise.domain.segment.commands import Create
from tests.dialects.launchdarkly.experiments.shop import (
    HERE,
    NEW,
    OLD,
    START,
    Shop,
    again,
    places,
    stop,
    update,
)
from tests.domain.builders import a_segment

EVERYTHING = "treatments,draftIteration,previousIterations"
BETA = ProposedArm(NEW, name="Beta", segment="beta")
STAFF = ProposedArm(NEW, name="Staff", segment="staff")
REST = ProposedArm(OLD, name="Rest", control=True, fallback=True)
BY_SEGMENT = Proposal((BETA, STAFF, REST))
RAMP = Proposal((ProposedArm(OLD, control=True), ProposedArm(NEW)), levels=(10_000, 60_000))


def made(shop: Shop, proposal: Proposal, *segments: str) -> None:
    """A draft that was given this proposal elsewhere, with these segments about."""
    for at, key in enumerate(segments):
        shop.settle(SEGMENT, None, Create(a_segment(key=key, id=f"{at:024x}")))
    shop.create()
    shop.change("new-checkout", ProposeAllocation(proposal))


def treatments(document: Any) -> list[tuple[str, str, bool]]:
    shown = document["currentIteration"]["treatments"]
    return [(each["_id"], each["allocationPercent"], each["baseline"]) for each in shown]


def test_arms_by_segment_are_shown_without_shares(shop: Shop) -> None:
    made(shop, BY_SEGMENT, "beta", "staff")
    expected = [(NEW, "0", False), (NEW, "0", False), (OLD, "0", True)]
    assert treatments(shop.get(expand=EVERYTHING)) == expected
    assert treatments(shop.patch(START)) == expected
    assert treatments(shop.get(expand=EVERYTHING)) == expected


def test_it_starts_with_the_segments_as_they_are(shop: Shop) -> None:
    made(shop, BY_SEGMENT, "beta", "staff")
    shop.patch(START)
    current = shop.stored(EXPERIMENT, HERE, "new-checkout").current
    assert isinstance(current.allocation, BySegment)
    assert [arm.rules for arm in current.allocation.arms] == [a_segment().rules] * 2


def test_it_does_not_start_while_a_segment_is_missing(shop: Shop) -> None:
    made(shop, BY_SEGMENT, "beta")
    refused = shop.refused(START)
    assert places(refused) == ["instructions[0].treatments"]
    assert "['staff']" in str(refused)


@pytest.mark.parametrize(
    "proposal",
    [
        Proposal((ProposedArm(OLD, 60_000), ProposedArm(NEW, 60_000))),
        Proposal((ProposedArm(OLD, 50_000), ProposedArm(OLD, 50_000))),
        Proposal((ProposedArm(OLD, 50_000, control=True), ProposedArm(NEW, 50_000, control=True))),
        Proposal((BETA, REST), levels=(1,)),
        Proposal((ProposedArm(OLD), ProposedArm(NEW)), levels=(1, 2)),
        Proposal(),
    ],
    ids=str,
)
def test_what_cannot_start_is_shown_and_refused_by_place(shop: Shop, proposal: Proposal) -> None:
    made(shop, proposal, "beta")
    assert len(shop.get(expand=EVERYTHING)["currentIteration"]["treatments"]) == len(proposal.arms)
    assert places(shop.refused(START)) == ["instructions[0].treatments"]


def test_treatments_said_here_take_the_place_of_either(shop: Shop) -> None:
    for proposal in (RAMP, BY_SEGMENT):
        shop.surface.clock.now += 1
        key = f"of-{len(proposal.levels)}"
        shop.create(key)
        shop.change(key, ProposeAllocation(proposal))
        shop.patch(update(treatments=shop.arms("30", "70")), key=key)
        assert treatments(shop.get(key, expand=EVERYTHING)) == [(OLD, "30", True), (NEW, "70", False)]
    assert shop.patch(START, key="of-2")["currentIteration"]["status"] == "running"


def test_a_ramp_is_shown_at_its_level(shop: Shop) -> None:
    made(shop, RAMP)
    assert treatments(shop.get(expand=EVERYTHING)) == [(OLD, "0", True), (NEW, "0", False)]
    assert treatments(shop.patch(START)) == [(OLD, "10", True), (NEW, "10", False)]
    before = shop.version()
    shop.change("new-checkout", Advance(60_000))
    assert treatments(shop.get(expand=EVERYTHING)) == [(OLD, "40", True), (NEW, "50", False)]
    assert shop.version() > before
    stopped = shop.patch(stop(NEW, winningReason="it sells"))
    assert treatments(stopped) == [(OLD, "40", True), (NEW, "50", False)]


def test_the_next_iteration_starts_the_ramp_anew(shop: Shop) -> None:
    made(shop, RAMP)
    shop.patch(START)
    shop.change("new-checkout", Advance(60_000))
    shown = shop.patch(again("once more"))
    assert treatments(shown) == [(OLD, "10", True), (NEW, "10", False)]
