"""The difference of two means with unequal variances."""

from equipoise.analysis.moments import Moments, Y
from equipoise.analysis.statistics.contrast import Contrast

_CONSTANT = 1e-12  # deviations below this share of the mean are rounding, not variance
_NIL = 1e-120  # a sum of squares below this cannot be computed with


def welch(arm: Moments, other: Moments) -> Contrast:
    """Both means with their own variances.

    raises   ZeroDivisionError when an arm has fewer than two units
    returns  degrees of freedom 0 where neither arm has variance
    source   Welch 1947; degrees of freedom: Satterthwaite 1946, eq. 17
    """
    one, two = mean_variance(arm), mean_variance(other)
    return Contrast(
        arm=arm.mean(),
        other=other.mean(),
        arm_variance=one,
        other_variance=two,
        degrees=satterthwaite((one, arm.n - 1), (two, other.n - 1)),
        units=arm.n + other.n,
    )


def mean_variance(arm: Moments) -> float:
    """Variance of the mean; 0 where all values are the same but for rounding."""
    return 0.0 if constant(arm) else arm.var() / arm.n


def constant(arm: Moments, of: str = Y) -> bool:
    """Whether all values are the same but for rounding."""
    return arm.product(of, of) <= max(arm.n * (_CONSTANT * arm.mean(of)) ** 2, _NIL)


def satterthwaite(*parts: tuple[float, float]) -> float:
    """Degrees of freedom of a sum of independent variances, each with its own; 0 when all are zero."""
    total = sum(variance for variance, _ in parts)
    if not total:
        return 0.0
    return 1.0 / sum((variance / total) ** 2 / degrees for variance, degrees in parts)
