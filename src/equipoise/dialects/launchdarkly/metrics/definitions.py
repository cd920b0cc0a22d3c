"""What a metric means: the fields of a body as a definition."""

from collections.abc import Iterator
from typing import TypeVar

from msgspec import UNSET, UnsetType

from equipoise.dialects.launchdarkly.metrics.documents import (
    Denominator,
    EventDefault,
    Filter,
    MetricPost,
    Url,
)
from equipoise.domain.clauses import Clause
from equipoise.domain.errors import Invalid, Violation, check
from equipoise.domain.metric.state import Definition, Measure, UrlMatch, Winsor
from equipoise.domain.project.state import Project
from equipoise.translation.given import given

DISTINCT = "count_distinct"
HOSTED = "launchdarkly-hosted"  # the vendor's word for the events that SDKs send
EVENTS = "events"  # ours
USER = "user"

T = TypeVar("T")

Findings = Iterator[bool | Violation]

# Where the domain finds fault, as the wire calls it; the longest prefix counts.
PLACES = {
    "measure.event": "eventKey",
    "measure.aggregation": "unitAggregationType",
    "measure.field": "unitAggregationField",
    "measure.window": "windowStartOffset",
    "measure.winsor": "winsorLowerPercentile",
    "measure.filters": "filters",
    "denominator.event": "denominator.eventName",
    "denominator.aggregation": "denominator.unitAggregationType",
    "denominator.field": "denominator.unitAggregationField",
    "denominator.window": "denominator.windowStartOffset",
    "denominator.winsor": "denominator.winsorLowerPercentile",
    "analysis": "analysisType",
    "percentile": "percentileValue",
    "missing": "eventDefault.value",
    "query": "traceQuery",
    "source": "dataSource.key",
    "units": "analysisUnits",
}


def worded(error: Invalid) -> Invalid:
    """The same violations, each under the wire's name of its place."""
    return Invalid(*(Violation(_place(each.where), each.rule, each.found) for each in error.violations))


def _place(where: str) -> str:
    for ours in sorted(PLACES, key=len, reverse=True):
        if where == ours or where.startswith((ours + ".", ours + "[")):
            return PLACES[ours] + where[len(ours) :]
    return where


# from the wire


def definition_of(said: MetricPost, project: Project) -> Definition:
    """raises Invalid with what the wire gets wrong; what the domain forbids shows when it is decided"""
    check(*_findings(said, project))
    return Definition(
        kind=said.kind,
        measure=_measure(said),
        analysis=given(said.analysis_type, "mean"),
        percentile=None if said.percentile_value is UNSET else said.percentile_value,
        higher=said.success_criteria != "LowerThanBaseline",
        unit=given(said.unit, ""),
        units=tuple(units_of(said, project)),
        missing=_missing(given(said.event_default, EventDefault())),
        denominator=None if said.denominator is UNSET else _denominator(said.denominator),
        selector=given(said.selector, ""),
        urls=tuple(_url(each) for each in given(said.urls, [])),
        query=given(said.trace_query, ""),
        source=EVENTS if said.data_source is UNSET else _source(said.data_source.key),
    )


def units_of(said: MetricPost, project: Project) -> list[str]:
    """The newer name counts; where neither is said, the unit that experiments randomise by default."""
    older = given(said.randomization_units, [project.default_unit or USER])
    return given(said.analysis_units, older)


def _findings(said: MetricPost, project: Project) -> Findings:
    for unit in units_of(said, project):
        known = project.context_kind(unit) is not None
        yield known or Violation("analysisUnits", "must be context kinds of the project", unit)
    yield from _of_measure("", said)
    if said.denominator is not UNSET:
        name = said.denominator.event_name
        yield name is not UNSET or Violation("denominator.eventName", "is required")
        yield from _of_measure("denominator.", said.denominator)
    for index, url in enumerate(given(said.urls, [])):
        yield _said_url(url) is not UNSET or Violation(
            f"urls[{index}]", "needs a kind, and what goes with it"
        )


def _of_measure(where: str, said: MetricPost | Denominator) -> Findings:
    distinct = said.unit_aggregation_type == DISTINCT
    rule = f"is required where unitAggregationType is {DISTINCT}"
    yield not distinct or bool(said.unit_aggregation_field) or Violation(f"{where}unitAggregationField", rule)
    grouped = said.filters is not UNSET and said.filters.type == "group"
    yield not grouped or Violation(f"{where}filters.type", "groups of filters are not served here")


def _measure(said: MetricPost) -> Measure:
    where = said.trace_value_location if said.kind == "trace" else said.value_column
    return _measured(said, given(said.event_key, ""), given(where, ""))


def _denominator(said: Denominator) -> Measure:
    return _measured(said, given(said.event_name, ""), given(said.value_column, ""))


def _measured(said: MetricPost | Denominator, event: str, value: str) -> Measure:
    """`value` is where the number of an event stands; a distinct count looks elsewhere."""
    aggregation = given(said.unit_aggregation_type, "average")
    filters = said.filters
    return Measure(
        event=event,
        numeric=given(said.is_numeric, False),
        aggregation=aggregation,
        field=given(said.unit_aggregation_field, "") if aggregation == DISTINCT else value,
        filters=None if filters is UNSET else _clause(filters),
        filter_kind="" if filters is UNSET else filters.type,
        window=(_or_none(said.window_start_offset), _or_none(said.window_end_offset)),
        winsor=Winsor(
            lower=_or_none(said.winsor_lower_percentile),
            upper=_or_none(said.winsor_upper_percentile),
            imputed=given(said.winsor_include_imputed, False),
        ),
    )


def _clause(said: Filter) -> Clause:
    return Clause(
        id="filter",
        attribute=given(said.attribute, ""),
        op=said.op,
        values=tuple(said.values),
        kind=given(said.context_kind, USER),
        negate=said.negate,
    )


def _missing(said: EventDefault) -> float | None:
    return None if given(said.disabled, False) else given(said.value, 0.0)


def _said_url(said: Url) -> str | UnsetType:
    """What its kind looks for."""
    if said.kind is UNSET:
        return UNSET
    return {"substring": said.substring, "regex": said.pattern}.get(said.kind, said.url)


def _url(said: Url) -> UrlMatch:
    return UrlMatch(given(said.kind, "exact"), given(_said_url(said), ""))


def _source(key: str) -> str:
    return EVENTS if key in (HOSTED, "launchdarkly") else key


def _or_none(said: T | UnsetType) -> T | None:
    return None if said is UNSET else said
