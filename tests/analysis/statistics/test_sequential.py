"""The confidence sequence: its formulas, its width, and what it promises to those who look often."""

from collections.abc import Callable
from math import log, sqrt

import pytest
from scipy import stats

from equipoise.analysis.statistics.sequential import boundary, information, p_value
from tests.analysis.peeking import ever_called
from tests.summaries import SUMMARY

LEVEL = 0.05
BALANCED = ("normal", "conversion 5 %", "conversion 1 %", "lognormal", "2 % buyers")


def most(seeds: int) -> float:
    return LEVEL + 3 * sqrt(LEVEL * (1 - LEVEL) / seeds)


@pytest.mark.parametrize("split", [1, 9])
@pytest.mark.parametrize("metric", BALANCED)
def test_a_sound_experiment_is_seldom_called_over_a_thousand_looks(
    metric: str, split: int, record_property: Callable[[str, object], None]
) -> None:
    seeds = 400
    found = ever_called(metric, split=split, last=5_000 if split == 1 else 1_500, seeds=seeds)
    record_property(f"{SUMMARY}ever called without an effect: {metric}, 1:{split}", f"{100 * found:.1f} %")
    assert found <= most(seeds)


@pytest.mark.full
@pytest.mark.parametrize("tuned", [500, 5_000])
@pytest.mark.parametrize("split", [1, 2, 9])
@pytest.mark.parametrize("metric", BALANCED)
def test_a_sound_experiment_is_seldom_called_in_twenty_thousand(metric: str, split: int, tuned: int) -> None:
    assert ever_called(metric, split=split, last=10_000 // (1 + split), seeds=20_000, tuned=tuned) <= most(
        20_000
    )


def test_the_boundary_and_the_p_value_are_those_of_the_paper() -> None:
    # written out anew from equations 9, 155 and 161
    n, alpha, tuned = 1_234, 0.05, 5_000
    rho = sqrt((-2 * log(alpha) + log(-2 * log(alpha) + 1)) / tuned)
    halfwidth = sqrt(2 * (n * rho**2 + 1) / (n**2 * rho**2) * log(sqrt(n * rho**2 + 1) / alpha))
    assert boundary(n, tuned, alpha) == pytest.approx(halfwidth * sqrt(n), rel=1e-13)
    assert information(n, tuned, alpha) == pytest.approx(n * rho**2, rel=1e-13)


@pytest.mark.parametrize("units", [4, 50, 5_000, 10**7])
def test_the_p_value_is_alpha_on_the_boundary(units: int) -> None:
    p, logged = p_value(boundary(units, 5_000, 0.05), units, 5_000, 0.05)
    assert p == pytest.approx(0.05, rel=1e-10)
    assert logged == pytest.approx(log(0.05) / log(10), rel=1e-10)


def test_the_p_value_goes_on_in_logarithms_where_it_underflows() -> None:
    p, logged = p_value(60.0, 100_000, 5_000, 0.05)
    assert p == 0.0
    assert -800 < logged < -700


def test_the_interval_is_at_most_so_much_wider_than_one_for_a_single_look() -> None:
    fixed = stats.norm.isf(0.025)
    assert boundary(5_000, 5_000, 0.05) / fixed <= 1.56
    assert all(boundary(5_000 * times, 5_000, 0.05) / fixed <= 1.67 for times in (0.25, 0.5, 2, 4))


def test_the_interval_is_narrowest_about_where_it_is_tuned() -> None:
    width = {n: boundary(n, 5_000, 0.05) for n in range(500, 50_000, 100)}
    assert min(width, key=lambda n: width[n]) == pytest.approx(5_000, rel=0.05)
