"""Rules as they are said, as rules of ours, and back.

An attribute is asked of the context kind `device`. What must not fit keeps out only whoever fits: it stands
under `unless`. The id of a clause says on which side and of which attribute it was said.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec
from msgspec import UNSET

from equipoise.dialects.auth0.documents import DEVICE
from equipoise.dialects.auth0.segments.documents import ATTRIBUTES_MAX, VALUE_LENGTH_MAX, Rule
from equipoise.domain.clauses import Clause
from equipoise.domain.errors import Violation
from equipoise.domain.identity import name_rule, text_rule
from equipoise.domain.segment.state import SegmentRule

RULE_BYTES_MAX, SEGMENT_BYTES_MAX = 4 * 1_024, 10 * 1_024
MATCH, NOT_MATCH = "match", "not_match"
_OPERATORS = {"contains": "contains", "starts_with": "startsWith", "ends_with": "endsWith"}
_EXPRESSIONS = {ours: theirs for theirs, ours in _OPERATORS.items()}

Findings = Iterator[bool | Violation]


def findings(rules: Iterable[Rule], where: str = "rules") -> Findings:
    """What must hold of rules as they are said."""
    said = tuple(rules)
    yield bool(said) or Violation(where, "must be one rule at least")
    size = len(msgspec.json.encode(said))
    yield size <= SEGMENT_BYTES_MAX or Violation(where, f"must be at most {SEGMENT_BYTES_MAX} bytes", size)
    for index, rule in enumerate(said):
        yield from _of_rule(f"{where}[{index}]", rule)


def _of_rule(where: str, rule: Rule) -> Findings:
    size = len(msgspec.json.encode(rule))
    yield size <= RULE_BYTES_MAX or Violation(where, f"must be at most {RULE_BYTES_MAX} bytes", size)
    sides = {name: said for name in (MATCH, NOT_MATCH) if (said := getattr(rule, name)) is not UNSET}
    yield bool(sides) or Violation(where, "must say match or not_match")
    for side, conditions in sides.items():
        here, count = f"{where}.{side}", len(conditions)
        most = f"must be 1 to {ATTRIBUTES_MAX} attributes"
        yield 1 <= count <= ATTRIBUTES_MAX or Violation(here, most, count)
        for attribute, expression in conditions.items():
            yield name_rule(f"{here}.{attribute}", _reference(attribute))
            yield from _of_expression(f"{here}.{attribute}", expression)


def _of_expression(where: str, said: Any) -> Findings:
    if isinstance(said, list):
        yield from _of_values(where, said)
        return
    name = next(iter(said)) if isinstance(said, dict) and len(said) == 1 else ""
    if name in _OPERATORS:
        yield from _of_values(f"{where}.{name}", said[name])
    elif name == "exists":
        known = isinstance(said[name], bool)
        yield known or Violation(f"{where}.exists", "must be true or false", said[name])
    else:
        rule = f"must be a list of texts, or an object of one of {', '.join((*_OPERATORS, 'exists'))}"
        yield Violation(where, rule, said)


def _of_values(where: str, said: Any) -> Findings:
    texts = isinstance(said, list) and all(isinstance(each, str) for each in said)
    if not texts or not said:
        yield Violation(where, "must be a list of one text or more", said)
        return
    for index, each in enumerate(said):
        yield text_rule(f"{where}[{index}]", each, VALUE_LENGTH_MAX)


# into ours


def rules_of(said: Iterable[Rule]) -> tuple[SegmentRule, ...]:
    """Rules in which `findings` found nothing."""
    return tuple(_rule(str(index), each) for index, each in enumerate(said))


def _rule(id: str, said: Rule) -> SegmentRule:
    inside: list[Clause] = []
    outside: list[tuple[Clause, ...]] = []
    for side in (MATCH, NOT_MATCH):
        conditions = getattr(said, side)
        for attribute, expression in conditions.items() if conditions is not UNSET else ():
            absent = expression == {"exists": False}
            clause = _clause(side, attribute, {"exists": True} if absent else expression)
            if (side == MATCH) is not absent:
                inside.append(clause)
            else:
                outside.append((clause,))
    return SegmentRule(id, tuple(inside), tuple(outside))


def _clause(side: str, attribute: str, expression: Any) -> Clause:
    id, reference = f"{side}.{attribute}", _reference(attribute)
    if isinstance(expression, list):
        return Clause(id, reference, "in", tuple(expression), DEVICE)
    ((name, values),) = expression.items()
    if name == "exists":  # it equals none of no values: so it is there
        return Clause(id, reference, "in", (), DEVICE, negate=True)
    return Clause(id, reference, _OPERATORS[name], tuple(values), DEVICE)


def _reference(attribute: str) -> str:
    """A name taken as it stands: a slash in front would make a path of it."""
    return "/" + attribute.replace("~", "~0").replace("/", "~1") if attribute.startswith("/") else attribute


# and back


def rules_shown(rules: Iterable[SegmentRule]) -> list[Rule]:
    return [_shown(each) for each in rules]


def _shown(rule: SegmentRule) -> Rule:
    sides: dict[str, dict[str, Any]] = {MATCH: {}, NOT_MATCH: {}}
    for clause in rule.clauses:
        _add(sides, clause, MATCH)
    for group in rule.unless:
        for clause in group:
            _add(sides, clause, NOT_MATCH)
    return Rule(match=sides[MATCH] or UNSET, not_match=sides[NOT_MATCH] or UNSET)


def _add(sides: Mapping[str, dict[str, Any]], clause: Clause, natural: str) -> None:
    """On the side it was said on; where that is not the natural one of its place, it spoke of absence."""
    side, _, attribute = clause.id.partition(".")
    if side not in sides:
        side, attribute = natural, clause.attribute
    sides[side][attribute] = _expression(clause, present=side == natural)


def _expression(clause: Clause, present: bool) -> Any:
    if clause.op == "in":
        return list(clause.values) if clause.values else {"exists": present}
    return {_EXPRESSIONS.get(clause.op, clause.op): list(clause.values)}
