"""What is valid of an allocation, and how it is kept."""

import msgspec
import pytest

from equipoise.domain.allocation import (
    SHA1,
    SHARE_WHOLE,
    Allocation,
    Arm,
    BySegment,
    Hashing,
    SegmentArm,
    Split,
)
from equipoise.domain.errors import Invalid
from tests.domain.builders import a_segment_rule

SEEDED = Hashing(SHA1, seed=7)
SALTED = Hashing(SHA1, 7, traffic="traffic.0")
RULES = (a_segment_rule(),)


@pytest.mark.parametrize(
    ("hashing", "rest", "traffic"), [(SEEDED, 0, 50_000), (SALTED, 40_000, 60_000), (SALTED, 0, 0)]
)
def test_a_share_of_traffic_has_a_salt_and_leaves_no_rest(hashing: Hashing, rest: int, traffic: int) -> None:
    with pytest.raises(Invalid):
        Split((Arm("a", SHARE_WHOLE - rest),), hashing, rest, "a", traffic=traffic)


@pytest.mark.parametrize(
    ("arms", "rest"),
    [
        ((Arm("a", 50_000),), 0),
        ((Arm("a", 50_000),), 50_001),
        ((Arm("a", -1), Arm("b", SHARE_WHOLE)), 1),
        ((Arm("a", SHARE_WHOLE + 1),), -1),
        ((Arm("a", 1, True), Arm("b", 99_999, True)), 0),
        ((Arm("a", 1), Arm("a", 99_999)), 0),
        ((), SHARE_WHOLE),
        ((Arm("a", 0),), SHARE_WHOLE),
    ],
    ids=str,
)
def test_a_split_that_exists_is_a_valid_one(arms: tuple[Arm, ...], rest: int) -> None:
    with pytest.raises(Invalid):
        Split(arms, SEEDED, rest)


@pytest.mark.parametrize(
    ("arms", "fallback"),
    [
        ((SegmentArm("a", "beta"),), ""),
        ((SegmentArm("a", ""),), "b"),
        ((SegmentArm("a", "beta"), SegmentArm("a", "beta", name="again")), "b"),
        ((SegmentArm("a", "beta", control=True), SegmentArm("c", "late", control=True)), "b"),
    ],
    ids=str,
)
def test_an_allocation_by_segment_that_exists_is_a_valid_one(
    arms: tuple[SegmentArm, ...], fallback: str
) -> None:
    with pytest.raises(Invalid):
        BySegment(arms, fallback)


def test_stored_allocations_are_told_apart() -> None:
    kept: tuple[Allocation, ...] = (
        Split((Arm("a", SHARE_WHOLE),), SEEDED),
        Split((Arm("a", SHARE_WHOLE),), SEEDED, ramped=True),
        BySegment((SegmentArm("a", "beta", rules=RULES),), "b"),
    )
    for allocation in kept:
        stored = msgspec.json.encode(allocation)
        assert msgspec.json.decode(stored, type=Split | BySegment) == allocation


def test_what_was_stored_before_there_were_ramps_and_frozen_rules_can_be_read() -> None:
    split = b'{"type":"split","arms":[{"variation":"a","share":100000}],"hashing":{"scheme":"sha1/15hex"}}'
    by = b'{"type":"segment","arms":[{"variation":"a","segment":"beta"}],"fallback":"b"}'
    read = msgspec.json.Decoder(Split | BySegment)
    assert read.decode(split) == Split((Arm("a", SHARE_WHOLE),), Hashing(SHA1))
    assert read.decode(by) == BySegment((SegmentArm("a", "beta"),), "b")
