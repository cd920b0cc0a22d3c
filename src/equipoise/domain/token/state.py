"""A token: who may do what, where. Only the digest of its secret is known here."""

from msgspec import Struct

from equipoise.domain.change import Facets
from equipoise.domain.identity import INSTANCE, Id, Place

ROLES = ("reader", "writer", "admin")
ACTS = ("read", "create", "change", "delete")  # those a token may be narrowed to
ENDING_LENGTH = 4


class Token(Struct, frozen=True):
    """A credential, confined to a project and an environment where it names them.

    digest   SHA-256 of the secret, hexadecimal; it is the token's key, by which it is found
    ending   last ENDING_LENGTH characters of the secret, for people to know it by
    project, environment    keys it is confined to; "" for all
    acts     of ACTS, those it is narrowed to, among what its role allows; () for all that it allows
    home     the default scope where a surface names none
    changed_at    when its role, secret or expiry last changed, in milliseconds since 1970
    """

    id: Id
    digest: str
    ending: str
    role: str
    created_at: int
    changed_at: int
    member: str
    name: str = ""
    description: str = ""
    project: str = ""
    environment: str = ""
    acts: tuple[str, ...] = ()
    home: Place = INSTANCE
    service: bool = False
    expires_at: int | None = None
    api_version: int = 0
    revision: int = 0
    touched_at: int = 0

    @property
    def key(self) -> str:
        return self.digest

    @property
    def place(self) -> Place:
        return INSTANCE

    @property
    def territory(self) -> Place:
        return Place(self.project, self.environment)

    def expired(self, now: int) -> bool:
        """Whether it is over. `now` in milliseconds since 1970."""
        return self.expires_at is not None and self.expires_at <= now


def facets(token: Token) -> Facets:
    """It links to the project (by key) that it is confined to."""
    return Facets(
        name=token.name,
        created_at=token.created_at,
        links=(("project", token.project),) if token.project else (),
    )
