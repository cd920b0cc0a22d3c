"""What must hold of a flag and its parts: findings for `check`. A limit met raises Exceeded."""

from collections.abc import Iterator

from equipoise.domain.allocation import SHARE_WHOLE, scheme_rule
from equipoise.domain.clauses import Json, attribute_rule, clause_findings
from equipoise.domain.errors import Violation
from equipoise.domain.flag.parameters import TYPES, fits
from equipoise.domain.flag.state import (
    FALLTHROUGH,
    Fixed,
    Flag,
    Parameter,
    Prerequisite,
    Property,
    Rollout,
    Rule,
    Serve,
    Target,
    Targeting,
    Variation,
)
from equipoise.domain.identity import is_id, key_rule, name_rule, tags_rule, text_rule, unique
from equipoise.domain.limits import KEY_LENGTH_MAX, NAME_LENGTH_MAX, within
from equipoise.domain.values import value_rule

Findings = Iterator[bool | Violation]


def of_flag(flag: Flag) -> Findings:
    yield is_id(flag.id) or Violation("id", "must be 24 hexadecimal digits", flag.id)
    yield key_rule("project", flag.project)
    yield key_rule("key", flag.key)
    yield name_rule("name", flag.name)
    yield text_rule("description", flag.description)
    yield tags_rule("tags", flag.tags)
    yield text_rule("maintainer", flag.maintainer, KEY_LENGTH_MAX)
    yield bool(flag.salt) or Violation("salt", "must not be empty")
    yield from of_parameters(flag.parameters)
    yield from of_variations(flag.variations, flag.on_variation, flag.off_variation, flag.parameters)
    on = flag.on_at_birth or any(each.on for each in flag.targeting.values())
    yield flag.finished or not on or Violation("on", "takes two variations at least", len(flag.variations))
    yield from of_properties(flag.properties)
    for environment, targeting in flag.targeting.items():
        yield key_rule("targeting", environment)
        yield from of_targeting(flag, f"targeting.{environment}", targeting)


def of_variations(
    variations: tuple[Variation, ...], on: str, off: str, parameters: tuple[Parameter, ...] = ()
) -> Findings:
    """Where there are parameters, each value is an object with a value for each."""
    within("VARIATIONS_PER_FLAG_MAX", len(variations))
    ids = tuple(variation.id for variation in variations)
    yield all(ids) or Violation("variations", "each has an id")
    yield unique(ids) == ids or Violation("variations", "each id stands once", list(ids))
    defaults = ids or ("",)
    yield on in defaults or Violation("on_variation", "must be one of the variations", on)
    yield off in defaults or Violation("off_variation", "must be one of the variations", off)
    for variation in variations:
        yield text_rule("variations.name", variation.name, NAME_LENGTH_MAX)
        yield text_rule("variations.description", variation.description)
        yield value_rule("variations.value", variation.value)
        if parameters:
            yield _configures(variation.value, parameters)


def _configures(value: Json, parameters: tuple[Parameter, ...]) -> bool | Violation:
    types = {each.key: each.type for each in parameters}
    whole = isinstance(value, dict) and value.keys() == types.keys()
    if whole and all(fits(types[key], each) for key, each in value.items()):
        return True
    told = ", ".join(f"{key} ({type})" for key, type in types.items())
    return Violation("variations.value", f"must be an object of {told}", value)


def of_parameters(parameters: tuple[Parameter, ...]) -> Findings:
    within("PARAMETERS_PER_FLAG_MAX", len(parameters))
    keys = tuple(each.key for each in parameters)
    yield unique(keys) == keys or Violation("parameters", "each key stands once", list(keys))
    for each in parameters:
        yield name_rule("parameters.key", each.key)
        yield text_rule("parameters.description", each.description)
        known = each.type in TYPES
        yield known or Violation("parameters.type", f"must be one of {', '.join(TYPES)}", each.type)
        if known:
            rule = f"must be of the type {each.type}"
            yield fits(each.type, each.default) or Violation("parameters.default", rule, each.default)


def of_properties(properties: tuple[Property, ...]) -> Findings:
    within("PROPERTIES_PER_FLAG_MAX", len(properties))
    keys = tuple(each.key for each in properties)
    yield unique(keys) == keys or Violation("properties", "each key stands once", list(keys))
    for each in properties:
        yield key_rule("properties.key", each.key)
        yield name_rule("properties.name", each.name)
        yield from (text_rule("properties.values", value) for value in each.values)


