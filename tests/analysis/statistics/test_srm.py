"""Units against the planned shares."""

from math import lgamma, log

import numpy as np
import pytest
from scipy import stats

from equipoise.analysis.statistics.srm import CONCENTRATION, chi_square, log_bayes_factor, sequential

LEVEL = 0.001


def test_the_chi_square_p_value_is_scipys() -> None:
    rng = np.random.default_rng(6)
    for _ in range(500):
        shares = rng.dirichlet(np.full(int(rng.integers(2, 8)), 5.0))
        units = rng.multinomial(int(rng.integers(10, 10**6)), shares)
        told = stats.chisquare(units, units.sum() * shares).pvalue
        assert chi_square(units.tolist(), shares.tolist()) == pytest.approx(told, rel=1e-12)


def test_an_arm_that_was_planned_to_get_nothing_does_not_count() -> None:
    assert chi_square([500, 560, 3], [0.5, 0.5, 0.0]) == pytest.approx(
        stats.chisquare([500, 560]).pvalue, rel=1e-12
    )
    assert sequential([[500, 900, 3]], [1, 1, 0]) == sequential([[500, 900]], [0.5, 0.5])


def test_the_bayes_factor_is_the_ratio_of_the_two_laws_of_the_units() -> None:
    units, shares = [320, 410, 280], [0.3, 0.4, 0.3]
    prior = [CONCENTRATION * share for share in shares]
    mixed = lgamma(sum(prior)) - lgamma(sum(prior) + sum(units))
    mixed += sum(lgamma(a + n) - lgamma(a) for a, n in zip(prior, units, strict=True))
    planned = sum(n * log(share) for n, share in zip(units, shares, strict=True))
    assert log_bayes_factor(units, shares) == pytest.approx(mixed - planned, abs=1e-8)


def test_an_alarm_is_not_taken_back() -> None:
    assert sequential([[900, 400], [400, 900]], [1, 1]) == sequential([[900, 400]], [1, 1])


@pytest.mark.parametrize("shares", [(0.5, 0.5), (0.9, 0.1), (0.25, 0.25, 0.25, 0.25)])
def test_a_sound_split_is_hardly_ever_called_broken(shares: tuple[float, ...]) -> None:
    rng = np.random.default_rng(9)
    runs, looks = 300, 200
    alarms = sum(
        sequential(rng.multinomial(250, shares, looks).tolist(), shares) < LEVEL for _ in range(runs)
    )
    assert alarms <= 2  # 0.3 are expected at most; more than two happen by chance once in 300 such tests


def test_a_split_that_is_off_by_five_points_is_found_within_ten_thousand_units() -> None:
    rng = np.random.default_rng(10)
    assert all(sequential(rng.multinomial(500, [0.55, 0.45], 20).tolist(), [1, 1]) < LEVEL for _ in range(50))


def test_one_point_is_found_by_the_twelfth_day_as_a_rule() -> None:
    rng = np.random.default_rng(11)
    found = [
        sequential(rng.multinomial(5_000, [0.51, 0.49], 12).tolist(), [1, 1]) < LEVEL for _ in range(300)
    ]
    assert np.mean(found) >= 0.5


@pytest.mark.parametrize(("units", "shares"), [([0, 0], [1, 1]), ([5], [1]), ([5, 0], [1, 0]), ([], [])])
def test_where_there_is_nothing_to_check_there_is_no_alarm(units: list[int], shares: list[float]) -> None:
    assert chi_square(units, shares) == 1.0
    assert sequential([units], shares) == 1.0
    assert sequential([], shares) == 1.0
