"""Shapes of experiments and iterations. Field names are the wire's."""

from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, Struct, UnsetType, field

from equipoise.dialects.launchdarkly.documents import Links

Methodology = Literal["bayesian", "frequentist", "export_only"]
DataSource = Literal["launchdarkly", "snowflake"]
Kind = Literal["experiment", "mab", "holdout"]
MetricKind = Literal["pageview", "click", "custom", "trace"]
Stage = Literal["not_started", "running", "stopped"]
Operation = Annotated[str, Meta(extra_json_schema={"enum": ["add", "update", "remove"]})]


# what is said


class AnalysisConfig(Struct, frozen=True):
    """Thresholds stay the text in which they were said."""

    bayesianThreshold: str | UnsetType = UNSET
    significanceThreshold: str | UnsetType = UNSET
    testDirection: str | UnsetType = UNSET
    multipleComparisonCorrectionMethod: Literal["bonferroni", "benjamini-hochberg"] | UnsetType = UNSET
    multipleComparisonCorrectionScope: (
        Literal["variations", "variations-and-metrics", "metrics"] | UnsetType
    ) = UNSET
    sequentialTestingEnabled: bool | UnsetType = UNSET


class MetricInput(Struct, frozen=True):
    key: str
    isGroup: bool = False
    primary: bool = False
    analysisUnit: str | UnsetType = UNSET


class MetricKey(Struct, frozen=True):
    """Enough to take a metric out."""

    key: str


class Parameter(Struct, frozen=True):
    flagKey: str
    variationId: str


class TreatmentInput(Struct, frozen=True):
    """`allocationPercent` is a decimal number as text."""

    name: str
    baseline: bool
    allocationPercent: str
    parameters: list[Parameter]


class FlagInput(Struct, frozen=True):
    """`ruleId` is the id of a rule, or "fallthrough"."""

    ruleId: str
    flagConfigVersion: int
    notInExperimentVariationId: str | UnsetType = UNSET


class IterationInput(Struct, frozen=True):
    hypothesis: str
    metrics: list[MetricInput]
    treatments: list[TreatmentInput]
    flags: dict[str, FlagInput]
    canReshuffleTraffic: bool = True
    primarySingleMetricKey: str | UnsetType = UNSET
    primaryFunnelKey: str | UnsetType = UNSET
    randomizationUnit: str | UnsetType = UNSET
    reallocationFrequencyMillis: int | UnsetType = UNSET
    covariateId: str | UnsetType = UNSET
    attributes: list[str] | UnsetType = UNSET


class ExperimentPost(Struct, frozen=True):
    name: str
    key: str
    iteration: IterationInput
    description: str | UnsetType = UNSET
    maintainerId: str | UnsetType = UNSET
    holdoutId: str | UnsetType = UNSET
    tags: list[str] | UnsetType = UNSET
    methodology: Methodology | UnsetType = UNSET
    analysisConfig: AnalysisConfig | UnsetType = UNSET
    dataSource: DataSource | UnsetType = UNSET
    type: Kind = "experiment"


class FieldUpdate(Struct, frozen=True):
    """What becomes of one field; `value` is needed to add and to update.

    Which operations there are is asked with the field, so that every field's faults are named at once.
    """

    operation: Operation
    value: Any = UNSET


class UpdateName(Struct, frozen=True, tag_field="kind", tag="updateName"):
    value: str


class UpdateDescription(Struct, frozen=True, tag_field="kind", tag="updateDescription"):
    value: str


class UpdateExperimentFields(Struct, frozen=True, tag_field="kind", tag="updateExperimentFields"):
    value: dict[str, FieldUpdate]


class SaveAndStartNewIteration(Struct, frozen=True, tag_field="kind", tag="saveAndStartNewIteration"):
    changeJustification: str = ""
    value: dict[str, FieldUpdate] = {}


class StartIteration(Struct, frozen=True, tag_field="kind", tag="startIteration"):
    changeJustification: str = ""


class StopWithWinner(Struct, frozen=True, tag_field="kind", tag="stopIteration"):
    winningTreatmentId: str
    winningReason: str = ""


class ArchiveExperiment(Struct, frozen=True, tag_field="kind", tag="archiveExperiment"): ...


class RestoreExperiment(Struct, frozen=True, tag_field="kind", tag="restoreExperiment"): ...


