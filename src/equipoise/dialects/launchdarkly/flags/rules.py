"""What instructions on rules and their clauses ask of a flag, in the environment that the body names."""

from collections.abc import Callable, Collection, Iterable
from typing import Any

from msgspec import UNSET
from msgspec.structs import replace

from equipoise.dialects.launchdarkly.flags import instructions as said
from equipoise.dialects.launchdarkly.flags.aims import (
    Aim,
    Commands,
    Handler,
    fresh_id,
    serve_of,
    served_by_itself,
)
from equipoise.domain.change import Moment
from equipoise.domain.clauses import Clause, same
from equipoise.domain.errors import Invalid, Violation, check
from equipoise.domain.flag.commands import SetRules
from equipoise.domain.flag.state import Rule, Targeting


def clauses_of(
    items: Iterable[said.ClauseSaid], known: Collection[str], moment: Moment
) -> tuple[Clause, ...]:
    """Clauses as the domain has them. One that names a known id keeps it, another gets its own."""
    taken = set(known)
    kept: set[str] = set()
    clauses = []
    for item in items:
        id = item.id
        if id is UNSET or id not in known or id in kept:
            id = fresh_id(moment, "clause", taken)
        taken.add(id)
        kept.add(id)
        clauses.append(
            Clause(id, item.attribute, item.op, tuple(item.values), item.context_kind, item.negate)
        )
    return tuple(clauses)


def clause_ids(targeting: Targeting) -> set[str]:
    return {clause.id for rule in targeting.rules for clause in rule.clauses}


def add_rule(wanted: said.AddRule, aim: Aim) -> Commands:
    rules, moment = aim.targeting.rules, aim.world.moment
    added = Rule(
        id=fresh_id(moment, "rule", {rule.id for rule in rules}),
        clauses=_new_clauses(wanted.clauses, aim),
        serve=serve_of(wanted, aim.flag),
        description=wanted.description,
        ref=wanted.ref,
        track_events=wanted.track_events,
    )
    before = len(rules)
    if wanted.before_rule_id is not UNSET:
        before = rules.index(_rule("beforeRuleId", wanted.before_rule_id, aim))
    return (SetRules(aim.environment, (*rules[:before], added, *rules[before:])),)


def remove_rule(wanted: said.RemoveRule, aim: Aim) -> Commands:
    left = tuple(rule for rule in aim.targeting.rules if rule.id != wanted.rule_id)
    return (SetRules(aim.environment, left),)


def reorder_rules(wanted: said.ReorderRules, aim: Aim) -> Commands:
    known = {rule.id: rule for rule in aim.targeting.rules}
    complete = sorted(wanted.rule_ids) == sorted(known)
    check(complete or Violation("ruleIds", "must be the ids of all rules there, each once", wanted.rule_ids))
    return (SetRules(aim.environment, tuple(known[id] for id in wanted.rule_ids)),)


def replace_rules(wanted: said.ReplaceRules, aim: Aim) -> Commands:
    known = {rule.id for rule in aim.targeting.rules}
    taken, kept = set(known), set[str]()
    clauses = clause_ids(aim.targeting)
    rules = []
    for item in wanted.rules:
        id = item.id
        if id is UNSET or id not in known or id in kept:
            id = fresh_id(aim.world.moment, "rule", taken)
        taken.add(id)
        kept.add(id)
        rules.append(
            Rule(
                id=id,
                clauses=clauses_of(item.clauses, clauses, aim.world.moment),
                serve=serve_of(item, aim.flag),
                description=item.description,
                ref=item.ref,
                track_events=item.track_events,
            )
        )
    return (SetRules(aim.environment, tuple(rules)),)


def update_rule(wanted: said.UpdateRuleVariationOrRollout, aim: Aim) -> Commands:
    served_by_itself(aim, wanted.rule_id)
    return _changed_rule(wanted.rule_id, aim, serve=serve_of(wanted, aim.flag))