def of_targeting(flag: Flag, where: str, targeting: Targeting) -> Findings:
    yield of_variation(flag, f"{where}.off_variation", targeting.off_variation)
    yield from of_serve(flag, f"{where}.fallthrough", targeting.fallthrough)
    yield from of_rules(flag, f"{where}.rules", targeting.rules)
    yield from of_targets(flag, f"{where}.targets", targeting.targets)
    yield from of_prerequisites(flag, f"{where}.prerequisites", targeting.prerequisites)


def of_variation(flag: Flag, where: str, id: str) -> bool | Violation:
    return flag.variation(id) is not None or Violation(where, "must be a variation of the flag", id)


def of_serve(flag: Flag, where: str, serve: Serve) -> Findings:
    if isinstance(serve, Fixed):
        yield of_variation(flag, where, serve.variation)
    else:
        yield from _of_rollout(flag, where, serve)


def _of_rollout(flag: Flag, where: str, rollout: Rollout) -> Findings:
    total = sum(each.weight for each in rollout.weights)
    yield bool(rollout.weights) or Violation(where, "a rollout has weights")
    yield (all(each.weight >= 0 for each in rollout.weights) or Violation(where, "a weight is not negative"))
    yield total == SHARE_WHOLE or Violation(where, f"weights sum to {SHARE_WHOLE}", total)
    yield from (of_variation(flag, where, id) for id in sorted(rollout.variations))
    yield key_rule(f"{where}.kind", rollout.kind)
    yield text_rule(f"{where}.bucket_by", rollout.bucket_by, NAME_LENGTH_MAX)
    yield attribute_rule(f"{where}.bucket_by", rollout.bucket_by)
    yield scheme_rule(f"{where}.scheme", rollout.scheme)


def of_rules(flag: Flag, where: str, rules: tuple[Rule, ...]) -> Findings:
    within("RULES_PER_FLAG_MAX", len(rules))
    ids = tuple(rule.id for rule in rules)
    yield unique(ids) == ids or Violation(where, "each id stands once", list(ids))
    for position, rule in enumerate(rules):
        yield from _of_rule(flag, f"{where}.{position}", rule)


def _of_rule(flag: Flag, where: str, rule: Rule) -> Findings:
    within("CLAUSES_PER_RULE_MAX", len(rule.clauses))
    clauses = tuple(clause.id for clause in rule.clauses)
    named = rule.id not in ("", FALLTHROUGH)
    yield named or Violation(f"{where}.id", f"must be said, and not {FALLTHROUGH!r}", rule.id)
    yield text_rule(f"{where}.description", rule.description)
    yield text_rule(f"{where}.ref", rule.ref, NAME_LENGTH_MAX)
    yield unique(clauses) == clauses or Violation(where, "each clause id stands once", list(clauses))
    for clause in rule.clauses:
        yield from clause_findings(f"{where}.clauses", clause)
    yield from of_serve(flag, f"{where}.serve", rule.serve)


def of_targets(flag: Flag, where: str, targets: tuple[Target, ...]) -> Findings:
    within("TARGET_KEYS_PER_ENVIRONMENT_MAX", sum(len(target.keys) for target in targets))
    holders: dict[tuple[str, str], str] = {}
    for target in targets:
        yield of_variation(flag, where, target.variation)
        yield key_rule(f"{where}.kind", target.kind)
        for key in target.keys:
            yield bool(key) or Violation(where, "a key is not empty")
            yield text_rule(where, key)
            holder = holders.setdefault((target.kind, key), target.variation)
            yield holder == target.variation or Violation(where, "a key has one variation", key)


def of_prerequisites(flag: Flag, where: str, prerequisites: tuple[Prerequisite, ...]) -> Findings:
    within("PREREQUISITES_PER_FLAG_MAX", len(prerequisites))
    flags = tuple(each.flag for each in prerequisites)
    yield unique(flags) == flags or Violation(where, "each flag stands once", list(flags))
    yield flag.key not in flags or Violation(where, "a flag is not its own prerequisite", flag.key)
    for each in prerequisites:
        yield key_rule(f"{where}.flag", each.flag)
        yield bool(each.variation) or Violation(f"{where}.variation", "must not be empty")
