"""What may be asked of an installation."""

from msgspec import UNSET, UnsetType

from equipoise.domain.change import Command
from equipoise.domain.clauses import Json
from equipoise.domain.environment.state import SealedKey
from equipoise.domain.installation.state import Code, Installation


class Create(Command, frozen=True):
    """`installation` whole, revision 0."""

    installation: Installation


class Configure(Command, frozen=True):
    """What is UNSET stays as it is; a plan or a notification that is None is taken away."""

    status: str | UnsetType = UNSET
    external_id: str | UnsetType = UNSET
    billing_plan: Json | UnsetType = UNSET
    notification: Json | UnsetType = UNSET


class Reinstall(Command, frozen=True):
    """Makes one that was uninstalled ready again, with another secret of its client. Tokens and codes
    from before are void, and invoices may be sent."""

    client_secret: SealedKey


class AddToken(Command, frozen=True):
    """One more token, by its digest; those before it stay valid."""

    digest: str


class RevokeToken(Command, frozen=True):
    digest: str


class Introduce(Command, frozen=True):
    """Hands out a code; those that are too old are forgotten."""

    code: Code


class Redeem(Command, frozen=True):
    """Takes a code back, by its digest, from the first who comes with it."""

    digest: str


class Tell(Command, frozen=True):
    """Something changed on the provider's side; `what` is in its words."""

    what: Json


class NumberInvoice(Command, frozen=True):
    """One more invoice comes: it has the next number."""


class Finalize(Command, frozen=True):
    """Nothing more will be invoiced."""
