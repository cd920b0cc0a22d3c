"""Adjustment by what the same units did before: a regression within each arm, from moments alone."""

from msgspec import Struct

from equipoise.analysis.moments import Moments, X, Y
from equipoise.analysis.statistics.contrast import Contrast
from equipoise.analysis.statistics.welch import constant, satterthwaite

_UNITS_MIN = 4  # two are used up by the line
_FITTED = 1e-12  # a line that leaves less of the variance than this leaves rounding


class Line(Struct, frozen=True):
    """One arm's regression of outcome on covariate.

    mean      predicted at the covariate's mean over both arms
    variance  of that prediction, the covariate taken as it is: the classical one of least squares
    """

    mean: float
    slope: float
    variance: float
    degrees: int


def adjustable(arm: Moments, other: Moments) -> bool:
    """Whether both arms have a covariate that varies, and more of the outcome than it explains."""
    return all(X in each.variables and each.n >= _UNITS_MIN and _explains(each) for each in (arm, other))


def _explains(arm: Moments) -> bool:
    return not constant(arm, X) and not constant(arm, Y) and _left(arm) > _FITTED * arm.product(Y, Y)


def cuped(arm: Moments, other: Moments) -> Contrast:
    """Both means, adjusted to the covariate's mean over both arms; for arms that are `adjustable`.

    The difference is the coefficient of treatment in the regression with interaction. Its variance is the
    classical one of each arm's own least squares, and that of the covariate's mean, itself an estimate:
    (difference of slopes)² · variance of that mean. Without this term intervals are too short wherever the
    effect depends on the covariate, as any lift in percent does.

    source  Lin 2013, section 4 (estimator); Negi & Wooldridge 2021, section 4 (the term for the mean);
            Deng, Xu, Kohavi & Walker 2013, section 3
    """
    units = arm.n + other.n
    step = arm.mean(X) - other.mean(X)
    centre = (arm.n * arm.mean(X) + other.n * other.mean(X)) / units
    spread = arm.product(X, X) + other.product(X, X) + step * step * arm.n * other.n / units
    at_centre = spread / (units - 1) / units
    one, two = line(arm, centre), line(other, centre)
    apart = one.slope - two.slope
    shared = (apart * apart * at_centre, units - 1)
    return Contrast(
        arm=one.mean,
        other=two.mean,
        arm_variance=one.variance + one.slope * one.slope * at_centre,
        other_variance=two.variance + two.slope * two.slope * at_centre,
        covariance=one.slope * two.slope * at_centre,
        degrees=satterthwaite((one.variance, one.degrees), (two.variance, two.degrees), shared),
        units=units,
        adjusted=True,
    )


def line(arm: Moments, centre: float) -> Line:
    """Least squares of outcome on covariate, read at `centre`."""
    slope = arm.product(X, Y) / arm.product(X, X)
    away = arm.mean(X) - centre
    residual = _left(arm) / (arm.n - 2)
    return Line(
        mean=arm.mean() - slope * away,
        slope=slope,
        variance=residual * (1 / arm.n + away * away / arm.product(X, X)),
        degrees=arm.n - 2,
    )


def _left(arm: Moments) -> float:
    """Sum of squares that the line leaves; never negative."""
    return max(arm.product(Y, Y) - arm.product(X, Y) ** 2 / arm.product(X, X), 0.0)
