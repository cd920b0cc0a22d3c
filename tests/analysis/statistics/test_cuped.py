"""Adjustment for a covariate, held against least squares on the same units."""

import numpy as np
import pytest
import statsmodels.api as sm

from equipoise.analysis.compare import compare, fixed_horizon
from equipoise.analysis.statistics.cuped import adjustable, cuped
from tests.analysis.rows import Floats, moments_of

CLOSE = 1e-9


def draw(rng: np.random.Generator) -> tuple[Floats, Floats]:
    n = int(rng.integers(5, 300))
    x = rng.normal(rng.normal(), 1, n) if rng.random() < 0.5 else rng.lognormal(size=n)
    return (rng.normal() + rng.normal() * x + rng.normal(size=n)) * 10 ** rng.uniform(-3, 3), x


def lin(y: Floats, x: Floats, treated: Floats) -> float:
    """Treatment's coefficient in the regression with interaction. source: Lin 2013"""
    away = x - x.mean()
    return float(sm.OLS(y, np.column_stack([np.ones_like(y), treated, away, treated * away])).fit().params[1])


def agree(many: int) -> None:
    rng = np.random.default_rng(23)
    for _ in range(many):
        (y1, x1), (y2, x2) = draw(rng), draw(rng)
        x = np.concatenate([x1, x2])
        fits = [
            sm.OLS(y, np.column_stack([np.ones_like(v), v - x.mean()])).fit() for y, v in ((y1, x1), (y2, x2))
        ]
        classical = sum(fit.bse[0] ** 2 for fit in fits)
        slopes = fits[0].params[1] - fits[1].params[1]
        error = float(np.sqrt(classical + slopes**2 * x.var(ddof=1) / len(x)))
        found = cuped(moments_of(y1, x1), moments_of(y2, x2))
        treated = np.repeat([1.0, 0.0], [len(y1), len(y2)])
        assert found.difference == pytest.approx(lin(np.concatenate([y1, y2]), x, treated), abs=CLOSE * error)
        assert found.standard_error == pytest.approx(error, rel=CLOSE)


def test_the_difference_is_lins_and_the_error_the_classical_one_with_the_covariates_mean() -> None:
    agree(500)


@pytest.mark.full
def test_it_agrees_with_least_squares_ten_thousand_times() -> None:
    agree(10_000)


@pytest.mark.parametrize("lift", [0.0, 1.0])
def test_it_covers_the_truth_whether_or_not_the_effect_depends_on_the_covariate(lift: float) -> None:
    rng = np.random.default_rng(5)
    runs, units, covered, covered_lift = 1_500, 300, 0, 0
    for _ in range(runs):
        x = rng.normal(10, 2, 2 * units)
        y = x + rng.normal(0, 0.66, 2 * units)
        arm, other = moments_of((1 + lift) * y[:units], x[:units]), moments_of(y[units:], x[units:])
        found = fixed_horizon(cuped(arm, other), 0.05)
        covered += not found.interval.excludes(10 * lift)
        covered_lift += found.relative_interval is not None and not found.relative_interval.excludes(lift)
    for share in (covered / runs, covered_lift / runs):
        assert abs(share - 0.95) <= 3.5 * (0.95 * 0.05 / runs) ** 0.5


def test_a_covariate_narrows_both_intervals_by_what_it_explains() -> None:
    rng = np.random.default_rng(8)
    x = rng.normal(size=(2, 4_000))
    y = 0.8 * x + 0.6 * rng.normal(size=(2, 4_000))
    with_it = compare(moments_of(y[0], x[0]), moments_of(y[1], x[1]), alpha=0.05)
    without = compare(moments_of(y[0]), moments_of(y[1]), alpha=0.05)
    for one, two in zip(with_it[:2], without[:2], strict=True):
        assert one is not None
        assert two is not None
        assert one.adjusted
        assert not two.adjusted
        assert one.standard_error is not None
        assert two.standard_error is not None
        assert one.standard_error / two.standard_error == pytest.approx(0.6, abs=0.02)


@pytest.mark.parametrize("x", [np.zeros(40), np.full(40, 0.1)])
def test_a_covariate_without_variance_is_left_alone(x: Floats) -> None:
    y = np.random.default_rng(4).normal(size=40)
    pair = moments_of(y, x), moments_of(y + 1, x)
    assert not adjustable(*pair)
    _, fixed, _ = compare(*pair, alpha=0.05)
    assert fixed is not None
    assert not fixed.adjusted


def test_a_covariate_that_explains_everything_is_left_alone() -> None:
    x = np.arange(40.0)
    assert not adjustable(moments_of(2 * x, x), moments_of(2 * x + 1, x))
