"""Routes of resources."""

from equipoise.application.answers import Answer
from equipoise.application.ports import Query
from equipoise.application.requests import Target
from equipoise.application.world import World
from equipoise.dialects.vercel.access import ONE, ROOT, owned, reached
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
    installation = reached(call)

    def answer(world: World) -> Answer:
        query = Query(installation.territory, links=(("installation", installation.key),))
        return said(render.resources(world.select(RESOURCE, query).items))

    return call.read(answer, installation.territory, installation.id)


def get_resource(call: Call) -> Answer:
    installation = reached(call)

    def answer(world: World) -> Answer:
        now = owned(world, installation, call.path["resourceId"])
        return said(render.resource(now), now.revision)

    return call.read(answer, installation.territory, installation.id)


def import_resource(call: Call) -> Answer:
    installation = reached(call)
    intent = intents.put(installation, call.path["resourceId"], call.json())
    return call.change(
        intent, _named, installation.territory, _target(call, installation), about=installation.id
    )


def update_resource(call: Call) -> Answer:
    installation = reached(call)
    body = call.json() if call.body else {}
    intent = intents.update(installation, call.path["resourceId"], body)
    return call.change(
        intent, _named, installation.territory, _target(call, installation), about=installation.id
    )


def delete_resource(call: Call) -> Answer:
    installation = reached(call)
    intent = intents.remove(installation, call.path["resourceId"])
    return call.change(
        intent,
        lambda *_: GONE,
        installation.territory,
        _target(call, installation),
        about=installation.id,
    )


def set_secrets(call: Call) -> Answer:
    return _secrets_set(call)


def set_secrets_of_product(call: Call) -> Answer:
    return _secrets_set(call, call.path["integrationProductIdOrSlug"])


def _secrets_set(call: Call, product: str | None = None) -> Answer:
    installation = reached(call)
    intent = intents.set_secrets(installation, call.path["resourceId"], call.json(), product)
    return call.change(
        intent,
        lambda _, now: Answer(201, revision=now.revision),
        installation.territory,
        _target(call, installation),
        about=installation.id,
    )


def _named(_: World, now: Resource) -> Answer:
    return said(Name(now.name), now.revision)


def _target(call: Call, installation: Installation) -> Target:
    key = key_of(installation.key, call.path["resourceId"])
    return Target(RESOURCE, installation.territory, key)


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
