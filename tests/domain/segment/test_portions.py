"""Gates as segments: one for each, and one for each bound, all of a salt hashed alike."""

from equipoise.domain.allocation import SHARE_WHOLE
from equipoise.domain.clauses import segments_named
from equipoise.domain.gates import Gate, Range, salted
from equipoise.domain.segment.membership import Membership, inside, outside
from equipoise.domain.segment.portions import Gated, portions

SALT = salted("t", 4)


def gated(key: str, *ranges: Range, unit: str = "user") -> Gated:
    return Gated(key, Gate(SALT, ranges), unit)


def test_a_range_is_below_its_end_and_not_below_its_beginning() -> None:
    low, high, gate = portions((gated("gate", (10, 30)),))
    assert (low.key, low.salt, low.share, low.groups) == ("t", "0.0.0.0", 10, ((),))
    assert (high.key, high.salt, high.share, high.groups) == ("t.0", "0.0.0", 30, ((),))
    assert gate == Membership("gate", ((outside("t"), inside("t.0")),))


def test_the_ends_of_the_line_are_no_bounds() -> None:
    *_, gate = portions((gated("gate", (0, 10), (30, SHARE_WHOLE)),))
    assert gate.groups == ((inside("t"),), (outside("t.0"),))
    assert list(portions((gated("all", (0, SHARE_WHOLE)),))) == [Membership("all", ((),))]
    assert list(portions((gated("nobody"),))) == [Membership("nobody", ())]


def test_gates_of_one_salt_share_their_bounds() -> None:
    found = list(portions((gated("a", (0, 10)), gated("b", (10, 20)))))
    assert [each.share for each in found] == [10, 20, None, None]
    assert {f"{each.key}.{each.salt}" for each in found if each.share} == {SALT}


def test_bounds_for_several_units_have_segments_of_their_own() -> None:
    found = list(portions((gated("a", (0, 10)), gated("b", (0, 10), unit="device"))))
    assert [(each.unit, each.share) for each in found[:2]] == [("device", 10), ("user", 10)]
    assert len({each.key for each in found}) == 4


def test_every_segment_that_is_asked_for_is_there() -> None:
    found = list(portions((gated("a", (0, 10), (30, 40)), gated("b", (10, 30)))))
    asked = {key for each in found for group in each.groups for key in segments_named(group)}
    assert asked <= {each.key for each in found}


def test_a_gate_whose_bounds_find_no_key_lets_nobody_in_and_harms_no_other() -> None:
    gates = (Gated("a", Gate("t.0", ((0, 20),)), "user"), Gated("b", Gate("t.0", ((10, 30),)), "user"))
    *_, one, other = portions(gates)
    assert (one.groups, other.groups) == ((), ())
    assert list(portions(gates[:1]))[-1].groups == ((inside("t"),),)
