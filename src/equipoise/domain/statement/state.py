"""A statement: what a provider said last of the usage of a day, or of its customers' balances."""

from typing import Any

from msgspec import Struct

from equipoise.domain.change import Facets
from equipoise.domain.identity import Id, Place

USAGE, BALANCES = "usage", "balances"


class Statement(Struct, frozen=True):
    """A statement of an installation.

    installation  its key
    kind          USAGE or BALANCES
    day           that it is about, ISO 8601 in UTC; "" of balances
    said_at       when the provider said it, by its own clock, in milliseconds since 1970
    document      all of it, as it was said
    """

    id: Id
    installation: str
    project: str
    environment: str
    kind: str
    created_at: int
    said_at: int
    document: dict[str, Any]
    day: str = ""
    revision: int = 0
    touched_at: int = 0

    @property
    def key(self) -> str:
        return key_of(self.installation, self.kind, self.day)

    @property
    def place(self) -> Place:
        return Place(self.project, self.environment)

    @property
    def territory(self) -> Place:
        return self.place


def key_of(installation: str, kind: str, day: str = "") -> str:
    return "/".join(part for part in (installation, kind, day) if part)


def facets(statement: Statement) -> Facets:
    return Facets(
        name=statement.key,
        created_at=statement.created_at,
        links=(("installation", statement.installation), ("kind", statement.kind)),
    )
