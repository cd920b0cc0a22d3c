"""What must hold of a metric's definition: findings for `check`. A limit met raises Exceeded."""

from collections.abc import Iterator
from math import isfinite

from equipoise.domain.clauses import clause_findings
from equipoise.domain.errors import Violation
from equipoise.domain.identity import key_rule, name_rule, text_rule, unique
from equipoise.domain.limits import NAME_LENGTH_MAX, within
from equipoise.domain.metric.state import (
    AGGREGATIONS,
    ANALYSES,
    GROUP,
    KINDS,
    URL_MATCHES,
    Definition,
    Measure,
    UrlMatch,
    Winsor,
)

Findings = Iterator[bool | Violation]


def of_definition(definition: Definition) -> Findings:
    yield _one_of("kind", definition.kind, KINDS)
    yield _one_of("analysis", definition.analysis, ANALYSES)
    yield from _of_kind(definition)
    yield from _of_percentile(definition)
    yield from _of_measure("measure", definition.measure)
    if definition.denominator is not None:
        yield name_rule("denominator.event", definition.denominator.event)
        yield from _of_measure("denominator", definition.denominator)
    yield from _of_units(definition.units)
    yield from _of_urls(definition.urls)
    yield (
        definition.missing is None
        or isfinite(definition.missing)
        or Violation("missing", "must be a finite number")
    )
    yield text_rule("unit", definition.unit, NAME_LENGTH_MAX)
    yield text_rule("selector", definition.selector)
    yield text_rule("query", definition.query)
    yield name_rule("source", definition.source)


def _of_kind(definition: Definition) -> Findings:
    """Each kind needs the field that says what it counts."""
    kind = definition.kind
    if kind == "custom":
        yield name_rule("measure.event", definition.measure.event)
    if kind == "click":
        yield bool(definition.selector) or Violation("selector", "a click metric needs one")
    if kind in ("click", "pageview"):
        yield bool(definition.urls) or Violation("urls", f"a {kind} metric needs at least one")
    if kind == "trace":
        yield bool(definition.query) or Violation("query", "a trace metric needs one")


def _of_percentile(definition: Definition) -> Findings:
    percentile = definition.percentile
    if definition.analysis == "percentile":
        said = percentile is not None and 1 <= percentile <= 99
        yield said or Violation("percentile", "must be 1 to 99", percentile)
    else:
        rule = "is said only where analysis is percentile"
        yield percentile is None or Violation("percentile", rule, percentile)


def _of_measure(where: str, measure: Measure) -> Findings:
    start, end = measure.window
    yield _one_of(f"{where}.aggregation", measure.aggregation, AGGREGATIONS)
    yield text_rule(f"{where}.event", measure.event, NAME_LENGTH_MAX)
    yield text_rule(f"{where}.field", measure.field, NAME_LENGTH_MAX)
    yield (
        start is None
        or end is None
        or start < end
        or Violation(f"{where}.window", "must start before it ends", [start, end])
    )
    if measure.filters is not None and measure.filter_kind != GROUP:
        yield from clause_findings(f"{where}.filters", measure.filters)
    yield from _of_winsor(f"{where}.winsor", measure.winsor)


def _of_winsor(where: str, winsor: Winsor) -> Findings:
    lower = 0.0 if winsor.lower is None else winsor.lower
    upper = 100.0 if winsor.upper is None else winsor.upper
    rule = "percentiles are 0 to 100, the lower below the upper"
    yield 0 <= lower < upper <= 100 or Violation(where, rule, [winsor.lower, winsor.upper])


def _of_units(units: tuple[str, ...]) -> Findings:
    yield bool(units) or Violation("units", "must be at least one")
    yield unique(units) == units or Violation("units", "each stands once", list(units))
    yield from (key_rule("units", unit) for unit in units)


def _of_urls(urls: tuple[UrlMatch, ...]) -> Findings:
    within("URLS_PER_METRIC_MAX", len(urls))
    for url in urls:
        yield _one_of("urls.kind", url.kind, URL_MATCHES)
        yield bool(url.pattern) or Violation("urls.pattern", "must not be empty")
        yield text_rule("urls.pattern", url.pattern)


def _one_of(where: str, found: str, known: tuple[str, ...]) -> bool | Violation:
    return found in known or Violation(where, f"must be one of {', '.join(known)}", found)
