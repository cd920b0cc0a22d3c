"""An environment of a project: where flags are served and experiments run."""

from msgspec import Struct

from equipoise.domain.change import Facets
from equipoise.domain.clauses import Json
from equipoise.domain.identity import Id, Place


class SealedKey(Struct, frozen=True):
    """A secret that must be shown again: encrypted, with a digest to find it by."""

    sealed: str
    digest: str


class Environment(Struct, frozen=True):
    """An environment. Its id is also the client-side id that browsers name it by.

    color            six hexadecimal digits
    ttl_minutes      how long relays may cache
    """

    id: Id
    project: str
    key: str
    name: str
    created_at: int
    sdk_key: SealedKey
    mobile_key: SealedKey
    revision: int = 0
    color: str = "417505"
    tags: tuple[str, ...] = ()
    ttl_minutes: int = 0
    secure_mode: bool = False
    track_events: bool = False
    require_comments: bool = False
    confirm_changes: bool = False
    critical: bool = False
    annotations: dict[str, Json] = {}
    touched_at: int = 0

    @property
    def place(self) -> Place:
        return Place(self.project)

    @property
    def territory(self) -> Place:
        return Place(self.project, self.key)


def facets(environment: Environment) -> Facets:
    """It links to its tags, and to the digests of its keys: who presents one is led here."""
    return Facets(
        name=environment.name,
        created_at=environment.created_at,
        links=(
            *(("tag", tag) for tag in environment.tags),
            ("sdk-key", environment.sdk_key.digest),
            ("mobile-key", environment.mobile_key.digest),
        ),
    )
