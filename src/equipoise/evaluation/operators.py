"""What each operator asks. An operator takes a value of a clause and gives the question that it puts to a
value of a context; None where no value could answer yes."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache, partial
from itertools import product
from typing import Any

from msgspec import Struct

from equipoise.domain.clauses import Json
from equipoise.evaluation.patterns import MatcherFactory, Unmatched

Asked = Callable[[Json], bool]
Operator = Callable[[Json, MatcherFactory], Asked | None]
Version = tuple[int, int, int, int, tuple[tuple[int, int, str], ...]]

MATCHES = "matches"
MATCHED_MAX = 32
TOO_MANY = f"of an array with more than {MATCHED_MAX} elements none is matched"
REMEMBERED_LENGTH_MAX = 64  # of a text whose reading is kept: longer ones would fill the memory

_TIME = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt](\d\d:\d\d:\d\d)(\.\d+)?([Zz]|[+-]\d\d:\d\d)",
    re.ASCII,
)
_IDENTIFIER = r"(?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*)"
_VERSION = re.compile(
    r"(0|[1-9]\d*)(?:\.(0|[1-9]\d*)(?:\.(0|[1-9]\d*))?)?"
    rf"(?:-({_IDENTIFIER}(?:\.{_IDENTIFIER})*))?(?:\+[0-9a-zA-Z-]+(?:\.[0-9a-zA-Z-]+)*)?",
    re.ASCII,
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def same(left: Json, right: Json) -> bool:
    """Whether two JSON values are equal: true is no number, and 1 is 1.0."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, list | tuple) and isinstance(right, list | tuple):
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, Mapping) and isinstance(right, Mapping):
        return left.keys() == right.keys() and all(same(left[name], right[name]) for name in left)
    return bool(left == right)


