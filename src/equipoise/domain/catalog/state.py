"""A catalog entry: an experiment or a flag that somebody else runs, with its origin. Never one of ours."""

from hashlib import sha256

import msgspec
from msgspec import Struct

from equipoise.domain.change import Facets
from equipoise.domain.identity import Id, Place
from equipoise.domain.resource.state import key_of as resource_key

CATEGORIES = ("experiment", "flag")
DIGITS = 32  # of a digest: 128 bits
Number = int | float


class Content(Struct, frozen=True):
    """What its provider says of it.

    origin            where it is run: a link
    category          of CATEGORIES; "" where it is not said
    created, updated  as the provider counts them, milliseconds since 1970 by custom; None where not said
    """

    slug: str
    origin: str
    category: str = ""
    name: str = ""
    description: str = ""
    archived: bool = False
    created: Number | None = None
    updated: Number | None = None


class CatalogEntry(Struct, frozen=True):
    """A catalog entry. Its item is the provider's id, unique in the resource.

    installation, resource    the key of the one, the provider's id of the other
    """

    id: Id
    installation: str
    resource: str
    item: str
    project: str
    environment: str
    created_at: int
    content: Content
    revision: int = 0
    touched_at: int = 0

    @property
    def key(self) -> str:
        return key_of(self.installation, self.resource, self.item)

    @property
    def place(self) -> Place:
        return Place(self.project, self.environment)

    @property
    def territory(self) -> Place:
        return self.place


def key_of(installation: str, resource: str, item: str) -> str:
    """The key of a resource's item: by a digest, since an item's id may be longer than a key."""
    digest = sha256(msgspec.json.encode((installation, resource, item))).hexdigest()
    return f"{installation}/{digest[:DIGITS]}"


def facets(entry: CatalogEntry) -> Facets:
    """It links to its resource, and to its category."""
    said = entry.content
    return Facets(
        name=said.name or said.slug,
        archived=said.archived,
        created_at=entry.created_at,
        words=(said.slug, entry.item),
        links=(
            ("installation", entry.installation),
            ("resource", resource_key(entry.installation, entry.resource)),
            *((("category", said.category),) if said.category else ()),
        ),
    )
