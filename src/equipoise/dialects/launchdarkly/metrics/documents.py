"""Metrics on the wire."""

from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, Struct, UnsetType, field

from equipoise.dialects.launchdarkly.documents import Link, Links, Member, Modification

Kind = Literal["pageview", "click", "custom", "trace"]
Criteria = Literal["HigherThanBaseline", "LowerThanBaseline"]
Aggregation = Literal["average", "sum", "count_distinct"]
Analysis = Literal["mean", "percentile"]
Milliseconds = Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)]
UrlKind = Literal["exact", "canonical", "substring", "regex"]


class Document(Struct, frozen=True, rename="camel"):
    """Names are the wire's in camel case, unless they say otherwise."""


class Url(Document, frozen=True):
    """Where a click or a view counts: `url` for exact and canonical, else `substring` or `pattern`."""

    kind: UrlKind | UnsetType = UNSET
    url: str | UnsetType = UNSET
    substring: str | UnsetType = UNSET
    pattern: str | UnsetType = UNSET


class EventDefault(Document, frozen=True):
    """What units without events count for; disabled leaves them out."""

    disabled: bool | UnsetType = UNSET
    value: float | UnsetType = UNSET


class DataSource(Document, frozen=True):
    key: str
    environment_key: str | UnsetType = UNSET
    name: str | UnsetType = field(name="_name", default=UNSET)
    integration_key: str | UnsetType = field(name="_integrationKey", default=UNSET)


class Filter(Document, frozen=True):
    """Which events count."""

    type: Literal["group", "contextAttribute", "eventProperty"]
    op: str
    values: list[Any]
    negate: bool
    attribute: str | UnsetType = UNSET
    context_kind: str | UnsetType = UNSET


class Denominator(Document, frozen=True):
    """What a ratio is over."""

    event_name: str | UnsetType = UNSET
    is_numeric: bool | UnsetType = UNSET
    data_source: DataSource | UnsetType = UNSET
    unit_aggregation_type: Aggregation | UnsetType = UNSET
    unit_aggregation_field: str | UnsetType = UNSET
    value_column: str | UnsetType = UNSET
    filters: Filter | UnsetType = UNSET
    window_start_offset: Milliseconds | UnsetType = UNSET
    window_end_offset: Milliseconds | UnsetType = UNSET
    winsor_lower_percentile: float | UnsetType = UNSET
    winsor_upper_percentile: float | UnsetType = UNSET
    winsor_include_imputed: bool | UnsetType = UNSET


class MetricPost(Document, frozen=True):
    key: str
    kind: Kind
    name: str | UnsetType = UNSET
    description: str | UnsetType = UNSET
    selector: str | UnsetType = UNSET
    urls: list[Url] | UnsetType = UNSET
    is_numeric: bool | UnsetType = UNSET
    unit: str | UnsetType = UNSET
    event_key: str | UnsetType = UNSET
    success_criteria: Criteria | UnsetType = UNSET
    tags: list[str] | UnsetType = UNSET
    randomization_units: list[str] | UnsetType = UNSET
    analysis_units: list[str] | UnsetType = UNSET
    maintainer_id: str | UnsetType = UNSET
    unit_aggregation_type: Aggregation | UnsetType = UNSET
    analysis_type: Analysis | UnsetType = UNSET
    percentile_value: int | UnsetType = UNSET
    event_default: EventDefault | UnsetType = UNSET
    data_source: DataSource | UnsetType = UNSET
    filters: Filter | UnsetType = UNSET
    window_start_offset: Milliseconds | UnsetType = UNSET
    window_end_offset: Milliseconds | UnsetType = UNSET
    winsor_lower_percentile: float | UnsetType = UNSET
    winsor_upper_percentile: float | UnsetType = UNSET
    winsor_include_imputed: bool | UnsetType = UNSET
    trace_query: str | UnsetType = UNSET
    trace_value_location: str | UnsetType = UNSET
    unit_aggregation_field: str | UnsetType = UNSET
    value_column: str | UnsetType = UNSET
    denominator: Denominator | UnsetType = UNSET


