"""One arm against another: from two sets of moments to estimates and warnings. No input raises.

Each estimate inverts one test: its p-value is below alpha exactly when its interval leaves out no difference,
and when the interval of the lift, where there is one, leaves out no lift.
"""

from math import inf

from equipoise.analysis.moments import Moments
from equipoise.analysis.results import Estimate, Interval, Warned
from equipoise.analysis.statistics import sequential
from equipoise.analysis.statistics.contrast import Contrast
from equipoise.analysis.statistics.cuped import adjustable, cuped
from equipoise.analysis.statistics.fieller import relative
from equipoise.analysis.statistics.proportion import Counts, counted, exact
from equipoise.analysis.statistics.skewness import pooled_skewness
from equipoise.analysis.statistics.tails import t_p_value, t_quantile
from equipoise.analysis.statistics.welch import welch
from equipoise.analysis.warnings import about_data, about_lift, absurd, obstacles, withheld

Pair = tuple[Estimate | None, Estimate | None]


def compare(
    arm: Moments, other: Moments, *, alpha: float, binary: bool = False, tuned: float = 5_000
) -> tuple[Estimate | None, Estimate | None, tuple[Warned, ...]]:
    """The estimate that is valid at every look, the one for a single planned look, and what to be wary of.

    alpha    what each of the two may err by, above 0 and below 1
    binary   whether values are meant to be 0 or 1; with few conversions the second estimate is exact then
    tuned    units of both arms together at which the first is narrowest; settled before anybody looks
    returns  None in place of an estimate that cannot be computed, and a warning that says why
    cost     some ten microseconds; with few conversions some tens of milliseconds
    """
    against = tuple(obstacles(arm, other))
    if against:
        return None, None, against
    counts = counted(arm, other) if binary else None
    skew = pooled_skewness(arm, other, binary=counts is not None)
    few = counts is not None and counts.few
    always, fixed = _estimates(arm, other, alpha, tuned, skew, adjust=not few)
    if counts is not None and few:
        fixed = _exact(counts, alpha)
    warnings = (*about_data(arm, other, counts), *about_lift(other, always, fixed))
    return always, fixed, warnings or (() if fixed else (absurd(),))


def glance(
    arm: Moments,
    other: Moments,
    *,
    alpha: float,
    binary: bool = False,
    tuned: float = 5_000,
    skewness: float | None = None,
) -> Pair:
    """Both estimates as of one look among many, for lines over time: the second always by the t-test.

    skewness  of the metric, where moments of looks have no cubes: `pooled_skewness` of the latest ones
    cost      some ten microseconds
    """
    if any(obstacles(arm, other)):
        return None, None
    if skewness is None or binary:
        skewness = pooled_skewness(arm, other, binary=binary)
    return _estimates(arm, other, alpha, tuned, skewness, adjust=True)


def _estimates(
    arm: Moments, other: Moments, alpha: float, tuned: float, skew: float, *, adjust: bool
) -> Pair:
    if min(arm.n, other.n) < 2:
        return None, None
    contrast = cuped(arm, other) if adjust and adjustable(arm, other) else welch(arm, other)
    if not 0 < contrast.standard_error < inf:
        return None, None
    always = None if withheld(arm, other, skew) else always_valid(contrast, alpha, tuned)
    return always, fixed_horizon(contrast, alpha)


def fixed_horizon(contrast: Contrast, alpha: float) -> Estimate:
    """Welch's t-test and its inversions, for one look. The contrast has a standard error."""
    q = t_quantile(alpha / 2, contrast.degrees)
    p, logged = t_p_value(contrast.difference / contrast.standard_error, contrast.degrees)
    return _inverted("welch", contrast, q, p, logged, contrast.degrees, 1 - alpha)


def always_valid(contrast: Contrast, alpha: float, tuned: float) -> Estimate:
    """The asymptotic confidence sequence and its inversions, for any number of looks."""
    q = sequential.boundary(contrast.units, tuned, alpha)
    t = contrast.difference / contrast.standard_error
    p, logged = sequential.p_value(t, contrast.units, tuned, alpha)
    return _inverted("confidence-sequence", contrast, q, p, logged, None, 1 - alpha)


def _inverted(
    method: str, contrast: Contrast, q: float, p: float, logged: float, degrees: float | None, level: float
) -> Estimate:
    error, difference = contrast.standard_error, contrast.difference
    lift, lifts = relative(contrast, q)
    return Estimate(
        method=method,
        adjusted=contrast.adjusted,
        difference=difference,
        standard_error=error,
        degrees=degrees,
        interval=Interval(difference - q * error, difference + q * error),
        relative=lift,
        relative_interval=lifts,
        p_value=p,
        p_log10=logged,
        level=level,
    )


def _exact(counts: Counts, alpha: float) -> Estimate:
    found = exact(counts, alpha)
    rate, other = counts.hits / counts.units, counts.other_hits / counts.other_units
    return Estimate(
        method="exact",
        adjusted=False,
        difference=rate - other,
        standard_error=None,
        degrees=None,
        interval=found.interval,
        relative=None if found.relative_interval is None else rate / other - 1,
        relative_interval=found.relative_interval,
        p_value=found.p_value,
        p_log10=found.p_log10,
        level=1 - alpha,
    )
