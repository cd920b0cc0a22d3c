"""Shapes of context kinds and of experimentation settings. Field names are the wire's."""

from msgspec import UNSET, Struct, UnsetType, field

from equipoise.dialects.launchdarkly.documents import Links

# what is said


class UpsertContextKindPayload(Struct, frozen=True):
    """`hideInTargeting` is another name of `archived`; `version` is the one last read."""

    name: str
    description: str | UnsetType = UNSET
    hideInTargeting: bool | UnsetType = UNSET
    archived: bool | UnsetType = UNSET
    version: int | UnsetType = UNSET


class RandomizationUnitInput(Struct, frozen=True):
    """`randomizationUnit` is the key of a context kind."""

    randomizationUnit: str
    default: bool = False
    standardRandomizationUnit: str | UnsetType = UNSET


class RandomizationSettingsPut(Struct, frozen=True):
    randomizationUnits: list[RandomizationUnitInput]


# what is answered


class ContextKind(Struct, frozen=True):
    """Times are milliseconds since 1970."""

    key: str
    name: str
    description: str
    version: int
    creationDate: int
    lastModified: int
    createdFrom: str
    hideInTargeting: bool
    archived: bool
    links: Links = field(name="_links")


class ContextKinds(Struct, frozen=True):
    items: list[ContextKind]
    links: Links = field(name="_links")


class Upserted(Struct, frozen=True):
    status: str
    links: Links = field(name="_links")


class RandomizationUnit(Struct, frozen=True):
    randomizationUnit: str
    default: bool
    hidden: bool = field(name="_hidden")
    displayName: str = field(name="_displayName")


class RandomizationSettings(Struct, frozen=True):
    projectId: str = field(name="_projectId")
    projectKey: str = field(name="_projectKey")
    randomizationUnits: list[RandomizationUnit]
    creationDate: int = field(name="_creationDate")
    links: Links = field(name="_links")
