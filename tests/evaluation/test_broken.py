import re
import warnings

import pytest
import re2
from hypothesis import given

from equipoise.evaluation.broken import broken
from tests.evaluation.answers import by_re2
from tests.evaluation.patterns import patterns, scribbles

BROKEN = [
    *("[", "[a", "[^", "a(b", "a)b", "(", ")", "(()", "*a", "+", "?", "a|*b", "(*a)", "(+)", "a**", "a+*"),
    *("a?*b", "\\", "ab\\", "a{3,2}", "[z-a]", "[a-cz-y]", "***no", "(?:a"),
]
TAKEN_BY_SOMEBODY = [
    *("a*+", "a++", "^*", "$+", "(?=a)", "(?<!a)b", "(a)\\1", "(?P<n>a)", "(?<n>a)", "[[:alpha:](]"),
    *(
        "\\Q(*\\E",
        "\\p{L}",
        "\\z",
        "\\Z",
        "[^](]",
        "[]",
        "(?x)a # (",
        "(?#()",
        "(?i)a",
        "a{,2}",
        "a{",
        "]",
        "}",
        "(?U)a+",
        "",
    ),
]


@pytest.mark.parametrize("pattern", BROKEN)
def test_what_no_engine_takes_is_broken(pattern: str) -> None:
    assert broken(pattern)


@pytest.mark.parametrize("pattern", TAKEN_BY_SOMEBODY)
def test_what_some_engine_takes_is_not(pattern: str) -> None:
    assert not broken(pattern)


@given(scribbles | patterns)
def test_what_is_broken_is_taken_by_neither_engine(pattern: str) -> None:
    if not broken(pattern):
        return
    with pytest.raises(re2.error):
        by_re2(pattern)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with pytest.raises(re.error):
            re.compile(pattern)


def test_a_long_pattern_is_read_in_one_pass() -> None:
    assert broken("[" * 10_000)
    assert broken("(" * 10_000)
    assert not broken("a" * 1_000_000)
