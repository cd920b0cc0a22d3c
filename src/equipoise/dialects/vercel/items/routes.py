"""Routes of experimentation items."""

from equipoise.application.answers import Answer
from equipoise.application.catalog import KINDS, key_in
from equipoise.application.requests import Target
from equipoise.application.world import World
from equipoise.dialects.vercel.access import ONE, owned, reached
from equipoise.dialects.vercel.items import documents, intents, ours, render
from equipoise.domain.catalog import CATALOG_ENTRY
from equipoise.domain.catalog.state import key_of
from equipoise.domain.identity import Place
from equipoise.domain.installation.state import Installation
from equipoise.security.permissions import Act
from equipoise.translation.answers import GONE, said
from equipoise.translation.call import Call
from equipoise.translation.routes import Route

ALL = f"{ONE}/experimentation/items"
ITEM = f"{ALL}/{{itemId}}"


def create_items(call: Call) -> Answer:
    installation = reached(call)
    intent = intents.create(installation, call.path["resourceId"], call.json())
    return call.change(intent, lambda *_: GONE, installation.territory, about=installation.id)


def get_item(call: Call) -> Answer:
    installation, id = reached(call), call.path["itemId"]

    def answer(world: World) -> Answer:
        resource = owned(world, installation, call.path["resourceId"])
        named = ours.found(world, resource.place, id)
        if named is not None:
            noun, now = named
            return said(ours.shown(now, noun.name, resource.place, call.url), now.revision)
        entry = intents.entry(world, resource, id)
        return said(render.item(entry), entry.revision)

    return call.read(answer, installation.territory, installation.id)


def update_item(call: Call) -> Answer:
    installation, id = reached(call), call.path["itemId"]
    intent = intents.update(installation, call.path["resourceId"], id, call.json())
    return call.change(
        intent,
        lambda _, revision: Answer(204, revision=revision),
        installation.territory,
        _target(call, installation),
        about=installation.id,
    )


def delete_item(call: Call) -> Answer:
    installation = reached(call)
    intent = intents.remove(installation, call.path["resourceId"], call.path["itemId"])
    return call.change(
        intent,
        lambda *_: GONE,
        installation.territory,
        _target(call, installation),
        about=installation.id,
    )


def _target(call: Call, installation: Installation) -> Target:
    item, place = call.path["itemId"], installation.territory
    named = key_in(item)
    if named is None:
        key = key_of(installation.key, call.path["resourceId"], item)
        return Target(CATALOG_ENTRY, place, key)
    kind, key = named
    return Target(KINDS[kind], Place(place.project) if kind == "flag" else place, key)


ROUTES: tuple[Route, ...] = (
    Route(
        "POST",
        ALL,
        Act.CREATE,
        create_items,
        "createInstallationIntegrationConfiguration",
        {204: None},
        body=documents.CreateItems,
        about="Publishes up to 50 items, all or none; what is there already is published anew.",
    ),
    Route(
        "GET",
        ITEM,
        Act.READ,
        get_item,
        "getExperimentationItem",
        {200: documents.Item},
        brief=True,
        about="One item. Not in the published contract.",
    ),
    Route(
        "PATCH",
        ITEM,
        Act.UPDATE,
        update_item,
        "updateInstallationIntegrationConfiguration",
        {204: None},
        body=documents.UpdateItem,
        brief=True,
        about="Changes an item; one whose id we issued is an experiment or a flag of ours.",
    ),
    Route(
        "DELETE",
        ITEM,
        Act.DELETE,
        delete_item,
        "deleteInstallationIntegrationConfiguration",
        {204: None},
        brief=True,
        about="Takes an item out of the catalog; what is ours is archived instead.",
    ),
)
