"""Flags as server-side SDKs read them. They refuse a whole environment for one field of a wrong type, so
every field is said, and numbers that they hold for integers are integers."""

from msgspec import UNSET, Struct, UnsetType

from equipoise.domain.clauses import Json


class Slot(Struct, frozen=True):
    """A variation (its index) and its weight in thousandths of a percent."""

    variation: int
    weight: int
    untracked: bool | UnsetType = UNSET


class RolloutData(Struct, frozen=True):
    kind: str
    contextKind: str
    variations: list[Slot]
    seed: int | UnsetType = UNSET
    bucketBy: str | UnsetType = UNSET


class ServeData(Struct, frozen=True):
    """Either; with neither, whoever is led here gets an error reason."""

    variation: int | UnsetType = UNSET
    rollout: RolloutData | UnsetType = UNSET


class ClauseData(Struct, frozen=True):
    """With a context kind, which is always said, the attribute is a reference."""

    contextKind: str
    attribute: str
    op: str
    values: list[Json]
    negate: bool


class RuleData(Struct, frozen=True):
    id: str
    clauses: list[ClauseData]
    trackEvents: bool
    variation: int | UnsetType = UNSET
    rollout: RolloutData | UnsetType = UNSET


class TargetData(Struct, frozen=True):
    values: list[str]
    variation: int
    contextKind: str | UnsetType = UNSET


class PrerequisiteData(Struct, frozen=True):
    key: str
    variation: int


class AvailabilityData(Struct, frozen=True):
    usingMobileKey: bool
    usingEnvironmentId: bool


class FlagData(Struct, frozen=True):
    key: str
    version: int
    on: bool
    salt: str
    variations: list[Json]
    fallthrough: ServeData
    clientSideAvailability: AvailabilityData
    clientSide: bool
    targets: list[TargetData] = []
    contextTargets: list[TargetData] = []
    rules: list[RuleData] = []
    prerequisites: list[PrerequisiteData] = []
    trackEvents: bool = False
    trackEventsFallthrough: bool = False
    offVariation: int | UnsetType = UNSET
    deleted: bool = False


class SegmentRuleData(Struct, frozen=True):
    """`weight` in thousandths of a percent: the share of those who answer the clauses."""

    clauses: list[ClauseData]
    weight: int | UnsetType = UNSET
    rolloutContextKind: str | UnsetType = UNSET


class SegmentData(Struct, frozen=True):
    """Its version is always 1: a stream never sends one by one. What changes among them is sent whole, and
    takes the place of all that was known."""

    key: str
    rules: list[SegmentRuleData]
    version: int = 1
    salt: str = ""
    included: list[str] = []
    excluded: list[str] = []
    deleted: bool = False
