"""An installation: a provider's way into one environment, with tokens and resources of its own."""

from msgspec import Struct

from equipoise.domain.change import Facets
from equipoise.domain.clauses import Json
from equipoise.domain.environment.state import SealedKey
from equipoise.domain.identity import INSTANCE, Id, Place

STATUSES = ("ready", "pending", "onboarding", "suspended", "resumed", "uninstalled", "error")
UNINSTALLED = "uninstalled"  # for good, as far as the provider goes


class SigningKey(Struct, frozen=True):
    """What the identities of its users are signed with (RSA): the private key sealed, the public one as
    modulus and exponent in base64url."""

    sealed: str
    modulus: str
    exponent: str


class Code(Struct, frozen=True):
    """What lets one member of the project in at the provider, once, by the digest of what is handed over.
    `expires_at` in milliseconds since 1970."""

    digest: str
    member: Id
    expires_at: int


class Installation(Struct, frozen=True):
    """An installation. Its key is unique in the whole instance; project and environment never change.

    client         id that the provider presents itself with, beside the secret
    tokens         digests of those that are valid
    revoked        digests of those that no longer are
    codes          that were handed out and not used, some of them too old by now
    billing_plan, notification    as the provider says them, opaque to us; None for none
    invoices       how many were numbered; the numbers go on when it comes back after uninstalling
    finalized_at   since when nothing more will be invoiced; None while something may
    told_at, told  when the provider last said that something changed on its side, and what
    """

    id: Id
    key: str
    project: str
    environment: str
    created_at: int
    client: str
    client_secret: SealedKey
    signing: SigningKey
    tokens: tuple[str, ...] = ()
    revoked: tuple[str, ...] = ()
    codes: tuple[Code, ...] = ()
    status: str = "ready"
    external_id: str = ""
    billing_plan: Json = None
    notification: Json = None
    finalized_at: int | None = None
    invoices: int = 0
    told_at: int | None = None
    told: Json = None
    revision: int = 0
    touched_at: int = 0

    @property
    def place(self) -> Place:
        return INSTANCE

    @property
    def territory(self) -> Place:
        return Place(self.project, self.environment)

    @property
    def said(self) -> str:
        """What refusals call it."""
        return f"installation {self.key}"


def facets(installation: Installation) -> Facets:
    """It links to its project, and to what leads here: the digests of its tokens, and its client."""
    return Facets(
        name=installation.key,
        status=installation.status,
        created_at=installation.created_at,
        links=(
            ("project", installation.project),
            ("client", installation.client),
            *(("token", digest) for digest in installation.tokens),
        ),
    )
