"""Items as documents."""

from msgspec import UNSET

from equipoise.dialects.vercel.items import documents
from equipoise.domain.catalog.state import CatalogEntry


def item(now: CatalogEntry) -> documents.Item:
    said = now.content
    return documents.Item(
        id=now.item,
        slug=said.slug,
        origin=said.origin,
        isArchived=said.archived,
        name=said.name,
        category=said.category or UNSET,  # type: ignore[arg-type]
        description=said.description,
        createdAt=UNSET if said.created is None else said.created,
        updatedAt=UNSET if said.updated is None else said.updated,
    )
