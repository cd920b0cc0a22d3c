"""What may be proposed, and what a proposal amounts to."""

import msgspec
import pytest

from equipoise.domain.allocation import (
    SHA1,
    SHARE_WHOLE,
    Allocation,
    Arm,
    BySegment,
    Hashing,
    Proposal,
    ProposedArm,
    SegmentArm,
    Split,
    allocate,
)
from equipoise.domain.errors import Invalid
from equipoise.domain.limits import ARMS_MAX

SEEDED = Hashing(SHA1, seed=7)


def arm(variation: str, share: int | None = None, *, control: bool = False) -> ProposedArm:
    return ProposedArm(variation, share, control)


@pytest.mark.parametrize(
    "proposal",
    [
        Proposal(),
        Proposal((arm("a"),)),
        Proposal((arm("a", 60_000), arm("b", 39_000))),
        Proposal((arm("a", 0), arm("b", 0))),
        Proposal((ProposedArm("a", segment="beta"), arm("b", 5))),
    ],
    ids=str,
)
def test_a_draft_may_hold_what_cannot_start(proposal: Proposal) -> None:
    assert msgspec.json.decode(msgspec.json.encode(proposal), type=Proposal) == proposal


@pytest.mark.parametrize(
    ("arms", "rule"),
    [
        ((arm("a", 60_000), arm("b", 40_001)), "at most 100 percent"),
        ((arm("a", -1), arm("b", 1)), "not negative"),
        ((arm("a", 1), arm("a", 2)), "at most one arm"),
        ((arm("a", control=True), arm("b", control=True)), "control"),
        (tuple(arm(f"v{number}") for number in range(ARMS_MAX + 1)), f"at most {ARMS_MAX}"),
    ],
    ids=str,
)
def test_some_proposals_cannot_even_be_held(arms: tuple[ProposedArm, ...], rule: str) -> None:
    with pytest.raises(Invalid, match=rule):
        Proposal(arms)


def test_every_fault_of_a_proposal_is_named() -> None:
    with pytest.raises(Invalid) as invalid:
        Proposal((arm("a", 99_999, control=True), arm("a", 99_999, control=True)))
    assert len(invalid.value.violations) == 3


def test_what_no_arm_takes_is_the_rest_and_gets_the_control() -> None:
    split = allocate(Proposal((arm("a", 10_000, control=True), arm("b", 20_000))), SEEDED)
    arms = (Arm("a", 10_000, control=True), Arm("b", 20_000))
    assert split == Split(arms, SEEDED, rest=70_000, outside="a")
    assert split.variations == {"a", "b"}


def test_the_variation_outside_is_the_one_that_was_said() -> None:
    split = allocate(Proposal((arm("a", 1, control=True),), outside="c"), SEEDED)
    assert isinstance(split, Split)
    assert split.outside == "c"
    assert split.variations == {"a", "c"}


def test_without_a_control_nothing_is_outside() -> None:
    split = allocate(Proposal((arm("a", SHARE_WHOLE),)), SEEDED)
    assert isinstance(split, Split)
    assert (split.rest, split.outside) == (0, "")
    assert split.variations == {"a"}


def test_arms_keep_the_order_in_which_they_were_proposed() -> None:
    split = allocate(Proposal((arm("b", 1), arm("a", 1), arm("c", 0))), SEEDED)
    assert [each.variation for each in split.arms] == ["b", "a", "c"]


def test_segments_are_asked_by_priority_and_those_without_one_last() -> None:
    arms = (
        ProposedArm("a", segment="late"),
        ProposedArm("b", segment="second", priority=2),
        ProposedArm("c", fallback=True, control=True),
        ProposedArm("d", segment="first", priority=1, name="D"),
    )
    allocation = allocate(Proposal(arms), SEEDED)
    assert allocation == BySegment(
        (SegmentArm("d", "first", name="D"), SegmentArm("b", "second"), SegmentArm("a", "late")),
        fallback="c",
        fallback_control=True,
    )
    assert allocation.variations == {"a", "b", "c", "d"}


@pytest.mark.parametrize(
    ("arms", "rule"),
    [
        ((), "above zero"),
        ((arm("a", 0),), "above zero"),
        ((arm("a", None),), "above zero"),
        ((ProposedArm("a", segment="beta"),), "one arm is the fallback"),
        ((ProposedArm("a", fallback=True), ProposedArm("b", fallback=True)), "one arm is the fallback"),
        ((arm("a", 1), ProposedArm("b", fallback=True)), "names a segment"),
    ],
    ids=str,
)
def test_an_unfinished_proposal_amounts_to_nothing(arms: tuple[ProposedArm, ...], rule: str) -> None:
    with pytest.raises(Invalid, match=rule):
        allocate(Proposal(arms), SEEDED)


@pytest.mark.parametrize(
    ("arms", "rest"),
    [
        ((Arm("a", 50_000),), 0),
        ((Arm("a", 50_000),), 50_001),
        ((Arm("a", -1), Arm("b", SHARE_WHOLE)), 1),
        ((Arm("a", SHARE_WHOLE + 1),), -1),
        ((Arm("a", 1, True), Arm("b", 99_999, True)), 0),
        ((), SHARE_WHOLE),
    ],
    ids=str,
)
def test_a_split_that_exists_is_a_valid_one(arms: tuple[Arm, ...], rest: int) -> None:
    with pytest.raises(Invalid):
        Split(arms, SEEDED, rest)


def test_stored_allocations_are_told_apart() -> None:
    kept: tuple[Allocation, ...] = (
        Split((Arm("a", SHARE_WHOLE),), SEEDED),
        BySegment((SegmentArm("a", "beta"),), "b"),
    )
    for allocation in kept:
        stored = msgspec.json.encode(allocation)
        assert msgspec.json.decode(stored, type=Split | BySegment) == allocation
