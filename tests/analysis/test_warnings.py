"""Each warning appears where it should, and stays away where all is well."""

from collections.abc import Callable

import numpy as np
import pytest

from equipoise.analysis.compare import compare
from equipoise.analysis.moments import Moments
from tests.analysis.rows import Floats, converted, moments_of

RNG = np.random.default_rng(40)


def codes(arm: Moments, other: Moments, *, binary: bool = False) -> set[str]:
    return {each.code for each in compare(arm, other, alpha=0.05, binary=binary)[2]}


def bell(n: int, mean: float = 10.0) -> Floats:
    return RNG.normal(mean, 3, n)


@pytest.mark.parametrize("split", [1, 9])
def test_normal_values_raise_no_warning(split: int) -> None:
    rng = np.random.default_rng(41)
    pairs = [[moments_of(rng.normal(10, 3, n)) for n in (200, 200 * split)] for _ in range(500)]
    drawn = [codes(*pair) for pair in pairs]
    assert np.mean([bool(each) for each in drawn]) <= 0.01


def test_enough_conversions_raise_no_warning() -> None:
    assert codes(converted(150, 1_500), converted(160, 1_500), binary=True) == set()
    assert codes(converted(700, 1_500), converted(6_300, 13_500), binary=True) == set()


SHOWN: dict[str, Callable[[], set[str]]] = {
    "one_unit": lambda: codes(moments_of(bell(1)), moments_of(bell(300))),
    "no_variance": lambda: codes(moments_of(np.full(300, 2.0)), moments_of(bell(300))),
    "small_arms": lambda: codes(moments_of(bell(24)), moments_of(bell(300))),
    "few_conversions": lambda: codes(converted(9, 500), converted(30, 500), binary=True),
    "skewed": lambda: codes(moments_of(RNG.lognormal(0, 1.5, 300)), moments_of(RNG.lognormal(0, 1.5, 300))),
    "too_early": lambda: codes(converted(12, 500), converted(100, 4_500), binary=True),
    "dominant_unit": lambda: codes(moments_of(np.append(bell(300), 500.0)), moments_of(bell(300))),
    "missing_values": lambda: codes(moments_of(np.append(bell(300), np.nan)), moments_of(bell(300))),
    "no_lift": lambda: codes(moments_of(bell(300, 0.0)), moments_of(bell(300, 0.0))),
    "negative_baseline": lambda: codes(moments_of(bell(300, -9.0)), moments_of(bell(300, -10.0))),
}
KEPT_BACK: dict[str, Callable[[], set[str]]] = {
    "one_unit": lambda: codes(moments_of(bell(2)), moments_of(bell(300))),
    "no_variance": lambda: codes(moments_of(1e8 + bell(300)), moments_of(1e8 + bell(300))),
    "small_arms": lambda: codes(moments_of(bell(25)), moments_of(bell(300))),
    "few_conversions": lambda: codes(converted(10, 500), converted(30, 500), binary=True),
    "skewed": lambda: codes(moments_of(RNG.exponential(1, 4_000)), moments_of(RNG.exponential(1, 4_000))),
    "too_early": lambda: codes(converted(24, 1_000), converted(200, 9_000), binary=True),
    "dominant_unit": lambda: codes(moments_of(np.append(bell(300), 25.0)), moments_of(bell(300))),
    "missing_values": lambda: codes(moments_of(bell(300)), moments_of(bell(300))),
    "no_lift": lambda: codes(moments_of(bell(300, 2.0)), moments_of(bell(300, 2.0))),
    "negative_baseline": lambda: codes(moments_of(bell(300, -9.0)), moments_of(bell(300, 10.0))),
}


@pytest.mark.parametrize("code", SHOWN)
def test_it_appears(code: str) -> None:
    assert code in SHOWN[code]()


@pytest.mark.parametrize("code", KEPT_BACK)
def test_it_stays_away(code: str) -> None:
    assert code not in KEPT_BACK[code]()


def test_sentences_tell_which_outcome_is_rare() -> None:
    said = {
        each.code: each
        for each in compare(converted(497, 500), converted(480, 500), alpha=0.05, binary=True)[2]
    }
    assert "only 3 of the units did not convert" in said["few_conversions"].sentence
