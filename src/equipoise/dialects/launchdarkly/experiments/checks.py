"""What must hold of an iteration as it is said: findings for `check`, each at its place on the wire."""

from collections.abc import Iterator, Sequence

from msgspec import UNSET, UnsetType

from equipoise.dialects.launchdarkly.experiments import documents
from equipoise.dialects.launchdarkly.experiments.percents import above_whole, percent_rule
from equipoise.dialects.launchdarkly.experiments.setting import Setting
from equipoise.domain.errors import Violation
from equipoise.domain.flag.state import FALLTHROUGH, Flag
from equipoise.domain.identity import name_rule, text_rule, unique
from equipoise.domain.limits import ARMS_MAX, LIST_ITEMS_MAX, METRICS_PER_ITERATION_MAX, NAME_LENGTH_MAX
from equipoise.domain.project.state import Project

Findings = Iterator[bool | Violation]

NO_GROUPS = "metric groups are not there yet; name the metrics one by one"
INT64_MAX = 2**63 - 1


def of_iteration(said: documents.IterationInput, setting: Setting, flag_key: str = "") -> Findings:
    """`flag_key` is the flag of an experiment that is there already."""
    yield text_rule("hypothesis", said.hypothesis)
    yield from of_flags("flags", said.flags, setting, flag_key)
    sole = flag_key or next(iter(said.flags), "")
    yield from of_treatments("treatments", said.treatments, sole, setting.flag(sole) if sole else None)
    yield from of_metrics("metrics", said.metrics, setting)
    if said.primarySingleMetricKey is not UNSET:
        yield from of_primary("primarySingleMetricKey", said.primarySingleMetricKey, setting)
    yield said.primaryFunnelKey is UNSET or Violation("primaryFunnelKey", NO_GROUPS)
    if said.randomizationUnit is not UNSET:
        yield of_unit("randomizationUnit", said.randomizationUnit, setting.project)
    yield from of_names("attributes", said.attributes or ())
    if said.reallocationFrequencyMillis is not UNSET:
        yield of_cadence("reallocationFrequencyMillis", said.reallocationFrequencyMillis)
    yield text_rule("covariateId", said.covariateId or "", NAME_LENGTH_MAX)


def of_flags(
    where: str, flags: dict[str, documents.FlagInput], setting: Setting, flag_key: str = ""
) -> Findings:
    """One flag, and the same one for the experiment's whole life."""
    if len(flags) != 1:
        yield Violation(where, "must name exactly one flag", list(flags))
        return
    ((key, said),) = flags.items()
    here = f"{where}.{key}"
    if flag_key and key != flag_key:
        yield Violation(here, f"the experiment stays on its flag, {flag_key}", key)
        return
    flag = setting.flag(key)
    if flag is None:
        yield Violation(here, "must be the key of a flag", key)
        return
    rules = (FALLTHROUGH, *(rule.id for rule in flag.in_environment(setting.place.environment).rules))
    rule = f'must be "{FALLTHROUGH}" or the id of one of its rules'
    yield said.ruleId in rules or Violation(f"{here}.ruleId", rule, said.ruleId)
    if said.notInExperimentVariationId:
        yield _varies(f"{here}.notInExperimentVariationId", said.notInExperimentVariationId, flag)


def of_treatments(
    where: str, treatments: Sequence[documents.TreatmentInput], flag_key: str, flag: Flag | None
) -> Findings:
    """Each serves one variation of the flag. Where the flag is not known, that is said elsewhere."""
    yield len(treatments) <= ARMS_MAX or Violation(where, f"at most {ARMS_MAX}", len(treatments))
    baselines = sum(each.baseline for each in treatments)
    yield baselines <= 1 or Violation(where, "exactly one is the baseline", baselines)
    texts = [
        each.allocationPercent for each in treatments if percent_rule("", each.allocationPercent) is True
    ]
    yield not above_whole(texts) or Violation(where, "allocationPercent sums to at most 100", texts)
    served: set[str] = set()
    for index, each in enumerate(treatments):
        here = f"{where}[{index}]"
        yield text_rule(f"{here}.name", each.name, NAME_LENGTH_MAX)
        yield percent_rule(f"{here}.allocationPercent", each.allocationPercent)
        if len(each.parameters) != 1:
            yield Violation(
                f"{here}.parameters", "must be one: the flag and its variation", len(each.parameters)
            )
            continue
        if flag_key:
            yield from _of_parameter(f"{here}.parameters[0]", each.parameters[0], flag_key, flag)
        variation = each.parameters[0].variationId
        rule = "each variation stands in at most one treatment"
        yield variation not in served or Violation(f"{here}.parameters[0].variationId", rule, variation)
        served.add(variation)


