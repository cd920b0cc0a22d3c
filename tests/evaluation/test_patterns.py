import re
from contextlib import suppress
from time import process_time

import pytest
import re2
from hypothesis import given
from hypothesis import strategies as st

from equipoise.evaluation.patterns import Matcher, Unmatched, safe_matcher
from tests.evaluation.answers import by_re2
from tests.evaluation.patterns import scribbles

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
    "\\B",
    "(?i)é",
    "[+--]",
]


def no_further(text: str) -> bool:
    raise Unmatched


def safe(pattern: str) -> Matcher | None:
    return safe_matcher(pattern, no_further)


@pytest.mark.parametrize("pattern", SAFE)
def test_a_safe_pattern_matches_as_in_a_linear_engine(pattern: str) -> None:
    found, other = safe(pattern), by_re2(pattern)
    assert found is not None
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
def test_a_pattern_outside_the_subset_is_left_to_others(pattern: str) -> None:
    assert safe(pattern) is None


@pytest.mark.parametrize("pattern", [*SAFE, ".*.*x", "[a-z]+[a-z]+[0-9]", "^a*a*a*b", "(a|b)(a|b)(a|b)a*c"])
@pytest.mark.parametrize("text", ["a" * 200, "a" * 3_000, "a" * 1_000_000, "ab" * 1_500, " " * 5_000])
def test_no_pattern_takes_long(pattern: str, text: str) -> None:
    found = safe(pattern)
    assert found is not None
    start = process_time()
    with suppress(Unmatched):
        found(text)
    assert process_time() - start < 1.5


@given(scribbles, st.text(alphabet="ab1\n", max_size=8))
def test_whatever_is_taken_matches_as_in_a_linear_engine(pattern: str, text: str) -> None:
    found = safe(pattern)
    if found is None:
        return
    re.compile(pattern)
    with suppress(re2.error):
        assert found(text) == by_re2(pattern)(text)


@pytest.mark.parametrize(
    ("pattern", "text"), [(r"^\s*$", "\x0b"), (r"[\S]", "\x0b"), ("(?i)K", "\u212a"), ("(?i)[^s]", "\u017f")]
)
def test_what_engines_take_for_different_things_is_left_to_others(pattern: str, text: str) -> None:
    found = safe(pattern)
    assert found is not None
    with pytest.raises(Unmatched):
        found(text)
    assert found("-") in (True, False)
