"""Looking at sound experiments a thousand times each: how often one is ever called."""

from collections.abc import Callable

import numpy as np

from equipoise.analysis.compare import glance
from equipoise.analysis.statistics.sequential import LOPSIDED, boundary
from tests.analysis.rows import Floats, moments_of

Draw = Callable[[np.random.Generator, tuple[int, int]], Floats]
ALPHA = 0.05
FIRST, LOOKS, BATCH = 25, 1_000, 50

DRAWS: dict[str, Draw] = {
    "normal": lambda rng, shape: rng.normal(10, 3, shape),
    "conversion 5 %": lambda rng, shape: (rng.random(shape) < 0.05).astype(float),
    "conversion 1 %": lambda rng, shape: (rng.random(shape) < 0.01).astype(float),
    "lognormal": lambda rng, shape: rng.lognormal(0, 1.5, shape),
    "2 % buyers": lambda rng, shape: (rng.random(shape) < 0.02) * rng.lognormal(3, 1, shape),
}


def ever_called(metric: str, *, split: int, last: int, seeds: int, tuned: float = 5_000) -> float:
    """Share of experiments without effect that are ever called, from 25 units in the smaller arm on.

    Statistics of all looks are vectorised here; at the most extreme look of each experiment the engine itself
    is asked, and must say the same of difference and lift.
    split  units of the other arm for each of the arm
    last   units of the arm at the last look
    """
    rng = np.random.default_rng(20_261_120)
    units = np.unique(np.geomspace(FIRST, last, LOOKS).round().astype(int))
    edges = np.array([boundary(int(n), tuned, ALPHA) for n in units * (1 + split)])
    called = 0
    for _ in range(seeds // BATCH):
        arm, other = (DRAWS[metric](rng, (BATCH, last * times)) for times in (1, split))
        beyond = _standing(arm, other, units, split) / edges
        worst = beyond.argmax(axis=1)
        for one, two, at, far in zip(arm, other, worst, beyond.max(axis=1), strict=True):
            rows = one[: units[at]], two[: units[at] * split]
            assert _calls(*rows, binary="conversion" in metric, tuned=tuned) == (far > 1)
        called += int((beyond > 1).any(axis=1).sum())
    return called / (seeds // BATCH * BATCH)


def _calls(arm: Floats, other: Floats, *, binary: bool, tuned: float) -> bool:
    always, _ = glance(moments_of(arm), moments_of(other), alpha=ALPHA, binary=binary, tuned=tuned)
    if always is None:
        return False
    found = always.interval.excludes(0)
    assert (always.p_value < ALPHA) == found
    assert always.relative_interval is None or always.relative_interval.excludes(0) == found
    return found


def _standing(arm: Floats, other: Floats, units: Floats, split: int) -> Floats:
    """Difference in standard errors at each look; 0 where the sequence is withheld."""
    (m, s, c), (m2, s2, c2) = _moments(arm, units), _moments(other, units * split)
    n, n2 = units, units * split
    with np.errstate(all="ignore"):
        t = np.abs(m - m2) / np.sqrt(s / (n - 1) / n + s2 / (n2 - 1) / n2)
        skew = (c + c2) / (n + n2) / ((s + s2) / (n + n2)) ** 1.5
        lopsided = np.abs(skew) * np.abs(1 / n - 1 / n2) / np.sqrt(1 / n + 1 / n2)
    standing: Floats = np.where((s + s2 > 0) & (lopsided <= LOPSIDED), t, 0.0)
    return standing


def _moments(values: Floats, units: Floats) -> tuple[Floats, Floats, Floats]:
    sums = [np.cumsum(values**power, axis=1)[:, units - 1] for power in (1, 2, 3)]
    mean = sums[0] / units
    squares = np.maximum(sums[1] - units * mean**2, 0.0)
    return mean, squares, sums[2] - 3 * mean * sums[1] + 2 * units * mean**3
