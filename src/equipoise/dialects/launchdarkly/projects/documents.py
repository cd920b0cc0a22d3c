"""Shapes of projects. Field names are the wire's."""

from typing import Any

from msgspec import UNSET, Struct, UnsetType, field

from equipoise.dialects.launchdarkly.documents import Links
from equipoise.dialects.launchdarkly.environments.documents import (
    Environment,
    EnvironmentPost,
    Environments,
)

# what is said


class DefaultClientSideAvailabilityPost(Struct, frozen=True):
    usingEnvironmentId: bool
    usingMobileKey: bool


class ProjectPost(Struct, frozen=True):
    """Without `environments`, the project gets `test` and `production`."""

    name: str
    key: str
    includeInSnippetByDefault: bool | UnsetType = UNSET
    defaultClientSideAvailability: DefaultClientSideAvailabilityPost | UnsetType = UNSET
    tags: list[str] = []
    environments: list[EnvironmentPost] | UnsetType = UNSET
    namingConvention: Any = UNSET


class ClientSideAvailability(Struct, frozen=True):
    usingMobileKey: bool | UnsetType = UNSET
    usingEnvironmentId: bool | UnsetType = UNSET


class ProjectPatch(Struct, frozen=True):
    """The fields of a project that a patch may change."""

    name: str | UnsetType = UNSET
    tags: list[str] | UnsetType | None = UNSET
    includeInSnippetByDefault: bool | UnsetType = UNSET
    defaultClientSideAvailability: ClientSideAvailability | UnsetType = UNSET


# what is answered


class Project(Struct, frozen=True):
    """`environments` is there when the request expands it."""

    links: Links = field(name="_links")
    id: str = field(name="_id")
    key: str
    name: str
    includeInSnippetByDefault: bool
    defaultClientSideAvailability: ClientSideAvailability
    tags: list[str]
    environments: Environments | UnsetType = UNSET


class ProjectRep(Struct, frozen=True):
    """What a write answers: all environments, unpaged."""

    links: Links = field(name="_links")
    id: str = field(name="_id")
    key: str
    name: str
    includeInSnippetByDefault: bool
    defaultClientSideAvailability: ClientSideAvailability
    tags: list[str]
    environments: list[Environment]


class Projects(Struct, frozen=True):
    links: Links = field(name="_links")
    items: list[Project]
    totalCount: int
