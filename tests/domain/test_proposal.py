"""What may be proposed, and what a proposal amounts to."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from equipoise.domain.allocation import (
    SHA1,
    SHARE_WHOLE,
    Arm,
    BySegment,
    Hashing,
    SegmentArm,
    Split,
)
from equipoise.domain.clauses import SEGMENT_MATCH, Clause
from equipoise.domain.errors import Invalid
from equipoise.domain.limits import ARMS_MAX, RAMP_LEVELS_MAX
from equipoise.domain.proposal import Proposal, ProposedArm, allocate
from equipoise.domain.segment.state import SegmentRule
from tests.domain.builders import a_segment_rule

SEEDED = Hashing(SHA1, seed=7)
RULES = (a_segment_rule(),)
KNOWN: dict[str, tuple[SegmentRule, ...]] = dict.fromkeys(("beta", "first", "second", "late"), RULES)


def arm(variation: str, share: int | None = None, *, control: bool = False) -> ProposedArm:
    return ProposedArm(variation, share, control)


def ramp(*levels: int, step: int = 0, **fields: Any) -> Proposal:
    """The treatment t against the control c."""
    return replace(Proposal((arm("c", control=True), arm("t")), "", levels, step), **fields)


@pytest.mark.parametrize(
    "proposal",
    [
        Proposal(),
        Proposal((arm("a"),)),
        Proposal((arm("a", 60_000), arm("b", 39_000))),
        Proposal((arm("a", 60_000), arm("b", 40_001))),
        Proposal((arm("a", 0), arm("b", 0))),
        Proposal((arm("a", 1), arm("a", 2))),
        Proposal((arm("a", control=True), arm("b", control=True))),
        Proposal((ProposedArm("a", segment="beta"), arm("b", 5))),
        Proposal((ProposedArm("a", fallback=True), ProposedArm("a", fallback=True))),
        Proposal((), levels=(0, 50_000, 100_000), step=2),
        Proposal((ProposedArm("a", segment="beta"),), levels=(10_000,)),
    ],
    ids=str,
)
def test_a_draft_may_hold_what_cannot_start(proposal: Proposal) -> None:
    assert msgspec.json.decode(msgspec.json.encode(proposal), type=Proposal) == proposal


@pytest.mark.parametrize(
    ("fields", "rule"),
    [
        ({"arms": (arm("a", -1), arm("b", 1))}, "arms: a share is not negative"),
        ({"arms": tuple(arm(f"v{number}") for number in range(ARMS_MAX + 1))}, f"arms: at most {ARMS_MAX}"),
        ({"levels": tuple(range(RAMP_LEVELS_MAX + 1))}, f"levels: at most {RAMP_LEVELS_MAX}"),
        ({"levels": (-1, 5)}, "levels: a level is 0 to 100 percent"),
        ({"levels": (5, SHARE_WHOLE + 1)}, "levels: a level is 0 to 100 percent"),
        ({"levels": (5, 5)}, "levels: levels rise"),
        ({"levels": (6, 5)}, "levels: levels rise"),
        ({"levels": (5, 6), "step": 2}, "step: must be that of a level"),
        ({"levels": (5, 6), "step": -1}, "step: must be that of a level"),
        ({"step": 1}, "step: must be that of a level"),
    ],
    ids=lambda it: it if isinstance(it, str) else "",
)
def test_some_proposals_cannot_even_be_held(fields: dict[str, Any], rule: str) -> None:
    with pytest.raises(Invalid, match=rule):
        Proposal(**fields)


def test_a_ramp_may_go_by_every_percent() -> None:
    assert len(ramp(*range(0, SHARE_WHOLE + 1, 1_000)).levels) == RAMP_LEVELS_MAX


def test_every_fault_of_a_proposal_is_named() -> None:
    with pytest.raises(Invalid) as invalid:
        Proposal((arm("a", -1), arm("b", -1)), levels=(7, -1), step=2)
    assert [each.where for each in invalid.value.violations] == ["arms", "levels", "levels", "step"]


def test_a_proposal_tells_its_control_its_level_and_its_segments() -> None:
    by = Proposal(
        (ProposedArm("a", segment="beta"), ProposedArm("b", segment="beta"), arm("c", control=True))
    )
    assert by.control == arm("c", control=True)
    assert (by.level, by.segments) == (None, ("beta",))
    assert (Proposal().control, Proposal().segments) == (None, ())
    assert (ramp(0, 70).level, ramp(0, 70, step=1).level) == (0, 70)


def test_what_no_arm_takes_is_the_rest_and_gets_the_control() -> None:
    split = allocate(Proposal((arm("a", 10_000, control=True), arm("b", 20_000))), SEEDED)
    arms = (Arm("a", 10_000, control=True), Arm("b", 20_000))
    assert split == Split(arms, SEEDED, rest=70_000, outside="a")
    assert split.variations == {"a", "b"}


SALTED = Hashing(SHA1, 7, traffic="traffic.0")


def test_under_a_salt_of_traffic_the_arms_share_what_is_let_in() -> None:
    split = allocate(Proposal((arm("a", 10_000, control=True), arm("b", 20_000))), SALTED)
    arms = (Arm("a", 33_333, control=True), Arm("b", 66_667))
    assert split == Split(arms, SALTED, outside="a", traffic=30_000)
    whole = allocate(Proposal((arm("a", 50_000), arm("b", 50_000))), SALTED)
    assert whole == Split((Arm("a", 50_000), Arm("b", 50_000)), SALTED)


@given(st.lists(st.integers(0, 1_000), min_size=1, max_size=6).filter(any), st.integers(2, 16))
def test_shares_in_the_same_proportions_are_scaled_alike(shares: list[int], times: int) -> None:
    small, large = (
        allocate(Proposal(tuple(arm(f"v{at}", share * by) for at, share in enumerate(shares))), SALTED)
        for by in (1, times)
    )
    assert isinstance(small, Split)
    assert isinstance(large, Split)
    assert small.arms == large.arms
    assert sum(each.share for each in small.arms) == SHARE_WHOLE
    assert all((each.share > 0) == (said > 0) for each, said in zip(small.arms, shares, strict=True))
    assert (small.traffic, large.traffic) == (sum(shares), times * sum(shares))


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


# by segment


def test_segments_are_asked_by_priority_and_those_without_one_last() -> None:
    arms = (
        ProposedArm("a", segment="late"),
        ProposedArm("b", segment="second", priority=2),
        ProposedArm("c", fallback=True, control=True),
        ProposedArm("d", segment="first", priority=1, name="D"),
    )
    allocation = allocate(Proposal(arms), SEEDED, KNOWN)
    assert allocation == BySegment(
        (
            SegmentArm("d", "first", name="D", rules=RULES),
            SegmentArm("b", "second", rules=RULES),
            SegmentArm("a", "late", rules=RULES),
        ),
        fallback="c",
        fallback_control=True,
    )
    assert allocation.variations == {"a", "b", "c", "d"}


def test_an_arm_by_segment_keeps_the_rules_by_which_the_segment_was_told() -> None:
    arms = (ProposedArm("a", segment="beta"), ProposedArm("b", fallback=True))
    for rules in ((), (a_segment_rule("one"), a_segment_rule("two"))):
        allocation = allocate(Proposal(arms), SEEDED, {"beta": rules, "other": RULES})
        assert isinstance(allocation, BySegment)
        assert [each.rules for each in allocation.arms] == [rules]


def test_several_segments_may_get_one_variation_and_so_may_whoever_is_in_none() -> None:
    arms = (
        ProposedArm("a", control=True, segment="first"),
        ProposedArm("b", segment="second"),
        ProposedArm("a", control=True, segment="late"),
        ProposedArm("a", fallback=True),
    )
    allocation = allocate(Proposal(arms), SEEDED, KNOWN)
    assert isinstance(allocation, BySegment)
    assert [(each.variation, each.segment) for each in allocation.arms] == [
        ("a", "first"),
        ("b", "second"),
        ("a", "late"),
    ]
    assert allocation.fallback == "a"
    assert allocation.controls == {"a"}
    assert allocation.variations == {"a", "b"}


@pytest.mark.parametrize(
    ("arms", "controls"),
    [
        ((SegmentArm("a", "beta"), SegmentArm("a", "late", control=True)), {"a"}),
        ((SegmentArm("b", "beta", control=True),), {"b"}),
        ((SegmentArm("a", "beta"),), set()),
    ],
    ids=str,
)
def test_a_variation_is_the_control_when_any_of_its_arms_says_so(
    arms: tuple[SegmentArm, ...], controls: set[str]
) -> None:
    assert BySegment(arms, "b").controls == controls
    if "a" not in controls:
        assert BySegment(arms, "b", fallback_control=True).controls == {"b"}


NESTED = {"beta": (SegmentRule("r", unless=((Clause("c", "", SEGMENT_MATCH, ("staff",)),),)),)}
FALLBACK = ProposedArm("z", fallback=True)


@pytest.mark.parametrize(
    ("proposal", "rule"),
    [
        (Proposal(), "above zero"),
        (Proposal((arm("a", 0),)), "above zero"),
        (Proposal((arm("a", None),)), "above zero"),
        (Proposal((arm("a", 60_000), arm("b", 40_001))), r"at most 100 percent \(found 100.001\)"),
        (Proposal((arm("a", 1), arm("a", 2))), "at most one arm"),
        (Proposal((arm("a", 1, control=True), arm("b", 1, control=True))), "at most one arm is the control"),
        (Proposal((ProposedArm("a", segment="beta"),)), "one arm is the fallback"),
        (Proposal((FALLBACK, ProposedArm("b", fallback=True))), r"one arm is the fallback \(found 2\)"),
        (Proposal((arm("a", 1), FALLBACK)), "names a segment"),
        (Proposal((ProposedArm("a", segment="gone"), FALLBACK)), r"of the environment.*\['gone'\]"),
        (Proposal((ProposedArm("a", segment="beta"),) * 2 + (FALLBACK,)), "each segment stands once"),
        (
            Proposal((ProposedArm("a", segment="beta", control=True), replace(FALLBACK, control=True))),
            "at most one variation is the control",
        ),
        (Proposal((ProposedArm("a", segment="beta"), FALLBACK), levels=(5,)), "a ramp goes by share"),
        (ramp(5, arms=()), "a ramp has one control and one other arm"),
        (ramp(5, arms=(arm("c", control=True),)), "one control and one other arm"),
        (ramp(5, arms=(arm("a"), arm("b"))), "one control and one other arm"),
        (ramp(5, arms=(arm("a", control=True), arm("b", control=True))), "one control and one other arm"),
        (ramp(5, arms=(arm("a", control=True), arm("b"), arm("c"))), "one control and one other arm"),
        (ramp(5, arms=(arm("a", control=True), arm("a"))), "at most one arm"),
    ],
    ids=lambda it: it if isinstance(it, str) else "",
)
def test_an_unfinished_proposal_amounts_to_nothing(proposal: Proposal, rule: str) -> None:
    with pytest.raises(Invalid, match=rule):
        allocate(proposal, SEEDED, KNOWN)


def test_who_is_in_other_segments_is_not_frozen_so_no_arm_goes_by_them() -> None:
    proposal = Proposal((ProposedArm("a", segment="beta"), FALLBACK))
    with pytest.raises(Invalid, match=r"asks of contexts alone.*\['beta'\]"):
        allocate(proposal, SEEDED, NESTED)


def test_every_fault_of_an_allocation_by_segment_is_named() -> None:
    arms = (ProposedArm("a", segment="gone"), ProposedArm("b", segment="lost"), FALLBACK, FALLBACK)
    with pytest.raises(Invalid) as invalid:
        allocate(Proposal(arms, levels=(5,)), SEEDED, KNOWN)
    assert [each.where for each in invalid.value.violations] == ["arms", "arms", "levels"]


# ramps


@pytest.mark.parametrize(
    ("level", "counted", "rest", "outside", "compared"),
    [
        (0, 0, 100_000, "c", 0),
        (1, 1, 99_998, "c", 1),
        (10_000, 10_000, 80_000, "c", 10_000),
        (50_000, 50_000, 0, "c", 50_000),
        (50_001, 50_000, 1, "t", 49_999),
        (90_000, 50_000, 40_000, "t", 10_000),
        (100_000, 50_000, 50_000, "t", 0),
    ],
)
def test_at_each_level_of_a_ramp_it_is_told_who_is_counted(
    level: int, counted: int, rest: int, outside: str, compared: int
) -> None:
    proposal = ramp(level, arms=(replace(arm("c", control=True), name="C"), replace(arm("t"), name="T")))
    arms = (Arm("c", compared, control=True, name="C"), Arm("t", counted, name="T"))
    assert allocate(proposal, SEEDED) == Split(arms, SEEDED, rest, outside, ramped=True)


def test_a_ramp_stands_at_the_level_of_its_step_whatever_shares_its_arms_say() -> None:
    shared = ramp(10_000, 30_000, step=1, arms=(arm("t", 7), arm("c", 99_000, control=True)))
    assert allocate(shared, SEEDED) == allocate(ramp(30_000), SEEDED)


# Where each slot of a ramp stands on the line, from 0 to SHARE_WHOLE: variation, whether counted, from, to.
Slots = list[tuple[str, bool, int, int]]


def line(level: int) -> Slots:
    split = allocate(ramp(level), SEEDED)
    assert isinstance(split, Split)
    first, second = split.arms
    pieces = [(first.variation, True, first.share), (split.outside, False, split.rest)]
    pieces.append((second.variation, True, second.share))
    found, at = [], 0
    for variation, counted, share in pieces:
        found.append((variation, counted, at, at + share))
        at += share
    assert at == SHARE_WHOLE
    return found


def at(slots: Slots, place: int) -> tuple[str, bool]:
    return next((variation, counted) for variation, counted, low, high in slots if low <= place < high)


levels = st.integers(0, SHARE_WHOLE)
places = st.integers(0, SHARE_WHOLE - 1)


@given(levels)
def test_the_treatment_gets_just_the_level_and_both_arms_alike_up_to_half(level: int) -> None:
    slots = line(level)
    assert sum(high - low for variation, _, low, high in slots if variation == "t") == level
    sizes = {variation: high - low for variation, counted, low, high in slots if counted}
    if level <= SHARE_WHOLE // 2:
        assert sizes == {"t": level, "c": level}
    else:
        assert sizes == {"t": SHARE_WHOLE // 2, "c": SHARE_WHOLE - level}


@given(st.lists(levels, min_size=2, max_size=8, unique=True).map(sorted), places)
def test_along_a_ramp_nobody_loses_the_treatment_and_nobody_is_counted_in_two_arms(
    rising: list[int], place: int
) -> None:
    met = [at(line(level), place) for level in rising]
    values = [variation for variation, _ in met]
    assert values == sorted(values), "first the control, then the treatment, and never back"
    assert len({variation for variation, counted in met if counted}) <= 1


def test_a_draft_that_was_stored_before_there_were_ramps_can_be_read() -> None:
    assert msgspec.json.decode(b'{"arms":[]}', type=Proposal) == Proposal()
