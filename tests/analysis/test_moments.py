"""Moments add up exactly, in any order."""

import numpy as np
import pytest

from equipoise.analysis.moments import Moments, merged, nothing
from tests.analysis.rows import Floats, moments_of


def batches(rows: Floats, rng: np.random.Generator) -> list[Moments]:
    """Of random sizes, in random order."""
    cuts = np.sort(rng.choice(np.arange(1, len(rows)), 40, replace=False))
    parts = [moments_of(part, part[::-1].copy()) for part in np.split(rows, cuts)]
    rng.shuffle(parts)
    return parts


@pytest.mark.parametrize("seed", range(5))
def test_the_variance_survives_a_mean_a_hundred_million_deviations_away(seed: int) -> None:
    rng = np.random.default_rng(seed)
    rows = 1e8 + rng.normal(size=20_000)
    whole = merged(batches(rows, rng), ("y", "x"))
    assert whole.var() == pytest.approx(rows.var(ddof=1), rel=1e-8)
    assert whole.mean() == pytest.approx(rows.mean(), rel=1e-15)


def test_every_moment_of_the_parts_together_is_that_of_the_whole() -> None:
    rng = np.random.default_rng(7)
    y, x = rng.lognormal(size=3_000), rng.normal(size=3_000)
    parts = [moments_of(y[at : at + 217], x[at : at + 217]) for at in range(0, 3_000, 217)]
    found, whole = merged(parts, ("y", "x")), moments_of(y, x)
    assert (found.n, found.low, found.high) == (whole.n, whole.low, whole.high)
    assert found.means == pytest.approx(whole.means, rel=1e-12)
    assert found.cubes == pytest.approx(whole.cubes, rel=1e-10, abs=1e-8)
    for one, two in zip(found.products, whole.products, strict=True):
        assert one == pytest.approx(two, rel=1e-11)


def test_adding_is_associative_and_commutative() -> None:
    rng = np.random.default_rng(8)
    for _ in range(200):
        a, b, c = (moments_of(rng.lognormal(size=int(rng.integers(1, 50)))) for _ in range(3))
        one, two, three = (a + b) + c, a + (b + c), (c + a) + b
        for other in (two, three):
            assert one.mean() == pytest.approx(other.mean(), rel=1e-12)
            assert one.product() == pytest.approx(other.product(), rel=1e-12)
            assert one.cubes[0] == pytest.approx(other.cubes[0], rel=1e-11, abs=1e-11)


def test_the_variance_is_never_negative() -> None:
    assert all(merged([moments_of(np.full(3, 1e16 + k)) for k in range(9)]).var() >= 0 for _ in range(3))
    assert Moments(n=5, products=((-1e-30,),)).var() == 0


def test_nothing_changes_nothing_but_counts_what_is_missing() -> None:
    some = moments_of(np.array([1.0, 2.0, np.nan]))
    assert some + nothing() == some == nothing() + some
    assert (some + Moments(missing=4)).missing == 5


def test_moments_of_different_variables_do_not_add() -> None:
    with pytest.raises(ValueError, match="do not add"):
        nothing() + nothing(("y", "x"))
