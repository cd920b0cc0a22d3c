from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from equipoise.dialects.launchdarkly.experiments.percents import (
    above_whole,
    echoed,
    percent_rule,
    shares_of,
    spelt,
    unusual,
)
from equipoise.domain.allocation import SHARE_WHOLE

texts = st.integers(0, 100 * 10**8).map(lambda each: f"{each // 10**8}.{each % 10**8:08d}")


@given(st.lists(texts, max_size=8))
def test_shares_are_nearest_and_leave_a_rest(said: list[str]) -> None:
    kept: list[str] = []
    for text in said:
        if not above_whole([*kept, text]):
            kept.append(text)
    shares = shares_of(kept)
    rest = SHARE_WHOLE - sum(shares)
    assert 0 <= rest <= SHARE_WHOLE
    parts = (Fraction(text) * 1_000 for text in kept)
    assert abs(rest - SHARE_WHOLE + sum(parts, Fraction(0))) < 1
    for text, share in zip(kept, shares, strict=True):
        assert abs(Fraction(text) * 1_000 - share) < 1
        assert echoed(text, share)


def test_the_largest_remainders_get_what_is_finer_than_a_share() -> None:
    assert shares_of(["33.333333"] * 3) == (33_334, 33_333, 33_333)
    assert shares_of(["0.0001", "0.0009", "99.999"]) == (0, 1, 99_999)
    assert shares_of(["0"]) == (0,)
    assert shares_of([]) == ()


@given(st.integers(0, SHARE_WHOLE))
def test_a_share_is_spelt_and_read_back(share: int) -> None:
    assert percent_rule("", spelt(share)) is True
    assert shares_of([spelt(share)]) == (share,)
    assert unusual({"a": spelt(share)}, {"a": share}) is None


@pytest.mark.parametrize("text", ["0", "50", "050", "33.3", "100", "100.0", "0.000000001"])
def test_a_plain_number_is_a_percentage(text: str) -> None:
    assert percent_rule("", text) is True


@given(st.text(max_size=12))
def test_no_text_upsets_the_rule(text: str) -> None:
    if percent_rule("", text) is True:
        assert 0 <= Fraction(text) <= 100
        shares_of([text])


@pytest.mark.parametrize(
    "text", ["", "x", "1e1", "+1", "-0", " 1", "1 ", "1.", ".5", "1/2", "1_0", "\u0665", "nan"]
)
def test_anything_else_is_none(text: str) -> None:
    assert percent_rule("", text) is not True