def number(value: Json) -> float | None:
    """The double nearest to a JSON number; None for anything else, true and false among them."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    try:
        return float(value)
    except OverflowError:
        return float("inf") if value > 0 else float("-inf")


def milliseconds(value: Json) -> float | None:
    """A moment: milliseconds since 1970 as a number, or date and time as RFC 3339 writes them; None for
    anything else, a bare date among them."""
    return _moment(value) if isinstance(value, str) else number(value)


def _moment(text: str) -> float | None:
    return _read_moment(text) if len(text) <= REMEMBERED_LENGTH_MAX else _read_moment.__wrapped__(text)


@lru_cache(maxsize=1024)
def _read_moment(text: str) -> float | None:
    said = _TIME.fullmatch(text)
    if said is None:
        return None
    date, clock, fraction, zone = said.groups()
    offset = "+00:00" if zone in "Zz" else zone
    try:
        moment = datetime.fromisoformat(f"{date}T{clock}{(fraction or '.0')[:7].ljust(7, '0')}{offset}")
        return (moment - _EPOCH).total_seconds() * 1000.0
    except (ValueError, OverflowError):
        return None


def version(text: str) -> Version | None:
    """A semantic version, to be compared with others; None when it is none.

    A missing minor or patch number counts as 0. What is built after `+` is left out of it.
    source  Semantic Versioning 2.0.0, section 11
    """
    return _version(text) if len(text) <= REMEMBERED_LENGTH_MAX else _version.__wrapped__(text)


@lru_cache(maxsize=1024)
def _version(text: str) -> Version | None:
    said = _VERSION.fullmatch(text)
    if said is None:
        return None
    major, minor, patch, before = said.groups()
    try:
        release = int(major), int(minor or 0), int(patch or 0)
        return (*release, 0, tuple(map(_identifier, before.split(".")))) if before else (*release, 1, ())
    except ValueError:  # more digits than Python reads
        return None


def _identifier(text: str) -> tuple[int, int, str]:
    return (0, int(text), "") if text.isdigit() else (1, 0, text)


def versioned(value: Json) -> Version | None:
    """The same of any JSON value: what is no text is no version."""
    return version(value) if isinstance(value, str) else None


def _in(value: Json, matcher: MatcherFactory) -> Asked:
    return partial(same, value)


def _by_text(holds: Callable[[str, str], bool]) -> Operator:
    def operator(value: Json, matcher: MatcherFactory) -> Asked | None:
        if not isinstance(value, str):
            return None
        return lambda given: isinstance(given, str) and holds(given, value)

    return operator


def _matches(value: Json, matcher: MatcherFactory) -> Asked | None:
    found = matcher(value) if isinstance(value, str) else None
    if found is None:
        return None
    return lambda given: isinstance(given, str) and found(given)


def _by_order(read: Callable[[Json], Any], holds: Callable[[Any, Any], bool]) -> Operator:
    """Both values are read; what cannot be read matches nothing."""

    def operator(value: Json, matcher: MatcherFactory) -> Asked | None:
        bound = read(value)
        if bound is None:
            return None
        return lambda given: (found := read(given)) is not None and holds(found, bound)

    return operator


OPERATORS: Mapping[str, Operator] = {
    "in": _in,
    "startsWith": _by_text(str.startswith),
    "endsWith": _by_text(str.endswith),
    "contains": _by_text(str.__contains__),
    MATCHES: _matches,
    "lessThan": _by_order(number, lambda given, bound: given < bound),
    "lessThanOrEqual": _by_order(number, lambda given, bound: given <= bound),
    "greaterThan": _by_order(number, lambda given, bound: given > bound),
    "greaterThanOrEqual": _by_order(number, lambda given, bound: given >= bound),
    "before": _by_order(milliseconds, lambda given, bound: given < bound),
    "after": _by_order(milliseconds, lambda given, bound: given > bound),
    "semVerEqual": _by_order(versioned, lambda given, bound: given == bound),
    "semVerLessThan": _by_order(versioned, lambda given, bound: given < bound),
    "semVerGreaterThan": _by_order(versioned, lambda given, bound: given > bound),
}


class Expected(Struct, frozen=True):
    """What an operator can compare: in words, and how it reads a value; None for one of another type."""

    words: str
    read: Callable[[Json], Any]


def _text(value: Json) -> str | None:
    return value if isinstance(value, str) else None


TEXT, NUMBER = Expected("text", _text), Expected("a number", number)
MOMENT = Expected("a time: milliseconds since 1970, or as in 2026-01-31T00:00:00Z", milliseconds)
VERSION = Expected("a semantic version", versioned)

EXPECTED: Mapping[str, Expected] = {  # "in" compares values of every type
    **dict.fromkeys(("startsWith", "endsWith", "contains", MATCHES), TEXT),
    **dict.fromkeys(("lessThan", "lessThanOrEqual", "greaterThan", "greaterThanOrEqual"), NUMBER),
    **dict.fromkeys(("before", "after"), MOMENT),
    **dict.fromkeys(("semVerEqual", "semVerLessThan", "semVerGreaterThan"), VERSION),
}


def elements(value: Json) -> Sequence[Json]:
    """What is asked one by one: the elements of an array, else the value alone."""
    return value if isinstance(value, list | tuple) else (value,)


def any_of(op: str, asked: list[Asked], value: Json) -> bool:
    """Whether a value, or any element of an array, answers one of the questions with yes.

    raises  Unmatched
    """
    if op == MATCHES:
        return _any_matched(asked, elements(value))
    return any(ask(each) for each in elements(value) for ask in asked)


def _any_matched(asked: list[Asked], values: Sequence[Json]) -> bool:
    """One yes will do, though nobody can tell the rest; without one, who cannot tell must not say no."""
    if asked and len(values) > MATCHED_MAX:
        raise Unmatched(TOO_MANY)  # all of them could take too long
    unmatched: Unmatched | None = None
    for each, ask in product(values, asked):
        try:
            if ask(each):
                return True
        except Unmatched as found:
            unmatched = found
    if unmatched is not None:
        raise unmatched
    return False


def questions(op: str, values: tuple[Json, ...], matcher: MatcherFactory) -> list[Asked]:
    """What a clause asks of one value: yes to any will do. None at all for an operator nobody knows."""
    operator = OPERATORS.get(op)
    if operator is None:
        return []
    return [asked for value in values if (asked := operator(value, matcher)) is not None]
