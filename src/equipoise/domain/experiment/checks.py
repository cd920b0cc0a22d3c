"""What must hold of an experiment and its parts: findings for `check`. A limit met raises Exceeded.

A draft need not be fit to start; what a start needs is in `readiness`.
"""

from collections.abc import Iterator
from math import inf

from equipoise.domain.errors import Violation
from equipoise.domain.experiment.state import (
    Analysis,
    Comparison,
    Experiment,
    Iteration,
    MetricUse,
    unstarted,
)
from equipoise.domain.identity import is_id, key_rule, name_rule, tags_rule, text_rule, unique
from equipoise.domain.limits import KEY_LENGTH_MAX, within

Findings = Iterator[bool | Violation]

DESIGNS = ("experiment", "bandit", "holdout")
METHODOLOGIES = ("frequentist", "bayesian", "export_only")


def of_experiment(experiment: Experiment) -> Findings:
    """What must hold at birth."""
    yield _id("id", experiment.id)
    yield key_rule("project", experiment.project)
    yield key_rule("environment", experiment.environment)
    yield key_rule("key", experiment.key)
    yield key_rule("flag", experiment.flag)
    yield name_rule("name", experiment.name)
    yield text_rule("description", experiment.description)
    yield tags_rule("tags", experiment.tags)
    yield text_rule("maintainer", experiment.maintainer, KEY_LENGTH_MAX)
    yield from of_design(experiment.design)
    yield from of_analysis(experiment.analysis)
    yield from of_holdout(experiment.holdout)
    yield from of_claims(experiment.claims)
    yield from _of_birth(experiment)
    if experiment.draft is not None:
        yield from of_draft("draft", experiment.draft)


def _of_birth(experiment: Experiment) -> Findings:
    only = experiment.iterations == (experiment.draft,)
    yield only or Violation("draft", "must be the one iteration", len(experiment.iterations))
    yield experiment.archived_at is None or Violation("archived_at", "must not be said at birth")
    yield experiment.revision == 0 or Violation("revision", "must be 0", experiment.revision)


def of_design(design: str) -> Findings:
    yield design in DESIGNS or Violation("design", f"must be one of {', '.join(DESIGNS)}", design)


def of_analysis(analysis: Analysis) -> Findings:
    known = analysis.methodology in METHODOLOGIES
    rule = f"must be one of {', '.join(METHODOLOGIES)}"
    yield known or Violation("analysis.methodology", rule, analysis.methodology)


def of_holdout(holdout: str) -> Findings:
    yield not holdout or key_rule("holdout", holdout)


def of_claims(claims: tuple[str, ...]) -> Findings:
    within("CLAIMS_PER_EXPERIMENT_MAX", len(claims))
    yield unique(claims) == claims or Violation("claims", "each stands once", list(claims))
    for claim in claims:
        yield not claim.startswith("rule:") or Violation("claims", "a rule is claimed by being run on", claim)
        yield name_rule("claims", claim)


def of_draft(where: str, draft: Iteration) -> Findings:
    """`where` is the place that its violations are under."""
    findings = (
        _id("id", draft.id),
        draft == unstarted(draft) or Violation("", "must not have started"),
        text_rule("hypothesis", draft.hypothesis_text),
        *of_unit(draft.unit),
        *of_rule(draft.rule),
        *of_metrics(draft.metrics, draft.primary),
        *of_comparisons(draft.comparisons),
        *of_attributes(draft.attributes),
    )
    yield from (each.under(where) for each in findings if isinstance(each, Violation))


def of_unit(unit: str) -> Findings:
    yield not unit or key_rule("unit", unit)


def of_rule(rule: str) -> Findings:
    yield bool(rule) or Violation("rule", "must not be empty")
    yield text_rule("rule", rule, KEY_LENGTH_MAX)


def of_metrics(metrics: tuple[MetricUse, ...], primary: str) -> Findings:
    within("METRICS_PER_ITERATION_MAX", len(metrics))
    keys = tuple(use.key for use in metrics)
    yield unique(keys) == keys or Violation("metrics", "each key stands once", list(keys))
    yield not primary or primary in keys or Violation("primary", "must be one of metrics", primary)
    for use in metrics:
        yield key_rule("metrics.key", use.key)
        yield not use.unit or key_rule("metrics.unit", use.unit)
        yield use.version >= 0 or Violation("metrics.version", "is not negative", use.version)


def of_comparisons(comparisons: tuple[Comparison, ...]) -> Findings:
    within("LIST_ITEMS_MAX", len(comparisons))
    for each in comparisons:
        yield key_rule("comparisons.metric", each.metric)
        finite = 0 <= each.margin < inf
        yield finite or Violation("comparisons.margin", "is 0 or more, and finite", each.margin)


def of_attributes(attributes: tuple[str, ...]) -> Findings:
    within("LIST_ITEMS_MAX", len(attributes))
    yield from (name_rule("attributes", attribute) for attribute in attributes)


def _id(where: str, id: str) -> bool | Violation:
    return is_id(id) or Violation(where, "must be 24 hexadecimal digits", id)
