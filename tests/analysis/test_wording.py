"""Figures as people read them."""

import pytest

from equipoise.analysis.results import Interval
from equipoise.analysis.wording import OPEN, count, duration, number, percent, span, when


@pytest.mark.parametrize(
    ("share", "text"),
    [(0.2034, "20.3 %"), (0, "0.0 %"), (-0.05, "-5.0 %"), (0.00042, "0.042 %"), (12.5, "1,250.0 %")],
)
def test_a_share_is_read_in_percent(share: float, text: str) -> None:
    assert percent(share) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0, "0.0000"), (3.14159, "3.142"), (12_345.678, "12,346"), (0.5, "0.5000"), (-1e-7, "-1.00e-07")],
)
def test_a_number_has_four_digits_that_count(value: float, text: str) -> None:
    assert number(value) == text


@pytest.mark.parametrize(
    ("interval", "text"),
    [
        (Interval(0.1, 0.2), "10.0 % to 20.0 %"),
        (Interval(None, 0.2), "up to 20.0 %"),
        (Interval(0.1, None), "10.0 % or more"),
        (Interval(None, None), OPEN),
    ],
)
def test_an_interval_says_which_bound_it_lacks(interval: Interval, text: str) -> None:
    assert span(interval, relative=True) == text


def test_one_is_one_and_more_are_more() -> None:
    assert (count(1, "unit"), count(2_500, "unit")) == ("1 unit", "2,500 units")


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0 seconds"), (1, "1 second"), (119, "119 seconds"), (7_200, "2 hours"), (3 * 86_400, "3 days")],
)
def test_a_span_is_read_in_the_unit_that_fits(seconds: int, text: str) -> None:
    assert duration(seconds * 1_000_000) == text


def test_a_time_is_read_in_utc() -> None:
    assert when(1_700_000_000_000_000) == "2023-11-14 22:13:20 UTC"
