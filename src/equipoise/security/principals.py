"""The one who asks: what a token says of its bearer."""

from msgspec import Struct

from equipoise.domain.identity import INSTANCE, Id, Place
from equipoise.domain.token.state import Token


class Principal(Struct, frozen=True):
    """Who asks, confined to a project and an environment where they are named (by key).

    acts  those it is narrowed to, among what its role allows; () for all that it allows
    home  the scope meant where a surface names none
    within  id of the one thing it may speak of, an installation or a config store; "" for none in particular
    """

    token: Id
    member: Id
    role: str
    name: str = ""
    project: str = ""
    environment: str = ""
    acts: tuple[str, ...] = ()
    home: Place = INSTANCE
    within: Id = ""
    service: bool = False

    @property
    def territory(self) -> Place:
        return Place(self.project, self.environment)

    def sees(self, place: Place) -> bool:
        """Whether the place is inside, or around, what the principal is confined to."""
        return (not self.project or place.project in ("", self.project)) and (
            not self.environment or place.environment in ("", self.environment)
        )

    def speaks_of(self, place: Place, about: Id) -> bool:
        """Whether it may know of this one thing, an installation or a config store, which is of the place."""
        return self.sees(place) and self.within in ("", about)

    @property
    def confined(self) -> bool:
        """Whether there is anything it may not know of: what that is and what is not there are alike then."""
        return bool(self.project or self.within)

    def covers(self, place: Place) -> bool:
        """Whether the place, all of it, is inside what the principal is confined to."""
        return self.project in ("", place.project) and self.environment in ("", place.environment)


def bearer(token: Token) -> Principal:
    """The principal that a token makes, for as long as it lasts."""
    return Principal(
        token=token.id,
        member=token.member,
        role=token.role,
        name=token.name,
        project=token.project,
        environment=token.environment,
        acts=token.acts,
        home=token.home,
        service=token.service,
    )
