"""Experiments as documents."""

from collections.abc import Iterable, Mapping
from typing import Any

from msgspec import UNSET, Struct, UnsetType, convert, to_builtins

from equipoise.application.ports import Query
from equipoise.application.world import World
from equipoise.dialects.launchdarkly.documents import Links
from equipoise.dialects.launchdarkly.experiments import documents, plans
from equipoise.dialects.launchdarkly.experiments.fields import MUTABLE
from equipoise.dialects.launchdarkly.experiments.instructions import stage_of
from equipoise.dialects.launchdarkly.experiments.percents import echoed, spelt
from equipoise.dialects.launchdarkly.flags.render import rule as flag_rule
from equipoise.dialects.launchdarkly.links import link
from equipoise.dialects.launchdarkly.metrics.render import version_id
from equipoise.domain.experiment.state import Experiment, Iteration, MetricUse
from equipoise.domain.flag import FLAG
from equipoise.domain.flag.state import FALLTHROUGH, Flag
from equipoise.domain.gates import ReservedShare
from equipoise.domain.identity import INSTANCE, Place
from equipoise.domain.layer.state import PERCENT
from equipoise.domain.metric import METRIC
from equipoise.domain.metric.state import Metric
from equipoise.domain.project import PROJECT

TREATMENTS, SECONDARY, DRAFT, PREVIOUS, ANALYSIS, MUTABLE_FIELDS = (
    "treatments",
    "secondaryMetrics",
    "draftIteration",
    "previousIterations",
    "analysisConfig",
    "mutableFieldsByStatus",
)
WHOLE = frozenset({TREATMENTS, SECONDARY, DRAFT, PREVIOUS, ANALYSIS})  # what a write answers
_TYPES = {ours: theirs for theirs, ours in plans.DESIGNS.items()}
_GONE = "0" * 24  # the id of a metric that is no longer there


class Around(Struct, frozen=True):
    """What experiments refer to, by key; what is gone is left out."""

    metrics: Mapping[str, Metric]
    flags: Mapping[str, Flag]
    owner: str


def around(
    world: World, project: str, experiments: Iterable[Experiment], expand: frozenset[str], past: bool = False
) -> Around:
    """Reads it in a query for each noun; of the past, one by one."""
    seen = tuple(experiments)
    shown = [each for experiment in seen for each in _shown(experiment, expand)]
    metrics = dict.fromkeys(use.key for each in shown for use in _uses(each))
    flags = dict.fromkeys(
        experiment.flag
        for experiment in seen
        if any(each.rule != FALLTHROUGH for each in _shown(experiment, expand))
    )
    ownerless = any(not each.maintainer for each in seen)
    return Around(
        metrics=_read(world, METRIC, project, tuple(metrics), past),
        flags=_read(world, FLAG, project, tuple(flags), past),
        owner=_owner(world, project) if ownerless else "",
    )


def _read(world: World, noun: Any, project: str, keys: tuple[str, ...], past: bool) -> dict[str, Any]:
    if not keys:
        return {}
    if past:
        states = (world.peek(noun, Place(project), key) for key in keys)
        return {state.key: state for state in states if state is not None}
    return {state.key: state for state in world.select(noun, Query(Place(project), keys=keys)).items}


def _owner(world: World, project: str) -> str:
    """Who keeps what nobody keeps: the project's first member, since the wire must name one."""
    found = world.peek(PROJECT, INSTANCE, project)
    return next((member.id for member in found.members), _GONE) if found is not None else _GONE


def experiments(
    found: Iterable[Experiment], total: int, links: Links, around: Around, expand: frozenset[str]
) -> documents.Experiments:
    items = [experiment(each, around, expand - {MUTABLE_FIELDS}) for each in found]
    return documents.Experiments(items, total, links)


def experiment(now: Experiment, around: Around, expand: frozenset[str]) -> documents.Experiment:
    """The experiment with what was asked to be expanded."""
    ordinals = {each.id: ordinal for ordinal, each in enumerate(now.iterations, 1)}

    def told(each: Iteration) -> documents.Iteration:
        return iteration(now, each, ordinals[each.id], around, expand)

    settings = now.analysis.settings if ANALYSIS in expand else {}
    return documents.Experiment(
        id=now.id,
        key=now.key,
        name=now.name,
        maintainer_id=now.maintainer or around.owner,
        creation_date=now.created_at,
        environmentKey=now.environment,
        methodology=now.analysis.methodology,  # type: ignore[arg-type]
        dataSource=plans.annotation(now, plans.DATA_SOURCE) or plans.OWN_DATA,
        type=_TYPES[now.design],
        tags=list(now.tags),
        links=_links(now),
        description=now.description or UNSET,
        archivedDate=UNSET if now.archived_at is None else now.archived_at,
        holdoutId=now.holdout or UNSET,
        currentIteration=told(now.shown) if now.shown is not None else UNSET,
        draftIteration=told(now.draft) if now.draft is not None and DRAFT in expand else UNSET,
        previousIterations=[told(each) for each in reversed(now.previous)] or UNSET
        if PREVIOUS in expand
        else UNSET,
        analysisConfig=convert(settings, documents.AnalysisConfig) if settings else UNSET,
        mutableFieldsByStatus=dict(MUTABLE) if MUTABLE_FIELDS in expand else UNSET,
    )


