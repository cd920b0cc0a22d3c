"""Tails of the t-distribution, far beyond where a p-value underflows."""

from math import exp, log, log1p

from equipoise.analysis.statistics import special

LOG_10 = log(10)
_SAFE = 1e-290  # above this the direct formula keeps all its digits
_NORMAL = 1e9  # degrees of freedom from which t is normal to all digits that matter
_TERMS = 10_000


def t_quantile(tail: float, degrees: float) -> float:
    """The value that a t-distribution exceeds with probability `tail`. degrees: above 0, need not be whole"""
    return -float(special.stdtrit(degrees, tail))


def t_p_value(t: float, degrees: float) -> tuple[float, float]:
    """Two-sided p-value of a t-statistic, and its log10, which goes on where the p-value underflows to 0.

    degrees  above 0, need not be whole
    source   DLMF 8.17.22 (continued fraction of the incomplete beta function), for the far tail
    """
    p = 2.0 * float(special.stdtr(degrees, -abs(t)))
    if p > _SAFE:
        return min(p, 1.0), min(log(p) / LOG_10, 0.0)
    logged = _normal(t) if degrees > _NORMAL else _beta(t, degrees)
    return exp(logged), logged / LOG_10


def _normal(t: float) -> float:
    return log(2) + float(special.log_ndtr(-abs(t)))


def _beta(t: float, degrees: float) -> float:
    """log of I_x(a, 1/2), x = degrees / (degrees + t²), a = degrees / 2. source: DLMF 8.17.4, 8.17.22"""
    a, b = degrees / 2, 0.5
    log_x = -log1p(t / degrees * t)
    log_rest = 2 * log(abs(t)) - log(degrees) + log_x
    front = a * log_x + b * log_rest - log(a) - float(special.betaln(a, b))
    return front - log(_fraction(exp(log_x), a, b))


def _fraction(x: float, a: float, b: float) -> float:
    """1 + d1/(1 + d2/(1 + ...)), by the method of Lentz and Thompson."""
    value, c, d = 1.0, 1.0, 0.0
    for k in range(1, _TERMS):
        m = k // 2
        if k % 2:
            term = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        else:
            term = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        d = 1.0 / (1.0 + term * d)
        c = 1.0 + term / c
        value *= c * d
        if abs(c * d - 1.0) < 1e-15:
            break
    return value
