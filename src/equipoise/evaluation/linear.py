"""Regular expressions that no text can stall. Server and SDK make their matchers here.

Python's engine answers what is safe with it, being the quickest. RE2 answers the rest, where it is installed:
it is an extra of the base install. Where it is not, or does not take a pattern, nobody can tell; so what is
installed decides whether there is an answer, and never which.
"""

from functools import cached_property, lru_cache
from typing import Any

from equipoise.evaluation.broken import broken
from equipoise.evaluation.patterns import Matcher, Unmatched, safe_matcher

PATTERN_LENGTH_MAX = 10_000
MEMORY_MAX = 1024 * 1024  # bytes for one pattern, with what its automaton remembers
STEPS_MAX = 10_000_000  # of RE2 at its slowest: about a fifth of a second

NOT_INSTALLED = "this is left to RE2, which is not installed here (pip install 'equipoise[regex]')"
NOT_TAKEN = "a pattern here asks for what cannot be done in bounded time and memory"
TEXT_TOO_LONG = "the text is too long for a pattern here"


@lru_cache(maxsize=1024)
def linear_matcher(pattern: str) -> Matcher | None:
    """Whether the pattern is found anywhere in a text, as RE2 reads patterns: letters, digits and spaces are
    ASCII's where a class means them.

    returns  None for a pattern that no engine takes: it never matches
    raises   the matcher raises Unmatched where nobody here can tell
    """
    return matching(pattern, engine())


def matching(pattern: str, re2: Any) -> Matcher | None:
    """The same by this engine, or by none."""
    beyond = _Beyond(pattern, re2)
    if len(pattern) > PATTERN_LENGTH_MAX:
        return beyond
    return safe_matcher(pattern, beyond) or (None if broken(pattern) else beyond)


@lru_cache(maxsize=1)
def engine() -> Any:
    """RE2, imported when the first pattern is met; None where it is not installed."""
    try:
        import re2
    except ImportError:
        return None
    return re2


class _Beyond:
    """What is beyond Python's engine. RE2 reads the pattern when it is asked for the first time."""

    def __init__(self, pattern: str, re2: Any) -> None:
        self._pattern, self._re2 = pattern, re2

    def __call__(self, text: str) -> bool:
        if self._re2 is None:
            raise Unmatched(NOT_INSTALLED)
        read = self._read
        if read is None:
            raise Unmatched(NOT_TAKEN)
        encoded = _encoded(text)
        if len(encoded) * read.programsize > STEPS_MAX:
            raise Unmatched(TEXT_TOO_LONG)
        return read.search(encoded) is not None

    @cached_property
    def _read(self) -> Any:
        if len(self._pattern) > PATTERN_LENGTH_MAX:
            return None
        options = self._re2.Options()
        options.log_errors, options.never_capture, options.max_mem = False, True, MEMORY_MAX
        try:
            return self._re2.compile(self._pattern, options)
        except (self._re2.error, UnicodeEncodeError):
            return None


def _encoded(text: str) -> bytes:
    """Half of a surrogate pair is some character, of which no pattern can speak."""
    try:
        return text.encode()
    except UnicodeEncodeError:
        return "".join("\ufffd" if "\ud800" <= each <= "\udfff" else each for each in text).encode()
