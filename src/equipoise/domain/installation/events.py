"""What happened to an installation. Times in milliseconds since 1970."""

from msgspec import UNSET, UnsetType

from equipoise.domain.change import Event
from equipoise.domain.clauses import Json
from equipoise.domain.environment.state import SealedKey
from equipoise.domain.installation.state import Code, Installation


class Created(Event, frozen=True):
    installation: Installation


class Configured(Event, frozen=True):
    """What is UNSET stayed as it was."""

    status: str | UnsetType = UNSET
    external_id: str | UnsetType = UNSET
    billing_plan: Json | UnsetType = UNSET
    notification: Json | UnsetType = UNSET


class Reinstalled(Event, frozen=True):
    client_secret: SealedKey


class TokenAdded(Event, frozen=True):
    digest: str


class TokenRevoked(Event, frozen=True):
    digest: str


class Introduced(Event, frozen=True):
    """`forgotten` are the digests of codes that were too old."""

    code: Code
    forgotten: tuple[str, ...] = ()


class Redeemed(Event, frozen=True):
    digest: str


class Told(Event, frozen=True):
    what: Json
    at: int


class InvoiceNumbered(Event, frozen=True):
    number: int


class Finalized(Event, frozen=True):
    at: int
