"""What must hold of a segment and its rules: findings for `check`. A limit met raises Exceeded."""

from collections.abc import Iterator

from equipoise.domain.clauses import SEGMENT_MATCH, Clause, clause_findings
from equipoise.domain.errors import Violation
from equipoise.domain.identity import is_id, key_rule, name_rule, tags_rule, text_rule, unique
from equipoise.domain.limits import within
from equipoise.domain.segment.state import Segment, SegmentRule

Findings = Iterator[bool | Violation]


def of_segment(segment: Segment) -> Findings:
    yield is_id(segment.id) or Violation("id", "must be 24 hexadecimal digits", segment.id)
    yield key_rule("project", segment.project)
    yield key_rule("environment", segment.environment)
    yield key_rule("key", segment.key)
    yield name_rule("name", segment.name)
    yield text_rule("description", segment.description)
    yield tags_rule("tags", segment.tags)
    yield from of_rules(segment.key, segment.rules)


def of_rules(key: str, rules: tuple[SegmentRule, ...]) -> Findings:
    """Of the segment of this key. That others do not lead back to it is not asked here."""
    within("SEGMENT_RULES_MAX", len(rules))
    ids = tuple(rule.id for rule in rules)
    yield unique(ids) == ids or Violation("rules", "each id stands once", list(ids))
    for position, rule in enumerate(rules):
        yield from _of_rule(key, f"rules.{position}", rule)


def _of_rule(key: str, where: str, rule: SegmentRule) -> Findings:
    within("CLAUSES_PER_RULE_MAX", len(rule.asked))
    yield name_rule(f"{where}.id", rule.id)
    yield bool(rule.clauses or rule.unless) or Violation(where, "must have a clause, or a group in unless")
    yield from _of_clauses(key, f"{where}.clauses", rule.clauses)
    for position, group in enumerate(rule.unless):
        yield bool(group) or Violation(f"{where}.unless.{position}", "must have a clause")
        yield from _of_clauses(key, f"{where}.unless.{position}", group)


def _of_clauses(key: str, where: str, clauses: tuple[Clause, ...]) -> Findings:
    for position, clause in enumerate(clauses):
        yield from clause_findings(f"{where}.{position}", clause)
        if clause.op == SEGMENT_MATCH:
            yield from _of_segments(key, f"{where}.{position}.values", clause)


def _of_segments(key: str, where: str, clause: Clause) -> Findings:
    for value in clause.values:
        said = isinstance(value, str)
        yield key_rule(where, value) if said else Violation(where, "must be the key of a segment", value)
    yield key not in clause.values or Violation(where, "a segment is not a member of itself", key)
