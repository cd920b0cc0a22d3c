"""Two estimated means and how sure they are: what every test of a difference or a lift starts from."""

from math import sqrt

from msgspec import Struct


class Contrast(Struct, frozen=True):
    """An arm's mean and another's, in the metric's unit; variances are those of the means, not of units.

    covariance  of the two means; 0 unless both were adjusted by the same covariate mean
    degrees     of freedom of the variance of the difference
    units       of both arms together
    """

    arm: float
    other: float
    arm_variance: float
    other_variance: float
    degrees: float
    units: int
    covariance: float = 0.0
    adjusted: bool = False

    @property
    def difference(self) -> float:
        """The arm less the other, in the metric's unit."""
        return self.arm - self.other

    @property
    def standard_error(self) -> float:
        """Of the difference; never negative."""
        return sqrt(max(self.arm_variance + self.other_variance - 2 * self.covariance, 0.0))
