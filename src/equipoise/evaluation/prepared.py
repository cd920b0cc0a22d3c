"""Clauses made ready once: values read, sorted by type and gathered, so that asking costs little."""

from collections.abc import Callable
from math import isnan
from typing import Any

from msgspec import Struct

from equipoise.domain.clauses import Json
from equipoise.evaluation.operators import Asked, any_of, milliseconds, number, questions, same, versioned
from equipoise.evaluation.patterns import MatcherFactory
from equipoise.evaluation.ruleset import Clause

EXACT = 2.0**53  # below it, comparing an integer with a double is comparing two doubles


class Members(Struct, frozen=True):
    """The values of an `in` list by JSON type; a set of Python's would hold 1 and true for one."""

    texts: frozenset[str]
    numbers: frozenset[float]
    others: tuple[Json, ...]

    def hold(self, value: Json) -> bool:
        """Whether it equals one of them, as JSON values are equal."""
        if isinstance(value, str):
            return value in self.texts
        if isinstance(value, int | float) and not isinstance(value, bool):
            return value in self.numbers
        return any(same(value, other) for other in self.others)


def members(values: tuple[Json, ...]) -> Members:
    """The values sorted by type; what equals nothing, not even itself, is left out."""
    numbers = [each for each in values if number(each) is not None and not _nan(each)]
    texts = [each for each in values if isinstance(each, str)]
    others = [each for each in values if not isinstance(each, str) and number(each) is None]
    return Members(frozenset(texts), frozenset(numbers), tuple(others))


def _nan(value: Json) -> bool:
    return isinstance(value, float) and isnan(value)


def ready(clause: Clause, matcher: MatcherFactory) -> Asked:
    """What the clause says of a value that is there, whatever its type; negation is in it."""
    asked: list[Asked] = (
        [members(clause.values).hold] if clause.op == "in" else questions(clause.op, clause.values, matcher)
    )
    op, negate = clause.op, clause.negate
    return lambda value: any_of(op, asked, value) is not negate


def texts(clause: Clause) -> tuple[str, ...]:
    """Those of its values that are texts."""
    return tuple(value for value in clause.values if isinstance(value, str))


def bounds(clause: Clause, read: Callable[[Json], Any]) -> list[Any]:
    """Those of its values that can be read, as read. What is not a number is in no order."""
    return [found for value in clause.values if (found := read(value)) is not None and not _nan(found)]


READ: dict[
    str, tuple[Callable[[Json], Any], Callable[..., Any]]
] = {  # how the values of an ordering operator are read, and which of several decides
    "lessThan": (number, max),
    "lessThanOrEqual": (number, max),
    "greaterThan": (number, min),
    "greaterThanOrEqual": (number, min),
    "before": (milliseconds, max),
    "after": (milliseconds, min),
    "semVerLessThan": (versioned, max),
    "semVerGreaterThan": (versioned, min),
}
