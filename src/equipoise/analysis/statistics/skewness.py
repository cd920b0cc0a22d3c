"""How lopsided values are: what decides from how many units on means follow the normal law."""

from math import sqrt

from equipoise.analysis.moments import Moments
from equipoise.analysis.statistics.welch import constant


def skewness(arm: Moments, *, binary: bool = False) -> float:
    """Third standardised moment over the units; 0 where all values are the same."""
    return pooled_skewness(arm, binary=binary)


def pooled_skewness(*arms: Moments, binary: bool = False) -> float:
    """That of deviations from each arm's own mean, all together; 0 where none deviates, at most root n.

    binary  values are 0 or 1: the third moment follows from the mean
    """
    units = sum(arm.n for arm in arms)
    squares = sum(arm.product() for arm in arms if not constant(arm))
    if not units or squares <= 0:
        return 0.0
    cubes = sum(_cubes(arm) if binary else arm.cubes[0] for arm in arms)
    most = sqrt(units)
    spread = sqrt(squares / units)
    return min(max(cubes / units / spread**3, -most), most)


def _cubes(arm: Moments) -> float:
    share = arm.mean()
    return arm.n * share * (1 - share) * (1 - 2 * share)
