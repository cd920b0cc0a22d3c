"""Requests about items as intents. A call is all or nothing, however many items it holds."""

from collections.abc import Generator
from typing import Any

from msgspec import structs

from equipoise.application.intents import Intent, Step
from equipoise.application.removal import Gone
from equipoise.application.world import World
from equipoise.dialects.vercel.access import writable
from equipoise.dialects.vercel.items import documents, ours
from equipoise.domain.catalog import CATALOG_ENTRY
from equipoise.domain.catalog.commands import Create, Publish
from equipoise.domain.catalog.state import CatalogEntry, Content, key_of
from equipoise.domain.change import Noun, Outcome
from equipoise.domain.errors import Invalid, Missing, Refused, Violation, check
from equipoise.domain.experiment.state import Experiment
from equipoise.domain.free import given
from equipoise.domain.installation.state import Installation
from equipoise.domain.labels import Delete
from equipoise.domain.resource.state import Resource
from equipoise.translation.decode import convert
from equipoise.translation.intents import by_field
from equipoise.translation.starting import given_back

Changing = Generator[Step, Outcome[Any], int]  # in the end, the revision of what was changed

CONTENT = {  # theirs → ours
    "slug": "slug",
    "origin": "origin",
    "category": "category",
    "name": "name",
    "description": "description",
    "isArchived": "archived",
    "createdAt": "created",
    "updatedAt": "updated",
}


def create(provided: str, body: Any, installation: Installation) -> Intent[None]:
    """What is there already is published anew; of two items with one id, the later counts."""

    def intent(world: World) -> Gone:
        resource = writable(world, installation, provided)
        said = convert(body, documents.CreateItems)
        last = {item.id: (index, item) for index, item in enumerate(said.items)}
        found: list[Violation] = []
        for index, item in last.values():
            try:
                yield from _put(world, resource, item)
            except Invalid as error:
                found += error.under(f"items[{index}]").violations
        if found:
            raise Invalid(*found)

    return intent


def update(provided: str, item: str, body: Any, installation: Installation) -> Intent[int]:
    """Absent stays; "" is a text like any other."""

    def intent(world: World) -> Changing:
        resource = writable(world, installation, provided)
        said = convert(body, documents.UpdateItem)
        named = ours.found(world, resource.place, item)
        if named is not None:
            return (yield from _edit(world, *named, said))
        now = entry(world, resource, item)
        outcome = yield CATALOG_ENTRY, now, Publish(structs.replace(now.content, **_content(said)))
        return int(outcome.state.revision)

    return intent


def remove(provided: str, item: str, installation: Installation) -> Intent[None]:
    """An item of ours stays: it is archived instead."""

    def intent(world: World) -> Gone:
        resource = writable(world, installation, provided)
        named = ours.found(world, resource.place, item)
        if named is not None:
            noun, now = named
            why = f"is run here, and {noun.name}s are archived instead; send isArchived: true"
            raise Refused("delete it", f"{noun.name} {now.key}", why)
        yield CATALOG_ENTRY, entry(world, resource, item), Delete()

    return intent


def entry(world: World, resource: Resource, item: str) -> CatalogEntry:
    """What the resource published under this id. raises Missing"""
    found = world.peek(CATALOG_ENTRY, resource.place, _key(resource, item))
    if found is None:
        raise Missing("experimentation item", item)
    return found


def _put(world: World, resource: Resource, item: documents.CreateItem) -> Gone:
    named = ours.found(world, resource.place, item.id)
    if named is not None:
        yield from _edit(world, *named, item)
        return
    content = Content(**_content(item))
    now = world.peek(CATALOG_ENTRY, resource.place, _key(resource, item.id))
    if now is not None:
        yield CATALOG_ENTRY, now, Publish(content)
        return
    yield CATALOG_ENTRY, None, Create(_newborn(world, resource, item.id, content))


def _edit(world: World, noun: Noun[Any], now: Any, said: documents.UpdateItem) -> Changing:
    """Of an experiment or a flag of ours, under the rules of the domain."""
    check(*ours.findings(said, noun.name, now.key))
    yield from by_field(structs.asdict(said), ours.FIELDS, noun, now)
    after = world.get(noun, now.id)
    if isinstance(after, Experiment):
        yield from given_back(world, after)
    return int(after.revision)


def _content(said: documents.UpdateItem) -> dict[str, Any]:
    return {CONTENT[name]: value for name, value in given(said).items() if name in CONTENT}


def _newborn(world: World, resource: Resource, item: str, content: Content) -> CatalogEntry:
    return CatalogEntry(
        id=world.moment.id("catalog entry", resource.installation, resource.provided, item),
        installation=resource.installation,
        resource=resource.provided,
        item=item,
        project=resource.project,
        environment=resource.environment,
        created_at=world.moment.at,
        content=content,
    )


def _key(resource: Resource, item: str) -> str:
    return key_of(resource.installation, resource.provided, item)
