"""Metrics as documents."""

from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from msgspec import UNSET, UnsetType
from msgspec.structs import replace

from equipoise.dialects.launchdarkly.documents import Links, Modification
from equipoise.dialects.launchdarkly.links import link, site
from equipoise.dialects.launchdarkly.maintainers import maintainer_of
from equipoise.dialects.launchdarkly.metrics.definitions import DISTINCT, EVENTS, HOSTED
from equipoise.dialects.launchdarkly.metrics.documents import (
    DataSource,
    Denominator,
    DependentExperiment,
    EventDefault,
    Filter,
    Metric,
    Metrics,
    Url,
)
from equipoise.domain.environment.state import Environment
from equipoise.domain.experiment.state import Experiment
from equipoise.domain.identity import Id
from equipoise.domain.metric import state
from equipoise.domain.metric.state import Definition, Measure, UrlMatch
from equipoise.domain.project.state import Project

_STRIDE = 0x9E3779B97F4A7C15F39CC061  # odd, so that no two versions of a metric meet
_SPACE = 2**96


def version_id(metric: Id, version: int) -> str:
    """24 hexadecimal digits that tell a meaning of a metric from its others, and from other metrics'.

    For one metric a bijection of the version, for one version a bijection of the metric.
    """
    return f"{(int(metric, 16) + version * _STRIDE) % _SPACE:024x}"


def iso(at: int) -> str:
    """Milliseconds since 1970 as ISO 8601."""
    return datetime.fromtimestamp(at / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def metric(now: state.Metric, project: Project) -> Metric:
    definition, measure = now.definition, now.definition.measure
    return Metric(
        id=now.id,
        version_id=version_id(now.id, now.version),
        key=now.key,
        name=now.name,
        kind=definition.kind,  # type: ignore[arg-type]  # the domain holds it to the same words
        links={"self": link("metrics", now.project, now.key), "parent": link("metrics", now.project)},
        tags=list(now.tags),
        creation_date=now.created_at,
        data_source=_source(definition.source),
        version=now.revision,
        site=site(now.project, "metrics", now.key),
        last_modified=Modification(iso(now.changed_at)),
        maintainer_id=now.maintainer or UNSET,
        maintainer=maintainer_of(project, now.maintainer),
        description=now.description,
        success_criteria="HigherThanBaseline" if definition.higher else "LowerThanBaseline",
        unit=definition.unit or UNSET,
        event_key=measure.event or UNSET,
        randomization_units=list(definition.units),
        analysis_units=list(definition.units),
        analysis_type=definition.analysis,  # type: ignore[arg-type]  # the same words
        percentile_value=UNSET if definition.percentile is None else definition.percentile,
        event_default=_event_default(definition),
        archived=now.archived_at is not None,
        archived_at=UNSET if now.archived_at is None else now.archived_at,
        selector=definition.selector or UNSET,
        urls=[_url(each) for each in definition.urls] or UNSET,
        trace_query=definition.query or UNSET,
        denominator=UNSET if definition.denominator is None else _denominator(definition.denominator),
        **_measured(measure),
        **_value_of(definition),
    )


def metrics(items: list[Metric], links: Links, total: int) -> Metrics:
    return Metrics(items, links, total)


def counted(shown: Metric, users: Iterable[Experiment]) -> Metric:
    """With the number of experiments that use it."""
    users = tuple(users)
    active = sum(each.active for each in users)
    return replace(shown, experiment_count=len(users), active_experiment_count=active)


def with_experiments(
    shown: Metric, users: Iterable[Experiment], environments: Mapping[str, Environment]
) -> Metric:
    """With the experiments that use it; environments by key."""
    return replace(
        shown,
        experiments=[_experiment(each, environments[each.environment]) for each in users],
    )


def ungrouped(shown: Metric, expand: Collection[str]) -> Metric:
    """There are no groups of metrics yet; who asks for them is told so."""
    return replace(
        shown,
        metric_groups=[] if "metricGroups" in expand else UNSET,
        metric_group_count=0 if "metricGroupCount" in expand else UNSET,
    )


def _experiment(experiment: Experiment, environment: Environment) -> DependentExperiment:
    here = ("projects", experiment.project, "environments", environment.key)
    return DependentExperiment(
        key=experiment.key,
        name=experiment.name,
        environment_id=environment.id,
        environment_key=environment.key,
        creation_date=experiment.created_at,
        links={"self": link(*here, "experiments", experiment.key), "parent": link(*here)},
        archived_date=UNSET if experiment.archived_at is None else experiment.archived_at,
    )


def _measured(measure: Measure) -> dict[str, Any]:
    """The fields that a metric and a denominator share."""
    start, end = measure.window
    winsor = measure.winsor
    return {
        "is_numeric": measure.numeric,
        "unit_aggregation_type": measure.aggregation,
        "unit_aggregation_field": measure.field if measure.aggregation == DISTINCT else UNSET,
        "filters": _filter(measure),
        "window_start_offset": UNSET if start is None else start,
        "window_end_offset": UNSET if end is None else end,
        "winsor_lower_percentile": UNSET if winsor.lower is None else winsor.lower,
        "winsor_upper_percentile": UNSET if winsor.upper is None else winsor.upper,
        "winsor_include_imputed": winsor.imputed or UNSET,
    }


def _value_of(definition: Definition) -> dict[str, Any]:
    """Where the number of an event stands, under the name it has for this kind."""
    measure = definition.measure
    if measure.aggregation == DISTINCT or not measure.field:
        return {}
    return {"trace_value_location" if definition.kind == "trace" else "value_column": measure.field}


def _denominator(measure: Measure) -> Denominator:
    value = UNSET if measure.aggregation == DISTINCT else measure.field or UNSET
    return Denominator(event_name=measure.event, value_column=value, **_measured(measure))


def _filter(measure: Measure) -> Filter | UnsetType:
    clause = measure.filters
    if clause is None:
        return UNSET
    context = measure.filter_kind == "contextAttribute"
    return Filter(
        type="contextAttribute" if context else "eventProperty",
        op=clause.op,
        values=list(clause.values),
        negate=clause.negate,
        attribute=clause.attribute,
        context_kind=clause.kind if context else UNSET,
    )


def _event_default(definition: Definition) -> EventDefault:
    if definition.missing is None:
        return EventDefault(disabled=True)
    return EventDefault(disabled=False, value=definition.missing)


def _url(url: UrlMatch) -> Url:
    if url.kind == "substring":
        return Url(kind="substring", substring=url.pattern)
    if url.kind == "regex":
        return Url(kind="regex", pattern=url.pattern)
    return Url(kind="canonical" if url.kind == "canonical" else "exact", url=url.pattern)


def _source(source: str) -> DataSource:
    return DataSource(HOSTED if source == EVENTS else source)
