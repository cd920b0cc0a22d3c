"""Shapes of environments. Field names are the wire's."""

from msgspec import UNSET, Struct, UnsetType, field

from equipoise.dialects.launchdarkly.documents import Links

# what is said


class SourceEnvironment(Struct, frozen=True):
    """The environment, by key, whose targeting the new one starts with."""

    key: str | UnsetType = UNSET
    version: int | UnsetType = UNSET


class EnvironmentPost(Struct, frozen=True):
    """`color` is six hexadecimal digits, `defaultTtl` is minutes."""

    name: str
    key: str
    color: str
    defaultTtl: int = 0
    secureMode: bool = False
    defaultTrackEvents: bool = False
    confirmChanges: bool = False
    requireComments: bool = False
    tags: list[str] = []
    source: SourceEnvironment | UnsetType = UNSET
    critical: bool = False


class EnvironmentPatch(Struct, frozen=True):
    """The fields of an environment that a patch may change."""

    name: str | UnsetType = UNSET
    color: str | UnsetType = UNSET
    tags: list[str] | UnsetType | None = UNSET
    defaultTtl: int | UnsetType = UNSET
    secureMode: bool | UnsetType = UNSET
    defaultTrackEvents: bool | UnsetType = UNSET
    requireComments: bool | UnsetType = UNSET
    confirmChanges: bool | UnsetType = UNSET
    critical: bool | UnsetType = UNSET


# what is answered


class Environment(Struct, frozen=True):
    """`_id` is the client-side id; `apiKey` and `mobileKey` end alike but are hidden from readers."""

    links: Links = field(name="_links")
    id: str = field(name="_id")
    key: str
    name: str
    apiKey: str
    mobileKey: str
    color: str
    defaultTtl: int
    secureMode: bool
    defaultTrackEvents: bool
    requireComments: bool
    confirmChanges: bool
    tags: list[str]
    critical: bool


class Environments(Struct, frozen=True):
    links: Links = field(name="_links")
    totalCount: int
    items: list[Environment]