def _of_parameter(where: str, parameter: documents.Parameter, flag_key: str, flag: Flag | None) -> Findings:
    said = parameter.flagKey
    yield said == flag_key or Violation(f"{where}.flagKey", f"must be {flag_key}, as in flags", said)
    if flag is not None:
        yield _varies(f"{where}.variationId", parameter.variationId, flag)


def of_metrics(where: str, metrics: Sequence[documents.MetricInput], setting: Setting) -> Findings:
    most = METRICS_PER_ITERATION_MAX
    yield len(metrics) <= most or Violation(where, f"at most {most}", len(metrics))
    keys = [each.key for each in metrics]
    yield len(set(keys)) == len(keys) or Violation(where, "each metric stands once", keys)
    primaries = sum(each.primary for each in metrics)
    yield primaries <= 1 or Violation(where, "at most one is primary", primaries)
    known = setting.metrics(each.key for each in metrics if not each.isGroup)
    for index, each in enumerate(metrics):
        here = f"{where}[{index}]"
        if each.isGroup:
            yield Violation(f"{here}.isGroup", NO_GROUPS)
        else:
            yield each.key in known or Violation(f"{here}.key", "must be the key of a metric", each.key)
        if each.analysisUnit:
            yield of_unit(f"{here}.analysisUnit", each.analysisUnit, setting.project)


def of_primary(where: str, key: str, setting: Setting) -> Findings:
    """ "" leaves the choice to the order of the metrics."""
    if key and not setting.metrics((key,)):
        yield Violation(where, "must be the key of a metric", key)


def of_unit(where: str, unit: str, project: Project) -> bool | Violation:
    known = ", ".join(kind.key for kind in project.context_kinds)
    rule = f"must be one of the project's context kinds: {known}"
    return project.context_kind(unit) is not None or Violation(where, rule, unit)


def of_holdout(where: str, said: str, setting: Setting) -> bool | Violation:
    rule = "must be the _id of a holdout of the environment that has not ended"
    return not said or setting.holdout(said) is not None or Violation(where, rule, said)


def of_names(where: str, names: Sequence[str]) -> Findings:
    yield len(names) <= LIST_ITEMS_MAX or Violation(where, f"at most {LIST_ITEMS_MAX}", len(names))
    yield from (name_rule(f"{where}[{index}]", name) for index, name in enumerate(unique(tuple(names))))


def of_cadence(where: str, milliseconds: int) -> bool | Violation:
    fits = 0 < milliseconds <= INT64_MAX
    return fits or Violation(where, "must be a positive number of milliseconds", milliseconds)


def of_analysis_config(where: str, said: documents.AnalysisConfig | UnsetType) -> Findings:
    """Thresholds may be on either scale; they are kept and echoed as they came."""
    if isinstance(said, UnsetType):
        return
    for name in ("bayesianThreshold", "significanceThreshold"):
        text = getattr(said, name)
        if text is not UNSET:
            yield percent_rule(f"{where}.{name}", text)
    yield text_rule(f"{where}.testDirection", said.testDirection or "", NAME_LENGTH_MAX)


def of_methodology(where: str, methodology: str, design: str) -> bool | Violation:
    fits = design != "bandit" or methodology == "bayesian"
    return fits or Violation(where, "must be bayesian for a multi-armed bandit", methodology)


def _varies(where: str, id: str, flag: Flag) -> bool | Violation:
    rule = f"must be the id of a variation of {flag.key}"
    return flag.variation(id) is not None or Violation(where, rule, id)
