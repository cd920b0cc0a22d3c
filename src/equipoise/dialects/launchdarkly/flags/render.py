"""Flags as documents."""

from collections.abc import Iterable, Mapping
from hashlib import sha256

from msgspec import UNSET, Struct, UnsetType

from equipoise.dialects.launchdarkly.documents import Links
from equipoise.dialects.launchdarkly.flags.documents import (
    Clause,
    ClientSideAvailability,
    CustomProperty,
    Defaults,
    ExperimentAllocation,
    ExperimentInfo,
    FeatureFlag,
    FeatureFlagConfig,
    FeatureFlags,
    FlagSummary,
    Prerequisite,
    Rollout,
    Rule,
    Target,
    Variation,
    VariationOrRollout,
    VariationSummary,
    WeightedVariation,
)
from equipoise.dialects.launchdarkly.links import link, site
from equipoise.dialects.launchdarkly.maintainers import maintainer_of
from equipoise.domain import clauses
from equipoise.domain.environment.state import Environment
from equipoise.domain.flag import state
from equipoise.domain.flag.state import Fixed, Flag, Serve, Targeting
from equipoise.domain.project.state import Project

GONE = -1  # the index of a variation that is no longer there
USER = "user"


class Setting(Struct, frozen=True):
    """A flag in one environment, as it is served there.

    targeting   with the overlays of experiments
    changed_at  milliseconds since 1970, of the last change to either
    needed      the flags that are prerequisites, by key
    """

    environment: Environment
    targeting: Targeting
    version: int
    changed_at: int
    needed: Mapping[str, Flag] = {}


def feature_flag(
    flag: Flag, project: Project, settings: Iterable[Setting] | None = None, summary: bool = False
) -> FeatureFlag:
    """The flag, with the environments that were asked for; in a summary, these without their lists."""
    environments = (
        UNSET
        if settings is None
        else {each.environment.key: _config(flag, each, summary) for each in settings}
    )
    purpose = flag.annotations.get("launchdarkly.purpose")
    return FeatureFlag(
        name=flag.name,
        kind="boolean" if all(isinstance(each.value, bool) for each in flag.variations) else "multivariate",
        key=flag.key,
        version=flag.revision,
        creation_date=flag.created_at,
        variations=[_variation(each) for each in flag.variations],
        temporary=flag.temporary,
        tags=list(flag.tags),
        links=_links(flag),
        experiments=ExperimentInfo(),
        custom_properties={
            each.key: CustomProperty(each.name, list(each.values)) for each in flag.properties
        },
        archived=flag.archived_at is not None,
        description=flag.description,
        include_in_snippet=flag.client_side,
        client_side_availability=ClientSideAvailability(flag.mobile, flag.client_side),
        maintainer_id=flag.maintainer or UNSET,
        maintainer=maintainer_of(project, flag.maintainer),
        archived_date=UNSET if flag.archived_at is None else flag.archived_at,
        deprecated=flag.deprecated_at is not None,
        deprecated_date=UNSET if flag.deprecated_at is None else flag.deprecated_at,
        defaults=_defaults(flag),
        purpose=purpose if isinstance(purpose, str) else UNSET,
        environments=environments,
    )


def _defaults(flag: Flag) -> Defaults | UnsetType:
    """None while it has no variations."""
    if not flag.variations:
        return UNSET
    return Defaults(flag.index(flag.on_variation), flag.index(flag.off_variation))


def feature_flags(items: list[FeatureFlag], links: Links, total: int) -> FeatureFlags:
    return FeatureFlags(items, links, total)


def _links(flag: Flag) -> Links:
    return {"self": link("flags", flag.project, flag.key), "parent": link("flags", flag.project)}


def _variation(variation: state.Variation) -> Variation:
    return Variation(
        value=variation.value,
        id=variation.id,
        name=variation.name or UNSET,
        description=variation.description or UNSET,
    )


