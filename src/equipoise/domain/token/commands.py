"""What may be asked of a token."""

from equipoise.domain.change import Command
from equipoise.domain.token.state import Token


class Create(Command, frozen=True):
    """`token` whole, revision 0."""

    token: Token


class SetRole(Command, frozen=True):
    role: str


class Renew(Command, frozen=True):
    """A new secret; the old one is void at once."""

    digest: str
    ending: str


class Expire(Command, frozen=True):
    """Milliseconds since 1970; None for never."""

    at: int | None
