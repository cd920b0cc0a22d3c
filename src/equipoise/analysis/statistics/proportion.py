"""Two proportions when events are few: an exact test and intervals, from one and the same statistic."""

from collections.abc import Callable
from math import asin, inf, log, log10, sqrt

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from equipoise.analysis.moments import Moments
from equipoise.analysis.results import Interval
from equipoise.analysis.statistics import special

CELL = 10  # a cell below this makes the counts few
RARE = 400  # so many of the rarer outcome make even a small cell clear without an exact test
ERROR = 1e-10  # chance that the unknown rate lies outside the range that is searched; it is added to p-values
_GRID = 96  # rates that are searched
_STEPS = 60
_PRECISION = 1e-8
_LIFT_MAX = 1e9
_TIE = 1e-9
_NIL = -80.0  # log of a chance that counts for nothing; products of smaller ones are slow
_REACH = log(8 / ERROR)

Floats = NDArray[np.float64]
Model = Callable[[float, Floats, float], tuple[Floats, Floats]]


class Counts(Struct, frozen=True):
    """Units that converted, of how many, in an arm and in another."""

    hits: int
    units: int
    other_hits: int
    other_units: int

    @property
    def cells(self) -> tuple[int, int, int, int]:
        """Converted and not, of the arm and of the other."""
        return (self.hits, self.units - self.hits, self.other_hits, self.other_units - self.other_hits)

    @property
    def few(self) -> bool:
        """Whether a cell is too small for the normal law."""
        hits, misses, other_hits, other_misses = self.cells
        return min(self.cells) < CELL and min(hits + other_hits, misses + other_misses) <= RARE


class Exact(Struct, frozen=True):
    """p-value of no difference, interval of the difference of rates, and of the lift where it is bounded."""

    p_value: float
    p_log10: float
    interval: Interval
    relative_interval: Interval | None


def counted(arm: Moments, other: Moments) -> Counts | None:
    """Counts behind moments of zeros and ones; None where they are of anything else."""
    hits, other_hits = (round(each.total()) for each in (arm, other))
    both = ((arm, hits), (other, other_hits))
    if not all(each.n and _zeros_and_ones(each, many) for each, many in both):
        return None
    return Counts(hits, arm.n, other_hits, other.n)


def _zeros_and_ones(arm: Moments, hits: int) -> bool:
    if not 0 <= hits <= arm.n:
        return False
    squares = hits * (arm.n - hits) / arm.n
    return abs(arm.total() - hits) <= 1e-6 and abs(arm.product() - squares) <= 1e-6 * max(1.0, squares)


def exact(counts: Counts, alpha: float) -> Exact:
    """The unconditional test by the score statistic, and what it does not reject.

    For each difference d (or lift r) in question, a one-sided p-value is the greatest chance, over the
    unknown rates, of a statistic as far out as the one found; the two-sided one is twice the smaller. At d =
    0 and at r = 0 it is one statistic, so that p-value, interval and interval of the lift agree. Unknown
    rates are searched where they lie but for a chance of 1e-10, which is added: no p-value is below 2e-10.

    cost    about ten milliseconds with some tens of events, a few hundred at most
    source  Barnard 1947 (test); Chan & Zhang 1999 (intervals by two one-sided tests); Berger & Boos 1994
            (range of the unknown rates)
    """
    table = _Table(counts)
    p = min(2 * min(table.above(_by_difference, 0.0), table.below(_by_difference, 0.0)), 1.0)
    return Exact(p, log10(p), _difference(table, alpha / 2), _lift(table, alpha / 2))


def _difference(table: "_Table", tail: float) -> Interval:
    counts = table.counts
    found = counts.hits / counts.units - counts.other_hits / counts.other_units
    low = _edge(lambda d: log(table.above(_by_difference, d) / tail), -1.0, 0.0, found)
    high = _edge(lambda d: log(table.below(_by_difference, d) / tail), 1.0, 0.0, found)
    return Interval(low, high)


def _lift(table: "_Table", tail: float) -> Interval | None:
    counts = table.counts
    if not counts.other_hits:
        return None
    found = counts.hits * counts.other_units / (counts.units * counts.other_hits)
    far = max(found, 1.0)
    while table.below(_by_lift, far) > tail:
        far *= 4
        if far > _LIFT_MAX:
            return None
    low = (
        _edge(lambda ratio: log(table.above(_by_lift, ratio) / tail), 0.0, 1.0, found) if counts.hits else 0.0
    )
    high = _edge(lambda ratio: log(table.below(_by_lift, ratio) / tail), far, 1.0, found)
    return Interval(low - 1, high - 1)


def _edge(excess: Callable[[float], float], end: float, null: float, found: float) -> float:
    """Where a one-sided test begins to reject, from `found` to `end`; a hair on the rejecting side.

    The null is looked at first, so that the edge lies on the same side of it as the p-value says.
    excess  log of the p-value over what it must reach
    """
    if found == end:
        return end
    outer, inner = end, found
    if (null - end) * (found - null) > 0:
        outer, inner = (end, null) if excess(null) > 0 else (null, found)
    return _bracketed(excess, outer, inner)


def _bracketed(excess: Callable[[float], float], outer: float, inner: float) -> float:
    """The edge between a value that is rejected and one that is not. source: false position, Illinois rule"""
    low, high = excess(outer), excess(inner)
    for _ in range(_STEPS):
        if abs(outer - inner) <= _PRECISION * max(abs(outer), abs(inner)):
            break
        middle = (outer * high - inner * low) / (high - low) if low < 0 < high else (outer + inner) / 2
        at = excess(middle)
        if at > 0:
            inner, high, low = middle, at, low / 2
        else:
            outer, low, high = middle, min(at, -_TIE), high / 2
    return outer