def update_rule_description(wanted: said.UpdateRuleDescription, aim: Aim) -> Commands:
    return _changed_rule(wanted.rule_id, aim, description=wanted.description)


def update_rule_track_events(wanted: said.UpdateRuleTrackEvents, aim: Aim) -> Commands:
    return _changed_rule(wanted.rule_id, aim, track_events=wanted.track_events)


def add_clauses(wanted: said.AddClauses, aim: Aim) -> Commands:
    there = _rule("ruleId", wanted.rule_id, aim).clauses
    return _changed_rule(wanted.rule_id, aim, clauses=(*there, *_new_clauses(wanted.clauses, aim)))


def remove_clauses(wanted: said.RemoveClauses, aim: Aim) -> Commands:
    there = _rule("ruleId", wanted.rule_id, aim).clauses
    left = tuple(clause for clause in there if clause.id not in wanted.clause_ids)
    return _changed_rule(wanted.rule_id, aim, clauses=left)


def update_clause(wanted: said.UpdateClause, aim: Aim) -> Commands:
    named = replace(wanted.clause, id=wanted.clause_id)
    (changed,) = clauses_of((named,), {wanted.clause_id}, aim.world.moment)
    return _changed_clause(wanted.rule_id, wanted.clause_id, aim, lambda _: changed)


def add_values(wanted: said.AddValuesToClause, aim: Aim) -> Commands:
    def with_them(clause: Clause) -> Clause:
        added = [value for value in wanted.values if not _stands_in(value, clause.values)]
        return replace(clause, values=(*clause.values, *added))

    return _changed_clause(wanted.rule_id, wanted.clause_id, aim, with_them)


def remove_values(wanted: said.RemoveValuesFromClause, aim: Aim) -> Commands:
    def without_them(clause: Clause) -> Clause:
        left = tuple(value for value in clause.values if not _stands_in(value, wanted.values))
        return replace(clause, values=left)

    return _changed_clause(wanted.rule_id, wanted.clause_id, aim, without_them)


def _new_clauses(items: Iterable[said.ClauseSaid], aim: Aim) -> tuple[Clause, ...]:
    taken = clause_ids(aim.targeting)
    unnamed = (replace(item, id=UNSET) for item in items)
    return clauses_of(unnamed, taken, aim.world.moment)


def _stands_in(value: Any, values: Iterable[Any]) -> bool:
    return any(same(value, each) for each in values)


def _rule(where: str, id: str, aim: Aim) -> Rule:
    for rule in aim.targeting.rules:
        if rule.id == id:
            return rule
    raise Invalid(Violation(where, "must be the id of a rule there", id))


def _changed_rule(id: str, aim: Aim, **fields: Any) -> Commands:
    changed = replace(_rule("ruleId", id, aim), **fields)
    rules = tuple(changed if rule.id == id else rule for rule in aim.targeting.rules)
    return (SetRules(aim.environment, rules),)


def _changed_clause(rule: str, id: str, aim: Aim, change: Callable[[Clause], Clause]) -> Commands:
    there = _rule("ruleId", rule, aim).clauses
    known = any(clause.id == id for clause in there)
    check(known or Violation("clauseId", "must be the id of a clause of that rule", id))
    return _changed_rule(
        rule, aim, clauses=tuple(change(clause) if clause.id == id else clause for clause in there)
    )


RULES: dict[type[said.Instruction], Handler] = {
    said.AddRule: add_rule,
    said.RemoveRule: remove_rule,
    said.ReorderRules: reorder_rules,
    said.ReplaceRules: replace_rules,
    said.UpdateRuleVariationOrRollout: update_rule,
    said.UpdateRuleDescription: update_rule_description,
    said.UpdateRuleTrackEvents: update_rule_track_events,
    said.AddClauses: add_clauses,
    said.RemoveClauses: remove_clauses,
    said.UpdateClause: update_clause,
    said.AddValuesToClause: add_values,
    said.RemoveValuesFromClause: remove_values,
}
