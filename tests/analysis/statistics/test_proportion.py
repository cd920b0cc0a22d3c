"""Few conversions: the exact test, held against scipy's and against adding up every table."""

from itertools import product
from math import comb

import numpy as np
import pytest
from scipy import stats

from equipoise.analysis.compare import compare
from equipoise.analysis.statistics.proportion import Counts, counted, exact
from tests.analysis.rows import converted, moments_of


def test_none_of_four_hundred_against_twelve_is_found_out() -> None:
    _, fixed, warnings = compare(converted(0, 400), converted(12, 400), alpha=0.05, binary=True)
    assert fixed is not None
    assert fixed.method == "exact"
    assert fixed.p_value == pytest.approx(stats.fisher_exact([[0, 400], [12, 388]]).pvalue, rel=0.2)
    assert f"{fixed.p_value:.4f}" == "0.0004"
    assert fixed.interval.low == pytest.approx(-0.054, abs=0.001)
    assert fixed.interval.high == pytest.approx(-0.013, abs=0.001)
    assert fixed.relative == -1
    assert fixed.relative_interval is not None
    assert fixed.relative_interval.excludes(0)
    assert "few_conversions" in {each.code for each in warnings}


@pytest.mark.parametrize("table", [(3, 10, 1, 12), (0, 9, 6, 11), (7, 8, 2, 10), (1, 30, 6, 25)])
def test_small_tables_have_barnards_p_value(table: tuple[int, int, int, int]) -> None:
    hits, units, other_hits, other_units = table
    cells = [[hits, other_hits], [units - hits, other_units - other_hits]]
    sides = [stats.barnard_exact(cells, alternative=side, n=256).pvalue for side in ("less", "greater")]
    assert exact(Counts(*table), 0.05).p_value == pytest.approx(min(2 * min(sides), 1), rel=5e-3)


def test_it_errs_no_more_often_than_it_says_and_covers_what_is_true() -> None:
    units, other_units = 14, 9
    tables = list(product(range(units + 1), range(other_units + 1)))
    found = {each: exact(Counts(each[0], units, each[1], other_units), 0.05) for each in tables}

    def chance(table: tuple[int, int], p: float, q: float) -> float:
        x, y = table
        ways = comb(units, x) * comb(other_units, y)
        return float(ways * p**x * (1 - p) ** (units - x) * q**y * (1 - q) ** (other_units - y))

    for p in np.linspace(0.01, 0.99, 25):
        assert sum(chance(each, p, p) for each in tables if found[each].p_value < 0.05) <= 0.05 + 1e-6
    for p, q in product((0.03, 0.3, 0.6, 0.95), (0.05, 0.4, 0.8)):
        missed = sum(chance(each, p, q) for each in tables if found[each].interval.excludes(p - q))
        assert missed <= 0.05 + 1e-6
        lifts = {each: found[each].relative_interval for each in tables}
        wrong = sum(chance(each, p, q) for each, lift in lifts.items() if lift and lift.excludes(p / q - 1))
        assert wrong <= 0.05 + 1e-6


def test_p_value_interval_and_lift_never_contradict_one_another() -> None:
    rng = np.random.default_rng(12)
    for _ in range(60):
        units, other_units = rng.integers(1, 900, 2)
        counts = Counts(
            int(rng.binomial(units, rng.choice([0.005, 0.02, 0.3]))),
            int(units),
            int(rng.binomial(other_units, rng.choice([0.005, 0.02, 0.3, 0.99]))),
            int(other_units),
        )
        if not counts.few:
            continue
        found = exact(counts, 0.05)
        assert found.interval.excludes(0) == (found.p_value < 0.05), counts
        if found.relative_interval is not None:
            assert found.relative_interval.excludes(0) == (found.p_value < 0.05), counts


def test_arms_can_change_places() -> None:
    one, two = exact(Counts(2, 300, 11, 500), 0.05), exact(Counts(11, 500, 2, 300), 0.05)
    assert one.p_value == pytest.approx(two.p_value, rel=1e-12)
    assert one.interval.low == pytest.approx(-(two.interval.high or 0), rel=1e-6)
    assert one.interval.high == pytest.approx(-(two.interval.low or 0), rel=1e-6)


def test_no_conversions_at_all_leave_room_for_few() -> None:
    found = exact(Counts(0, 400, 0, 400), 0.05)
    assert found.p_value == 1
    assert found.relative_interval is None
    assert found.interval.high == pytest.approx(0.0128, abs=2e-4)


def test_many_conversions_are_left_to_the_t_test() -> None:
    assert not Counts(10, 400, 12, 400).few
    assert not Counts(5, 10_000, 4_000, 10_000).few
    _, fixed, _ = compare(converted(10, 400), converted(12, 400), alpha=0.05, binary=True)
    assert fixed is not None
    assert fixed.method == "welch"


def test_only_zeros_and_ones_are_counts() -> None:
    assert counted(converted(3, 40), converted(0, 50)) == Counts(3, 40, 0, 50)
    assert counted(moments_of(np.array([0.0, 2.0, 0.0])), converted(1, 3)) is None
    assert counted(moments_of(np.array([0.5, 0.5])), converted(1, 3)) is None
