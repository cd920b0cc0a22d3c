"""Facts that are equal but for rounding."""

from math import isclose

from equipoise.analysis.moments import Moments
from equipoise.analysis.question import Facts

RELATIVE = 1e-9


def assert_facts_agree(one: Facts, other: Facts, relative: float = RELATIVE) -> None:
    """All but the engine and its SQL."""
    for name in ("doubled", "strangers", "collisions", "exposures", "outcomes", "watermark"):
        assert getattr(one, name) == getattr(other, name), name
    assert [(c.arm, c.bucket, c.units) for c in one.cohorts] == [
        (c.arm, c.bucket, c.units) for c in other.cohorts
    ]
    for a, b in zip(one.cohorts, other.cohorts, strict=True):
        assert a.moments.keys() == b.moments.keys()
        for metric in a.moments:
            assert_moments_agree(a.moments[metric], b.moments[metric], relative)
    assert [(x.metric, x.arm, x.bucket) for x in one.looks] == [
        (x.metric, x.arm, x.bucket) for x in other.looks
    ]
    for c, d in zip(one.looks, other.looks, strict=True):
        assert_moments_agree(c.moments, d.moments, relative)


def assert_moments_agree(
    one: Moments, other: Moments, relative: float = RELATIVE, cubes: bool = True
) -> None:
    """Products and cubes are compared on the scale of the deviations that they are made of, and of the
    last digit that a value of that size has."""
    assert (one.variables, one.n, one.missing) == (other.variables, other.n, other.missing)
    size = [
        max(abs(low), abs(high), abs(mean)) * 1e-14
        for low, high, mean in zip(other.low, other.high, other.means, strict=True)
    ]
    spread = [max((other.products[i][i] / max(other.n, 1)) ** 0.5, size[i]) for i in range(len(size))]
    for i, mean in enumerate(other.means):
        close(one.means[i], mean, relative, max(abs(mean), spread[i]))
        for j, product in enumerate(other.products[i]):
            close(one.products[i][j], product, relative, other.n * spread[i] * spread[j])
        if cubes:
            close(one.cubes[i], other.cubes[i], relative, other.n**1.5 * spread[i] ** 3)
            close(one.low[i], other.low[i], relative, abs(other.low[i]))
            close(one.high[i], other.high[i], relative, abs(other.high[i]))


def close(one: float, other: float, relative: float, scale: float) -> None:
    assert isclose(one, other, rel_tol=relative, abs_tol=relative * scale), (one, other, scale)
