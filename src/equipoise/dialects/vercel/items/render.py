"""Items as documents."""

from msgspec import UNSET

from equipoise.application.catalog import Listed
from equipoise.dialects.vercel.items import documents


def item(said: Listed) -> documents.Item:
    return documents.Item(
        id=said.id,
        slug=said.slug,
        origin=said.origin,
        isArchived=said.archived,
        name=said.name,
        category=said.category or UNSET,  # type: ignore[arg-type]
        description=said.description,
        createdAt=UNSET if said.created is None else said.created,
        updatedAt=UNSET if said.updated is None else said.updated,
    )
