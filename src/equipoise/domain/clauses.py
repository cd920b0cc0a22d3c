"""Clauses: what a rule or a segment asks of a context."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec
from msgspec import Struct

from equipoise.domain.errors import Violation
from equipoise.domain.identity import key_rule, text_rule
from equipoise.domain.limits import NAME_LENGTH_MAX, within
from equipoise.domain.values import value_rule

Json = Any  # a JSON value as decoded: None, bool, int, float, str, list or dict

SEGMENT_MATCH = "segmentMatch"  # the values are keys of segments; no attribute is asked for
OPERATORS = frozenset(
    {
        "in",
        "endsWith",
        "startsWith",
        "matches",
        "contains",
        "lessThan",
        "lessThanOrEqual",
        "greaterThan",
        "greaterThanOrEqual",
        "before",
        "after",
        SEGMENT_MATCH,
        "semVerEqual",
        "semVerLessThan",
        "semVerGreaterThan",
    }
)

_PATH = re.compile(r"(?:/(?:[^/~]|~[01])+)+", re.DOTALL)


class Clause(Struct, frozen=True):
    """One question: does the attribute, under the operator, match any of the values?

    kind  the context kind it is asked of
    """

    id: str
    attribute: str
    op: str
    values: tuple[Json, ...]
    kind: str = "user"
    negate: bool = False


def clause_findings(where: str, clause: Clause) -> Iterator[bool | Violation]:
    """What must hold of any clause, for `check`. Whether a pattern compiles is not asked here."""
    within("VALUES_PER_CLAUSE_MAX", len(clause.values))
    yield clause.op in OPERATORS or Violation(f"{where}.op", "must be a known operator", clause.op)
    if clause.op != SEGMENT_MATCH:
        yield bool(clause.attribute) or Violation(f"{where}.attribute", "must not be empty")
        yield attribute_rule(f"{where}.attribute", clause.attribute)
    yield text_rule(f"{where}.attribute", clause.attribute, NAME_LENGTH_MAX)
    yield key_rule(f"{where}.kind", clause.kind)
    yield from (value_rule(f"{where}.values", value) for value in clause.values)


def attribute_rule(where: str, attribute: str) -> bool | Violation:
    """A path leads somewhere; a plain name is taken as it stands."""
    leads = not attribute.startswith("/") or _PATH.fullmatch(attribute) is not None
    return leads or Violation(
        where, "must be a path such as /address/city, with ~0 and ~1 for ~ and /", attribute
    )


def segments_named(clauses: Iterable[Clause]) -> tuple[str, ...]:
    """Keys of the segments that clauses ask for, each once."""
    named = (value for clause in clauses if clause.op == SEGMENT_MATCH for value in clause.values)
    return tuple(dict.fromkeys(value for value in named if isinstance(value, str)))


def same(left: object, right: object) -> bool:
    """Whether two values are the same JSON document.

    Python holds 1, 1.0 and True for equal; a flag that serves one of them does not.
    """
    return _text(left) == _text(right)


def _text(value: object) -> bytes:
    return msgspec.json.encode(value, order="deterministic")
