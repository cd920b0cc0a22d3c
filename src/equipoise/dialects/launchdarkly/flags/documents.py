"""Flags on the wire."""

from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, Struct, UnsetType, field

from equipoise.dialects.launchdarkly.documents import Link, Links, Member, PatchOperation
from equipoise.dialects.launchdarkly.flags.instructions import ClauseSaid
from equipoise.dialects.launchdarkly.flags.kinds import AnyInstruction


class Document(Struct, frozen=True, rename="camel"):
    """Names are the wire's in camel case, unless they say otherwise."""


class Variation(Document, frozen=True):
    value: Any
    id: str | UnsetType = field(name="_id", default=UNSET)
    name: str | UnsetType = UNSET
    description: str | UnsetType = UNSET


class WeightedVariation(Document, frozen=True):
    variation: int
    weight: int
    untracked: bool | UnsetType = field(name="_untracked", default=UNSET)


class ExperimentAllocation(Document, frozen=True):
    default_variation: int
    can_reshuffle: bool


class Rollout(Document, frozen=True):
    variations: list[WeightedVariation]
    experiment_allocation: ExperimentAllocation | UnsetType = UNSET
    seed: Annotated[int, Meta(ge=0, le=2**63 - 1)] | UnsetType = UNSET
    bucket_by: str | UnsetType = UNSET
    context_kind: str | UnsetType = UNSET


class VariationOrRollout(Document, frozen=True):
    """By index among the flag's variations."""

    variation: int | UnsetType = UNSET
    rollout: Rollout | UnsetType = UNSET


class Clause(Document, frozen=True):
    attribute: str
    op: str
    values: list[Any]
    negate: bool
    id: str | UnsetType = field(name="_id", default=UNSET)
    context_kind: str | UnsetType = UNSET


class Rule(Document, frozen=True):
    clauses: list[Clause]
    track_events: bool
    id: str | UnsetType = field(name="_id", default=UNSET)
    variation: int | UnsetType = UNSET
    rollout: Rollout | UnsetType = UNSET
    disabled: bool | UnsetType = UNSET
    description: str | UnsetType = UNSET
    ref: str | UnsetType = UNSET


class Target(Document, frozen=True):
    values: list[str]
    variation: int
    context_kind: str | UnsetType = UNSET


class Prerequisite(Document, frozen=True):
    """The index is among the variations of the flag that is needed."""

    key: str
    variation: int


class VariationSummary(Document, frozen=True):
    """Where one variation is served in an environment: how many rules, rules without clauses, keys."""

    rules: int
    null_rules: int
    targets: int
    context_targets: int
    is_fallthrough: bool | UnsetType = UNSET
    is_off: bool | UnsetType = UNSET
    rollout: int | UnsetType = UNSET
    bucket_by: str | UnsetType = UNSET


class FlagSummary(Document, frozen=True):
    variations: dict[str, VariationSummary]
    prerequisites: int


class FeatureFlagConfig(Document, frozen=True):
    """A flag in one environment. `version` is what an experiment's flagConfigVersion speaks of."""

    on: bool
    archived: bool
    salt: str
    sel: str
    last_modified: int
    version: int
    site: Link = field(name="_site")
    environment_name: str = field(name="_environmentName")
    track_events: bool
    track_events_fallthrough: bool
    targets: list[Target] | UnsetType = UNSET
    context_targets: list[Target] | UnsetType = UNSET
    rules: list[Rule] | UnsetType = UNSET
    fallthrough: VariationOrRollout | UnsetType = UNSET
    off_variation: int | UnsetType = UNSET
    prerequisites: list[Prerequisite] | UnsetType = UNSET
    summary: FlagSummary | UnsetType = field(name="_summary", default=UNSET)


class ClientSideAvailability(Document, frozen=True):
    using_mobile_key: bool | UnsetType = UNSET
    using_environment_id: bool | UnsetType = UNSET


class ClientSideAvailabilityPost(Document, frozen=True):
    using_environment_id: bool
    using_mobile_key: bool


class CustomProperty(Document, frozen=True):
    name: str
    value: list[str]


class Defaults(Document, frozen=True):
    """Indices of the variations that new environments serve."""

    on_variation: int
    off_variation: int


class LegacyExperiment(Document, frozen=True):
    metric_key: str | UnsetType = UNSET
    environments: list[str] | UnsetType = UNSET


class ExperimentInfo(Document, frozen=True):
    """Experiments of a model long gone: the list is always empty."""

    baseline_idx: int = 0
    items: list[LegacyExperiment] = []


