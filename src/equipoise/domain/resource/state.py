"""A resource: what a provider made for one customer. It belongs to an installation."""

from typing import Any

from msgspec import Struct

from equipoise.domain.change import Facets
from equipoise.domain.clauses import Json
from equipoise.domain.environment.state import SealedKey
from equipoise.domain.identity import Id, Place

OWNERSHIPS = ("owned", "linked", "sandbox")


class Secret(Struct, frozen=True):
    """A value that the provider hands to applications, sealed.

    overrides  deployment environment → value there, sealed
    """

    name: str
    sealed: str
    prefix: str = ""
    overrides: dict[str, str] = {}


class Resource(Struct, frozen=True):
    """A resource. The provider's id of it is unique in the installation, which never changes.

    installation   key of the installation
    provided       the provider's id
    metadata, billing_plan, notification, extras    as the provider says them, opaque to us
    store          id of its config store
    read_key       what applications read that store with
    """

    id: Id
    installation: str
    provided: str
    project: str
    environment: str
    created_at: int
    product: str
    name: str
    status: str
    store: Id
    read_key: SealedKey
    ownership: str = "owned"
    metadata: dict[str, Any] = {}
    billing_plan: Json = None
    notification: Json = None
    extras: dict[str, Any] = {}
    secrets: tuple[Secret, ...] = ()
    revision: int = 0
    touched_at: int = 0

    @property
    def key(self) -> str:
        return key_of(self.installation, self.provided)

    @property
    def place(self) -> Place:
        return Place(self.project, self.environment)

    @property
    def territory(self) -> Place:
        return self.place

    @property
    def said(self) -> str:
        """What refusals call it."""
        return f"resource {self.provided}"


def key_of(installation: str, provided: str) -> str:
    """The key of an installation's resource, by the provider's id. Keys of installations hold no slash."""
    return f"{installation}/{provided}"


def facets(resource: Resource) -> Facets:
    """It links to its installation, and to the digest of its read key: who presents that is led here."""
    return Facets(
        name=resource.name,
        status=resource.status,
        created_at=resource.created_at,
        links=(("installation", resource.installation), ("read-key", resource.read_key.digest)),
    )