def _by_difference(difference: float, pooled: Floats, weight: float) -> tuple[Floats, Floats]:
    """Rates of both arms, so far apart, nearest to a pooled rate. weight: the arm's share of units"""
    other = np.clip(pooled - difference * weight, max(0.0, -difference), min(1.0, 1.0 - difference))
    return other + difference, other


def _by_lift(ratio: float, pooled: Floats, weight: float) -> tuple[Floats, Floats]:
    """Rates of both arms, the one so many times the other, that are nearest to a pooled rate."""
    other = np.minimum(pooled / (ratio * weight + 1 - weight), min(1.0, 1.0 / ratio if ratio else inf))
    return ratio * other, other


def _spaced(low: float, high: float) -> Floats:
    """Rates from low to high, evenly spaced in the angle whose sine is their root."""
    first, last = (asin(sqrt(min(max(rate, 0.0), 1.0))) for rate in (low, high))
    rates: Floats = np.sin(np.linspace(first, last, _GRID)) ** 2
    return rates


class _Table:
    """All tables of counts that have a chance worth counting."""

    def __init__(self, counts: Counts) -> None:
        self.counts = counts
        self.arm = _Arm(counts.hits, counts.units)
        self.other = _Arm(counts.other_hits, counts.other_units)
        x, y = self.arm.values[:, None], self.other.values[None, :]
        whole = counts.units + counts.other_units
        self.weight = counts.units / whole
        self.rates = x / counts.units, y / counts.other_units
        self.pooled = (x + y) / whole

    def above(self, model: Model, value: float) -> float:
        """One-sided p-value against `value` being too low: against the truth lying above it."""
        return self._chance(model, value, 1.0)

    def below(self, model: Model, value: float) -> float:
        """One-sided p-value against `value` being too high."""
        return self._chance(model, value, -1.0)

    def _chance(self, model: Model, value: float, sign: float) -> float:
        rates, other = self._searched(model, value)
        if not len(other):
            return ERROR
        statistic = sign * self._statistic(model, value)
        extreme = (statistic >= statistic[self.arm.at, self.other.at] - _TIE).astype(np.float64)
        chances = ((self.arm.chances(rates) @ extreme) * self.other.chances(other)).sum(axis=1)
        return min(float(chances.max()) + ERROR, 1.0)

    def _searched(self, model: Model, value: float) -> tuple[Floats, Floats]:
        """Pairs of rates that obey `value` and lie in both arms' ranges."""
        lowest, highest = self.other.low, self.other.high
        if model is _by_difference:
            lowest, highest = max(lowest, self.arm.low - value), min(highest, self.arm.high - value)
        elif value:
            lowest, highest = max(lowest, self.arm.low / value), min(highest, self.arm.high / value)
        elif self.arm.low:
            return np.empty(0), np.empty(0)
        if lowest > highest:
            return np.empty(0), np.empty(0)
        if model is _by_difference:  # evenly between the arms, so that they can change places
            middle = _spaced(lowest + value / 2, highest + value / 2)
            return np.clip(middle + value / 2, 0.0, 1.0), np.clip(middle - value / 2, 0.0, 1.0)
        other = _spaced(lowest, highest)
        return np.clip(other * value, 0.0, 1.0), other

    def _statistic(self, model: Model, value: float) -> Floats:
        """Distance from `value` in standard errors under it, for each table. source: Miettinen & Nurminen"""
        rate, other_rate = self.rates
        away = rate - other_rate - value if model is _by_difference else rate - value * other_rate
        scale = 1.0 if model is _by_difference else value
        p, q = model(value, self.pooled, self.weight)
        variance = p * (1 - p) / self.counts.units + scale * scale * q * (1 - q) / self.counts.other_units
        with np.errstate(divide="ignore", invalid="ignore"):
            statistic = away / np.sqrt(np.maximum(variance, 0.0))
        return np.where(np.abs(away) < 1e-14, 0.0, statistic)


class _Arm:
    """Counts of one arm that have a chance worth counting, under rates that its count does not rule out."""

    def __init__(self, hits: int, units: int) -> None:
        tail = ERROR / 8
        self.units = units
        self.low = float(special.betaincinv(hits, units - hits + 1, tail)) if hits else 0.0
        self.high = 1 - float(special.betaincinv(units - hits, hits + 1, tail)) if hits < units else 1.0
        first, last = _least(self.low, units), units - _least(1 - self.high, units)
        self.values = np.arange(first, last + 1, dtype=np.float64)
        self.at = hits - first
        self.ways = (
            special.gammaln(units + 1)
            - special.gammaln(self.values + 1)
            - special.gammaln(units - self.values + 1)
        )

    def chances(self, rates: Floats) -> Floats:
        """Chance of each count, for each rate."""
        p = np.clip(rates, 1e-300, 1.0)[:, None]
        q = np.clip(1 - rates, 1e-300, 1.0)[:, None]
        logged = self.ways + self.values * np.log(p) + (self.units - self.values) * np.log(q)
        return np.where(logged > _NIL, np.exp(np.maximum(logged, _NIL)), 0.0)


def _least(rate: float, units: int) -> int:
    """A count that is undercut with a chance below `ERROR` / 8. source: Bernstein's inequality"""
    mean, reach = rate * units, _REACH
    return max(0, int(mean - (2 * reach * mean * (1 - rate)) ** 0.5 - 2 * reach / 3))
