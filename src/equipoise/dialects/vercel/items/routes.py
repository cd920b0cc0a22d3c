"""Routes of experimentation items."""

from functools import partial

from equipoise.application.answers import Answer
from equipoise.application.catalog import KINDS, home_of, key_in, listed
from equipoise.application.installations import resource_of
from equipoise.application.requests import Target
from equipoise.application.world import World
from equipoise.dialects.vercel.access import ONE, changed, shown
from equipoise.dialects.vercel.items import documents, intents, ours, render
from equipoise.domain.catalog import CATALOG_ENTRY
from equipoise.domain.catalog.state import key_of
from equipoise.domain.installation.state import Installation
from equipoise.security.permissions import Act
from equipoise.translation.answers import GONE, said
from equipoise.translation.call import Call
from equipoise.translation.routes import Route

ALL = f"{ONE}/experimentation/items"
ITEM = f"{ALL}/{{itemId}}"


def create_items(call: Call) -> Answer:
    intent = partial(intents.create, call.path["resourceId"])
    return changed(call, intent, lambda *_: GONE)


def get_item(call: Call) -> Answer:
    def answer(world: World, installation: Installation) -> Answer:
        resource, id = resource_of(world, installation, call.path["resourceId"]), call.path["itemId"]
        named = ours.found(world, resource.place, id)
        state = intents.entry(world, resource, id) if named is None else named[1]
        noun = CATALOG_ENTRY if named is None else named[0]
        return said(render.item(listed(noun, state, resource.place, call.page)), state.revision)

    return shown(call, answer)


def update_item(call: Call) -> Answer:
    intent = partial(intents.update, call.path["resourceId"], call.path["itemId"])
    return changed(call, intent, lambda _, revision: Answer(204, revision=revision), partial(_target, call))


def delete_item(call: Call) -> Answer:
    intent = partial(intents.remove, call.path["resourceId"], call.path["itemId"])
    return changed(call, intent, lambda *_: GONE, partial(_target, call))


def _target(call: Call, installation: Installation) -> Target:
    item, place = call.path["itemId"], installation.territory
    named = key_in(item)
    if named is None:
        return Target(CATALOG_ENTRY, place, key_of(installation.key, call.path["resourceId"], item))
    kind, key = named
    return Target(KINDS[kind], home_of(kind, place), key)


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
