"""The one who asks: what a token says of its bearer."""

from msgspec import Struct

from equipoise.domain.identity import INSTANCE, Id, Place
from equipoise.domain.token.state import Token


class Principal(Struct, frozen=True):
    """Who asks, confined to a project and an environment where they are named (by key).

    home  the scope meant where a surface names none
    """

    token: Id
    member: Id
    role: str
    name: str = ""
    project: str = ""
    environment: str = ""
    home: Place = INSTANCE
    service: bool = False

    def sees(self, place: Place) -> bool:
        """Whether the place is inside, or around, what the principal is confined to."""
        return (not self.project or place.project in ("", self.project)) and (
            not self.environment or place.environment in ("", self.environment)
        )

    def covers(self, place: Place) -> bool:
        """Whether the place, all of it, is inside what the principal is confined to."""
        return self.project in ("", place.project) and self.environment in ("", place.environment)


def bearer(token: Token, now: int) -> Principal | None:
    """The principal that a token makes; None when it has expired. `now` in milliseconds since 1970."""
    if token.expires_at is not None and token.expires_at <= now:
        return None
    return Principal(
        token=token.id,
        member=token.member,
        role=token.role,
        name=token.name,
        project=token.project,
        environment=token.environment,
        home=token.home,
        service=token.service,
    )
