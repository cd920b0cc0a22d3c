"""Moments: all that statistics may know of units. They merge exactly, so that strata, batches and
cohorts add up without looking at a row again."""

from collections.abc import Iterable
from functools import reduce
from operator import add

from msgspec import Struct
from msgspec.structs import replace

Y, X = "y", "x"  # the outcome; the same before the first exposure


class Moments(Struct, frozen=True):
    """Moments of some variables over the units that have a value.

    variables  names, "y" the outcome first
    n          units with a value (the count of an arm less those missing)
    missing    units without one, which are left out
    means      one for each variable
    products   symmetric matrix of sums over units of products of deviations from the means: not divided
    cubes      sum over units of the cubed deviation, one for each variable
    low, high  the smallest and largest value of each
    """

    variables: tuple[str, ...] = (Y,)
    n: int = 0
    missing: int = 0
    means: tuple[float, ...] = (0.0,)
    products: tuple[tuple[float, ...], ...] = ((0.0,),)
    cubes: tuple[float, ...] = (0.0,)
    low: tuple[float, ...] = (0.0,)
    high: tuple[float, ...] = (0.0,)

    def mean(self, of: str = Y) -> float:
        """0 without units."""
        return self.means[self.variables.index(of)]

    def product(self, one: str = Y, other: str = Y) -> float:
        """Sum of products of deviations."""
        return self.products[self.variables.index(one)][self.variables.index(other)]

    def cov(self, one: str, other: str) -> float:
        """Sample covariance (n - 1). raises ZeroDivisionError when n < 2"""
        return self.product(one, other) / (self.n - 1)

    def var(self, of: str = Y) -> float:
        """Sample variance (n - 1); never negative. raises ZeroDivisionError when n < 2"""
        return max(self.cov(of, of), 0.0)

    def total(self, of: str = Y) -> float:
        """Sum over the units."""
        return self.n * self.mean(of)

    def __add__(self, other: "Moments") -> "Moments":
        """Both together. source: Chan, Golub & LeVeque 1979; Pébay 2008 for the third moment"""
        if self.variables != other.variables:
            raise ValueError(f"moments of {self.variables} and of {other.variables} do not add")
        if not self.n or not other.n:
            kept, none = (other, self) if not self.n else (self, other)
            return replace(kept, missing=kept.missing + none.missing)
        return _merged(self, other)


def merged(parts: Iterable[Moments], variables: tuple[str, ...] = (Y,)) -> Moments:
    """All together; of nothing, nothing."""
    return reduce(add, parts, nothing(variables))


def nothing(variables: tuple[str, ...] = (Y,)) -> Moments:
    """Of no unit: what adds nothing."""
    none = (0.0,) * len(variables)
    return Moments(variables, 0, 0, none, (none,) * len(variables), none, none, none)


def _merged(one: Moments, other: Moments) -> Moments:
    n = one.n + other.n
    steps = [b - a for a, b in zip(one.means, other.means, strict=True)]
    weight = one.n * other.n / n
    size = range(len(steps))
    return Moments(
        one.variables,
        n,
        one.missing + other.missing,
        tuple(one.means[i] + steps[i] * other.n / n for i in size),
        tuple(
            tuple(one.products[i][j] + other.products[i][j] + steps[i] * steps[j] * weight for j in size)
            for i in size
        ),
        tuple(
            one.cubes[i]
            + other.cubes[i]
            + steps[i] * steps[i] * steps[i] * weight * (one.n - other.n) / n
            + 3 * steps[i] * (one.n * other.products[i][i] - other.n * one.products[i][i]) / n
            for i in size
        ),
        tuple(map(min, one.low, other.low)),
        tuple(map(max, one.high, other.high)),
    )
