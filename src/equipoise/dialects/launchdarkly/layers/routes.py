"""Routes of layers."""

from functools import partial

from equipoise.application.answers import Answer
from equipoise.application.ports import Query
from equipoise.application.requests import Target
from equipoise.application.world import World
from equipoise.dialects.launchdarkly.layers import documents, intents, render
from equipoise.dialects.launchdarkly.links import paged
from equipoise.dialects.launchdarkly.lists import FILTER, filters
from equipoise.dialects.launchdarkly.patches import SEMANTIC, patch_of
from equipoise.domain.errors import Invalid, Violation
from equipoise.domain.identity import INSTANCE, Place
from equipoise.domain.layer import LAYER
from equipoise.domain.project import PROJECT
from equipoise.security.permissions import Act
from equipoise.translation.answers import said
from equipoise.translation.call import Call
from equipoise.translation.routes import Route

ALL = "/api/v2/projects/{projectKey}/layers"
ONE = ALL + "/{layerKey}"


def get_layers(call: Call) -> Answer:
    place = _place(call)
    experiment = filters(call, "experimentKey").get("experimentKey")
    links = () if experiment is None else (("experiment", experiment),)

    def answer(world: World) -> Answer:
        world.named(PROJECT, INSTANCE, place.project)
        found = world.select(LAYER, Query(place, links=links))
        return said(render.layers(world, found.items, found.total, paged(call, found.total, 0, 0)))

    return call.read(answer, place)


def post_layer(call: Call) -> Answer:
    place = _place(call)

    def answer(world: World, key: str) -> Answer:
        return _shown(place, key, 201, world)

    return call.change(intents.create(place, call.json()), answer, place)


def get_layer(call: Call) -> Answer:
    """Beside the contract: without it nobody would have the tag that If-Match asks for."""
    place, key = _place(call), call.path["layerKey"]
    return call.read(partial(_shown, place, key, 200), place)


def patch_layer(call: Call) -> Answer:
    place, key, patch = _place(call), call.path["layerKey"], patch_of(call)
    if patch.instructions is None:
        raise Invalid(Violation("instructions", "is required: layers are patched by instructions"))
    intent = intents.patch(place, key, patch.environment, patch.instructions)
    target = Target(LAYER, place, key)
    return call.change(intent, partial(_shown, place, key, 200), place, target, patch.comment)


def _shown(place: Place, key: str, status: int, world: World, _: object = None) -> Answer:
    layer = world.named(LAYER, place, key)
    return said(render.layer(world, layer), layer.revision, status)


def _place(call: Call) -> Place:
    return Place(call.path["projectKey"])


ROUTES: tuple[Route, ...] = (
    Route(
        "GET",
        ALL,
        Act.READ,
        get_layers,
        "getLayers",
        {200: documents.Layers},
        query=(FILTER,),
        about="The layers of a project.",
    ),
    Route(
        "POST",
        ALL,
        Act.CREATE,
        post_layer,
        "createLayer",
        {201: documents.Layer},
        documents.LayerPost,
        about="Creates a layer, in which nothing is reserved.",
    ),
    Route(
        "GET",
        ONE,
        Act.READ,
        get_layer,
        "getLayer",
        {200: documents.Layer},
        about="One layer.",
    ),
    Route(
        "PATCH",
        ONE,
        Act.UPDATE,
        patch_layer,
        "updateLayer",
        {200: documents.Layer},
        documents.LayerPatch,
        about="Changes a layer by instructions: all of them, in order, or none.",
        media=("application/json", SEMANTIC),
    ),
)
