"""Lifts by Fieller: the closed form, the three shapes of the set, and baselines below zero."""

from functools import partial

import numpy as np
import pytest
from scipy.optimize import brentq

from equipoise.analysis.statistics.contrast import Contrast
from equipoise.analysis.statistics.fieller import Shape, lifts, relative


def rejected(contrast: Contrast, q: float, lift: float) -> float:
    """Above 0 where the lift is rejected."""
    ratio = 1 + lift
    spread = contrast.arm_variance - 2 * ratio * contrast.covariance + ratio**2 * contrast.other_variance
    return float((contrast.arm - ratio * contrast.other) ** 2 - q * q * spread)


def contrast(arm: float, other: float, one: float, two: float, covariance: float = 0.0) -> Contrast:
    return Contrast(arm, other, one, two, 100.0, 200, covariance)


def test_the_closed_form_is_what_a_root_finder_finds() -> None:
    rng = np.random.default_rng(2)
    for _ in range(500):
        one, two = 10 ** rng.uniform(-4, -1, 2)
        drawn = contrast(
            rng.normal(1, 1), rng.choice([-1, 1]), one, two, rng.uniform(0, 0.9) * (one * two) ** 0.5
        )
        found = lifts(drawn, 2.0)
        if found.shape is not Shape.BOUNDED:
            continue
        middle = drawn.difference / drawn.other
        edge = partial(rejected, drawn, 2.0)
        low = brentq(edge, found.low - 1, middle, xtol=1e-14)
        high = brentq(edge, middle, found.high + 1, xtol=1e-14)
        assert (found.low, found.high) == pytest.approx((low, high), rel=1e-8, abs=1e-10)


def test_a_lift_without_error_in_the_baseline_is_the_interval_of_the_difference_over_it() -> None:
    found = lifts(contrast(12.0, 10.0, 0.25, 0.0), 2.0)
    assert (found.low, found.high) == pytest.approx((0.1, 0.3), rel=1e-12)


def test_a_baseline_near_zero_leaves_all_but_a_gap_or_all() -> None:
    gap = lifts(contrast(5.0, 0.1, 0.01, 0.01), 2.0)
    assert gap.shape is Shape.COMPLEMENT
    assert rejected(contrast(5.0, 0.1, 0.01, 0.01), 2.0, (gap.low + gap.high) / 2) > 0
    assert lifts(contrast(0.1, 0.1, 0.01, 0.01), 2.0).shape is Shape.ALL
    assert lifts(contrast(1.0, 0.0, 0.01, 0.01), 2.0).shape is Shape.ALL
    assert relative(contrast(5.0, 0.1, 0.01, 0.01), 2.0) == (None, None)


def test_ends_are_in_order_below_zero() -> None:
    # control -1 and treatment +1: the lift is -200 %, and others return the ends the wrong way round
    lift, interval = relative(contrast(1.0, -1.0, 0.002, 0.002), 1.96)
    assert lift == -2.0
    assert interval is not None
    assert interval.low is not None
    assert interval.high is not None
    assert interval.low < -2.0 < interval.high < 0


def test_changing_the_unit_changes_no_lift() -> None:
    plain, scaled = contrast(1.2, 1.0, 0.01, 0.02), contrast(1.2e-9, 1e-9, 1e-20, 2e-20)
    one, two = lifts(plain, 2.0), lifts(scaled, 2.0)
    assert (one.low, one.high) == pytest.approx((two.low, two.high), rel=1e-12)