def _config(flag: Flag, setting: Setting, summary: bool) -> FeatureFlagConfig:
    environment, targeting = setting.environment, setting.targeting
    return FeatureFlagConfig(
        on=targeting.on,
        archived=flag.archived_at is not None,
        salt=flag.salt,
        sel=sha256(f"{flag.id}/{environment.id}".encode()).hexdigest()[:32],
        last_modified=setting.changed_at,
        version=setting.version,
        site=site(flag.project, environment.key, "features", flag.key),
        environment_name=environment.name,
        track_events=targeting.track_events,
        track_events_fallthrough=targeting.track_events_fallthrough,
        targets=UNSET if summary else targets(flag, targeting, legacy=True),
        context_targets=UNSET if summary else targets(flag, targeting, legacy=False),
        rules=UNSET if summary else [rule(flag, each) for each in targeting.rules],
        fallthrough=variation_or_rollout(flag, targeting.fallthrough),
        off_variation=flag.index(targeting.off_variation) if targeting.off_variation else UNSET,
        prerequisites=UNSET if summary else _prerequisites(setting),
        summary=_summary(flag, targeting),
    )


def targets(flag: Flag, targeting: Targeting, legacy: bool) -> list[Target]:
    """Targets of users, or of every other kind: the wire keeps them apart."""
    return [
        Target(list(each.keys), flag.index(each.variation), each.kind)
        for each in targeting.targets
        if (each.kind == USER) is legacy
    ]


def rule(flag: Flag, rule: state.Rule) -> Rule:
    served = variation_or_rollout(flag, rule.serve)
    return Rule(
        clauses=[_clause(each) for each in rule.clauses],
        track_events=rule.track_events,
        id=rule.id,
        variation=served.variation,
        rollout=served.rollout,
        disabled=rule.disabled or UNSET,
        description=rule.description or UNSET,
        ref=rule.ref or UNSET,
    )


def _clause(clause: clauses.Clause) -> Clause:
    return Clause(
        attribute=clause.attribute,
        op=clause.op,
        values=list(clause.values),
        negate=clause.negate,
        id=clause.id,
        context_kind=clause.kind,
    )


def variation_or_rollout(flag: Flag, serve: Serve) -> VariationOrRollout:
    if isinstance(serve, Fixed):
        return VariationOrRollout(flag.index(serve.variation)) if serve.variation else VariationOrRollout()
    return VariationOrRollout(rollout=_rollout(flag, serve))


def _rollout(flag: Flag, rollout: state.Rollout) -> Rollout:
    return Rollout(
        variations=[
            WeightedVariation(flag.index(each.variation), each.weight, each.untracked or UNSET)
            for each in rollout.weights
        ],
        experiment_allocation=_allocation(flag, rollout),
        seed=UNSET if rollout.seed is None else rollout.seed,
        bucket_by=rollout.bucket_by or UNSET,
        context_kind=rollout.kind,
    )


def _allocation(flag: Flag, rollout: state.Rollout) -> ExperimentAllocation | UnsetType:
    if not rollout.experiment:
        return UNSET
    outside = rollout.outside or rollout.weights[0].variation
    return ExperimentAllocation(flag.index(outside), rollout.reshuffle)


def _prerequisites(setting: Setting) -> list[Prerequisite]:
    return [
        Prerequisite(each.flag, _index(setting.needed.get(each.flag), each.variation))
        for each in setting.targeting.prerequisites
    ]


def _index(flag: Flag | None, variation: str) -> int:
    return flag.index(variation) if flag is not None and flag.variation(variation) else GONE


def _summary(flag: Flag, targeting: Targeting) -> FlagSummary:
    named = targeting.variations
    summaries = {
        str(index): _variation_summary(each.id, targeting)
        for index, each in enumerate(flag.variations)
        if each.id in named
    }
    return FlagSummary(summaries, len(targeting.prerequisites))


def _variation_summary(variation: str, targeting: Targeting) -> VariationSummary:
    serving = [each for each in targeting.rules if variation in each.serve.variations]
    keys = [(each.kind, len(each.keys)) for each in targeting.targets if each.variation == variation]
    last = targeting.fallthrough
    rolled = isinstance(last, state.Rollout) and variation in {each.variation for each in last.weights}
    return VariationSummary(
        rules=len(serving),
        null_rules=sum(not each.clauses for each in serving),
        targets=sum(count for kind, count in keys if kind == USER),
        context_targets=sum(count for kind, count in keys if kind != USER),
        is_fallthrough=last == Fixed(variation) or UNSET,
        is_off=targeting.off_variation == variation or UNSET,
        rollout=_weight(last, variation) if rolled else UNSET,
        bucket_by=(last.bucket_by or UNSET) if rolled and isinstance(last, state.Rollout) else UNSET,
    )


def _weight(serve: Serve, variation: str) -> int:
    if isinstance(serve, Fixed):
        return 0
    return sum(each.weight for each in serve.weights if each.variation == variation)
