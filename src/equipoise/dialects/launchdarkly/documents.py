"""Shapes that all of LaunchDarkly's resources share. Field names are the wire's."""

from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, Struct, UnsetType, field

Pointer = Annotated[str, Meta(pattern="^(/.*)?$", description="a JSON pointer: empty, or / first")]


class Link(Struct, frozen=True):
    href: str
    type: str = "application/json"


Links = dict[str, Link]


class Error(Struct, frozen=True):
    """A refusal. `errors` names every violation: where it stands, and what must hold there."""

    code: str
    message: str
    id: str | UnsetType = UNSET
    errors: list["Violated"] | UnsetType = UNSET


class Violated(Struct, frozen=True):
    where: str
    rule: str


class PatchOperation(Struct, frozen=True):
    """RFC 6902; `from` and `path` are JSON pointers."""

    op: Literal["add", "remove", "replace", "move", "copy", "test"]
    path: Pointer
    value: Any = UNSET
    origin: Pointer | UnsetType = field(name="from", default=UNSET)


class PatchWithComment(Struct, frozen=True):
    patch: list[PatchOperation]
    comment: str | UnsetType = UNSET


class Member(Struct, frozen=True):
    """A person, in short."""

    id: str = field(name="_id")
    role: str
    email: str
    links: Links = field(name="_links")
    first_name: str | UnsetType = field(name="firstName", default=UNSET)
    last_name: str | UnsetType = field(name="lastName", default=UNSET)


class Modification(Struct, frozen=True):
    """When something last changed, ISO 8601."""

    date: str