Instruction = (
    UpdateName
    | UpdateDescription
    | UpdateExperimentFields
    | SaveAndStartNewIteration
    | StartIteration
    | StopWithWinner
    | ArchiveExperiment
    | RestoreExperiment
)


class ExperimentPatch(Struct, frozen=True):
    """Instructions apply in order, all or none."""

    instructions: list[Instruction]
    comment: str | UnsetType = UNSET


# what is told


class Metric(Struct, frozen=True):
    """A metric as an iteration measures it."""

    key: str
    version_id: str = field(name="_versionId")
    name: str
    kind: MetricKind
    links: Links = field(name="_links")
    isNumeric: bool | UnsetType = UNSET
    unitAggregationType: Literal["sum", "average", "count_distinct"] | UnsetType = UNSET
    analysisType: Literal["mean", "percentile"] | UnsetType = UNSET
    eventKey: str | UnsetType = UNSET
    analysisUnit: str | UnsetType = UNSET


class MetricOrGroup(Struct, frozen=True):
    """A metric, or a group of them, as an iteration measures it."""

    key: str
    version_id: str = field(name="_versionId")
    name: str
    kind: Literal["pageview", "click", "custom", "trace", "funnel", "standard"]
    links: Links = field(name="_links")
    isGroup: bool
    isNumeric: bool | UnsetType = UNSET
    eventKey: str | UnsetType = UNSET
    analysisType: Literal["mean", "percentile"] | UnsetType = UNSET
    analysisUnit: str | UnsetType = UNSET


class Treatment(Struct, frozen=True):
    """Its id is the id of the variation it serves."""

    id: str = field(name="_id")
    name: str
    allocationPercent: str
    baseline: bool
    parameters: list[Parameter]


class Flag(Struct, frozen=True):
    """Where on its flag an iteration stands."""

    targetingRule: str
    links: Links = field(name="_links")
    targetingRuleDescription: str | UnsetType = UNSET
    targetingRuleClauses: list[Any] | UnsetType = UNSET
    flagConfigVersion: int | UnsetType = UNSET
    notInExperimentVariationId: str | UnsetType = UNSET


class LayerSnapshot(Struct, frozen=True):
    """Whole percents."""

    key: str
    name: str
    reservationPercent: int
    otherReservationPercent: int


class Iteration(Struct, frozen=True):
    """Times in milliseconds since 1970. `version` counts the experiment's iterations."""

    id: str = field(name="_id")
    hypothesis: str
    status: Stage
    createdAt: int
    version: int
    canReshuffleTraffic: bool
    flags: dict[str, Flag]
    metrics: list[MetricOrGroup]
    attributes: list[str]
    startedAt: int | UnsetType = UNSET
    endedAt: int | UnsetType = UNSET
    winningTreatmentId: str | UnsetType = UNSET
    winningReason: str | UnsetType = UNSET
    randomizationUnit: str | UnsetType = UNSET
    reallocationFrequencyMillis: int | UnsetType = UNSET
    covariateId: str | UnsetType = UNSET
    primaryMetric: MetricOrGroup | UnsetType = UNSET
    primarySingleMetric: Metric | UnsetType = UNSET
    primarySingleMetricKey: str | UnsetType = UNSET
    treatments: list[Treatment] | UnsetType = UNSET
    secondaryMetrics: list[Metric] | UnsetType = UNSET
    layerSnapshot: LayerSnapshot | UnsetType = UNSET


MutableFields = dict[Stage, dict[str, tuple[str, ...]]]


class Experiment(Struct, frozen=True):
    id: str = field(name="_id")
    key: str
    name: str
    maintainer_id: str = field(name="_maintainerId")
    creation_date: int = field(name="_creationDate")
    environmentKey: str
    methodology: Methodology
    dataSource: DataSource
    type: str
    tags: list[str]
    links: Links = field(name="_links")
    description: str | UnsetType = UNSET
    archivedDate: int | UnsetType = UNSET
    holdoutId: str | UnsetType = UNSET
    currentIteration: Iteration | UnsetType = UNSET
    draftIteration: Iteration | UnsetType = UNSET
    previousIterations: list[Iteration] | UnsetType = UNSET
    analysisConfig: AnalysisConfig | UnsetType = UNSET
    mutableFieldsByStatus: MutableFields | UnsetType = UNSET


class Experiments(Struct, frozen=True):
    items: list[Experiment]
    total_count: int
    links: Links = field(name="_links")
