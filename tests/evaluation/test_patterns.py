import re
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from equipoise.evaluation.patterns import safe_matcher
from tests.evaluation.answers import linear

SAFE = [
    *("abc", "^[A-Za-z]+", "^a$", "@example\\.com$", "^(foo|bar)-\\d+$", "(?:us|de)?x", "a{2,3}", "a??b"),
    *(
        "[^@]+@[^@]+\\.com",
        "^[a-c\\d_-]{1,20}$",
        "(?i)^ABC$",
        "\\bword\\b",
        "",
        "a|b|",
        ".",
        "\\$\\.",
        "[]a]",
    ),
]
CATASTROPHIC = [
    *("(a+)+$", "(a*)*b", "(a|aa)+$", "(a|a?)+$", "^(([a-z])+.)+[A-Z]([a-z])+$", "(.*a){20}", "(x+x+)+y"),
    *("a*a*a*a*a*a*a*b", "\\d+\\d+\\d+\\d+x", "(a?){30}a{30}", "a?" * 40 + "a" * 40, "(a|b|ab)*c"),
]
OUTSIDE = [
    "(?=a)",
    "(?<!a)b",
    "(a)\\1",
    "(?P<n>a)",
    "a**",
    "a++",
    "[",
    "(",
    ")",
    "*a",
    "[[:alpha:]]",
    "\\Z",
    "\\p{L}",
]


@pytest.mark.parametrize("pattern", SAFE)
def test_a_safe_pattern_matches_as_in_a_linear_engine(pattern: str) -> None:
    found, other = safe_matcher(pattern), linear(pattern)
    assert found is not None
    assert other is not None
    texts = [
        "",
        "a",
        "aa",
        "abc",
        "ABC",
        "a\n",
        "x",
        "b",
        "bar-12",
        "me@example.com",
        "a word b",
        "$.",
        "]",
        "é",
    ]
    assert [found(text) for text in texts] == [other(text) for text in texts]


@pytest.mark.parametrize("pattern", [*CATASTROPHIC, *OUTSIDE])
def test_a_pattern_outside_the_subset_never_matches(pattern: str) -> None:
    assert safe_matcher(pattern) is None


@pytest.mark.parametrize("pattern", [*SAFE, ".*.*x", "[a-z]+[a-z]+[0-9]", "^a*a*a*b", "(a|b)(a|b)(a|b)a*c"])
@pytest.mark.parametrize("text", ["a" * 200, "a" * 3_000, "a" * 1_000_000, "ab" * 1_500, " " * 5_000])
def test_no_pattern_takes_long(pattern: str, text: str) -> None:
    found = safe_matcher(pattern)
    assert found is not None
    start = process_time()
    found(text)
    assert process_time() - start < 1.5


@given(st.text(alphabet="ab|()[]*+?{}1,2^$\\.d", max_size=12), st.text(alphabet="ab1\n", max_size=8))
def test_whatever_is_taken_matches_as_in_a_linear_engine(pattern: str, text: str) -> None:
    found = safe_matcher(pattern)
    if found is None:
        return
    re.compile(pattern)
    other = linear(pattern)
    if other is not None:
        assert found(text) == other(text)
