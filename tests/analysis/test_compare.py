"""One arm against another: no contradictions, no dependence on units, and words for odd input."""

from math import inf, isfinite, nan

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from equipoise.analysis.compare import always_valid, compare, fixed_horizon, glance
from equipoise.analysis.moments import Moments, nothing
from equipoise.analysis.results import Estimate
from equipoise.analysis.statistics.contrast import Contrast
from tests.analysis.rows import Floats, converted, moments_of

ALPHA = 0.05


def contrasts(many: int) -> Floats:
    """Rows of arm, other, their variances, degrees and covariance: near the edge of significance."""
    rng = np.random.default_rng(31)
    one, two = 10 ** rng.uniform(-6, 2, (2, many))
    covariance = np.where(rng.random(many) < 0.5, 0, rng.uniform(-0.9, 0.9, many) * np.sqrt(one * two))
    other = rng.normal(0, 3, many) * 10 ** rng.uniform(-2, 4, many)
    arm = other + rng.normal(0, 2.5, many) * np.sqrt(one + two - 2 * covariance)
    return np.column_stack([arm, other, one, two, 10 ** rng.uniform(0, 6, many), covariance])


def consistent(estimate: Estimate, alpha: float) -> bool:
    found = estimate.p_value < alpha
    lift = estimate.relative_interval
    return estimate.interval.excludes(0) == found and (lift is None or lift.excludes(0) == found)


def contradictions(many: int) -> int:
    levels = (0.05, 0.01, 0.001, 0.2)
    count = 0
    for at, (arm, other, one, two, degrees, covariance) in enumerate(contrasts(many).tolist()):
        contrast = Contrast(arm, other, one, two, degrees, int(degrees) + 2, covariance)
        alpha = levels[at % len(levels)]
        made = fixed_horizon(contrast, alpha), always_valid(contrast, alpha, 5_000)
        count += sum(not consistent(each, alpha) for each in made)
    return count


def test_p_values_and_intervals_never_contradict_one_another() -> None:
    assert contradictions(50_000) == 0


@pytest.mark.full
def test_p_values_and_intervals_never_contradict_one_another_in_a_million() -> None:
    assert contradictions(1_000_000) == 0


def test_the_inputs_of_that_test_lie_on_both_sides_and_have_lifts() -> None:
    made = [
        fixed_horizon(Contrast(arm, other, one, two, degrees, 10, covariance), ALPHA)
        for arm, other, one, two, degrees, covariance in contrasts(2_000).tolist()
    ]
    assert 0.2 < np.mean([each.p_value < ALPHA for each in made]) < 0.8
    assert np.mean([each.relative_interval is not None for each in made]) > 0.5


@pytest.fixture
def pair() -> tuple[Floats, Floats]:
    rng = np.random.default_rng(14)
    return rng.normal(10.5, 3, 400), rng.normal(10, 2, 500)


def estimates(arm: Floats, other: Floats) -> list[Estimate]:
    always, fixed, _ = compare(moments_of(arm), moments_of(other), alpha=ALPHA)
    assert always is not None
    assert fixed is not None
    return [always, fixed]


def ends(estimate: Estimate) -> list[float]:
    assert estimate.interval.low is not None
    assert estimate.interval.high is not None
    return [estimate.interval.low, estimate.interval.high]


def lift_ends(estimate: Estimate) -> list[float]:
    assert estimate.relative_interval is not None
    assert estimate.relative_interval.low is not None
    assert estimate.relative_interval.high is not None
    return [estimate.relative_interval.low, estimate.relative_interval.high]


def test_a_change_of_unit_changes_no_p_value_and_no_lift(pair: tuple[Floats, Floats]) -> None:
    for plain, cents in zip(estimates(*pair), estimates(100 * pair[0], 100 * pair[1]), strict=True):
        assert cents.p_log10 == pytest.approx(plain.p_log10, rel=1e-11)
        assert lift_ends(cents) == pytest.approx(lift_ends(plain), rel=1e-11)
        assert [each / 100 for each in ends(cents)] == pytest.approx(ends(plain), rel=1e-11)


def test_arms_that_change_places_change_the_sign(pair: tuple[Floats, Floats]) -> None:
    for one, two in zip(estimates(*pair), estimates(*pair[::-1]), strict=True):
        assert two.p_log10 == pytest.approx(one.p_log10, rel=1e-12)
        assert [-each for each in ends(two)][::-1] == pytest.approx(ends(one), rel=1e-12)


