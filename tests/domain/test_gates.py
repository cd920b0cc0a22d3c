"""Gates: what may be one."""

import pytest

from equipoise.domain.allocation import SHARE_WHOLE, Arm, Hashing, Split
from equipoise.domain.errors import Invalid
from equipoise.domain.gates import Gate, Range, cuts, gates_of, joined, salted


@pytest.mark.parametrize("ranges", [((0, 1),), ((0, 100_000),), ((0, 10), (10, 20), (30, 40)), ()])
def test_a_gate_has_ranges_that_rise_and_do_not_meet(ranges: tuple[Range, ...]) -> None:
    assert Gate("salt", ranges).ranges == ranges


@pytest.mark.parametrize(
    "ranges", [((0, 0),), ((-1, 5),), ((5, 100_001),), ((0, 10), (9, 20)), ((5, 6), (0, 1))]
)
def test_what_overlaps_or_is_empty_is_no_gate(ranges: tuple[Range, ...]) -> None:
    with pytest.raises(Invalid):
        Gate("salt", ranges)


def test_a_salt_is_cut_at_each_of_its_dots() -> None:
    assert salted("abc", 2) == "abc.0.0"
    assert list(cuts("abc.0.0")) == [("abc", "0.0"), ("abc.0", "0")]
    assert all(f"{key}.{salt}" == "abc.0.0" for key, salt in cuts("abc.0.0"))


def test_the_bounds_of_a_gate_leave_the_ends_of_the_line_out() -> None:
    gate = Gate("a.0", ((0, 10), (20, 30), (90, SHARE_WHOLE)))
    assert gate.bounds == {10, 20, 30, 90}
    assert not gate.open
    assert Gate("a.0", ((0, 10), (10, SHARE_WHOLE))).open


def test_ranges_that_touch_are_one() -> None:
    assert joined(((20, 30), (0, 10), (10, 20), (40, 50))) == ((0, 30), (40, 50))


def test_gates_that_let_everybody_in_are_none() -> None:
    split = Split((Arm("a", SHARE_WHOLE),), Hashing("sha1/15hex", 1, traffic="t.0"), outside="a", traffic=5)
    layer = Gate("layer.0", ((0, 10),))
    assert gates_of(split, (layer, Gate("h.0", ((0, SHARE_WHOLE),)))) == (layer, Gate("t.0", ((0, 5),)))
    assert gates_of(Split((Arm("a", SHARE_WHOLE),), Hashing("sha1/15hex", 1))) == ()
