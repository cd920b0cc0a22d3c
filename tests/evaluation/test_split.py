"""The split of many units: even, the same for none but by chance, and nested under a ramp.

Keys and seeds are fixed, so that a test passes always or never; the bounds are those of chance.
"""

from collections import Counter
from collections.abc import Mapping
from itertools import product
from typing import Any

import pytest
from scipy.stats import chi2

from equipoise.domain.allocation import SHA1, SHARE_WHOLE
from equipoise.domain.experiment import EXPERIMENT
from equipoise.domain.experiment.commands import Advance
from equipoise.domain.snapshot import snapshot
from equipoise.evaluation.batch import assign
from equipoise.evaluation.bucketing import SCHEMES
from equipoise.evaluation.compile import compile
from equipoise.evaluation.decision import Decision
from equipoise.evaluation.ruleset import Rollout, RuledFlag, Slot
from tests.domain.builders import a_flag, a_targeting, after, an_environment
from tests.domain.experiment.examples import a_ramp, an_iteration, running

HERE = an_environment()
LEVELS = (1_000, 10_000, 33_333, 50_000, 80_000, 100_000)
CHANCE = 1e-4  # what is rarer than this is no chance
SIZES = pytest.mark.parametrize("units", [5_000, pytest.param(1_000_000, marks=pytest.mark.full)])
WEAK = "fnv1a/1"  # its seed comes last, and moves the arms of all units alike
OTHERS_MAX = 200_000  # units, for schemes that are plain Python


def keys(units: int) -> list[str]:
    """In the forms that keys have: counted, hexadecimal, addresses."""
    forms = ("user-{}", "{:032x}", "{}@example.com", "{}")
    return [forms[number % 4].format(number) for number in range(units)]


def split(weights: tuple[int, ...], seed: int, scheme: str, units: list[str]) -> list[Decision]:
    slots = tuple(Slot(arm, weight) for arm, weight in enumerate(weights))
    rollout = Rollout(slots, seed=seed, experiment=True, scheme=scheme)
    return assign(RuledFlag("f", 1, True, "salt", tuple(range(len(slots))), 0, rollout), units)


def likelihood(found: Counter[Any], expected: Mapping[Any, float]) -> float:
    """How likely chance is to be at least as far from what is expected (Pearson's test)."""
    off = sum((found[each] - wanted) ** 2 / wanted for each, wanted in expected.items())
    return float(chi2.sf(off, len(expected) - 1))


def arms(decisions: list[Decision]) -> list[int]:
    return [-1 if each.variation is None else each.variation for each in decisions]


@pytest.mark.parametrize("scheme", SCHEMES)
@SIZES
def test_each_arm_gets_its_share(units: int, scheme: str) -> None:
    units = units if scheme == SHA1 else min(units, OTHERS_MAX)
    for weights in ((50_000, 50_000), (34_000, 33_000, 33_000), (1_000, 99_000), (10_000,) * 10):
        found = Counter(arms(split(weights, 4_711, scheme, keys(units))))
        expected = {arm: units * weight / SHARE_WHOLE for arm, weight in enumerate(weights)}
        assert found.keys() == expected.keys()
        assert likelihood(found, expected) > CHANCE


@pytest.mark.parametrize("scheme", [each for each in SCHEMES if each != WEAK])
@SIZES
def test_experiments_of_different_seeds_know_nothing_of_one_another(units: int, scheme: str) -> None:
    """Where seeds differ by one, and where one of them begins as the other does."""
    units = units if scheme == SHA1 else min(units, OTHERS_MAX)
    for seeds in ((1, 2), (12_345, 123_456), (0, 2**31 - 1)):
        assert independent(seeds, scheme, units) > CHANCE


def test_one_scheme_of_others_is_known_to_tie_experiments_together() -> None:
    """It is here for those who have it already; GrowthBook replaced it for this reason."""
    assert independent((1, 2), WEAK, 5_000) < CHANCE


def independent(seeds: tuple[int, int], scheme: str, units: int) -> float:
    """How likely chance is to tie two experiments together as much as these are."""
    thirds, there = (33_000, 33_000, 34_000), keys(units)
    both = (arms(split(thirds, seed, scheme, there)) for seed in seeds)
    expected = {
        (first, second): units * thirds[first] * thirds[second] / SHARE_WHOLE**2
        for first, second in product(range(3), repeat=2)
    }
    return likelihood(Counter(zip(*both, strict=True)), expected)


@SIZES
def test_a_ramp_moves_nobody_out_of_an_arm(units: int) -> None:
    """Whoever has the treatment keeps it, and nobody is counted in two arms; each level gets its share."""
    flag = a_flag(targeting={HERE.key: a_targeting()})
    now, there = running(draft=an_iteration(proposal=a_ramp(*LEVELS))), keys(units)
    treated, counted = [False] * units, [-1] * units
    for level in LEVELS:
        now = after(EXPERIMENT, now, Advance(level))
        met = assign(compile(snapshot(HERE, 9, (flag,), {}, (now,))).flags["checkout"], there)
        for at, decision in enumerate(met):
            treatment = decision.variation == 0
            assert treatment or not treated[at]
            treated[at] = treatment
            if decision.reason.in_experiment:
                assert counted[at] in (-1, decision.variation)
                counted[at] = decision.variation or 0
        expected = {True: units * level / SHARE_WHOLE, False: units * (1 - level / SHARE_WHOLE)}
        assert level == SHARE_WHOLE or likelihood(Counter(treated), expected) > CHANCE
    assert all(treated)
    assert set(counted) == {0, 1}