def test_a_constant_added_to_all_changes_no_difference(pair: tuple[Floats, Floats]) -> None:
    for one, two in zip(estimates(*pair), estimates(pair[0] + 7, pair[1] + 7), strict=True):
        assert ends(two) == pytest.approx(ends(one), rel=1e-11)
        assert two.p_log10 == pytest.approx(one.p_log10, rel=1e-11)


def test_missing_values_give_what_leaving_them_out_gives(pair: tuple[Floats, Floats]) -> None:
    with_gaps = np.concatenate([pair[0], np.full(900, nan)])
    always, fixed, warnings = compare(moments_of(with_gaps), moments_of(pair[1]), alpha=ALPHA)
    assert [always, fixed] == estimates(*pair)
    (missing,) = [each for each in warnings if each.code == "missing_values"]
    assert "900 units" in missing.sentence


def test_a_glance_says_what_a_comparison_says(pair: tuple[Floats, Floats]) -> None:
    moments = moments_of(pair[0]), moments_of(pair[1])
    assert glance(*moments, alpha=ALPHA) == compare(*moments, alpha=ALPHA)[:2]
    bare = [msgspec.structs.replace(each, cubes=(0.0,), low=(0.0,), high=(0.0,)) for each in moments]
    assert glance(*bare, alpha=ALPHA, skewness=0.0) == compare(*moments, alpha=ALPHA)[:2]


def test_a_glance_withholds_what_a_comparison_withholds() -> None:
    arm, other = converted(3, 200), converted(40, 1_800)
    assert glance(arm, other, alpha=ALPHA, binary=True)[0] is None
    assert compare(arm, other, alpha=ALPHA, binary=True)[0] is None


def test_less_error_gives_wider_intervals(pair: tuple[Floats, Floats]) -> None:
    moments = moments_of(pair[0]), moments_of(pair[1])
    for strict, loose in zip(
        compare(*moments, alpha=0.01)[:2], compare(*moments, alpha=0.1)[:2], strict=True
    ):
        assert strict is not None
        assert loose is not None
        assert ends(strict)[0] < ends(loose)[0] < ends(loose)[1] < ends(strict)[1]
        assert strict.level == 0.99


ODD = [
    (nothing(), nothing(), "no_units"),
    (nothing(), converted(3, 10), "no_units"),
    (moments_of(np.array([1.0])), moments_of(np.arange(9.0)), "one_unit"),
    (moments_of(np.ones(50)), moments_of(np.ones(50)), "no_variance"),
    (moments_of(np.ones(50)), moments_of(np.zeros(50)), "no_variance"),
    (Moments(n=5, means=(inf,), products=((nan,),)), moments_of(np.arange(9.0)), "not_finite"),
    (Moments(n=5, means=(1e200,), products=((inf,),)), moments_of(np.arange(9.0)), "not_finite"),
]


@pytest.mark.parametrize(("arm", "other", "code"), ODD)
def test_what_cannot_be_computed_is_said_in_words(arm: Moments, other: Moments, code: str) -> None:
    for one, two in ((arm, other), (other, arm)):
        always, fixed, warnings = compare(one, two, alpha=ALPHA)
        assert (always, fixed) == (None, None)
        assert code in {each.code for each in warnings}
        assert glance(one, two, alpha=ALPHA) == (None, None)


def test_a_control_mean_of_zero_leaves_the_difference_and_no_lift() -> None:
    _, fixed, warnings = compare(moments_of(np.arange(50.0)), moments_of(np.zeros(50)), alpha=ALPHA)
    assert fixed is not None
    assert (fixed.relative, fixed.relative_interval) == (None, None)
    assert {"no_variance", "no_lift"} <= {each.code for each in warnings}


numbers = st.floats(-1e300, 1e300) | st.sampled_from([0.0, inf, -inf, nan, 1e-300, 5e-324])
some = st.builds(
    lambda n, missing, mean, product, cube: Moments(
        n=n, missing=missing, means=(mean,), products=((product,),), cubes=(cube,)
    ),
    st.integers(0, 10**6),
    st.integers(0, 9),
    numbers,
    numbers,
    numbers,
)


@given(arm=some, other=some, binary=st.booleans())
def test_no_input_raises_and_no_figure_is_infinite(arm: Moments, other: Moments, binary: bool) -> None:
    always, fixed, warnings = compare(arm, other, alpha=ALPHA, binary=binary)
    glance(arm, other, alpha=ALPHA, binary=binary)
    for each in (always, fixed):
        if each is not None:
            assert all(map(isfinite, (*ends(each), each.p_value, each.p_log10, each.difference)))
            assert each.relative_interval is None or all(map(isfinite, lift_ends(each)))
    assert all(each.sentence and each.remedy for each in warnings)
    assert (always is not None and fixed is not None) or warnings