def iteration(
    of: Experiment, now: Iteration, ordinal: int, around: Around, expand: frozenset[str]
) -> documents.Iteration:
    """`ordinal` counts the experiment's iterations from 1."""
    metrics = [metric(use, of.project, around) for use in now.metrics]
    deciding = next((each for each in metrics if each.key == now.primary_key), None)
    cadence = plans.annotation(now, plans.CADENCE) if of.design == "bandit" else None
    return documents.Iteration(
        id=now.id,
        hypothesis=now.hypothesis_text,
        status=stage_of(now),
        createdAt=now.created_at,
        version=ordinal,
        canReshuffleTraffic=now.reshuffle,
        flags={of.flag: _flag(of, now, around.flags.get(of.flag))},
        metrics=[_or_group(each, use.group) for each, use in zip(metrics, now.metrics, strict=True)],
        attributes=list(now.attributes),
        startedAt=UNSET if now.started_at is None else now.started_at,
        endedAt=UNSET if now.ended_at is None else now.ended_at,
        winningTreatmentId=now.winner or UNSET,
        winningReason=now.winner_reason or UNSET,
        randomizationUnit=now.unit or UNSET,
        reallocationFrequencyMillis=UNSET if cadence is None else cadence,
        covariateId=plans.annotation(now, plans.COVARIATE) or UNSET,
        primaryMetric=UNSET if deciding is None else _or_group(deciding, group=False),
        primarySingleMetric=UNSET if deciding is None else deciding,
        primarySingleMetricKey=UNSET if deciding is None else deciding.key,
        treatments=_treatments(of, now) if TREATMENTS in expand else UNSET,
        secondaryMetrics=[each for each in metrics if each is not deciding] or UNSET
        if SECONDARY in expand
        else UNSET,
        layerSnapshot=_snapshot(now.phases[-1].reserved) if now.phases else UNSET,
    )


def _snapshot(reserved: ReservedShare | None) -> documents.LayerSnapshot | UnsetType:
    if reserved is None:
        return UNSET
    shares = (share // PERCENT for share in (reserved.share, reserved.others))
    return documents.LayerSnapshot(reserved.layer, reserved.name, *shares)


def metric(use: MetricUse, project: str, around: Around) -> documents.Metric:
    """A metric as it is measured: in the version that is pinned, else in the present one."""
    found = around.metrics.get(use.key)
    links = {"self": link("metrics", project, use.key)}
    unit = use.unit or UNSET
    if found is None:
        return documents.Metric(
            use.key, version_id(_GONE, use.version), use.key, "custom", links, analysisUnit=unit
        )
    defined = found.definition
    return documents.Metric(
        key=found.key,
        version_id=version_id(found.id, use.version or found.version),
        name=found.name,
        kind=defined.kind,  # type: ignore[arg-type]
        links=links,
        isNumeric=defined.measure.numeric,
        unitAggregationType=defined.measure.aggregation,  # type: ignore[arg-type]
        analysisType=defined.analysis,  # type: ignore[arg-type]
        eventKey=defined.measure.event or UNSET,
        analysisUnit=unit,
    )


def _or_group(metric: documents.Metric, group: bool) -> documents.MetricOrGroup:
    return documents.MetricOrGroup(
        key=metric.key,
        version_id=metric.version_id,
        name=metric.name,
        kind="standard" if group else metric.kind,
        links=metric.links,
        isGroup=group,
        isNumeric=metric.isNumeric,
        eventKey=metric.eventKey,
        analysisType=metric.analysisType,
        analysisUnit=metric.analysisUnit,
    )


def _flag(of: Experiment, now: Iteration, flag: Flag | None) -> documents.Flag:
    control = now.proposal.control
    outside = now.proposal.outside or (control.variation if control is not None else "")
    rules = () if flag is None else flag.in_environment(of.environment).rules
    rule = next((each for each in rules if each.id == now.rule), None)
    version = plans.annotation(now, plans.FLAG_VERSION)
    description: str | UnsetType = UNSET
    clauses: list[Any] | UnsetType = UNSET
    if flag is not None and rule is not None:
        description = rule.description or UNSET
        clauses = to_builtins(flag_rule(flag, rule).clauses)
    return documents.Flag(
        targetingRule=now.rule,
        links={"self": link("flags", of.project, of.flag)},
        targetingRuleDescription=description,
        targetingRuleClauses=clauses,
        flagConfigVersion=UNSET if version is None else version,
        notInExperimentVariationId=outside or UNSET,
    )


def _treatments(of: Experiment, now: Iteration) -> list[documents.Treatment]:
    texts: dict[str, str] = plans.annotation(now, plans.PERCENTS) or {}
    shares = now.shares
    return [
        documents.Treatment(
            id=arm.variation,
            name=arm.name,
            allocationPercent=_percent(shares[at], texts.get(arm.variation, "")),
            baseline=arm.control,
            parameters=[documents.Parameter(of.flag, arm.variation)],
        )
        for at, arm in enumerate(now.proposal.arms)
    ]


def _percent(share: int, text: str) -> str:
    """As it came, while it still says the arm's share."""
    return text if echoed(text, share) else spelt(share)


def _links(now: Experiment) -> Links:
    parent = ("projects", now.project, "environments", now.environment)
    return {"self": link(*parent, "experiments", now.key), "parent": link(*parent)}


def _shown(now: Experiment, expand: frozenset[str]) -> Iterable[Iteration]:
    yield from (each for each in (now.shown,) if each is not None)
    if DRAFT in expand and now.draft is not None:
        yield now.draft
    if PREVIOUS in expand:
        yield from now.previous


def _uses(iteration: Iteration) -> Iterable[MetricUse]:
    return (use for use in iteration.metrics if not use.group)
