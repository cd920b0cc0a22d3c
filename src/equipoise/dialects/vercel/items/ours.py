"""Items that are ours: an id we issued leads to an experiment or a flag of the resource's environment."""

from collections.abc import Iterable
from typing import Any

from msgspec import UNSET

from equipoise.application.catalog import KINDS, annotated, home_of, key_in
from equipoise.application.world import World
from equipoise.dialects.vercel.items import documents
from equipoise.domain.change import Noun
from equipoise.domain.errors import Violation
from equipoise.domain.free import number_rule
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
    for name, number in (("createdAt", said.createdAt), ("updatedAt", said.updatedAt)):
        yield number is UNSET or number_rule(name, number)


def found(world: World, place: Place, item: str) -> tuple[Noun[Any], Any] | None:
    """What an id of ours names, with its noun; None where the id is none of ours. raises Missing"""
    named = key_in(item)
    if named is None:
        return None
    kind, key = named
    noun = KINDS[kind]
    return noun, world.named(noun, home_of(kind, place), key)
