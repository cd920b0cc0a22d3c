"""Iterations as they are said, as iterations: what `checks` found nothing against."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from msgspec import UNSET, to_builtins

from equipoise.dialects.launchdarkly.experiments import documents
from equipoise.dialects.launchdarkly.experiments.percents import shares_of, unusual
from equipoise.dialects.launchdarkly.experiments.setting import Setting
from equipoise.domain.clauses import Json
from equipoise.domain.experiment.state import Experiment, Iteration, MetricUse
from equipoise.domain.identity import Id, unique
from equipoise.domain.proposal import Proposal, ProposedArm

DIALECT = "launchdarkly"
DESIGNS = {"experiment": "experiment", "mab": "bandit", "holdout": "holdout"}

# annotations of an iteration
PERCENTS = "allocationPercents"  # variation id → percentage, where we would spell it otherwise
FLAG_VERSION = "flagConfigVersion"
COVARIATE = "covariateId"
CADENCE = "reallocationFrequencyMillis"
# annotation of an experiment, where it is not our own
DATA_SOURCE = "dataSource"
OWN_DATA: Final = "launchdarkly"


def annotation(of: Experiment | Iteration, name: str) -> Json:
    """What this surface keeps there under the name; None for nothing."""
    return of.annotations.get(f"{DIALECT}.{name}")


def annotated(**said: Any) -> dict[str, Json]:
    """Annotations as a newborn has them; what is UNSET or None is left out."""
    return {
        f"{DIALECT}.{name}": value for name, value in said.items() if value is not UNSET and value is not None
    }


def iteration_of(said: documents.IterationInput, setting: Setting, id: Id, at: int) -> Iteration:
    """A draft. Its flag's version is expected, as it says."""
    ((flag_key, flag),) = said.flags.items()
    setting.expect(flag_key, flag.flagConfigVersion)
    arms = arms_of(said.treatments)
    primary = said.primarySingleMetricKey or primary_among(said.metrics)
    return Iteration(
        id=id,
        created_at=at,
        hypothesis_text=said.hypothesis,
        unit=setting.project.default_unit if said.randomizationUnit is UNSET else said.randomizationUnit,
        metrics=measured(uses_of(said.metrics), primary),
        primary=primary,
        attributes=unique(tuple(said.attributes or ())),
        rule=flag.ruleId,
        proposal=Proposal(arms, flag.notInExperimentVariationId or ""),
        reshuffle=said.canReshuffleTraffic,
        annotations=annotated(
            allocationPercents=percents_of(said.treatments, arms),
            flagConfigVersion=flag.flagConfigVersion,
            covariateId=said.covariateId,
            reallocationFrequencyMillis=said.reallocationFrequencyMillis,
        ),
    )


def arms_of(treatments: Sequence[documents.TreatmentInput]) -> tuple[ProposedArm, ...]:
    shares = shares_of([each.allocationPercent for each in treatments])
    return tuple(
        ProposedArm(each.parameters[0].variationId, share, each.baseline, each.name)
        for each, share in zip(treatments, shares, strict=True)
    )


def percents_of(
    treatments: Sequence[documents.TreatmentInput], arms: Iterable[ProposedArm]
) -> dict[str, str] | None:
    """The percentages that must be kept to be echoed as they came."""
    said = {each.parameters[0].variationId: each.allocationPercent for each in treatments}
    return unusual(said, {arm.variation: arm.share or 0 for arm in arms})


def uses_of(metrics: Iterable[documents.MetricInput]) -> tuple[MetricUse, ...]:
    return tuple(MetricUse(each.key, unit=each.analysisUnit or "") for each in metrics)


def primary_among(metrics: Iterable[documents.MetricInput]) -> str:
    """The key of the one that is said to be primary; "" for none."""
    return next((each.key for each in metrics if each.primary), "")


def measured(uses: tuple[MetricUse, ...], primary: str) -> tuple[MetricUse, ...]:
    """The metrics with the one that decides among them."""
    if not primary or any(use.key == primary for use in uses):
        return uses
    return (MetricUse(primary), *uses)


def settings_of(config: documents.AnalysisConfig) -> dict[str, Json]:
    """An analysis configuration, as much of it as was said."""
    settings: dict[str, Json] = to_builtins(config)
    return settings
