from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from equipoise.evaluation import operators
from equipoise.evaluation.linear import linear_matcher
from equipoise.evaluation.operators import (
    MATCHED_MAX,
    OPERATORS,
    any_of,
    milliseconds,
    questions,
    same,
    version,
)
from equipoise.evaluation.patterns import Unmatched

RELEASES = [
    *("0", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2"),
    *("1.0.0-beta.11", "1.0.0-rc.1", "1", "1.0.1-0", "1.0.1", "2.1", "2.1.1", "10"),
]


def asks(op: str, given_: Any, value: Any) -> bool:
    asked = OPERATORS[op](value, linear_matcher)
    return asked is not None and asked(given_)


def test_versions_are_ordered_as_published() -> None:
    read = [version(text) for text in RELEASES]
    assert None not in read
    assert read == sorted(read)  # type: ignore[type-var]
    assert len(set(read)) == len(read)


@pytest.mark.parametrize("text", ["2.3.0", "2.3", "2.3.0+build.7", "2.3+x"])
def test_a_version_is_padded_and_its_build_left_out(text: str) -> None:
    assert version(text) == version("2.3.0")


@pytest.mark.parametrize("text", ["", "v1", "1.", "01.0.0", "1.0.0-", "1.0.0-01", "1.2.3.4", "1.0.0\n", "٣"])
def test_what_is_no_version_is_none(text: str) -> None:
    assert version(text) is None


def test_a_moment_is_a_number_or_rfc_3339() -> None:
    texts = ("2020-01-01T00:00:00Z", "2020-01-01t02:00:00.000+02:00", "2019-12-31T23:59:59.9999999z")
    assert [milliseconds(text) for text in texts] == [1577836800000, 1577836800000, 1577836799999.999]
    assert milliseconds(1577836800000) == 1577836800000.0


@pytest.mark.parametrize(
    "value",
    [
        *(
            "2020-01-01",
            "2020-01-01T00:00:00",
            "2020-01-01 00:00:00Z",
            "1577836800000",
            "2020-13-01T00:00:00Z",
        ),
        *("2020-01-01T24:00:00Z", "0000-01-01T00:00:00Z", "2020-W01-1T00:00:00Z", True, None, [], ""),
    ],
)
def test_what_is_no_moment_is_none(value: Any) -> None:
    assert milliseconds(value) is None


@pytest.mark.parametrize("op", sorted(OPERATORS))
@pytest.mark.parametrize("value", [True, None, {}, [1]])
def test_an_operator_asks_only_values_of_its_type(op: str, value: Any) -> None:
    if op != "in":
        assert not asks(op, value, value)


def test_numbers_beyond_a_double_are_still_in_order() -> None:
    assert asks("greaterThan", 10**400, 1e308)
    assert asks("lessThan", -(10**400), -1e308)
    assert not asks("lessThan", 10**400, 1e308)


@given(st.recursive(st.integers() | st.text() | st.none(), st.lists, max_leaves=5))
def test_a_value_is_the_same_as_itself(value: Any) -> None:
    assert same(value, value)


def test_objects_are_the_same_by_content_and_type() -> None:
    assert same({"a": [1, {"b": None}]}, {"a": [1.0, {"b": None}]})
    assert not same({"a": 1}, {"a": True})
    assert not same({"a": 1}, {"a": 1, "b": 2})


def test_of_a_long_array_nobody_tells_whether_a_regular_expression_matches() -> None:
    asked = questions("matches", ("^a",), linear_matcher)
    few = ["b"] * (MATCHED_MAX - 1) + ["a"]
    assert any_of("matches", asked, few)
    with pytest.raises(Unmatched, match="more than 32"):
        any_of("matches", asked, [*few, "a"])
    assert not any_of("matches", questions("matches", ("[",), linear_matcher), [*few, "a"])
    assert any_of("contains", questions("contains", ("a",), linear_matcher), [*few, "a"])


def test_long_texts_are_read_and_not_remembered() -> None:
    long = "1.0.0-" + "a" * 100
    before = operators._version.cache_info().currsize
    assert version(long) == version(long) is not None
    assert operators._version.cache_info().currsize == before


def test_one_pattern_that_matches_will_do_though_nobody_can_tell_the_others() -> None:
    asked = questions("matches", ("(?=a)", "^b"), linear_matcher)
    assert any_of("matches", asked, "b")
    assert any_of("matches", asked, ["c", "b"])
    assert not any_of("matches", asked, [1, None])
    with pytest.raises(Unmatched):
        any_of("matches", asked, "c")
