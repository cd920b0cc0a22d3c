"""Items that are ours: an id we issued leads to an experiment or a flag of the resource's environment."""

from collections.abc import Iterable
from typing import Any

from msgspec import UNSET

from equipoise.application.catalog import KINDS, annotated, id_of, key_in, published
from equipoise.application.world import World
from equipoise.dialects.vercel.items import documents
from equipoise.domain.change import Noun
from equipoise.domain.errors import Violation
from equipoise.domain.identity import Place
from equipoise.domain.labels import Archive, Describe, Rename, Restore
from equipoise.translation.intents import Field

FIELDS: dict[str | tuple[str, ...], Field] = {  # restored first, archived last: between, it may be changed
    "isArchived": lambda archived, now: () if archived else (Restore(),),
    "name": lambda name, now: (Rename(name),),
    "description": lambda description, now: (Describe(description),),
    "origin": lambda origin, now: (annotated("origin", origin),),
    "createdAt": lambda at, now: (annotated("created", at),),
    "updatedAt": lambda at, now: (annotated("updated", at),),
    ("isArchived",): lambda said, now: (Archive(),) if said["isArchived"] else (),
}


def findings(said: documents.UpdateItem, kind: str, key: str) -> Iterable[bool | Violation]:
    """Its slug is its key, and it is of its kind."""
    yield said.slug == key or Violation("slug", f"must be {key}, the key of what the id names", said.slug)
    rule = f"must be {kind}, as the id says"
    yield said.category in (UNSET, kind) or Violation("category", rule, said.category)


def found(world: World, place: Place, item: str) -> tuple[Noun[Any], Any] | None:
    """What an id of ours names, with its noun; None where the id is none of ours. raises Missing"""
    named = key_in(item)
    if named is None:
        return None
    kind, key = named
    noun = KINDS[kind]
    return noun, world.named(noun, Place(place.project) if kind == "flag" else place, key)


def shown(now: Any, kind: str, place: Place, url: str) -> documents.Item:
    said = published(now, kind, place, url)
    return documents.Item(
        id=id_of(kind, now.key),
        slug=now.key,
        origin=said.origin,
        isArchived=now.archived_at is not None,
        name=now.name,
        category=kind,  # type: ignore[arg-type]
        description=now.description,
        createdAt=said.created,
        updatedAt=said.updated,
    )