class FeatureFlag(Document, frozen=True):
    name: str
    kind: Literal["boolean", "multivariate"]
    key: str
    version: int = field(name="_version")
    creation_date: int
    variations: list[Variation]
    temporary: bool
    tags: list[str]
    links: Links = field(name="_links")
    experiments: ExperimentInfo
    custom_properties: dict[str, CustomProperty]
    archived: bool
    description: str | UnsetType = UNSET
    include_in_snippet: bool | UnsetType = UNSET
    client_side_availability: ClientSideAvailability | UnsetType = UNSET
    maintainer_id: str | UnsetType = UNSET
    maintainer: Member | UnsetType = field(name="_maintainer", default=UNSET)
    archived_date: int | UnsetType = UNSET
    deprecated: bool | UnsetType = UNSET
    deprecated_date: int | UnsetType = UNSET
    defaults: Defaults | UnsetType = UNSET
    purpose: str | UnsetType = field(name="_purpose", default=UNSET)
    environments: dict[str, FeatureFlagConfig] | UnsetType = UNSET


class FeatureFlags(Document, frozen=True):
    items: list[FeatureFlag]
    links: Links = field(name="_links")
    total_count: int | UnsetType = UNSET


class FlagPrerequisitePost(Document, frozen=True):
    key: str
    variation_id: str


class MigrationSettingsPost(Document, frozen=True):
    stage_count: int
    context_kind: str | UnsetType = UNSET


class FeatureFlagBody(Document, frozen=True):
    """What a flag is made of: a name and a key suffice for a boolean one."""

    name: str
    key: str
    description: str | UnsetType = UNSET
    include_in_snippet: bool | UnsetType = UNSET
    client_side_availability: ClientSideAvailabilityPost | UnsetType = UNSET
    variations: list[Variation] | UnsetType = UNSET
    temporary: bool | UnsetType = UNSET
    tags: list[str] | UnsetType = UNSET
    custom_properties: dict[str, CustomProperty] | UnsetType = UNSET
    defaults: Defaults | UnsetType = UNSET
    purpose: Literal["migration", "holdout"] | UnsetType = UNSET
    migration_settings: MigrationSettingsPost | UnsetType = UNSET
    maintainer_id: str | UnsetType = UNSET
    maintainer_team_key: str | UnsetType = UNSET
    initial_prerequisites: list[FlagPrerequisitePost] | UnsetType = UNSET
    is_flag_on: bool | UnsetType = UNSET


class FlagPatch(Document, frozen=True):
    """Instructions, or a JSON patch, or a merge patch; the last may also stand bare."""

    comment: str | UnsetType = UNSET
    environment_key: str | UnsetType = UNSET
    instructions: list[AnyInstruction] | UnsetType = UNSET
    patch: list[PatchOperation] | UnsetType = UNSET
    merge: dict[str, Any] | UnsetType = UNSET


AnyFlagPatch = FlagPatch | list[PatchOperation]


# what a JSON patch or a merge patch may change


class FlagEdit(Document, frozen=True):
    """Null stands for what was taken away."""

    name: str | UnsetType = UNSET
    description: str | UnsetType | None = UNSET
    tags: list[str] | UnsetType | None = UNSET
    temporary: bool | UnsetType = UNSET
    maintainer_id: str | UnsetType | None = UNSET
    include_in_snippet: bool | UnsetType = UNSET
    client_side_availability: ClientSideAvailability | UnsetType = UNSET
    custom_properties: dict[str, CustomProperty] | UnsetType | None = UNSET
    variations: list[Variation] | UnsetType = UNSET
    defaults: Defaults | UnsetType = UNSET
    archived: bool | UnsetType = UNSET
    deprecated: bool | UnsetType = UNSET
    environments: dict[str, dict[str, Any]] | UnsetType = UNSET


class RulePost(Document, frozen=True):
    """A rule of a patch: what may be left out has its default."""

    clauses: list[ClauseSaid]
    id: str | UnsetType = field(name="_id", default=UNSET)
    variation: int | UnsetType = UNSET
    rollout: Rollout | UnsetType = UNSET
    track_events: bool = False
    disabled: bool = False
    description: str = ""
    ref: str = ""


class ConfigEdit(Document, frozen=True):
    """A flag in one environment; null stands for what was taken away."""

    on: bool | UnsetType = UNSET
    off_variation: int | UnsetType = UNSET
    fallthrough: VariationOrRollout | UnsetType = UNSET
    rules: list[RulePost] | UnsetType | None = UNSET
    targets: list[Target] | UnsetType | None = UNSET
    context_targets: list[Target] | UnsetType | None = UNSET
    prerequisites: list[Prerequisite] | UnsetType | None = UNSET
    track_events: bool | UnsetType = UNSET
    track_events_fallthrough: bool | UnsetType = UNSET
