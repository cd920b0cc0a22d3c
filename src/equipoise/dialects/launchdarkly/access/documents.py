"""Shapes of tokens, of the caller, of the root. Field names are the wire's."""

from typing import Any, Literal

from msgspec import UNSET, Struct, UnsetType, field

from equipoise.dialects.launchdarkly.documents import Links

Role = Literal["reader", "writer", "admin"]

# what is said


class AccessTokenPost(Struct, frozen=True):
    """`expiry` is milliseconds since 1970."""

    name: str = ""
    description: str = ""
    role: Role = "reader"
    customRoleIds: Any = UNSET
    inlineRole: Any = UNSET
    serviceToken: bool = False
    defaultApiVersion: int = 0
    expiry: int | UnsetType | None = UNSET


class TokenPatch(Struct, frozen=True):
    """The fields of a token that a patch may change; an expiry taken away is none."""

    name: str | UnsetType = UNSET
    description: str | UnsetType | None = UNSET
    role: Role | UnsetType = UNSET
    expiry: int | UnsetType | None = UNSET


# what is answered


class Token(Struct, frozen=True):
    """`token` is the whole secret when it is made or reset, and its last four characters otherwise."""

    id: str = field(name="_id")
    ownerId: str
    memberId: str
    name: str
    description: str
    creationDate: int
    lastModified: int
    role: str
    token: str
    serviceToken: bool
    links: Links = field(name="_links")
    defaultApiVersion: int | UnsetType = UNSET
    expiry: int | UnsetType = UNSET


class Tokens(Struct, frozen=True):
    items: list[Token]
    links: Links = field(name="_links")
    totalCount: int


class CallerIdentity(Struct, frozen=True):
    """The project and the environment are the token's default scope, as far as it has one."""

    authKind: str
    tokenKind: str
    tokenName: str
    tokenId: str
    memberId: str
    serviceToken: bool
    projectId: str | UnsetType = UNSET
    projectName: str | UnsetType = UNSET
    environmentId: str | UnsetType = UNSET
    environmentName: str | UnsetType = UNSET
    expiresAt: int | UnsetType = UNSET


class Root(Struct, frozen=True):
    links: Links


class Versions(Struct, frozen=True):
    validVersions: list[int]
    latestVersion: int
    currentVersion: int
    beta: bool


class IpList(Struct, frozen=True):
    addresses: list[str]
    outboundAddresses: list[str]