class MetricEdit(Document, frozen=True):
    """What a JSON patch may change; null stands for what was taken away."""

    name: str | UnsetType = UNSET
    description: str | UnsetType | None = UNSET
    tags: list[str] | UnsetType | None = UNSET
    maintainer_id: str | UnsetType | None = UNSET
    archived: bool | UnsetType = UNSET
    selector: str | UnsetType | None = UNSET
    urls: list[Url] | UnsetType | None = UNSET
    is_numeric: bool | UnsetType | None = UNSET
    unit: str | UnsetType | None = UNSET
    event_key: str | UnsetType | None = UNSET
    success_criteria: Criteria | UnsetType | None = UNSET
    randomization_units: list[str] | UnsetType | None = UNSET
    analysis_units: list[str] | UnsetType | None = UNSET
    unit_aggregation_type: Aggregation | UnsetType | None = UNSET
    analysis_type: Analysis | UnsetType | None = UNSET
    percentile_value: int | UnsetType | None = UNSET
    event_default: EventDefault | UnsetType | None = UNSET
    data_source: DataSource | UnsetType | None = UNSET
    filters: Filter | UnsetType | None = UNSET
    window_start_offset: Milliseconds | UnsetType | None = UNSET
    window_end_offset: Milliseconds | UnsetType | None = UNSET
    winsor_lower_percentile: float | UnsetType | None = UNSET
    winsor_upper_percentile: float | UnsetType | None = UNSET
    winsor_include_imputed: bool | UnsetType | None = UNSET
    trace_query: str | UnsetType | None = UNSET
    trace_value_location: str | UnsetType | None = UNSET
    unit_aggregation_field: str | UnsetType | None = UNSET
    value_column: str | UnsetType | None = UNSET
    denominator: Denominator | UnsetType | None = UNSET


class DependentExperiment(Document, frozen=True):
    key: str
    name: str
    environment_id: str
    environment_key: str
    creation_date: int
    links: Links = field(name="_links")
    archived_date: int | UnsetType = UNSET


class DependentMetricGroup(Document, frozen=True):
    key: str
    name: str
    links: Links = field(name="_links")


class Metric(Document, frozen=True):
    """`_versionId` names the metric's present meaning, `_version` counts its changes of any sort."""

    id: str = field(name="_id")
    version_id: str = field(name="_versionId")
    key: str
    name: str
    kind: Kind
    links: Links = field(name="_links")
    tags: list[str]
    creation_date: int = field(name="_creationDate")
    data_source: DataSource
    version: int | UnsetType = field(name="_version", default=UNSET)
    site: Link | UnsetType = field(name="_site", default=UNSET)
    last_modified: Modification | UnsetType = UNSET
    maintainer_id: str | UnsetType = UNSET
    maintainer: Member | UnsetType = field(name="_maintainer", default=UNSET)
    description: str | UnsetType = UNSET
    is_numeric: bool | UnsetType = UNSET
    success_criteria: Criteria | UnsetType = UNSET
    unit: str | UnsetType = UNSET
    event_key: str | UnsetType = UNSET
    randomization_units: list[str] | UnsetType = UNSET
    analysis_units: list[str] | UnsetType = UNSET
    filters: Filter | UnsetType = UNSET
    unit_aggregation_type: Aggregation | UnsetType = UNSET
    analysis_type: Analysis | UnsetType = UNSET
    percentile_value: int | UnsetType = UNSET
    event_default: EventDefault | UnsetType = UNSET
    archived: bool | UnsetType = UNSET
    archived_at: int | UnsetType = UNSET
    selector: str | UnsetType = UNSET
    urls: list[Url] | UnsetType = UNSET
    window_start_offset: Milliseconds | UnsetType = UNSET
    window_end_offset: Milliseconds | UnsetType = UNSET
    winsor_lower_percentile: float | UnsetType = UNSET
    winsor_upper_percentile: float | UnsetType = UNSET
    winsor_include_imputed: bool | UnsetType = UNSET
    trace_query: str | UnsetType = UNSET
    trace_value_location: str | UnsetType = UNSET
    unit_aggregation_field: str | UnsetType = UNSET
    value_column: str | UnsetType = UNSET
    denominator: Denominator | UnsetType = UNSET
    experiment_count: int | UnsetType = UNSET
    active_experiment_count: int | UnsetType = UNSET
    metric_group_count: int | UnsetType = UNSET
    experiments: list[DependentExperiment] | UnsetType = UNSET
    metric_groups: list[DependentMetricGroup] | UnsetType = UNSET


class Metrics(Document, frozen=True):
    items: list[Metric] | UnsetType = UNSET
    links: Links | UnsetType = field(name="_links", default=UNSET)
    total_count: int | UnsetType = UNSET
