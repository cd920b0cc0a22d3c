"""A config store: values by key, pushed whole by a provider and read by applications.

Each resource has one, which has its key.
"""

import re
from hashlib import sha256
from typing import Any

import msgspec
from msgspec import Struct

from equipoise.domain.change import Facets
from equipoise.domain.identity import Id, Place
from equipoise.domain.resource.state import key_of

ITEM_KEY = re.compile(r"[A-Za-z0-9_-]{1,256}", re.ASCII)


class ConfigStore(Struct, frozen=True):
    """A config store.

    installation, resource    the key of the one, the provider's id of the other
    updated_at                when the items last changed, in milliseconds since 1970
    digest                    of the items, kept beside them since every reader is told it
    """

    id: Id
    installation: str
    resource: str
    project: str
    environment: str
    created_at: int
    updated_at: int
    items: dict[str, Any] = {}
    digest: str = ""
    revision: int = 0
    touched_at: int = 0

    @property
    def key(self) -> str:
        return key_of(self.installation, self.resource)

    @property
    def place(self) -> Place:
        return Place(self.project, self.environment)

    @property
    def territory(self) -> Place:
        return self.place


def digest_of(items: dict[str, Any]) -> str:
    """SHA-256, hexadecimal, of the items as JSON with sorted names: the same for the same content."""
    return sha256(msgspec.json.encode(items, order="deterministic")).hexdigest()


def facets(store: ConfigStore) -> Facets:
    return Facets(
        name=store.resource, created_at=store.created_at, links=(("installation", store.installation),)
    )
