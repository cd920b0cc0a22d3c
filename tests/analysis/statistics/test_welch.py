"""The difference of two means, held against scipy on the same units."""

import numpy as np
import pytest
from scipy import stats

from equipoise.analysis.compare import fixed_horizon
from equipoise.analysis.statistics.welch import constant, satterthwaite, welch
from tests.analysis.rows import Floats, moments_of

CLOSE = 1e-9


def draw(rng: np.random.Generator) -> Floats:
    """Units of one arm: any size, scale and place, bell-shaped, skewed, or zeros and ones."""
    n = int(rng.integers(2, 200))
    kind = rng.integers(3)
    if kind == 0:
        return np.append((rng.random(n) < rng.uniform(0.1, 0.9)).astype(float), [0.0, 1.0])
    values = rng.normal(size=n) if kind == 1 else rng.lognormal(size=n)
    return values * 10 ** rng.uniform(-3, 3) + rng.normal() * 10 ** rng.uniform(-3, 3)


def agree(many: int) -> None:
    rng = np.random.default_rng(17)
    for _ in range(many):
        one, two = draw(rng), draw(rng)
        found = fixed_horizon(welch(moments_of(one), moments_of(two)), 0.05)
        told = stats.ttest_ind(one, two, equal_var=False)
        within = told.confidence_interval(0.95)
        error = float(np.sqrt(one.var(ddof=1) / one.size + two.var(ddof=1) / two.size))
        assert found.difference == pytest.approx(one.mean() - two.mean(), abs=CLOSE * error)
        assert found.standard_error is not None
        assert found.standard_error == pytest.approx(error, rel=CLOSE)
        assert found.difference / found.standard_error == pytest.approx(told.statistic, rel=CLOSE, abs=CLOSE)
        assert found.degrees == pytest.approx(told.df, rel=CLOSE)
        assert (found.interval.low, found.interval.high) == pytest.approx(tuple(within), abs=CLOSE * error)
        if told.pvalue > 1e-290:
            assert found.p_log10 == pytest.approx(np.log10(told.pvalue), rel=CLOSE, abs=CLOSE)


def test_it_agrees_with_scipy() -> None:
    agree(500)


@pytest.mark.full
def test_it_agrees_with_scipy_ten_thousand_times() -> None:
    agree(10_000)


def test_one_arm_without_variance_leaves_the_degrees_of_the_other() -> None:
    contrast = welch(moments_of(np.ones(9)), moments_of(np.arange(5.0)))
    assert contrast.degrees == pytest.approx(4)
    assert contrast.arm_variance == 0


def test_rounding_is_not_variance() -> None:
    assert constant(moments_of(np.full(1_000, 0.1)))
    assert not constant(moments_of(1e8 + np.random.default_rng(1).normal(size=1_000)))


def test_no_variance_at_all_has_no_degrees_of_freedom() -> None:
    assert satterthwaite((0.0, 3), (0.0, 4)) == 0.0
