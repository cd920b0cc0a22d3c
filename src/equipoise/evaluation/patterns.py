"""Regular expressions that cannot stall: a matcher for those of a safe subset, none for the rest.

Python's engine backtracks, so it is given only patterns whose worst case can be counted beforehand, and only
texts short enough for it. `linear` has what becomes of the rest.
"""

import re
from collections.abc import Callable, Iterator

Matcher = Callable[[str], bool]  # whether the pattern is found anywhere in the text
MatcherFactory = Callable[[str], Matcher | None]  # None: the pattern never matches


class Unmatched(Exception):
    """Nobody here can tell whether a pattern is found in a text. It says why, in words."""


STEPS_MAX = 1_000_000  # of Python's engine: at the very worst about a hundredth of a second
EXPONENT_MAX = 3

_LITERAL = r"[^\\\[\](){}*+?|^$.]"
_ESCAPE = r"\\(?:[dDwWsSntrfv]|[^A-Za-z0-9\s])"
_CLASS = rf"\[\^?\]?(?:{_ESCAPE}|(?!--)[^\\\[\]&|~])*\]"  # without what Python warns of
_REPEAT = r"(?:[*+]|\{\d{1,3}(?:,\d{0,3})?\})\??"
_TOKEN = re.compile(
    rf"(?P<atom>(?:{_LITERAL}|{_ESCAPE}|{_CLASS}|\.)(?P<repeat>{_REPEAT})?(?P<maybe>\?\??)?)"
    r"|(?P<open>\((?:\?:)?)|(?P<close>\))(?P<some>\?\??)?|(?P<or>\|)|(?P<start>\^)|(?P<end>\$)|(?P<edge>\\b)",
    re.ASCII,
)
_ODD_SPACE = "\x0b"  # white space for Python alone
_ODD_LETTERS = "\u017f\u212a"  # s and k for RE2 alone, where case does not matter


def safe_matcher(pattern: str, beyond: Matcher) -> Matcher | None:
    """A matcher by Python's engine that answers as RE2 does, for a subset of what that knows: characters,
    classes, groups, alternatives, anchors; few repeats, of one character or class each, none of a group;
    `(?i)` in front of a pattern in ASCII. Letters and digits are ASCII's where a class means them.

    beyond   is asked of a text so long that the pattern could take more than STEPS_MAX steps, and of one with
             a character that the two engines take for different things
    returns  None for a pattern that is not in the subset
    """
    folded = pattern.startswith("(?i)")
    body = pattern[4:] if folded else pattern
    try:
        if folded and not body.isascii():
            raise _Unsafe
        longest = _cost(body).longest
        found = re.compile(_python(body), re.ASCII | (re.IGNORECASE if folded else 0)).search
    except (_Unsafe, re.error, OverflowError, RecursionError):
        return None
    odd = (_ODD_LETTERS if folded else "") + (_ODD_SPACE if r"\s" in body or r"\S" in body else "")
    if not odd:
        return lambda text: found(text) is not None if len(text) <= longest else beyond(text)
    strange = re.compile(f"[{odd}]").search
    return lambda text: (
        found(text) is not None if len(text) <= longest and strange(text) is None else beyond(text)
    )


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
