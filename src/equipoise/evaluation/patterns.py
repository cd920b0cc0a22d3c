"""Regular expressions that cannot stall: a matcher for those of a safe subset, none for the rest.

Whoever has a linear-time engine hands in a factory of its own. This one uses Python's, which backtracks:
it takes only patterns whose worst case can be counted beforehand, and only texts short enough for it.
"""

import re
from collections.abc import Callable, Iterator
from functools import lru_cache

Matcher = Callable[[str], bool]  # whether the pattern is found anywhere in the text
MatcherFactory = Callable[[str], Matcher | None]  # None: the pattern never matches

STEPS_MAX = 1_000_000  # of Python's engine: at the very worst about a hundredth of a second
EXPONENT_MAX = 3

_LITERAL = r"[^\\\[\](){}*+?|^$.]"
_ESCAPE = r"\\(?:[dDwWsSntrfv]|[^A-Za-z0-9\s])"
_CLASS = rf"\[\^?\]?(?:{_ESCAPE}|[^\\\[\]&|~])*\]"
_REPEAT = r"(?:[*+]|\{\d{1,3}(?:,\d{0,3})?\})\??"
_TOKEN = re.compile(
    rf"(?P<atom>(?:{_LITERAL}|{_ESCAPE}|{_CLASS}|\.)(?P<repeat>{_REPEAT})?(?P<maybe>\?\??)?)"
    r"|(?P<open>\((?:\?:)?)|(?P<close>\))(?P<some>\?\??)?|(?P<or>\|)|(?P<start>\^)|(?P<end>\$)|(?P<edge>\\[bB])",
    re.ASCII,
)


@lru_cache(maxsize=1024)
def safe_matcher(pattern: str) -> Matcher | None:
    """A matcher by Python's engine, for a subset of what RE2 knows: characters, classes, groups,
    alternatives, anchors; few repeats, of one character or class each, none of a group; `(?i)` in front.

    Letters and digits are ASCII's where a class means them. A text so long that the pattern could take more
    than STEPS_MAX steps does not match.
    """
    flags, body = (re.IGNORECASE, pattern[4:]) if pattern.startswith("(?i)") else (0, pattern)
    try:
        longest = _cost(body).longest
        compiled = re.compile(_python(body), flags | re.ASCII)
    except (_Unsafe, re.error, OverflowError, RecursionError):
        return None
    return lambda text: len(text) <= longest and compiled.search(text) is not None


class _Unsafe(Exception):
    """Not in the subset."""


class _Cost:
    """How often the engine may come back: a product of choices, and a power of the text's length."""

    def __init__(self) -> None:
        self.choices = 1
        self.exponent = 0
        self.alternatives = [1]  # of each group that is open

    @property
    def longest(self) -> int:
        if self.exponent > EXPONENT_MAX or self.choices > STEPS_MAX:
            raise _Unsafe
        return int((STEPS_MAX / self.choices) ** (1 / max(self.exponent, 1)))

    def open(self) -> None:
        self.alternatives.append(1)

    def close(self) -> None:
        if len(self.alternatives) == 1:
            raise _Unsafe
        self.choices *= self.alternatives.pop()


def _cost(pattern: str) -> _Cost:
    """raises _Unsafe"""
    cost = _Cost()
    for token in _tokens(pattern):
        kind = token.lastgroup
        if token["repeat"]:
            cost.exponent += 1
        if token["maybe"] or token["some"]:
            cost.choices *= 2
        if kind == "open":
            cost.open()
        elif token["close"]:
            cost.close()
        elif token["or"]:
            cost.alternatives[-1] += 1
    if len(cost.alternatives) != 1:
        raise _Unsafe
    cost.choices *= cost.alternatives[0]
    anchored = pattern.startswith("^") and cost.alternatives[0] == 1
    cost.exponent += not anchored  # otherwise the search starts at every character
    return cost


def _tokens(pattern: str) -> Iterator[re.Match[str]]:
    at = 0
    while at < len(pattern):
        token = _TOKEN.match(pattern, at)
        if token is None or (token["repeat"] and token["maybe"]):
            raise _Unsafe
        yield token
        at = token.end()


def _python(pattern: str) -> str:
    """`$` is the end of the text alone; Python's also stands before a last line break."""
    return "".join(r"\Z" if token["end"] else token.group() for token in _tokens(pattern))
