"""Tails of the t-distribution, to where a p-value has long underflowed."""

from math import log, log1p, pi

import numpy as np
import pytest
from scipy import integrate, special, stats

from equipoise.analysis.statistics.tails import LOG_10, t_p_value, t_quantile


def by_quadrature(t: float, degrees: float) -> float:
    """log10 of the two-sided p-value, the density integrated beyond t and scaled by the density there."""

    def logged(u: float) -> float:
        return -(degrees + 1) / 2 * log1p(u * u / degrees)

    step = (degrees + t * t) / ((degrees + 1) * t)
    area, _ = integrate.quad(lambda s: np.exp(logged(t + s * step) - logged(t)), 0, np.inf, epsrel=1e-12)
    front = special.gammaln((degrees + 1) / 2) - special.gammaln(degrees / 2) - log(degrees * pi) / 2
    return float((log(2) + front + logged(t) + log(area * step)) / LOG_10)


@pytest.mark.parametrize("degrees", [1.5, 3, 30.7, 307.13, 5_000, 1e6])
@pytest.mark.parametrize("t", [0.1, 2.0, 12.0, 38.0, 45.0, 100.0])
def test_the_logarithm_of_the_p_value_agrees_with_quadrature(t: float, degrees: float) -> None:
    assert t_p_value(t, degrees)[1] == pytest.approx(by_quadrature(t, degrees), rel=1e-9, abs=1e-9)


def test_p_values_are_those_of_scipy_as_far_as_scipy_goes() -> None:
    rng = np.random.default_rng(3)
    for t, degrees in zip(rng.normal(0, 8, 500), 10 ** rng.uniform(0, 6, 500), strict=True):
        p, logged = t_p_value(t, degrees)
        assert logged == pytest.approx(np.log10(2 * stats.t.sf(abs(t), degrees)), rel=1e-9, abs=1e-12)
        assert p == pytest.approx(10**logged, rel=1e-9, abs=1e-9)


def test_far_p_values_keep_their_order() -> None:
    logs = [t_p_value(t, 1_000)[1] for t in range(1, 400)]
    assert logs == sorted(logs, reverse=True)
    assert logs[-1] < -1_000


@pytest.mark.parametrize("degrees", [1, 7.3, 250, 1e12])
@pytest.mark.parametrize("tail", [0.025, 0.005, 1e-6])
def test_a_quantile_has_its_tail_beyond_it(tail: float, degrees: float) -> None:
    assert t_p_value(t_quantile(tail, degrees), degrees)[0] == pytest.approx(2 * tail, rel=1e-9, abs=1e-9)
