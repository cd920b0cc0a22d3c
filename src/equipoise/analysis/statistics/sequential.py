"""The asymptotic confidence sequence: an interval that stays valid however often one looks.

source  Waudby-Smith, Arbour, Sinha, Kennedy & Ramdas, Time-uniform central limit theory and asymptotic
        confidence sequences, arXiv 2103.06476 v7
"""

from math import exp, log, log1p, sqrt

from equipoise.analysis.moments import Moments
from equipoise.analysis.statistics.tails import LOG_10

LOPSIDED = 0.2  # skewness of the difference above which the sequence is not begun


def information(units: float, tuned: float, alpha: float) -> float:
    """Units times rho squared: how far a sequence has come that is narrowest at `tuned` units of both arms.

    tuned   fixed in advance, never by looking
    source  eq. 161
    """
    return units * (-2 * log(alpha) + log(-2 * log(alpha) + 1)) / tuned


def boundary(units: float, tuned: float, alpha: float) -> float:
    """Standard errors on either side that hold at all looks at once, with probability 1 - alpha.

    units   of both arms together, above 0
    source  eq. 9
    """
    so_far = information(units, tuned, alpha)
    return sqrt(2 * (so_far + 1) / so_far * (log1p(so_far) / 2 - log(alpha)))


def p_value(t: float, units: float, tuned: float, alpha: float) -> tuple[float, float]:
    """Always-valid two-sided p-value of a difference of `t` standard errors, and its log10.

    Below alpha exactly when |t| is above the boundary.
    source  eq. 155
    """
    so_far = information(units, tuned, alpha)
    logged = min(log1p(so_far) / 2 - t * t / 2 * so_far / (so_far + 1), 0.0)
    return exp(logged), logged / LOG_10


def lopsided(arm: Moments, other: Moments, skewness: float) -> float:
    """Skewness of the law of the difference, if both arms had values as skewed as `skewness`.

    With arms of one size it is 0. With unequal arms and few conversions in the smaller, a mean that is low by
    chance comes with a variance that is low by chance, and a sequence begun there errs in up to a third of
    sound experiments; begun at 0.2 it keeps its level (docs/reference/statistics.md has the figures).
    """
    one, two = 1 / arm.n, 1 / other.n
    return abs(skewness) * abs(one - two) / sqrt(one + two)
