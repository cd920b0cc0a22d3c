"""What may be asked of a catalog entry."""

from equipoise.domain.catalog.state import CatalogEntry, Content
from equipoise.domain.change import Command


class Create(Command, frozen=True):
    """`entry` whole, revision 0."""

    entry: CatalogEntry


class Publish(Command, frozen=True):
    """All that its provider says of it."""

    content: Content
