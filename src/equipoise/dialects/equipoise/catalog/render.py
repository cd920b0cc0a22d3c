"""The catalog as documents."""

from msgspec import UNSET

from equipoise.application.catalog import Listed
from equipoise.dialects.equipoise.catalog import documents
from equipoise.domain.identity import Place


def item(said: Listed, place: Place) -> documents.Item:
    return documents.Item(
        id=said.id,
        slug=said.slug,
        name=said.name,
        description=said.description,
        archived=said.archived,
        uninstalled=said.uninstalled,
        source=said.source,
        project=place.project,
        environment=place.environment,
        origin=said.origin,
        category=said.category or UNSET,  # type: ignore[arg-type]
        resource=said.resource or UNSET,
        status=said.status or UNSET,
        createdAt=UNSET if said.created is None else said.created,
        updatedAt=UNSET if said.updated is None else said.updated,
    )
