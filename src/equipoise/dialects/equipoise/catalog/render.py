"""The catalog as documents."""

from typing import Any

from msgspec import UNSET

from equipoise.application.catalog import ISSUED, id_of, published
from equipoise.dialects.equipoise.catalog import documents
from equipoise.domain.catalog.state import CatalogEntry
from equipoise.domain.change import Noun
from equipoise.domain.identity import Place


def item(noun: Noun[Any], state: Any, place: Place, url: str) -> documents.Item:
    if isinstance(state, CatalogEntry):
        return _theirs(state)
    said = published(state, noun.name, place, url)
    return documents.Item(
        id=id_of(noun.name, state.key),
        slug=state.key,
        name=state.name,
        description=state.description,
        archived=state.archived_at is not None,
        source=ISSUED,
        project=place.project,
        environment=place.environment,
        origin=said.origin,
        category=noun.name,  # type: ignore[arg-type]
        status=noun.facets(state).status or UNSET,
        createdAt=said.created,
        updatedAt=said.updated,
    )


def _theirs(entry: CatalogEntry) -> documents.Item:
    said = entry.content
    return documents.Item(
        id=entry.item,
        slug=said.slug,
        name=said.name,
        description=said.description,
        archived=said.archived,
        source=entry.installation,
        project=entry.project,
        environment=entry.environment,
        origin=said.origin,
        category=said.category or UNSET,  # type: ignore[arg-type]
        resource=entry.resource,
        createdAt=UNSET if said.created is None else said.created,
        updatedAt=UNSET if said.updated is None else said.updated,
    )
