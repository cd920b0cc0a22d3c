"""Gates: what may be one."""

import pytest

from equipoise.domain.errors import Invalid
from equipoise.domain.gates import Gate, Range


@pytest.mark.parametrize("ranges", [((0, 1),), ((0, 100_000),), ((0, 10), (10, 20), (30, 40)), ()])
def test_a_gate_has_ranges_that_rise_and_do_not_meet(ranges: tuple[Range, ...]) -> None:
    assert Gate("salt", ranges).ranges == ranges


@pytest.mark.parametrize(
    "ranges", [((0, 0),), ((-1, 5),), ((5, 100_001),), ((0, 10), (9, 20)), ((5, 6), (0, 1))]
)
def test_what_overlaps_or_is_empty_is_no_gate(ranges: tuple[Range, ...]) -> None:
    with pytest.raises(Invalid):
        Gate("salt", ranges)
