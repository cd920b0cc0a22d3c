"""The relative lift of one mean over another, by inverting the very test that the difference is judged by.

The lifts r that are not rejected are those with |arm - (1 + r)·other| <= q · SE(arm - (1 + r)·other). At
r = 0 this is the test of no difference, with the same boundary q: the two cannot contradict one another.
source: Fieller 1954; the three cases: Franz 2007 (arXiv 0710.2024), section 3
"""

from enum import StrEnum
from math import copysign, inf, sqrt

from msgspec import Struct

from equipoise.analysis.results import Interval
from equipoise.analysis.statistics.contrast import Contrast

_NIL = 1e-100  # a mean below this cannot be divided by


class Shape(StrEnum):
    """The set of lifts that are not rejected."""

    BOUNDED = "bounded"  # from low to high
    COMPLEMENT = "complement"  # all but those between low and high
    ALL = "all"


class Lifts(Struct, frozen=True):
    """The lifts that are not rejected; 0.1 is ten percent. Where all are, low and high are infinite."""

    shape: Shape
    low: float
    high: float


def lifts(contrast: Contrast, q: float) -> Lifts:
    """Lifts that are not rejected at `q` standard errors, be it of a t-test or of a confidence sequence.

    They are bounded when the other mean lies more than q standard errors off zero. A mean below zero is
    divided by as it stands: from -10 to -5 is a lift of -50 %.

    source  the quadratic r²·A - 2r·B + C <= 0, A = other² - q²·V(other), B = difference·other +
            q²·(V(other) - cov), C = difference² - q²·SE², all over other². Its discriminant is written as a
            sum of squares, so that nothing cancels, and C has the sign of |t| - q.
    """
    other, error = contrast.other, contrast.standard_error
    if abs(other) < _NIL or not error:
        return Lifts(Shape.ALL, -inf, inf)
    change, spread = contrast.difference / other, error / other
    base, both = contrast.other_variance / other**2, contrast.covariance / other**2
    t = contrast.difference / error
    a = 1.0 - q * q * base
    b = change + q * q * (base - both)
    c = (abs(t) - q) * (abs(t) + q) * spread * spread
    if a <= 0:
        return _unbounded(a, b, c)
    root = q * sqrt(max(_discriminant(contrast, a), 0.0))
    far = b + copysign(root, b)
    if not far:
        return Lifts(Shape.BOUNDED, 0.0, 0.0)
    return Lifts(Shape.BOUNDED, *sorted((far / a, c / far)))


def _discriminant(contrast: Contrast, a: float) -> float:
    """Of the quadratic, over q²."""
    other = contrast.other
    top, base = contrast.arm_variance / other**2, contrast.other_variance / other**2
    both = contrast.covariance / other**2
    if not base:
        return top
    return (a * (top * base - both * both) + (base * contrast.arm / other - both) ** 2) / base


def _unbounded(a: float, b: float, c: float) -> Lifts:
    within = b * b - a * c
    if a == 0 or within <= 0:
        return Lifts(Shape.ALL, -inf, inf)
    far = b + copysign(sqrt(within), b)
    return Lifts(Shape.COMPLEMENT, *sorted((far / a, c / far)))


def relative(contrast: Contrast, q: float) -> tuple[float | None, Interval | None]:
    """The lift and its interval; neither where the set is not bounded ("not enough to state a lift")."""
    found = lifts(contrast, q)
    if found.shape is not Shape.BOUNDED:
        return None, None
    return contrast.difference / contrast.other, Interval(found.low, found.high)
