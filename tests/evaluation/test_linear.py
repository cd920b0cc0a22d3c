import re
import subprocess
import sys
from contextlib import suppress
from time import process_time

import pytest
import re2
from hypothesis import assume, given, settings

from equipoise.evaluation.linear import (
    NOT_INSTALLED,
    NOT_TAKEN,
    PATTERN_LENGTH_MAX,
    STEPS_MAX,
    TEXT_TOO_LONG,
    linear_matcher,
    matching,
)
from equipoise.evaluation.patterns import Matcher, Unmatched, safe_matcher
from tests.evaluation.answers import bare, by_re2
from tests.evaluation.patterns import patterns, plain_texts, scribbles, texts
from tests.evaluation.test_patterns import CATASTROPHIC, SAFE, no_further

AT_MOST = 0.02  # seconds of processor time, on a slow machine
WITHOUT = """
import sys
sys.modules["re2"] = None
from equipoise.evaluation.linear import linear_matcher
from equipoise.evaluation.patterns import Unmatched
assert linear_matcher("^a")("abc")
assert linear_matcher("[") is None
try:
    linear_matcher("(a+)+$")("a")
except Unmatched as found:
    print(found)
"""


def found(pattern: str) -> Matcher:
    matcher = linear_matcher(pattern)
    assert matcher is not None
    return matcher


@settings(max_examples=500)
@given(patterns, texts)
def test_both_engines_answer_alike_where_both_take_a_pattern(pattern: str, text: str) -> None:
    safe = safe_matcher(pattern, no_further)
    if safe is None:
        return
    try:
        said = safe(text)
    except Unmatched:
        return
    try:
        other = by_re2(pattern)
    except re2.error:
        return
    assert said == other(text)


@settings(max_examples=500)
@given(patterns, plain_texts)
def test_plain_texts_are_matched_as_by_python(pattern: str, text: str) -> None:
    """As the published client for Python does. Where engines differ (characters that are not ASCII, line
    breaks, an edge in an empty text), it is RE2 that counts."""
    assume(text or "\\B" not in pattern)
    matcher = linear_matcher(pattern)
    try:
        expected = re.search(pattern, text) is not None
    except re.error:
        return
    assert matcher is not None
    assert matcher(text) == expected


@given(patterns | scribbles, texts)
def test_without_re2_there_is_the_same_answer_or_none(pattern: str, text: str) -> None:
    here, there = linear_matcher(pattern), bare(pattern)
    if here is None or there is None:
        assert here is there
        return
    with suppress(Unmatched):
        said = there(text)
        assert said == here(text)


@pytest.mark.parametrize("pattern", [*SAFE, *CATASTROPHIC, ".*.*x", "^(([a-z])+.)+[A-Z]([a-z])+$"])
@pytest.mark.parametrize("text", ["a" * 10_000, "a" * 10_000 + "!", "ab" * 5_000, " " * 10_000])
def test_no_text_stalls_it(pattern: str, text: str) -> None:
    matcher = found(pattern)
    matcher("")
    start = process_time()
    matcher(text)
    assert process_time() - start < AT_MOST


def test_what_backtracks_for_ever_is_answered() -> None:
    matcher = found("(a+)+$")
    assert matcher("a" * 10_000)
    assert not matcher("a" * 10_000 + "b")


def test_a_text_too_long_for_pythons_engine_is_left_to_re2() -> None:
    long = "x" * 5_000 + "@example.com"
    pattern = r"^[^@]+@[^@]+\.com$"
    assert found(pattern)(long)
    matcher = bare(pattern)
    assert matcher is not None
    assert matcher("me@example.com")
    with pytest.raises(Unmatched, match="equipoise\\[regex\\]"):
        matcher(long)


@pytest.mark.parametrize("pattern", ["(?=a)b", "(a)\\1", r"\p{L}{1,1000}", "a" * (PATTERN_LENGTH_MAX + 1)])
def test_what_re2_does_not_do_within_bounds_nobody_tells(pattern: str) -> None:
    with pytest.raises(Unmatched, match=NOT_TAKEN):
        found(pattern)("ab")


def test_a_text_that_would_take_re2_too_long_is_not_matched() -> None:
    pattern = "[ab]*a[ab]{900}c"  # too many states to remember: each step looks at the whole program
    start = process_time()
    assert not found(pattern)("ab" * (STEPS_MAX // 2_000))
    assert process_time() - start < 2
    with pytest.raises(Unmatched, match=TEXT_TOO_LONG):
        found(pattern)("ab" * STEPS_MAX)


def test_classes_are_of_ascii_and_half_a_character_is_one() -> None:
    assert not found(r"(?:\d)+x")("٣x")
    assert found("^(?:.)+$")("\ud800")
    assert not found(r"^(?:\w)+$")("\ud800")


def test_what_is_broken_never_matches_and_is_no_problem() -> None:
    assert linear_matcher("[") is linear_matcher("a**") is bare("(") is None


def test_without_re2_the_problem_says_what_to_install() -> None:
    done = subprocess.run([sys.executable, "-c", WITHOUT], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == NOT_INSTALLED


def test_re2_reads_a_pattern_when_it_is_first_needed() -> None:
    class Engine:
        """Whoever asks it anything fails."""

    matcher = matching("^a", Engine())
    assert matcher is not None
    assert matcher("abc")
