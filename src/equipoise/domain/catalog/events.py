"""What happened to a catalog entry."""

from equipoise.domain.catalog.state import CatalogEntry, Content
from equipoise.domain.change import Event


class Created(Event, frozen=True):
    entry: CatalogEntry


class Published(Event, frozen=True):
    content: Content
