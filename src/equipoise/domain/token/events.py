"""What happened to a token. Times in milliseconds since 1970; `at` is when it was changed."""

from equipoise.domain.change import Event
from equipoise.domain.token.state import Token


class Created(Event, frozen=True):
    token: Token


class RoleSet(Event, frozen=True):
    role: str
    at: int


class Renewed(Event, frozen=True):
    digest: str
    ending: str
    at: int


class ExpirySet(Event, frozen=True):
    """`expires_at` is None for never."""

    expires_at: int | None
    at: int
