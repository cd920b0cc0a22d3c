"""Routes of resources."""

from functools import partial

from equipoise.application.answers import Answer
from equipoise.application.installations import resource_of
from equipoise.application.ports import Query
from equipoise.application.requests import Target
from equipoise.application.world import World
from equipoise.dialects.vercel.access import ONE, ROOT, changed, shown
from equipoise.dialects.vercel.documents import Name
from equipoise.dialects.vercel.resources import documents, intents, render
from equipoise.domain.installation.state import Installation
from equipoise.domain.resource import RESOURCE
from equipoise.domain.resource.state import Resource, key_of
from equipoise.security.permissions import Act
from equipoise.translation.answers import GONE, said
from equipoise.translation.call import Call
from equipoise.translation.routes import Route


def get_resources(call: Call) -> Answer:
    def answer(world: World, installation: Installation) -> Answer:
        query = Query(installation.territory, links=(("installation", installation.key),))
        return said(render.resources(world.select(RESOURCE, query).items))

    return shown(call, answer)


def get_resource(call: Call) -> Answer:
    def answer(world: World, installation: Installation) -> Answer:
        now = resource_of(world, installation, call.path["resourceId"])
        return said(render.resource(now), now.revision)

    return shown(call, answer)


def import_resource(call: Call) -> Answer:
    intent = partial(intents.put, call.path["resourceId"])
    return changed(call, intent, _named, partial(_target, call))


def update_resource(call: Call) -> Answer:
    intent = partial(intents.update, call.path["resourceId"])
    return changed(call, intent, _named, partial(_target, call))


def delete_resource(call: Call) -> Answer:
    intent = partial(intents.remove, call.path["resourceId"])
    return changed(call, intent, lambda *_: GONE, partial(_target, call))


def set_secrets(call: Call) -> Answer:
    return _secrets_set(call)


def set_secrets_of_product(call: Call) -> Answer:
    return _secrets_set(call, call.path["integrationProductIdOrSlug"])


def _secrets_set(call: Call, product: str | None = None) -> Answer:
    intent = partial(intents.set_secrets, call.path["resourceId"], product)
    return changed(call, intent, lambda _, now: Answer(201, revision=now.revision), partial(_target, call))


def _named(_: World, now: Resource) -> Answer:
    return said(Name(now.name), now.revision)


def _target(call: Call, installation: Installation) -> Target:
    return Target(RESOURCE, installation.territory, key_of(installation.key, call.path["resourceId"]))


ROUTES: tuple[Route, ...] = (
    Route(
        "GET",
        f"{ROOT}/resources",
        Act.READ,
        get_resources,
        "getIntegrationResources",
        {200: documents.Resources},
        about="All resources of the installation.",
    ),
    Route(
        "GET",
        ONE,
        Act.READ,
        get_resource,
        "getIntegrationResource",
        {200: documents.Resource},
        brief=True,
        about="One resource, by the provider's id.",
    ),
    Route(
        "PUT",
        ONE,
        Act.UPDATE,
        import_resource,
        "importResource",
        {200: Name},
        body=documents.ImportResource,
        brief=True,
        about="Makes a resource with its config store, or changes what is said of one.",
    ),
    Route(
        "PATCH",
        ONE,
        Act.UPDATE,
        update_resource,
        "updateResource",
        {200: Name},
        body=documents.UpdateResource,
        bodiless=True,
        brief=True,
        about="Changes a resource: what is said, and nothing else; `{}` changes nothing.",
    ),
    Route(
        "DELETE",
        ONE,
        Act.DELETE,
        delete_resource,
        "deleteIntegrationResource",
        {204: None},
        about="Deletes a resource, its config store and what it published.",
    ),
    Route(
        "PUT",
        f"{ONE}/secrets",
        Act.UPDATE,
        set_secrets,
        "updateResourceSecretsById",
        {201: None},
        body=documents.Secrets,
        brief=True,
        about="Replaces the secrets of a resource, or some of them; their values are never told again.",
    ),
    Route(
        "PUT",
        f"{ROOT}/products/{{integrationProductIdOrSlug}}/resources/{{resourceId}}/secrets",
        Act.UPDATE,
        set_secrets_of_product,
        "updateResourceSecrets",
        {201: None},
        body=documents.Secrets,
        brief=True,
        about="The same, by the path it had before.",
    ),
)
